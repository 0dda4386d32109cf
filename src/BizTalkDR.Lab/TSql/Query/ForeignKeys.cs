using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Checks foreign keys from both sides after a statement's changes (547).</summary>
internal static class ForeignKeys
{
    /// <summary>New rows need their referenced rows.</summary>
    public static void CheckNew(IExecutionContext context, LabTable table, IReadOnlyList<object?[]> rows, string statement, IReadOnlyCollection<string>? changed = null)
    {
        foreach (ForeignKeyDef key in table.Def.ForeignKeys)
        {
            if (changed is not null && !key.Columns.Exists(c => changed.Contains(c, StringComparer.OrdinalIgnoreCase)))
            {
                continue;
            }

            LabTable? parent = table.Database.FindTable(key.ReferencedSchema, key.ReferencedTable);
            if (parent is null)
            {
                continue;
            }

            int[] columns = Places(table.Def, key.Columns);
            HashSet<object?[]> known = new(RowKeyComparer.Default);
            foreach (object?[] row in rows)
            {
                object?[] values = Array.ConvertAll(columns, c => row[c]);
                if (Array.IndexOf(values, null) < 0 && known.Add(values) && !Exists(context, parent, key.ReferencedColumns, values))
                {
                    string kind = ReferenceEquals(parent, table) ? "FOREIGN KEY SAME TABLE" : "FOREIGN KEY";
                    throw Conflict(statement, kind, key.Name, table.Database, parent.Def, key.ReferencedColumns);
                }
            }
        }
    }

    /// <summary>Rows that are gone, or whose key changed, must not be referenced any more.</summary>
    public static void CheckOld(IExecutionContext context, LabTable table, IReadOnlyList<object?[]> rows, string statement)
    {
        if (rows.Count == 0)
        {
            return;
        }

        foreach (LabTable child in table.Database.Tables)
        {
            foreach (ForeignKeyDef key in child.Def.ForeignKeys)
            {
                if (!key.ReferencedTable.Equals(table.Def.Name, StringComparison.OrdinalIgnoreCase)
                    || !key.ReferencedSchema.Equals(table.Def.Schema, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                int[] columns = Places(table.Def, key.ReferencedColumns);
                foreach (object?[] row in rows)
                {
                    object?[] values = Array.ConvertAll(columns, c => row[c]);
                    if (Array.IndexOf(values, null) < 0 && Exists(context, child, key.Columns, values)
                        && !Exists(context, table, key.ReferencedColumns, values))
                    {
                        string kind = ReferenceEquals(child, table) ? "SAME TABLE REFERENCE" : "REFERENCE";
                        throw Conflict(statement, kind, key.Name, table.Database, child.Def, key.Columns);
                    }
                }
            }
        }
    }

    private static int[] Places(TableDef table, List<string> columns) =>
        columns.Select(c => table.Columns.FindIndex(d => d.Name.Equals(c, StringComparison.OrdinalIgnoreCase))).ToArray();

    private static bool Exists(IExecutionContext context, LabTable table, List<string> columns, object?[] key)
    {
        int[] places = Places(table.Def, columns);
        object?[] wanted = new object?[key.Length];
        key.CopyTo(wanted, 0);
        IEnumerable<LabRow> rows = table.Seek(context.Transaction, columns, wanted) ?? table.Scan(context.Transaction);
        return rows.Any(r => RowKeyComparer.Default.Equals(Array.ConvertAll(places, p => r.Values[p]), wanted));
    }

    private static LabSqlException Conflict(string statement, string kind, string name, LabDatabase database, TableDef table, List<string> columns)
    {
        string column = columns.Count == 1 ? $", column '{columns[0]}'" : string.Empty;
        return SqlErrors.Make(547, 16, 0, $"The {statement} statement conflicted with the {kind} constraint \"{name}\". The conflict occurred in database \"{database.Name}\", table \"{table.Schema}.{table.Name}\"{column}.");
    }
}
