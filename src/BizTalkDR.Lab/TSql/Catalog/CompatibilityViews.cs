using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>The views of old releases: sysobjects, sysdatabases, syscolumns and so on.</summary>
internal static class CompatibilityViews
{
    public static IReadOnlyList<SystemView> All { get; } =
    [
        new SystemView("sys", "sysobjects", "name sysname, id int, xtype char(2), uid smallint, info smallint=0, status int=0, base_schema_ver int=0, replinfo int=0, parent_obj int, crdate datetime, ftcatid smallint=0, schema_ver int=0, stats_schema_ver int=0, type char(2), userstat smallint=1, sysstat smallint=0, indexdel smallint=0, refdate datetime, version int=0, deltrig int=0, instrig int=0, updtrig int=0, seltrig int=0, category int=0, cache smallint=0", (_, database, shape) => CatalogIds.Objects(database).Select(o => shape.Row(("name", o.Name), ("id", o.Id), ("xtype", o.Type), ("uid", CatalogIds.SchemaId(database, o.Schema)), ("parent_obj", o.ParentId), ("crdate", o.CreateDate), ("type", o.Type == "PK" || o.Type == "UQ" ? "K" : o.Type), ("refdate", o.CreateDate)))),
        new SystemView("sys", "sysdatabases", "name sysname, dbid smallint, sid varbinary(85), mode smallint=0, status int, status2 int=0, crdate datetime, reserved datetime=1900-01-01, category int=0, cmptlevel tinyint, filename nvarchar(260), version smallint=957", (frame, _, shape) => frame.Instance.Databases.OrderBy(d => d.Id).Select(d => shape.Row(("name", d.Name), ("dbid", d.Id), ("sid", frame.Session.Server.Logins.Find(d.Owner)?.Sid ?? [1]), ("status", Status(d)), ("crdate", d.CreateDate), ("cmptlevel", d.CompatibilityLevel), ("filename", d.Files.FirstOrDefault(f => !f.IsLog)?.PhysicalName)))),
        new SystemView("sys", "syscolumns", "name sysname, id int, xtype tinyint, typestat tinyint=0, xusertype smallint, length smallint, xprec tinyint, xscale tinyint, colid smallint, xoffset smallint=0, bitpos tinyint=0, reserved tinyint=0, colstat smallint=0, cdefault int=0, domain int=0, number smallint=0, colorder smallint, offset smallint=0, collationid int, language int=0, status tinyint, type tinyint, usertype smallint, printfmt varchar(255), prec smallint, scale int, iscomputed int, isoutparam int=0, isnullable int, collation sysname", SysColumns),
        new SystemView("sys", "sysusers", "uid smallint, status smallint=0, name sysname, sid varbinary(85), roles varbinary(2048), createdate datetime, updatedate datetime, altuid smallint, password varbinary(256), gid smallint=0, environ varchar(255), hasdbaccess int, islogin int, isntname int=0, isntgroup int=0, isntuser int=0, issqluser int, isaliased int=0, issqlrole int, isapprole int=0", (_, database, shape) => new DatabaseSecurity(database).Principals.Select(p => shape.Row(("uid", p.Id), ("name", p.Name), ("sid", p.Sid), ("createdate", p.CreateDate), ("updatedate", p.ModifyDate), ("hasdbaccess", p.Type != 'R' && (p.Id == 1 || p.Id > 4)), ("islogin", p.Type != 'R'), ("issqluser", p.Type != 'R'), ("issqlrole", p.Type == 'R')))),
        new SystemView("sys", "sysmembers", "memberuid smallint, groupuid smallint", (_, database, shape) => new DatabaseSecurity(database).Members.Select(m => shape.Row(("memberuid", m.Member), ("groupuid", m.Role)))),
        new SystemView("sys", "syslogins", "sid varbinary(85), status smallint=9, createdate datetime, updatedate datetime, name sysname, dbname sysname, password nvarchar(128), language sysname=us_english, denylogin int=0, hasaccess int=1, isntname int=0, isntgroup int=0, isntuser int=0, sysadmin int, securityadmin int, serveradmin int, setupadmin int, processadmin int, diskadmin int, dbcreator int, bulkadmin int, loginname nvarchar(128)", (frame, _, shape) => frame.Session.Server.Logins.All.Select(l => shape.Row([("sid", l.Sid), ("createdate", l.CreateDate), ("updatedate", l.ModifyDate), ("name", l.Name), ("dbname", l.DefaultDatabase), ("loginname", l.Name), .. LoginStore.FixedRoles.Select(r => (r, (object?)(frame.Session.Server.Logins.IsInRole(l, r) ? 1 : 0)))]))),
        new SystemView("sys", "sysservers", "srvid smallint, srvstatus smallint=0, srvname sysname, srvproduct sysname, providername sysname, datasource nvarchar(4000), schemadate datetime, srvnetname sysname, isremote bit=0, rpc bit, pub bit=0, sub bit=0, dist bit=0, dpub bit=0, rpcout bit, dataaccess bit", (frame, _, shape) => frame.Session.Server.LinkedServers.All.Select(l => shape.Row(("srvid", l.Id), ("srvname", l.Name), ("srvproduct", l.Product), ("providername", l.Provider), ("datasource", l.DataSource), ("schemadate", frame.Session.Server.StartTime), ("srvnetname", l.Name), ("rpc", l.Rpc), ("rpcout", l.RpcOut), ("dataaccess", l.DataAccess))).Prepend(shape.Row(("srvid", 0), ("srvname", frame.Session.Server.ServerName), ("srvproduct", "SQL Server"), ("srvnetname", frame.Session.Server.ServerName), ("schemadate", frame.Session.Server.StartTime), ("rpc", true), ("rpcout", true), ("dataaccess", false)))),
        new SystemView("sys", "sysprocesses", "spid smallint, kpid smallint=0, blocked smallint=0, waittype binary(2), waittime bigint=0, lastwaittype nchar(32), waitresource nchar(256), dbid smallint, uid smallint=1, cpu int=0, physical_io bigint=0, memusage int=0, login_time datetime, last_batch datetime, ecid smallint=0, open_tran smallint, status nchar(30), sid binary(86), hostname nchar(128), program_name nchar(128), hostprocess nchar(10), cmd nchar(26), nt_domain nchar(128), nt_username nchar(128), net_address nchar(12), net_library nchar(12), loginame nchar(128)", (frame, _, shape) => frame.Session.Server.Sessions.Select(s => shape.Row(("spid", s.SessionId), ("dbid", s.CurrentDatabase.Id), ("login_time", s.LoginTime), ("last_batch", s.LastRequestTime), ("open_tran", s.Transaction.Count), ("status", s.IsRunning ? "runnable" : "sleeping"), ("hostname", s.HostName), ("program_name", s.ApplicationName), ("cmd", s.IsRunning ? "EXECUTE" : "AWAITING COMMAND"), ("loginame", s.Login.Name)))),
        new SystemView("sys", "sysindexes", "id int, status int=0, indid smallint, name sysname, rows int, rowcnt bigint", (_, database, shape) => database.Tables.Where(t => !t.Def.IsSystem).SelectMany(t => (t.Def.Indexes.Exists(i => i.IsClustered) ? t.Def.Indexes : t.Def.Indexes.Prepend(new IndexDef { Name = t.Def.Name, IndexId = 0 })).Select(i => shape.Row(("id", t.Def.ObjectId), ("indid", i.IndexId), ("name", i.Name), ("rows", (int)t.RowCount), ("rowcnt", t.RowCount))))),
        new SystemView("sys", "syscomments", "id int, number smallint=1, colid smallint=1, status smallint=2, ctext varbinary(8000), texttype smallint=2, language smallint=0, encrypted bit=0, compressed bit=0, text nvarchar(4000)", (_, database, shape) => database.Modules.Where(m => m.Kind is not ModuleKind.Synonym and not ModuleKind.TableType).SelectMany(m => Parts(m.Text).Select((p, i) => shape.Row(("id", m.ObjectId), ("colid", i + 1), ("text", p))))),
        new SystemView("sys", "systypes", "name sysname, xtype tinyint, status tinyint=0, xusertype smallint, length smallint, xprec tinyint, xscale tinyint, usertype smallint=0", (_, _, shape) => Enum.GetValues<SqlKind>().Select(k => shape.Row(("name", CatalogIds.BaseName(new SqlType(k))), ("xtype", CatalogIds.TypeId(k)), ("xusertype", CatalogIds.TypeId(k)), ("length", CatalogIds.MaxLength(new SqlType(k)))))),
        new SystemView("sys", "sysfiles", "fileid smallint, groupid smallint, size int, maxsize int=-1, growth int=8192, status int=0, perf int=0, name sysname, filename nvarchar(260)", (_, database, shape) => database.Files.Select(f => shape.Row(("fileid", f.FileId), ("groupid", f.IsLog ? 0 : 1), ("size", (int)(f.SizeBytes / 8192)), ("name", f.LogicalName), ("filename", f.PhysicalName)))),
        new SystemView("sys", "sysaltfiles", "fileid smallint, groupid smallint, size int, maxsize int=-1, growth int=8192, status int=0, perf int=0, dbid smallint, name sysname, filename nvarchar(260)", (frame, _, shape) => frame.Instance.Databases.SelectMany(d => d.Files.Select(f => shape.Row(("fileid", f.FileId), ("groupid", f.IsLog ? 0 : 1), ("size", (int)(f.SizeBytes / 8192)), ("dbid", d.Id), ("name", f.LogicalName), ("filename", f.PhysicalName))))),
        new SystemView("sys", "sysconfigures", "value int, config int, comment nvarchar(255), status smallint=1", (frame, _, shape) => frame.Session.Server.Configuration.All.Select(c => shape.Row(("value", c.Value), ("config", c.Id), ("comment", c.Name)))),
    ];

    private static int Status(LabDatabase d) =>
        (d.RecoveryModel == RecoveryModel.Simple ? 8 : 0) | (d.State == DatabaseState.Restoring ? 32 : 0) | (d.State == DatabaseState.Offline ? 512 : 0) | (d.IsReadOnly ? 1024 : 0) | (d.UserAccess == UserAccess.RestrictedUser ? 2048 : 0) | (d.UserAccess == UserAccess.SingleUser ? 4096 : 0) | 65536;

    private static IEnumerable<object?[]> SysColumns(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        foreach (LabTable table in database.Tables.Where(t => !t.Def.IsSystem))
        {
            foreach (ColumnDef column in table.Def.Columns)
            {
                int type = CatalogIds.TypeId(column.Type.Kind);
                yield return shape.Row(
                    ("name", column.Name), ("id", table.Def.ObjectId), ("xtype", type), ("xusertype", type), ("length", CatalogIds.MaxLength(column.Type)), ("xprec", CatalogIds.Precision(column.Type)), ("xscale", CatalogIds.Scale(column.Type)),
                    ("colid", column.ColumnId), ("colorder", column.ColumnId), ("colstat", column.IsIdentity ? 1 : 0), ("status", (byte)((column.Nullable ? 8 : 0) | (column.IsIdentity ? 128 : 0))), ("type", type), ("usertype", type),
                    ("prec", column.Type.Length > 0 ? column.Type.Length : (int)CatalogIds.Precision(column.Type)), ("scale", (int)CatalogIds.Scale(column.Type)), ("iscomputed", column.ComputedText is not null), ("isnullable", column.Nullable), ("collation", column.Type.IsCharacter ? database.Collation : null));
            }
        }
    }

    private static IEnumerable<string> Parts(string text)
    {
        for (int i = 0; i < text.Length; i += 4000)
        {
            yield return text.Substring(i, Math.Min(4000, text.Length - i));
        }
    }
}
