using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_addlinkedserver and its relatives.</summary>
internal static class LinkedServerProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_addlinkedserver", "@server sysname, @srvproduct nvarchar(128) = NULL, @provider nvarchar(128) = NULL, @datasrc nvarchar(4000) = NULL, @location nvarchar(4000) = NULL, @provstr nvarchar(4000) = NULL, @catalog sysname = NULL, @linkedstyle bit = 1", Add),
        new SystemProcedure("sp_addserver", "@server sysname, @local varchar(10) = NULL, @duplicate_ok varchar(13) = NULL", AddServer),
        new SystemProcedure("sp_dropserver", "@server sysname, @droplogins char(10) = NULL", Drop),
        new SystemProcedure("sp_serveroption", "@server sysname, @optname varchar(50), @optvalue nvarchar(128)", Option),
        new SystemProcedure("sp_addlinkedsrvlogin", "@rmtsrvname sysname, @useself varchar(8) = 'true', @locallogin sysname = NULL, @rmtuser sysname = NULL, @rmtpassword sysname = NULL", AddLogin),
        new SystemProcedure("sp_droplinkedsrvlogin", "@rmtsrvname sysname, @locallogin sysname", call => WithServer(call, "@rmtsrvname", s => call.Server.LinkedServers.DropLogin(s, call.Text("@locallogin")))),
        new SystemProcedure("sp_testlinkedserver", "@servername sysname", call => call.Frame.Session.Links.Test(call.Text("@servername")!)),
        new SystemProcedure("sp_linkedservers", string.Empty, call => call.Send("SRV_NAME sysname, SRV_PROVIDERNAME nvarchar(128), SRV_PRODUCT nvarchar(128), SRV_DATASOURCE nvarchar(4000), SRV_PROVIDERSTRING nvarchar(4000), SRV_LOCATION nvarchar(4000), SRV_CAT sysname", call.Server.LinkedServers.All.Select(s => new object?[] { s.Name, s.Provider, s.Product, s.DataSource, null, null, s.Catalog }).Prepend([call.Server.ServerName, "SQLNCLI", "SQL Server", call.Server.ServerName, null, null, null]))),
        new SystemProcedure("sp_helpserver", "@server sysname = NULL, @optname varchar(35) = NULL, @show_topology varchar(1) = NULL", HelpServer),
        new SystemProcedure("sp_helplinkedsrvlogin", "@rmtsrvname sysname = NULL, @locallogin sysname = NULL", call => call.Send("LinkedServer sysname, LocalLogin sysname, IsSelfMapping smallint, RemoteLogin sysname", call.Server.LinkedServers.Logins.Select(l => new object?[] { call.Server.LinkedServers.All.FirstOrDefault(s => s.Id == l.ServerId)?.Name, l.LocalLogin, (short)(l.UseSelf ? 1 : 0), l.RemoteUser }))),
    ];

    private static void RequireSetup(SystemCall call)
    {
        if (!call.Frame.HasServerRole("setupadmin"))
        {
            throw call.Error(15247, "User does not have permission to perform this action.");
        }
    }

    private static void WithServer(SystemCall call, string parameter, Action<LinkedServer> change)
    {
        RequireSetup(call);
        string name = call.Text(parameter)!;
        change(call.Server.LinkedServers.Find(name) ?? throw call.Error(15015, $"The server '{name}' does not exist. Use sp_helpserver to show available servers."));
    }

    private static void Add(SystemCall call)
    {
        RequireSetup(call);
        string name = call.Text("@server")!;
        string? product = call.Text("@srvproduct");
        if (call.Server.LinkedServers.IsLocal(name) || call.Server.LinkedServers.Find(name) is not null)
        {
            throw call.Error(15028, $"The server '{name}' already exists.");
        }

        bool isSqlServer = product is null || product.Length == 0 || product.Equals("SQL Server", StringComparison.OrdinalIgnoreCase);
        if (product is not null && product.Equals("SQL Server", StringComparison.OrdinalIgnoreCase) && (call.Has("@provider") || call.Has("@datasrc")))
        {
            throw call.Error(15428, "You cannot specify a provider or any properties for product 'SQL Server'.");
        }

        if (product is null or "" && !call.Has("@provider") && call.Has("@srvproduct"))
        {
            throw call.Error(15429, "'(null)' is an invalid product name.");
        }

        string provider = call.Text("@provider") ?? "SQLNCLI";
        if (!isSqlServer && !provider.StartsWith("SQLNCLI", StringComparison.OrdinalIgnoreCase) && !provider.StartsWith("MSOLEDBSQL", StringComparison.OrdinalIgnoreCase))
        {
            throw new LabSqlException(new SqlMessage(7403, 16, 1, $"The OLE DB provider \"{provider}\" has not been registered.", call.Procedure.Name));
        }

        call.Server.LinkedServers.Add(name, product is null or "" ? "SQL Server" : product, provider, call.Text("@datasrc") ?? name, call.Text("@catalog"));
    }

    private static void AddServer(SystemCall call)
    {
        if (call.Text("@local") is not null)
        {
            throw ServerErrors.NotSupported("sp_addserver … 'local'");
        }

        RequireSetup(call);
        string name = call.Text("@server")!;
        if (call.Server.LinkedServers.Find(name) is not null)
        {
            if (call.Text("@duplicate_ok") is not null)
            {
                return;
            }

            throw call.Error(15028, $"The server '{name}' already exists.");
        }

        call.Server.LinkedServers.Add(name, "SQL Server", "SQLNCLI", name, null);
    }

    private static void Drop(SystemCall call) => WithServer(call, "@server", server =>
    {
        bool hasLogins = call.Server.LinkedServers.Logins.Any(l => l.ServerId == server.Id && l.LocalLogin is not null);
        if (hasLogins && !string.Equals(call.Text("@droplogins")?.Trim(), "droplogins", StringComparison.OrdinalIgnoreCase))
        {
            throw call.Error(15190, $"There are still remote logins or linked logins for the server '{server.Name}'.");
        }

        call.Server.LinkedServers.Drop(server);
        call.Frame.Session.Links.Close(server.Name);
    });

    private static void Option(SystemCall call) => WithServer(call, "@server", server =>
    {
        string option = call.Text("@optname")!.ToUpperInvariant();
        string value = call.Text("@optvalue") ?? string.Empty;
        call.Server.LinkedServers.Update(server, s => option switch
        {
            "RPC" => s with { Rpc = IsOn(call, value) },
            "RPC OUT" => s with { RpcOut = IsOn(call, value) },
            "DATA ACCESS" => s with { DataAccess = IsOn(call, value) },
            "REMOTE PROC TRANSACTION PROMOTION" => s with { PromotesTransactions = IsOn(call, value) },
            "CONNECT TIMEOUT" => s with { ConnectTimeout = Seconds(call, value) },
            "QUERY TIMEOUT" => s with { QueryTimeout = Seconds(call, value) },
            "COLLATION COMPATIBLE" or "USE REMOTE COLLATION" or "LAZY SCHEMA VALIDATION" or "COLLATION NAME" or "DIST" or "PUB" or "SUB" => s,
            _ => throw call.Error(15600, "An invalid parameter or option was specified for procedure 'sp_serveroption'."),
        });
    });

    private static bool IsOn(SystemCall call, string value) => value.ToUpperInvariant() switch
    {
        "TRUE" or "ON" => true,
        "FALSE" or "OFF" => false,
        _ => throw call.Error(15241, "Usage: sp_serveroption server, option, {true | false | on | off}"),
    };

    private static int Seconds(SystemCall call, string value) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out int seconds) && seconds >= 0 ? seconds : throw call.Error(15600, "An invalid parameter or option was specified for procedure 'sp_serveroption'.");

    private static void AddLogin(SystemCall call) => WithServer(call, "@rmtsrvname", server =>
    {
        bool useSelf = !string.Equals(call.Text("@useself"), "false", StringComparison.OrdinalIgnoreCase);
        if (useSelf && (call.Has("@rmtuser") || call.Has("@rmtpassword")) && (call.Text("@rmtuser") ?? call.Text("@rmtpassword")) is not null)
        {
            throw call.Error(15600, "An invalid parameter or option was specified for procedure 'sys.sp_addlinkedsrvlogin'.");
        }

        if (call.Text("@locallogin") is { } local && call.Server.Logins.Find(local) is null)
        {
            throw call.Error(15007, $"'{local}' is not a valid login or you do not have permission.");
        }

        call.Server.LinkedServers.SetLogin(server, call.Text("@locallogin"), useSelf, useSelf ? null : call.Text("@rmtuser"), useSelf ? null : call.Text("@rmtpassword"));
    });

    private static void HelpServer(SystemCall call)
    {
        IEnumerable<object?[]> rows = call.Server.LinkedServers.All.Select(s => new object?[]
        {
            s.Name, s.Name, string.Join(',', new[] { s.Rpc ? "rpc" : null, s.RpcOut ? "rpc out" : null, s.DataAccess ? "data access" : null }.Where(x => x is not null)), s.Id.ToString(CultureInfo.InvariantCulture), null, s.ConnectTimeout, s.QueryTimeout,
        }).Prepend([call.Server.ServerName, call.Server.ServerName, "rpc,rpc out", "0", null, 0, 0]);
        if (call.Text("@server") is { } wanted)
        {
            rows = rows.Where(r => string.Equals((string?)r[0], wanted, StringComparison.OrdinalIgnoreCase)).ToList();
            if (!rows.Any())
            {
                throw call.Error(15015, $"The server '{wanted}' does not exist. Use sp_helpserver to show available servers.");
            }
        }

        call.Send("name sysname, network_name sysname, status varchar(70), id char(4), collation_name sysname, connect_timeout int, query_timeout int", rows);
    }
}
