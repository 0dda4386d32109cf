using System;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>OBJECTPROPERTY, COLUMNPROPERTY, INDEXPROPERTY, types by name.</summary>
internal static class ObjectProperties
{
    public static int? Of(ExecutionFrame frame, int? id, string? property)
    {
        if (id is null || CatalogIds.FindObject(frame.Database, id.Value) is not { } o)
        {
            return null;
        }

        TableDef? table = o.Table?.Def;
        return property?.ToUpperInvariant() switch
        {
            "ISTABLE" => Bit(o.Type is "U"),
            "ISUSERTABLE" => Bit(o.Type == "U"),
            "ISVIEW" => Bit(o.Type == "V"),
            "ISPROCEDURE" => Bit(o.Type == "P"),
            "ISSCALARFUNCTION" => Bit(o.Type == "FN"),
            "ISTABLEFUNCTION" => Bit(o.Type is "IF" or "TF"),
            "ISINLINEFUNCTION" => Bit(o.Type == "IF"),
            "ISTRIGGER" => Bit(o.Type == "TR"),
            "ISPRIMARYKEY" => Bit(o.Type == "PK"),
            "ISUNIQUECNST" => Bit(o.Type == "UQ"),
            "ISFOREIGNKEY" => Bit(o.Type == "F"),
            "ISCHECKCNST" => Bit(o.Type == "C"),
            "ISDEFAULTCNST" or "ISDEFAULT" => Bit(o.Type == "D"),
            "ISCONSTRAINT" => Bit(o.Type is "PK" or "UQ" or "F" or "C" or "D"),
            "ISMSSHIPPED" or "ISSYSTEMTABLE" or "ISENCRYPTED" or "ISREPLPROC" or "ISSCHEMABOUND" => 0,
            "EXECISQUOTEDIDENTON" => o.Module is null ? null : Bit(o.Module.QuotedIdentifiers),
            "EXECISANSINULLSON" => o.Module is null ? null : Bit(o.Module.AnsiNulls),
            "TABLEHASIDENTITY" => table is null ? null : Bit(table.Columns.Exists(c => c.IsIdentity)),
            "TABLEHASPRIMARYKEY" => table is null ? null : Bit(table.Indexes.Exists(i => i.IsPrimaryKey)),
            "TABLEHASINDEX" => table is null ? null : Bit(table.Indexes.Count > 0),
            "TABLEHASCLUSTINDEX" => table is null ? null : Bit(table.Indexes.Exists(i => i.IsClustered)),
            "TABLEHASFOREIGNKEY" => table is null ? null : Bit(table.ForeignKeys.Count > 0),
            "OWNERID" => 1,
            "SCHEMAID" => CatalogIds.SchemaId(frame.Database, o.Schema),
            _ => null,
        };
    }

    public static TableDef? Table(ExecutionFrame frame, int? id) =>
        id is null ? null : frame.Database.Tables.FirstOrDefault(t => t.Def.ObjectId == id)?.Def
            ?? frame.Instance.Find("tempdb")?.Tables.FirstOrDefault(t => t.Def.ObjectId == id)?.Def;

    public static LabTable? TableByName(ExecutionFrame frame, string? name) =>
        name is not null && ScriptParser.ParseName(name) is { ServerIdentifier: null } parsed ? frame.FindTable(parsed) : null;

    public static ColumnDef? Column(ExecutionFrame frame, string? table, string? column) =>
        TableByName(frame, table)?.Def.Columns.Find(c => string.Equals(c.Name, column, StringComparison.OrdinalIgnoreCase));

    public static object? OfColumn(ExecutionFrame frame, int? id, string? name, string? property)
    {
        ColumnDef? column = Table(frame, id)?.Columns.Find(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));
        return column is null
            ? null
            : property?.ToUpperInvariant() switch
            {
                "ALLOWSNULL" => Bit(column.Nullable),
                "ISIDENTITY" => Bit(column.IsIdentity),
                "ISCOMPUTED" => Bit(column.ComputedText is not null),
                "COLUMNID" => column.ColumnId,
                "PRECISION" => column.Type.Length > 0 ? column.Type.Length : CatalogIds.Precision(column.Type),
                "SCALE" => (int)CatalogIds.Scale(column.Type),
                "CHARMAXLEN" => column.Type.IsCharacter ? column.Type.Length : null,
                "ISROWGUIDCOL" or "ISSPARSE" or "ISHIDDEN" => 0,
                _ => null,
            };
    }

    public static object? OfIndex(ExecutionFrame frame, int? id, string? name, string? property)
    {
        IndexDef? index = Table(frame, id)?.Indexes.Find(i => string.Equals(i.Name, name, StringComparison.OrdinalIgnoreCase));
        return index is null
            ? null
            : property?.ToUpperInvariant() switch
            {
                "INDEXID" => index.IndexId,
                "ISCLUSTERED" => Bit(index.IsClustered),
                "ISUNIQUE" => Bit(index.IsUnique),
                "ISDISABLED" or "ISHYPOTHETICAL" or "ISSTATISTICS" or "ISAUTOSTATISTICS" => 0,
                _ => null,
            };
    }

    public static string? IndexColumn(ExecutionFrame frame, string? table, int? index, int? key) =>
        TableByName(frame, table)?.Def.Indexes.Find(i => i.IndexId == index) is { } found && key >= 1 && key <= found.Columns.Count ? found.Columns[key.Value - 1].Column : null;

    public static object? TypeId(ExecutionFrame frame, string? name)
    {
        if (name is null)
        {
            return null;
        }

        string bare = name.Split('.')[^1].Trim('[', ']');
        if (string.Equals(bare, "sysname", StringComparison.OrdinalIgnoreCase))
        {
            return 256;
        }

        if (string.Equals(bare, "numeric", StringComparison.OrdinalIgnoreCase))
        {
            return 108;
        }

        foreach (SqlKind kind in Enum.GetValues<SqlKind>())
        {
            if (string.Equals(CatalogIds.BaseName(new SqlType(kind)), bare, StringComparison.OrdinalIgnoreCase))
            {
                return CatalogIds.TypeId(kind);
            }
        }

        return frame.Database.Modules.FirstOrDefault(m => m.Kind == ModuleKind.TableType && string.Equals(m.Name, bare, StringComparison.OrdinalIgnoreCase))?.ObjectId;
    }

    public static string? TypeName(ExecutionFrame frame, int? id)
    {
        switch (id)
        {
            case null:
                return null;
            case 256:
                return "sysname";
            case 108:
                return "numeric";
            default:
                break;
        }

        foreach (SqlKind kind in Enum.GetValues<SqlKind>())
        {
            if (CatalogIds.TypeId(kind) == id)
            {
                return CatalogIds.BaseName(new SqlType(kind));
            }
        }

        return frame.Database.Modules.FirstOrDefault(m => m.Kind == ModuleKind.TableType && m.ObjectId == id)?.Name;
    }

    private static int Bit(bool value) => value ? 1 : 0;
}
