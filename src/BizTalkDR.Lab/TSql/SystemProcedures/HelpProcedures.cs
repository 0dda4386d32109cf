using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_help and its relatives, sp_rename, sp_who, sp_spaceused.</summary>
internal static class HelpProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_help", "@objname nvarchar(776) = NULL", Help),
        new SystemProcedure("sp_helptext", "@objname nvarchar(776), @columnname sysname = NULL", HelpText),
        new SystemProcedure("sp_helpdb", "@dbname sysname = NULL", HelpDatabase),
        new SystemProcedure("sp_helpfile", "@filename sysname = NULL", call => call.Send("name sysname, fileid smallint, filename nvarchar(260), filegroup sysname, size nvarchar(18), usage varchar(9)", call.Database.Files.Select(f => new object?[] { f.LogicalName, (short)f.FileId, f.PhysicalName, f.IsLog ? null : "PRIMARY", $"{f.SizeBytes / 1024} KB", f.IsLog ? "log only" : "data only" }))),
        new SystemProcedure("sp_who", "@loginame sysname = NULL", call => call.Send("spid smallint, ecid smallint, status nchar(30), loginame nvarchar(128), hostname nchar(128), blk char(5), dbname nvarchar(128), cmd nchar(26), request_id int", call.Server.Sessions.Select(s => new object?[] { (short)s.SessionId, (short)0, s.IsRunning ? "runnable" : "sleeping", s.Login.Name, s.HostName, "0", s.CurrentDatabase.Name, s.IsRunning ? "EXECUTE" : "AWAITING COMMAND", 0 }))),
        new SystemProcedure("sp_who2", "@loginame sysname = NULL", call => call.Send("SPID varchar(5), Status nvarchar(30), Login nvarchar(128), HostName nvarchar(128), BlkBy char(5), DBName nvarchar(128), Command nvarchar(26), CPUTime int, DiskIO int, LastBatch varchar(20), ProgramName nvarchar(128), REQUESTID int", call.Server.Sessions.Select(s => new object?[] { s.SessionId.ToString(CultureInfo.InvariantCulture), s.IsRunning ? "RUNNABLE" : "sleeping", s.Login.Name, s.HostName, "  .", s.CurrentDatabase.Name, s.IsRunning ? "EXECUTE" : "AWAITING COMMAND", 0, 0, s.LastRequestTime.ToString("MM/dd HH:mm:ss", CultureInfo.InvariantCulture), s.ApplicationName, 0 }))),
        new SystemProcedure("sp_spaceused", "@objname nvarchar(776) = NULL, @updateusage varchar(5) = 'false'", SpaceUsed),
        new SystemProcedure("sp_databases", string.Empty, call => call.Send("DATABASE_NAME sysname, DATABASE_SIZE int, REMARKS varchar(254)", call.Server.Instance.Databases.OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase).Select(d => new object?[] { d.Name, (int)(d.Files.Sum(f => f.SizeBytes) / 1024), null }))),
        new SystemProcedure("sp_tables", "@table_name nvarchar(384) = NULL, @table_owner nvarchar(384) = NULL, @table_qualifier sysname = NULL, @table_type varchar(100) = NULL, @fUsePattern bit = 1", call => call.Send("TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, TABLE_TYPE varchar(32), REMARKS varchar(254)", CatalogIds.Objects(call.Database).Where(o => o.Type is "U" or "V" && Matches(o.Name, call.Text("@table_name")) && Matches(o.Schema, call.Text("@table_owner"))).Select(o => new object?[] { call.Database.Name, o.Schema, o.Name, o.Type == "U" ? "TABLE" : "VIEW", null }))),
        new SystemProcedure("sp_columns", "@table_name nvarchar(384), @table_owner nvarchar(384) = NULL, @table_qualifier sysname = NULL, @column_name nvarchar(384) = NULL, @ODBCVer int = 2", Columns),
        new SystemProcedure("sp_stored_procedures", "@sp_name nvarchar(390) = NULL, @sp_owner nvarchar(384) = NULL, @sp_qualifier sysname = NULL, @fUsePattern bit = 1", call => call.Send("PROCEDURE_QUALIFIER sysname, PROCEDURE_OWNER sysname, PROCEDURE_NAME nvarchar(134), NUM_INPUT_PARAMS int, NUM_OUTPUT_PARAMS int, NUM_RESULT_SETS int, REMARKS varchar(254), PROCEDURE_TYPE smallint", CatalogIds.Objects(call.Database).Where(o => o.Type is "P" && Matches(o.Name, call.Text("@sp_name"))).Select(o => new object?[] { call.Database.Name, o.Schema, o.Name + ";1", -1, -1, -1, null, (short)2 }))),
        new SystemProcedure("sp_rename", "@objname nvarchar(1035), @newname sysname, @objtype varchar(13) = NULL", RenameProcedure.Run),
        new SystemProcedure("sp_lock", "@spid1 int = NULL, @spid2 int = NULL", call => call.Send("spid smallint, dbid smallint, ObjId int, IndId smallint, Type nchar(4), Resource nchar(32), Mode nvarchar(8), Status nvarchar(5)", call.Server.Sessions.SelectMany(s => s.UsedDatabases().Where(d => d.Id > 2).Select(d => new object?[] { (short)s.SessionId, (short)d.Id, 0, (short)0, "DB", string.Empty, "S", "GRANT" })))),
    ];

    private static bool Matches(string name, string? pattern) =>
        pattern is null || pattern == "%" || string.Equals(name, pattern, StringComparison.OrdinalIgnoreCase) || (pattern.EndsWith('%') && name.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase));

    private static CatalogObject Object(SystemCall call)
    {
        string name = call.Text("@objname") ?? string.Empty;
        int? id = CatalogIds.ObjectId(call.Frame, name, null);
        return (id is null ? null : CatalogIds.FindObject(call.Frame.Database, id.Value))
            ?? throw call.Error(15009, $"The object '{name}' does not exist in database '{call.Frame.Database.Name}' or is invalid for this operation.");
    }

    private static void Help(SystemCall call)
    {
        if (!call.Has("@objname"))
        {
            call.Send("Name sysname, Owner sysname, Object_type nvarchar(31)", CatalogIds.Objects(call.Frame.Database).Select(o => new object?[] { o.Name, o.Schema, o.TypeDescription.Replace('_', ' ').ToLowerInvariant() }));
            return;
        }

        CatalogObject o = Object(call);
        call.Send("Name nvarchar(128), Owner nvarchar(128), Type nvarchar(31), Created_datetime datetime", [[o.Name, o.Schema, o.TypeDescription.Replace('_', ' ').ToLowerInvariant(), o.CreateDate]]);
        if (o.Table is { } table)
        {
            call.Send("Column_name nvarchar(128), Type nvarchar(128), Computed varchar(35), Length int, Prec char(5), Scale char(5), Nullable varchar(35)", table.Def.Columns.Select(c => new object?[] { c.Name, CatalogIds.BaseName(c.Type), c.ComputedText is null ? "no" : "yes", (int)CatalogIds.MaxLength(c.Type), CatalogIds.Precision(c.Type).ToString(CultureInfo.InvariantCulture), CatalogIds.Scale(c.Type).ToString(CultureInfo.InvariantCulture), c.Nullable ? "yes" : "no" }));
        }
    }

    private static void HelpText(SystemCall call)
    {
        CatalogObject o = Object(call);
        string text = o.Module?.Text ?? throw call.Error(15197, $"There is no text for object '{call.Text("@objname")}'.");
        var lines = new List<object?[]>();
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            lines.Add([text[start..end]]);
            start = end;
        }

        call.Send("Text nvarchar(255)", lines);
    }

    private static void HelpDatabase(SystemCall call)
    {
        string? name = call.Text("@dbname");
        IEnumerable<LabDatabase> databases = name is null ? call.Server.Instance.Databases : [call.Server.Instance.Find(name) ?? throw call.Error(15010, $"The database '{name}' does not exist. Supply a valid database name. To see available databases, use sys.databases.")];
        call.Send("name nvarchar(128), db_size nvarchar(13), owner nvarchar(128), dbid smallint, created nvarchar(11), status nvarchar(600), compatibility_level tinyint", databases.OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase).Select(d => new object?[]
        {
            d.Name, string.Create(CultureInfo.InvariantCulture, $"{d.Files.Sum(f => f.SizeBytes) / 1048576.0,10:F2} MB"), d.Owner, (short)d.Id, d.CreateDate.ToString("MMM dd yyyy", CultureInfo.InvariantCulture),
            $"Status={DatabaseViews.StateName(d.State)}, Updateability={(d.IsReadOnly ? "READ_ONLY" : "READ_WRITE")}, UserAccess={d.UserAccess switch { UserAccess.SingleUser => "SINGLE_USER", UserAccess.RestrictedUser => "RESTRICTED_USER", _ => "MULTI_USER" }}, Recovery={d.RecoveryModel.ToString().ToUpperInvariant()}, Version=957, Collation={d.Collation}, SQLSortOrder=52, IsAutoCreateStatistics, IsAutoUpdateStatistics", d.CompatibilityLevel,
        }));
    }

    private static void SpaceUsed(SystemCall call)
    {
        if (!call.Has("@objname"))
        {
            long size = call.Frame.Database.Files.Sum(f => f.SizeBytes);
            call.Send("database_name nvarchar(128), database_size varchar(18), unallocated_space varchar(18)", [[call.Frame.Database.Name, string.Create(CultureInfo.InvariantCulture, $"{size / 1048576.0:F2} MB"), "0.00 MB"]]);
            return;
        }

        CatalogObject o = Object(call);
        call.Send("name nvarchar(128), rows char(20), reserved varchar(18), data varchar(18), index_size varchar(18), unused varchar(18)", [[o.Name, (o.Table?.RowCount ?? 0).ToString(CultureInfo.InvariantCulture).PadRight(20), "0 KB", "0 KB", "0 KB", "0 KB"]]);
    }

    private static void Columns(SystemCall call)
    {
        IEnumerable<LabTable> tables = call.Database.Tables.Where(t => !t.Def.IsSystem && Matches(t.Def.Name, call.Text("@table_name")) && Matches(t.Def.Schema, call.Text("@table_owner")));
        call.Send(
            "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, COLUMN_NAME sysname, DATA_TYPE smallint, TYPE_NAME sysname, PRECISION int, LENGTH int, SCALE smallint, RADIX smallint, NULLABLE smallint, REMARKS varchar(254), COLUMN_DEF nvarchar(4000), ORDINAL_POSITION int, IS_NULLABLE varchar(254)",
            tables.SelectMany(t => t.Def.Columns.Where(c => Matches(c.Name, call.Text("@column_name"))).Select((c, i) => new object?[]
            {
                call.Database.Name, t.Def.Schema, t.Def.Name, c.Name, (short)CatalogIds.TypeId(c.Type.Kind), CatalogIds.BaseName(c.Type), c.Type.Length > 0 ? c.Type.Length : (int)CatalogIds.Precision(c.Type), (int)CatalogIds.MaxLength(c.Type), (short)CatalogIds.Scale(c.Type), (short)10,
                (short)(c.Nullable ? 1 : 0), null, c.DefaultText, i + 1, c.Nullable ? "YES" : "NO",
            })));
    }
}
