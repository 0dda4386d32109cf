using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Turns parsed table definitions into catalogue definitions.
internal sealed partial class Interpreter
{
    private TableDef BuildTable(string name, TableDefinition parsed, ExecutionFrame frame)
    {
        var table = new TableDef { Name = name };
        foreach (ColumnDefinition column in parsed.ColumnDefinitions)
        {
            AddColumn(table, column, frame);
        }

        foreach (ConstraintDefinition constraint in parsed.TableConstraints)
        {
            AddConstraint(table, constraint, null, frame);
        }

        foreach (IndexDefinition index in parsed.Indexes)
        {
            AddIndex(table, index.Name.Value, index.Unique, IsClustered(index.IndexType), index.Columns);
        }

        foreach (ColumnDefinition column in parsed.ColumnDefinitions.Where(c => c.ComputedColumnExpression is not null))
        {
            ColumnDef target = table.Columns.First(c => c.Name == column.ColumnIdentifier.Value);
            target.Type = ComputedType(table, column.ComputedColumnExpression, frame);
        }

        return table;
    }

    private ColumnDef AddColumn(TableDef table, ColumnDefinition parsed, ExecutionFrame frame)
    {
        string name = parsed.ColumnIdentifier?.Value ?? "timestamp";
        if (table.Columns.Exists(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new LabSqlException(2705, 16, 3, $"Column names in each table must be unique. Column name '{name}' in table '{table.Name}' is specified more than once.");
        }

        var column = new ColumnDef
        {
            Name = name,
            Type = parsed.DataType is null ? SqlType.Int : TypeOf(parsed.DataType, frame),
            ColumnId = table.Columns.Count == 0 ? 1 : table.Columns.Max(c => c.ColumnId) + 1,
            Nullable = NullableByDefault(parsed.DataType, frame),
            ComputedText = parsed.ComputedColumnExpression is null ? null : "(" + ScriptParser.SourceOf(parsed.ComputedColumnExpression) + ")",
        };
        table.Columns.Add(column);
        if (column.Type.Kind == SqlKind.RowVersion)
        {
            column.Nullable = false;
        }

        if (parsed.IdentityOptions is { } identity)
        {
            column.IsIdentity = true;
            column.Nullable = false;
            column.IdentitySeed = identity.IdentitySeed is null ? 1 : Scalar<long>(identity.IdentitySeed, SqlType.BigInt, frame);
            column.IdentityIncrement = identity.IdentityIncrement is null ? 1 : Scalar<long>(identity.IdentityIncrement, SqlType.BigInt, frame);
        }

        foreach (ConstraintDefinition constraint in parsed.Constraints)
        {
            AddConstraint(table, constraint, column, frame);
        }

        if (parsed.DefaultConstraint is { } value)
        {
            SetDefault(table, column, value);
        }

        if (parsed.Index is { } index)
        {
            AddIndex(table, index.Name.Value, index.Unique, IsClustered(index.IndexType), index.Columns.Count > 0 ? index.Columns : [], column.Name);
        }

        return column;
    }

    private static void SetDefault(TableDef table, ColumnDef column, DefaultConstraintDefinition value)
    {
        column.DefaultName = value.ConstraintIdentifier?.Value ?? GeneratedName("DF", table.Name, column.Name);
        column.DefaultText = Wrapped(value.Expression);
    }

    private static string Wrapped(TSqlFragment expression) => "(" + ScriptParser.SourceOf(expression) + ")";

    private static string GeneratedName(string prefix, string table, string? column)
    {
        string stem = prefix + "__" + Cut(table.TrimStart('#'), 9) + "__" + (column is null ? string.Empty : Cut(column, 9) + "__");
        return stem + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..(column is null ? 16 : 8)].ToUpperInvariant();
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private void AddConstraint(TableDef table, ConstraintDefinition constraint, ColumnDef? column, ExecutionFrame frame)
    {
        switch (constraint)
        {
            case NullableConstraintDefinition nullable:
                column!.Nullable = nullable.Nullable;
                break;
            case UniqueConstraintDefinition unique:
                AddUnique(table, unique, column);
                break;
            case CheckConstraintDefinition check:
                table.Checks.Add(new CheckDef { Name = check.ConstraintIdentifier?.Value ?? GeneratedName("CK", table.Name, column?.Name ?? "C"), Text = Wrapped(check.CheckCondition) });
                break;
            case ForeignKeyConstraintDefinition key:
                table.ForeignKeys.Add(ForeignKey(table, key, column, frame));
                break;
            case DefaultConstraintDefinition value:
                SetDefault(table, column ?? FindColumn(table, value.Column.Value), value);
                break;
            default:
                throw ServerErrors.NotSupported(constraint.GetType().Name);
        }
    }

    private static ColumnDef FindColumn(TableDef table, string name) =>
        table.Columns.Find(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new LabSqlException(1911, 16, 1, $"Column name '{name}' does not exist in the target table or view.");

    private static void AddUnique(TableDef table, UniqueConstraintDefinition unique, ColumnDef? column)
    {
        if (unique.IsPrimaryKey && table.Indexes.Exists(i => i.IsPrimaryKey))
        {
            throw new LabSqlException(8110, 16, 0, $"Cannot add multiple PRIMARY KEY constraints to table '{table.Name}'.");
        }

        bool clustered = unique.Clustered ?? (unique.IsPrimaryKey && !table.Indexes.Exists(i => i.IsClustered));
        string name = unique.ConstraintIdentifier?.Value ?? GeneratedName(unique.IsPrimaryKey ? "PK" : "UQ", table.Name, null);
        IndexDef index = AddIndex(table, name, true, clustered, unique.Columns, column?.Name);
        index.IsPrimaryKey = unique.IsPrimaryKey;
        index.IsUniqueConstraint = !unique.IsPrimaryKey;
        if (unique.IsPrimaryKey)
        {
            foreach ((string key, _) in index.Columns)
            {
                FindColumn(table, key).Nullable = false;
            }
        }
    }

    private static IndexDef AddIndex(TableDef table, string name, bool unique, bool clustered, IList<ColumnWithSortOrder> columns, string? only = null)
    {
        if (table.Indexes.Exists(i => string.Equals(i.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new LabSqlException(1913, 16, 1, $"The operation failed because an index or statistics with name '{name}' already exists on table '{table.Name}'.");
        }

        if (clustered && table.Indexes.Find(i => i.IsClustered) is { } other)
        {
            throw new LabSqlException(1902, 16, 3, $"Cannot create more than one clustered index on table '{table.Name}'. Drop the existing clustered index '{other.Name}' before creating another.");
        }

        int next = table.Indexes.Count == 0 ? 2 : Math.Max(2, table.Indexes.Max(i => i.IndexId) + 1);
        var index = new IndexDef { Name = name, IndexId = clustered ? 1 : next, IsUnique = unique, IsClustered = clustered };
        foreach (ColumnWithSortOrder key in columns)
        {
            string keyName = key.Column.MultiPartIdentifier.Identifiers[^1].Value;
            index.Columns.Add((FindColumn(table, keyName).Name, key.SortOrder == SortOrder.Descending));
        }

        if (index.Columns.Count == 0 && only is not null)
        {
            index.Columns.Add((only, false));
        }

        table.Indexes.Add(index);
        return index;
    }

    private static ForeignKeyDef ForeignKey(TableDef table, ForeignKeyConstraintDefinition key, ColumnDef? column, ExecutionFrame frame)
    {
        if (key.DeleteAction is DeleteUpdateAction.Cascade or DeleteUpdateAction.SetDefault or DeleteUpdateAction.SetNull
            || key.UpdateAction is DeleteUpdateAction.Cascade or DeleteUpdateAction.SetDefault or DeleteUpdateAction.SetNull)
        {
            throw ServerErrors.NotSupported("FOREIGN KEY with a cascading action");
        }

        string schema = key.ReferenceTableName.SchemaIdentifier?.Value ?? "dbo";
        string name = key.ReferenceTableName.BaseIdentifier.Value;
        bool self = string.Equals(name, table.Name, StringComparison.OrdinalIgnoreCase);
        TableDef target = self ? table : frame.FindTable(key.ReferenceTableName)?.Def
            ?? throw NoForeignKey(1767, 16, 0, $"Foreign key '{key.ConstraintIdentifier?.Value}' references invalid table '{schema}.{name}'.");
        var definition = new ForeignKeyDef
        {
            Name = key.ConstraintIdentifier?.Value ?? GeneratedName("FK", table.Name, column?.Name ?? "C"),
            ReferencedSchema = target.Schema,
            ReferencedTable = target.Name,
            Columns = key.Columns.Count > 0 ? [.. key.Columns.Select(c => FindColumn(table, c.Value).Name)] : [column!.Name],
        };
        definition.ReferencedColumns = key.ReferencedTableColumns.Count > 0
            ? [.. key.ReferencedTableColumns.Select(c => FindColumn(target, c.Value).Name)]
            : [.. (target.Indexes.Find(i => i.IsPrimaryKey) ?? throw NoForeignKey(1773, 16, 0, $"Foreign key '{definition.Name}' has implicit reference to object '{name}' which does not have a primary key defined on it.")).Columns.Select(c => c.Column)];
        bool isKey = target.Indexes.Exists(i => i.IsUnique && i.Columns.Count == definition.ReferencedColumns.Count && definition.ReferencedColumns.TrueForAll(c => i.Columns.Exists(k => string.Equals(k.Column, c, StringComparison.OrdinalIgnoreCase))));
        if (!isKey)
        {
            throw NoForeignKey(1776, 16, 0, $"There are no primary or candidate keys in the referenced table '{schema}.{name}' that match the referencing column list in the foreign key '{definition.Name}'.");
        }

        return definition;
    }

    private static LabSqlException NoForeignKey(int number, byte severity, byte state, string text) =>
        new LabSqlException(1750, 16, 1, "Could not create constraint or index. See previous errors.").After(new LabSqlException(number, severity, state, text));

    private static bool IsClustered(IndexType? type) => type?.IndexTypeKind == IndexTypeKind.Clustered;

    private SqlType ComputedType(TableDef table, ScalarExpression expression, ExecutionFrame frame)
    {
        IEnumerable<string> columns = table.Columns.Where(c => c.ComputedText is null).Select(c => $"CAST(NULL AS {TypeName(c.Type)}) AS {Quote(c.Name)}");
        string text = $"SELECT {ScriptParser.SourceOf(expression)} AS c FROM (SELECT {string.Join(", ", columns)}) AS t";
        var select = (SelectStatement)Server.Parser.Parse(text).Statements[0];
        return Queries.Query(select.QueryExpression, null, frame).Columns[0].Type;
    }

    /// <summary>Gives a type's spelling that parses back.</summary>
    internal static string TypeName(SqlType type) => type.Kind == SqlKind.RowVersion ? "binary(8)" : type.ToString();

    internal static string Quote(string name) => "[" + name.Replace("]", "]]", StringComparison.Ordinal) + "]";
}
