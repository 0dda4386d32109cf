using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_help, sp_helptext, sp_helpindex, sp_rename, and the procedures ODBC asks about tables and columns.</summary>
internal static class HelpProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_help", "@objname nvarchar(776) = NULL", Help),
        new SystemProcedure("sp_helptext", "@objname nvarchar(776), @columnname sysname = NULL", HelpText),
        new SystemProcedure("sp_helpindex", "@objname nvarchar(776)", call => SendIndexes(call, Object(call))),
        new SystemProcedure("sp_tables", "@table_name nvarchar(384) = NULL, @table_owner nvarchar(384) = NULL, @table_qualifier sysname = NULL, @table_type varchar(100) = NULL, @fUsePattern bit = 1", call => call.Send("TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, TABLE_TYPE varchar(32), REMARKS varchar(254)", CatalogIds.Objects(call.Database).Where(o => o.Type is "U" or "V" && Matches(o.Name, call.Text("@table_name")) && Matches(o.Schema, call.Text("@table_owner"))).Select(o => new object?[] { call.Database.Name, o.Schema, o.Name, o.Type == "U" ? "TABLE" : "VIEW", null }))),
        new SystemProcedure("sp_columns", "@table_name nvarchar(384), @table_owner nvarchar(384) = NULL, @table_qualifier sysname = NULL, @column_name nvarchar(384) = NULL, @ODBCVer int = 2", Columns),
        new SystemProcedure("sp_stored_procedures", "@sp_name nvarchar(390) = NULL, @sp_owner nvarchar(384) = NULL, @sp_qualifier sysname = NULL, @fUsePattern bit = 1", call => call.Send("PROCEDURE_QUALIFIER sysname, PROCEDURE_OWNER sysname, PROCEDURE_NAME nvarchar(134), NUM_INPUT_PARAMS int, NUM_OUTPUT_PARAMS int, NUM_RESULT_SETS int, REMARKS varchar(254), PROCEDURE_TYPE smallint", CatalogIds.Objects(call.Database).Where(o => o.Type is "P" && Matches(o.Name, call.Text("@sp_name"))).Select(o => new object?[] { call.Database.Name, o.Schema, o.Name + ";1", -1, -1, -1, null, (short)2 }))),
        new SystemProcedure("sp_rename", "@objname nvarchar(1035), @newname sysname, @objtype varchar(13) = NULL", RenameProcedure.Run),
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
            HelpTable(call, o, table);
        }
    }

    private static void HelpTable(SystemCall call, CatalogObject o, LabTable table)
    {
        call.Send(
            "Column_name nvarchar(128), Type nvarchar(128), Computed varchar(35), Length int, Prec char(5), Scale char(5), Nullable varchar(35), TrimTrailingBlanks varchar(35), FixedLenNullInSource varchar(35), Collation nvarchar(128)",
            table.Def.Columns.Select(c => new object?[]
            {
                c.Name, CatalogIds.BaseName(c.Type), c.ComputedText is null ? "no" : "yes", (int)CatalogIds.MaxLength(c.Type), c.Type.IsNumeric ? Number(CatalogIds.Precision(c.Type)) : "     ", c.Type.IsNumeric ? Number(CatalogIds.Scale(c.Type)) : "     ", c.Nullable ? "yes" : "no",
                c.Type.IsCharacter || c.Type.IsBinary ? "no" : "(n/a)", c.Type.IsCharacter || c.Type.IsBinary ? c.Nullable ? "yes" : "no" : "(n/a)", c.Type.IsCharacter ? call.Frame.Database.Collation : null,
            }));
        ColumnDef? identity = table.Def.Columns.Find(c => c.IsIdentity);
        call.Send("Identity nvarchar(128), Seed numeric(38,0), Increment numeric(38,0), [Not For Replication] int", [[identity?.Name ?? "No identity column defined.", identity is null ? null : (decimal)identity.IdentitySeed, identity is null ? null : (decimal)identity.IdentityIncrement, identity is null ? null : 0]]);
        call.Send("RowGuidCol nvarchar(128)", [["No rowguidcol column defined."]]);
        call.Send("Data_located_on_filegroup nvarchar(128)", [["PRIMARY"]]);
        SendIndexes(call, o);
    }

    private static void SendIndexes(SystemCall call, CatalogObject o)
    {
        if (o.Table is not { Def.Indexes: { Count: > 0 } indexes })
        {
            call.Inform(15472, $"The object '{o.Name}' does not have any indexes, or you do not have permissions.");
            return;
        }

        call.Send(
            "index_name nvarchar(128), index_description varchar(210), index_keys nvarchar(2078)",
            indexes.Select(i => new object?[]
            {
                i.Name, $"{(i.IsClustered ? "clustered" : "nonclustered")}{(i.IsUnique ? ", unique" : string.Empty)}{(i.IsPrimaryKey ? ", primary key" : i.IsUniqueConstraint ? ", unique key" : string.Empty)} located on PRIMARY",
                string.Join(", ", i.Columns.Select(c => c.Column + (c.Descending ? "(-)" : string.Empty))),
            }));
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture).PadRight(5);

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
