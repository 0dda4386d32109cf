using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Describes a login.</summary>
internal sealed record LoginRecord(
    int Id, string Name, byte[] Sid, char Type, byte[] Hash, bool IsDisabled, string DefaultDatabase, DateTime CreateDate, DateTime ModifyDate)
{
    /// <summary>Acts for the server itself.</summary>
    public static readonly LoginRecord BuiltInAdministrator = new(1, "sa", [1], 'S', [], false, "master", DateTime.UnixEpoch, DateTime.UnixEpoch);
}

/// <summary>A permission of the server, or on an availability group, that a login has.</summary>
internal sealed record ServerPermission(string Login, string Permission, string Group);

/// <summary>Keeps logins, server roles and permissions in hidden tables of master.</summary>
internal sealed class LoginStore
{
    public static readonly string[] FixedRoles = ["sysadmin", "securityadmin", "serveradmin", "setupadmin", "processadmin", "diskadmin", "dbcreator", "bulkadmin"];

    private readonly LabInstance _instance;
    private readonly HiddenTable _logins;
    private readonly HiddenTable _members;
    private readonly HiddenTable _permissions;
    private volatile IReadOnlyList<LoginRecord>? _all;
    private volatile IReadOnlyList<(string Role, string Member)>? _allMembers;
    private volatile IReadOnlyList<ServerPermission>? _allPermissions;

    public LoginStore(LabInstance instance)
    {
        _instance = instance;
        LabDatabase master = instance.Find("master")!;
        var binary = new SqlType(SqlKind.VarBinary, 85);
        _logins = new HiddenTable(
            master, "lab_server_logins", ("principal_id", SqlType.Int), ("name", SqlType.SysName), ("sid", binary), ("type", SqlType.NVarChar(1)), ("hash", binary),
            ("is_disabled", SqlType.Bit), ("default_database", SqlType.SysName), ("create_date", SqlType.DateTime), ("modify_date", SqlType.DateTime));
        _members = new HiddenTable(master, "lab_server_role_members", ("role", SqlType.SysName), ("member", SqlType.SysName));
        _permissions = new HiddenTable(master, "lab_server_permissions", ("login", SqlType.SysName), ("permission", SqlType.NVarChar(60)), ("availability_group", SqlType.SysName));
    }

    public IReadOnlyList<LoginRecord> All => _all ??= [.. _logins.Rows().Select(r => Read(r.Values))];

    public IReadOnlyList<(string Role, string Member)> Members => _allMembers ??= [.. _members.Rows().Select(r => ((string)r.Values[0]!, (string)r.Values[1]!))];

    /// <summary>Permissions of the server that were granted to logins.</summary>
    public IReadOnlyList<ServerPermission> Permissions => _allPermissions ??= [.. _permissions.Rows().Select(r => new ServerPermission((string)r.Values[0]!, (string)r.Values[1]!, (string)r.Values[2]!))];

    /// <summary>Whether a login has a permission of the server, or on an availability group: granted, or implied by another one or a role ("GRANT Availability Group Permissions", "Server-level roles").</summary>
    /// <param name="login">The login.</param>
    /// <param name="permission">The permission, in capitals.</param>
    /// <param name="group">The availability group; empty for the server.</param>
    public bool Has(LoginRecord login, string permission, string group = "")
    {
        if (IsInRole(login, "sysadmin") || permission is "CONNECT SQL" or "VIEW ANY DATABASE" || (permission is "CREATE ANY DATABASE" or "ALTER ANY DATABASE" && IsInRole(login, "dbcreator")))
        {
            return true;
        }

        string? wider = group.Length == 0 ? null : permission is "ALTER" ? "ALTER ANY AVAILABILITY GROUP" : permission is "VIEW DEFINITION" ? "VIEW ANY DEFINITION" : null;
        return Permissions.Any(p => string.Equals(p.Login, login.Name, StringComparison.OrdinalIgnoreCase) && (p.Group.Length == 0
            ? p.Permission is "CONTROL SERVER" || p.Permission == (group.Length == 0 ? permission : wider)
            : string.Equals(p.Group, group, StringComparison.OrdinalIgnoreCase) && (p.Permission is "CONTROL" || p.Permission == permission)));
    }

    /// <summary>GRANT of a permission of the server.</summary>
    public void Grant(ServerPermission permission)
    {
        if (!Permissions.Contains(permission))
        {
            ChangePermissions(t => _permissions.Insert(t, permission.Login, permission.Permission, permission.Group));
        }
    }

    /// <summary>REVOKE.</summary>
    public void Revoke(ServerPermission permission) => ChangePermissions(t => _permissions.Delete(t, r => permission == new ServerPermission((string)r.Values[0]!, (string)r.Values[1]!, (string)r.Values[2]!)));

    /// <summary>Makes the first login of a new instance.</summary>
    public void EnsureAdministrator(string name, string password)
    {
        if (All.Count > 0)
        {
            return;
        }

        byte[] sa = [1];
        bool isSa = string.Equals(name, "sa", StringComparison.OrdinalIgnoreCase);
        Create("sa", isSa ? password : Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)), sa, "master", isDisabled: !isSa);
        AddMember("sysadmin", "sa");
        if (!isSa)
        {
            Create(name, password, null, "master");
            AddMember("sysadmin", name);
        }
    }

    public LoginRecord? Find(string name) => All.FirstOrDefault(l => string.Equals(l.Name, name, StringComparison.OrdinalIgnoreCase));

    public LoginRecord? FindBySid(byte[] sid) => All.FirstOrDefault(l => l.Sid.AsSpan().SequenceEqual(sid));

    public static bool Verify(LoginRecord login, string password) => PasswordHash.Verify(password, login.Hash);

    public bool IsInRole(LoginRecord login, string role)
    {
        if (ReferenceEquals(login, LoginRecord.BuiltInAdministrator))
        {
            return true;
        }

        return string.Equals(role, "public", StringComparison.OrdinalIgnoreCase)
            || Members.Any(m => string.Equals(m.Role, role, StringComparison.OrdinalIgnoreCase) && string.Equals(m.Member, login.Name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Makes a SQL login.</summary>
    public void Create(string name, string password, byte[]? sid, string defaultDatabase, bool isDisabled = false) =>
        Create(name, PasswordHash.Compute(password), sid, defaultDatabase, isDisabled);

    /// <summary>Makes a SQL login from the hash of its password.</summary>
    public void Create(string name, byte[] hash, byte[]? sid, string defaultDatabase, bool isDisabled = false) =>
        Insert(name, 'S', hash, sid ?? RandomNumberGenerator.GetBytes(16), defaultDatabase, isDisabled);

    /// <summary>Makes a login of a Windows account. A domain knows an account by the same SID everywhere, so it follows from the name.</summary>
    public void CreateWindows(string account, string defaultDatabase)
    {
        // The form of an account's SID: revision 1, five parts, authority 5, S-1-5-21 with four numbers.
        byte[] account16 = SHA256.HashData(Encoding.Unicode.GetBytes(account.ToUpperInvariant()));
        Insert(account, 'U', [], [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, .. account16[..16]], defaultDatabase, isDisabled: false);
    }

    private void Insert(string name, char type, byte[] hash, byte[] sid, string defaultDatabase, bool isDisabled)
    {
        if (Find(name) is not null)
        {
            throw new LabSqlException(15025, 16, 1, $"The server principal '{name}' already exists.");
        }

        int id = sid is [1] ? 1 : Math.Max(258, All.Select(l => l.Id + 1).DefaultIfEmpty(0).Max());
        DateTime now = _instance.Now;
        ChangeLogins(t => _logins.Insert(t, id, name, sid, type.ToString(), hash, isDisabled, defaultDatabase, now, now));
    }

    public void Update(LoginRecord login, Func<LoginRecord, LoginRecord> change)
    {
        LabRow row = _logins.Rows().First(r => string.Equals((string)r.Values[1]!, login.Name, StringComparison.OrdinalIgnoreCase));
        LoginRecord changed = change(login) with { ModifyDate = _instance.Now };
        ChangeLogins(t => _logins.Update(t, row.RowId, Write(changed)));
        if (!string.Equals(login.Name, changed.Name, StringComparison.Ordinal))
        {
            foreach ((string role, _) in Members.Where(m => string.Equals(m.Member, login.Name, StringComparison.OrdinalIgnoreCase)).ToList())
            {
                RemoveMember(role, login.Name);
                AddMember(role, changed.Name);
            }

            foreach (ServerPermission permission in Permissions.Where(p => string.Equals(p.Login, login.Name, StringComparison.OrdinalIgnoreCase)).ToList())
            {
                Revoke(permission);
                Grant(permission with { Login = changed.Name });
            }
        }
    }

    public void Drop(LoginRecord login)
    {
        ChangeLogins(t => _logins.Delete(t, r => string.Equals((string)r.Values[1]!, login.Name, StringComparison.OrdinalIgnoreCase)));
        ChangeMembers(t => _members.Delete(t, r => string.Equals((string)r.Values[1]!, login.Name, StringComparison.OrdinalIgnoreCase)));
        ChangePermissions(t => _permissions.Delete(t, r => string.Equals((string)r.Values[0]!, login.Name, StringComparison.OrdinalIgnoreCase)));
    }

    public void AddMember(string role, string member)
    {
        if (!Members.Any(m => string.Equals(m.Role, role, StringComparison.OrdinalIgnoreCase) && string.Equals(m.Member, member, StringComparison.OrdinalIgnoreCase)))
        {
            ChangeMembers(t => _members.Insert(t, role, member));
        }
    }

    public void RemoveMember(string role, string member) =>
        ChangeMembers(t => _members.Delete(t, r => string.Equals((string)r.Values[0]!, role, StringComparison.OrdinalIgnoreCase) && string.Equals((string)r.Values[1]!, member, StringComparison.OrdinalIgnoreCase)));

    private void ChangeLogins(Action<LabTransaction> change)
    {
        _logins.Change(change);
        _all = null;
    }

    private void ChangeMembers(Action<LabTransaction> change)
    {
        _members.Change(change);
        _allMembers = null;
    }

    private void ChangePermissions(Action<LabTransaction> change)
    {
        _permissions.Change(change);
        _allPermissions = null;
    }

    private static LoginRecord Read(object?[] v) =>
        new((int)v[0]!, (string)v[1]!, (byte[])v[2]!, ((string)v[3]!)[0], (byte[])v[4]!, (bool)v[5]!, (string)v[6]!, (DateTime)v[7]!, (DateTime)v[8]!);

    private static object?[] Write(LoginRecord l) =>
        [l.Id, l.Name, l.Sid, l.Type.ToString(), l.Hash, l.IsDisabled, l.DefaultDatabase, l.CreateDate, l.ModifyDate];
}
