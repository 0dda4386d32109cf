using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// ALTER TABLE and the checks of rows that are there already.
internal sealed partial class Interpreter
{
    private void AlterTable(AlterTableStatement alter, ExecutionFrame frame)
    {
        LabTable table = TableToAlter(alter.SchemaObjectName, frame, 4902);
        TableDef definition = Clone(table.Def);
        definition.ModifyDate = Instance.Now;
        switch (alter)
        {
            case AlterTableAddTableElementStatement add:
                AddElements(table, definition, add, frame);
                break;
            case AlterTableDropTableElementStatement drop:
                DropElements(table, definition, drop, frame);
                break;
            case AlterTableAlterColumnStatement column:
                AlterColumn(table, definition, column, frame);
                break;
            case AlterTableTriggerModificationStatement triggers:
                SwitchTriggers(table, triggers.All ? null : [.. triggers.TriggerNames.Select(n => n.Value)], triggers.TriggerEnforcement == TriggerEnforcement.Enable, frame);
                break;
            case AlterTableSetStatement or AlterTableRebuildStatement:
                // Storage options: nothing in the lab depends on them.
                break;
            case AlterTableConstraintModificationStatement { ConstraintEnforcement: ConstraintEnforcement.Check }:
                ValidateRows(table, table.Def, table.Def.Checks, table.Def.ForeignKeys, frame);
                break;
            default:
                throw ServerErrors.NotSupported("ALTER TABLE " + alter.GetType().Name);
        }
    }

    private void AddElements(LabTable table, TableDef definition, AlterTableAddTableElementStatement add, ExecutionFrame frame)
    {
        int width = definition.Columns.Count;
        int checks = definition.Checks.Count;
        int keys = definition.ForeignKeys.Count;
        int indexes = definition.Indexes.Count;
        var fill = new List<(ScalarExpression? Value, ColumnDef Column)>();
        foreach (ColumnDefinition parsed in add.Definition.ColumnDefinitions)
        {
            ColumnDef column = AddColumn(definition, parsed, frame);
            if (parsed.ComputedColumnExpression is not null)
            {
                column.Type = ComputedType(definition, parsed.ComputedColumnExpression, frame);
            }

            bool filled = parsed.DefaultConstraint is { } value && (!column.Nullable || value.WithValues);
            if (!column.Nullable && !filled && !column.IsIdentity && column.Type.Kind != SqlKind.RowVersion && column.ComputedText is null && table.RowCount > 0)
            {
                throw new LabSqlException(4901, 16, 1, $"ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column '{column.Name}' cannot be added to non-empty table '{definition.Name}' because it does not satisfy these conditions.");
            }

            fill.Add((filled ? parsed.DefaultConstraint!.Expression : null, column));
        }

        foreach (ConstraintDefinition constraint in add.Definition.TableConstraints)
        {
            AddConstraint(definition, constraint, null, frame);
        }

        RefuseTakenConstraints(table.Database, definition);
        foreach (IndexDef index in definition.Indexes.Skip(indexes))
        {
            index.ObjectId = index.IsPrimaryKey || index.IsUniqueConstraint ? table.Database.NewObjectId() : 0;
            if (index.IsUnique && fill.Count == 0)
            {
                RefuseDuplicates(table, index, frame);
            }
        }

        Func<object?[], object?[]>? rewrite = fill.Count == 0 ? null : row => Widen(row, width, fill, frame);
        table.Database.AlterTable(frame.Transaction!, definition, rewrite);
        if (add.ExistingRowsCheckEnforcement != ConstraintEnforcement.NoCheck)
        {
            ValidateRows(table, definition, definition.Checks.Skip(checks), definition.ForeignKeys.Skip(keys), frame);
        }
    }

    private object?[] Widen(object?[] row, int width, List<(ScalarExpression? Value, ColumnDef Column)> fill, ExecutionFrame frame)
    {
        var wide = new object?[width + fill.Count];
        Array.Copy(row, wide, Math.Min(row.Length, width));
        for (int i = 0; i < fill.Count; i++)
        {
            if (fill[i].Value is { } expression)
            {
                (SqlType type, object? value) = Queries.Evaluate(expression, frame);
                wide[width + i] = Queries.Convert(value, type, fill[i].Column.Type);
            }
            else if (fill[i].Column.IsIdentity)
            {
                throw ServerErrors.NotSupported("ALTER TABLE ADD an identity column to a table that holds rows");
            }
        }

        return wide;
    }

    private void DropElements(LabTable table, TableDef definition, AlterTableDropTableElementStatement drop, ExecutionFrame frame)
    {
        var gone = new List<int>();
        TableElementType kind = TableElementType.Constraint;
        foreach (AlterTableDropTableElement element in drop.AlterTableDropTableElements)
        {
            kind = element.TableElementType == TableElementType.NotSpecified ? kind : element.TableElementType;
            string name = element.Name.Value;
            if (kind == TableElementType.Column)
            {
                int index = table.Def.Columns.FindIndex(c => Same(c.Name, name));
                if (index < 0)
                {
                    if (element.IsIfExists)
                    {
                        continue;
                    }

                    throw new LabSqlException(4924, 16, 1, $"ALTER TABLE DROP COLUMN failed because column '{name}' does not exist in table '{definition.Name}'.");
                }

                RefuseUsedColumn(definition, name);
                gone.Add(index);
                definition.Columns.RemoveAll(c => Same(c.Name, name));
            }
            else if (!DropConstraint(table, definition, name) && !element.IsIfExists)
            {
                throw new LabSqlException(3727, 16, 0, "Could not drop constraint. See previous errors.").After(new LabSqlException(3728, 16, 1, $"'{name}' is not a constraint."));
            }
        }

        Func<object?[], object?[]>? rewrite = gone.Count == 0 ? null : row => [.. row.Where((_, i) => !gone.Contains(i))];
        table.Database.AlterTable(frame.Transaction!, definition, rewrite);
    }

    private static void RefuseUsedColumn(TableDef definition, string column)
    {
        string? user = definition.Indexes.Find(i => i.Columns.Exists(c => Same(c.Column, column)))?.Name
            ?? definition.Columns.Find(c => Same(c.Name, column))?.DefaultName
            ?? definition.ForeignKeys.Find(k => k.Columns.Exists(c => Same(c, column)))?.Name
            ?? definition.Checks.Find(c => c.Text.Contains(column, StringComparison.OrdinalIgnoreCase))?.Name;
        if (user is not null)
        {
            throw new LabSqlException(4922, 16, 9, $"ALTER TABLE DROP COLUMN {column} failed because one or more objects access this column.")
                .After(new LabSqlException(5074, 16, 1, $"The object '{user}' is dependent on column '{column}'."));
        }
    }

    private static bool DropConstraint(LabTable table, TableDef definition, string name)
    {
        IndexDef? key = definition.Indexes.Find(i => Same(i.Name, name) && (i.IsPrimaryKey || i.IsUniqueConstraint));
        if (key is not null)
        {
            if (table.Database.Tables.SelectMany(t => t.Def.ForeignKeys).FirstOrDefault(k => Same(k.ReferencedTable, definition.Name) && Same(k.ReferencedSchema, definition.Schema) && k.ReferencedColumns.TrueForAll(c => key.Columns.Exists(x => Same(x.Column, c)))) is { } user)
            {
                throw new LabSqlException(3725, 16, 0, $"The constraint '{name}' is being referenced by table '{definition.Name}', foreign key constraint '{user.Name}'.");
            }

            definition.Indexes.Remove(key);
            return true;
        }

        ColumnDef? column = definition.Columns.Find(c => c.DefaultName is not null && Same(c.DefaultName, name));
        if (column is not null)
        {
            column.DefaultName = column.DefaultText = null;
            return true;
        }

        return definition.Checks.RemoveAll(c => Same(c.Name, name)) + definition.ForeignKeys.RemoveAll(k => Same(k.Name, name)) > 0;
    }

    private void AlterColumn(LabTable table, TableDef definition, AlterTableAlterColumnStatement alter, ExecutionFrame frame)
    {
        if (alter.DataType is null)
        {
            throw ServerErrors.NotSupported("ALTER COLUMN " + alter.AlterTableAlterColumnOption);
        }

        string name = alter.ColumnIdentifier.Value;
        int index = definition.Columns.FindIndex(c => Same(c.Name, name));
        if (index < 0)
        {
            throw new LabSqlException(4924, 16, 1, $"ALTER TABLE ALTER COLUMN failed because column '{name}' does not exist in table '{definition.Name}'.");
        }

        ColumnDef column = definition.Columns[index];
        SqlType old = column.Type;
        SqlType type = TypeOf(alter.DataType, frame);
        column.Type = type;
        column.Nullable = alter.AlterTableAlterColumnOption != AlterTableAlterColumnOption.NotNull;
        table.Database.AlterTable(frame.Transaction!, definition, row =>
        {
            object?[] changed = [.. row];
            object? value = changed[index];
            if (value is null && !column.Nullable)
            {
                throw new LabSqlException(515, 16, 2, $"Cannot insert the value NULL into column '{name}', table '{table.Database.Name}.{definition.Schema}.{definition.Name}'; column does not allow nulls. UPDATE fails.");
            }

            if (value is string text && type.IsCharacter && type.Length > 0 && text.Length > type.Length)
            {
                throw new LabSqlException(2628, 16, 1, $"String or binary data would be truncated in table '{table.Database.Name}.{definition.Schema}.{definition.Name}', column '{name}'. Truncated value: '{text[..type.Length]}'.");
            }

            changed[index] = Queries.Convert(value, old, type);
            return changed;
        });
    }

    /// <summary>Checks the rows that are there against new constraints (547).</summary>
    private void ValidateRows(LabTable table, TableDef definition, IEnumerable<CheckDef> checks, IEnumerable<ForeignKeyDef> keys, ExecutionFrame frame)
    {
        string full = Quote(table.Database.Name) + "." + Quote(definition.Schema) + "." + Quote(definition.Name);
        foreach (CheckDef check in checks)
        {
            if (AnyRow($"SELECT TOP (1) 1 FROM {full} WHERE NOT ({check.Text})", frame))
            {
                throw new LabSqlException(547, 16, 0, $"The ALTER TABLE statement conflicted with the CHECK constraint \"{check.Name}\". The conflict occurred in database \"{table.Database.Name}\", table \"{definition.Schema}.{definition.Name}\".");
            }
        }

        foreach (ForeignKeyDef key in keys)
        {
            string present = string.Join(" AND ", key.Columns.Select(c => $"c.{Quote(c)} IS NOT NULL"));
            string match = string.Join(" AND ", key.Columns.Select((c, i) => $"p.{Quote(key.ReferencedColumns[i])} = c.{Quote(c)}"));
            string parent = Quote(table.Database.Name) + "." + Quote(key.ReferencedSchema) + "." + Quote(key.ReferencedTable);
            if (AnyRow($"SELECT TOP (1) 1 FROM {full} AS c WHERE {present} AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {match})", frame))
            {
                throw new LabSqlException(547, 16, 0, $"The ALTER TABLE statement conflicted with the FOREIGN KEY constraint \"{key.Name}\". The conflict occurred in database \"{table.Database.Name}\", table \"{key.ReferencedSchema}.{key.ReferencedTable}\", column '{key.ReferencedColumns[0]}'.");
            }
        }
    }

    private void RefuseDuplicates(LabTable table, IndexDef index, ExecutionFrame frame)
    {
        if (table.Def.Name.Length == 128 || table.RowCount == 0)
        {
            return;
        }

        string full = Quote(table.Database.Name) + "." + Quote(table.Def.Schema) + "." + Quote(table.Def.Name);
        string columns = string.Join(", ", index.Columns.Select(c => Quote(c.Column)));
        if (AnyRow($"SELECT TOP (1) 1 FROM {full} GROUP BY {columns} HAVING COUNT(*) > 1", frame))
        {
            throw new LabSqlException(1505, 16, 1, $"The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '{table.Def.Schema}.{table.Def.Name}' and the index name '{index.Name}'.");
        }
    }

    private bool AnyRow(string query, ExecutionFrame frame)
    {
        var select = (SelectStatement)Server.Parser.Parse(query).Statements[0];
        return Queries.Query(select.QueryExpression, null, frame).Rows.Any();
    }

    private const string DisabledTriggersTable = "lab_disabled_triggers";

    private static TableDef DisabledTriggers() => new()
    {
        Name = DisabledTriggersTable,
        Schema = "sys",
        IsSystem = true,
        Columns = [new ColumnDef { Name = "object_id", Type = SqlType.Int, ColumnId = 1, Nullable = false }],
    };

    private bool TriggerIsDisabled(LabDatabase database, ModuleDef trigger) =>
        database.FindTable("sys", DisabledTriggersTable) is { } table && table.Scan(null).Any(r => (int)r.Values[0]! == trigger.ObjectId);

    private void SwitchTriggers(LabTable table, List<string>? names, bool enable, ExecutionFrame frame)
    {
        LabTable disabled = table.Database.SystemTable(DisabledTriggersTable, DisabledTriggers);
        List<ModuleDef> triggers = [.. table.Database.Modules.Where(m => m.Kind == ModuleKind.Trigger && m.ParentObjectId == table.Def.ObjectId && (names is null || names.Exists(n => Same(n, m.Name))))];
        if (names is not null && triggers.Count < names.Count)
        {
            throw new LabSqlException(1088, 16, 120, $"Cannot find the object \"{names[0]}\" because it does not exist or you do not have permissions.");
        }

        foreach (ModuleDef trigger in triggers)
        {
            foreach (LabRow row in disabled.Scan(frame.Transaction).Where(r => (int)r.Values[0]! == trigger.ObjectId).ToList())
            {
                disabled.Delete(frame.Transaction!, row.RowId);
            }

            if (!enable)
            {
                disabled.Insert(frame.Transaction!, [trigger.ObjectId]);
            }
        }
    }
}
