using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Describes a linked server.</summary>
internal sealed record LinkedServer(int Id, string Name, string Product, string Provider, string DataSource, string? Catalog, bool Rpc, bool RpcOut, bool DataAccess, bool PromotesTransactions, int ConnectTimeout, int QueryTimeout);

/// <summary>Describes how a local login appears on a linked server. LocalLogin null = all logins; the password is encrypted with the lab's link secret.</summary>
internal sealed record LinkedLogin(int ServerId, string? LocalLogin, bool UseSelf, string? RemoteUser, byte[]? RemotePassword);

/// <summary>Keeps linked servers and their logins in hidden tables of master.</summary>
internal sealed class LinkedServerStore
{
    private readonly LabInstance _instance;
    private readonly ILabDirectory _directory;
    private readonly HiddenTable _servers;
    private readonly HiddenTable _logins;
    private volatile IReadOnlyList<LinkedServer>? _all;
    private volatile IReadOnlyList<LinkedLogin>? _allLogins;

    public LinkedServerStore(LabInstance instance, ILabDirectory directory)
    {
        _instance = instance;
        _directory = directory;
        LabDatabase master = instance.Find("master")!;
        _servers = new HiddenTable(
            master, "lab_linked_servers", ("id", SqlType.Int), ("name", SqlType.SysName), ("product", SqlType.SysName), ("provider", SqlType.SysName), ("data_source", SqlType.NVarChar(4000)), ("catalog", SqlType.SysName),
            ("rpc", SqlType.Bit), ("rpc_out", SqlType.Bit), ("data_access", SqlType.Bit), ("promotes", SqlType.Bit), ("connect_timeout", SqlType.Int), ("query_timeout", SqlType.Int));
        _logins = new HiddenTable(master, "lab_linked_logins", ("server_id", SqlType.Int), ("local_login", SqlType.SysName), ("use_self", SqlType.Bit), ("remote_user", SqlType.SysName), ("remote_password", new SqlType(SqlKind.VarBinary, 512)));
    }

    public IReadOnlyList<LinkedServer> All => _all ??= [.. _servers.Rows().Select(r => Read(r.Values)).OrderBy(s => s.Id)];

    public IReadOnlyList<LinkedLogin> Logins => _allLogins ??= [.. _logins.Rows().Select(r => new LinkedLogin((int)r.Values[0]!, (string?)r.Values[1], (bool)r.Values[2]!, (string?)r.Values[3], (byte[]?)r.Values[4]))];

    /// <summary>Whether the name is this instance's own, or a linked server that leads back to it.</summary>
    public bool IsLocal(string server)
    {
        if (string.Equals(server, _instance.Options.ServerName, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return Find(server) is { } linked && EndpointOf(linked) is { } endpoint && endpoint == _directory.Find(_instance.Options.ServerName);
    }

    /// <summary>Where a linked server listens; null when the lab has no such instance.</summary>
    public LabEndpoint? EndpointOf(LinkedServer server) => _directory.Find(server.DataSource) ?? _directory.Find(server.Name);

    public LinkedServer? Find(string name) => All.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase));

    public LinkedServer Require(string name) => Find(name) ?? throw ServerErrors.UnknownServer(name);

    public void Add(string name, string product, string provider, string dataSource, string? catalog)
    {
        int id = All.Select(s => s.Id).DefaultIfEmpty(0).Max() + 1;
        Change(_servers, t => _servers.Insert(t, Write(new LinkedServer(id, name, product, provider, dataSource, catalog, Rpc: false, RpcOut: false, DataAccess: true, PromotesTransactions: true, 0, 0))));

        // By default every login goes across as itself.
        Change(_logins, t => _logins.Insert(t, id, null, true, null, null));
    }

    public void Update(LinkedServer server, Func<LinkedServer, LinkedServer> change)
    {
        LabRow row = _servers.Rows().First(r => (int)r.Values[0]! == server.Id);
        Change(_servers, t => _servers.Update(t, row.RowId, Write(change(server))));
    }

    public void Drop(LinkedServer server)
    {
        Change(_servers, t => _servers.Delete(t, r => (int)r.Values[0]! == server.Id));
        Change(_logins, t => _logins.Delete(t, r => (int)r.Values[0]! == server.Id));
    }

    public void SetLogin(LinkedServer server, string? localLogin, bool useSelf, string? remoteUser, string? remotePassword)
    {
        byte[]? secret = remotePassword is null ? null : Encrypt(remotePassword);
        Change(_logins, t =>
        {
            _logins.Delete(t, r => (int)r.Values[0]! == server.Id && string.Equals((string?)r.Values[1], localLogin, StringComparison.OrdinalIgnoreCase));
            _logins.Insert(t, server.Id, localLogin, useSelf, remoteUser, secret);
        });
    }

    public void DropLogin(LinkedServer server, string? localLogin) =>
        Change(_logins, t => _logins.Delete(t, r => (int)r.Values[0]! == server.Id && string.Equals((string?)r.Values[1], localLogin, StringComparison.OrdinalIgnoreCase)));

    /// <summary>How a login appears on the server: its own mapping, or the one for all.</summary>
    public LinkedLogin? LoginFor(LinkedServer server, string login) =>
        Logins.FirstOrDefault(l => l.ServerId == server.Id && string.Equals(l.LocalLogin, login, StringComparison.OrdinalIgnoreCase))
        ?? Logins.FirstOrDefault(l => l.ServerId == server.Id && l.LocalLogin is null);

    public string Decrypt(byte[] secret)
    {
        using var gcm = new AesGcm(Key(), 16);
        var plain = new byte[secret.Length - 28];
        gcm.Decrypt(secret.AsSpan(0, 12), secret.AsSpan(28), secret.AsSpan(12, 16), plain);
        return Encoding.UTF8.GetString(plain);
    }

    private byte[] Encrypt(string password)
    {
        using var gcm = new AesGcm(Key(), 16);
        byte[] plain = Encoding.UTF8.GetBytes(password);
        var secret = new byte[plain.Length + 28];
        RandomNumberGenerator.Fill(secret.AsSpan(0, 12));
        gcm.Encrypt(secret.AsSpan(0, 12), plain, secret.AsSpan(28), secret.AsSpan(12, 16));
        return secret;
    }

    private byte[] Key() => SHA256.HashData(Encoding.UTF8.GetBytes("linked login " + _directory.LinkSecret));

    private void Change(HiddenTable table, Action<LabTransaction> change)
    {
        table.Change(change);
        _all = null;
        _allLogins = null;
    }

    private static LinkedServer Read(object?[] v) =>
        new((int)v[0]!, (string)v[1]!, (string)v[2]!, (string)v[3]!, (string)v[4]!, (string?)v[5], (bool)v[6]!, (bool)v[7]!, (bool)v[8]!, (bool)v[9]!, (int)v[10]!, (int)v[11]!);

    private static object?[] Write(LinkedServer s) =>
        [s.Id, s.Name, s.Product, s.Provider, s.DataSource, s.Catalog, s.Rpc, s.RpcOut, s.DataAccess, s.PromotesTransactions, s.ConnectTimeout, s.QueryTimeout];
}
