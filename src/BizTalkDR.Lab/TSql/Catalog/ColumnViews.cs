using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>sys.columns, types, indexes, parameters and INFORMATION_SCHEMA.COLUMNS.</summary>
internal static class ColumnViews
{
    private const string ColumnColumns =
        "object_id int, name sysname, column_id int, system_type_id tinyint, user_type_id int, max_length smallint, precision tinyint, scale tinyint, collation_name sysname, is_nullable bit, is_ansi_padded bit=1, is_rowguidcol bit=0, is_identity bit, is_computed bit, is_filestream bit=0, is_replicated bit=0, is_non_sql_subscribed bit=0, is_merge_published bit=0, is_dts_replicated bit=0, is_xml_document bit=0, xml_collection_id int=0, default_object_id int=0, rule_object_id int=0, is_sparse bit=0, is_column_set bit=0, generated_always_type tinyint=0, is_hidden bit=0, is_masked bit=0";

    public static IReadOnlyList<SystemView> All { get; } =
    [
        new SystemView("sys", "columns", ColumnColumns, (frame, database, shape) => Columns(frame, database, shape)),
        new SystemView("sys", "all_columns", ColumnColumns, (frame, database, shape) => Columns(frame, database, shape).Concat(SystemColumns(shape))),
        new SystemView("sys", "system_columns", ColumnColumns, (_, _, shape) => SystemColumns(shape)),
        new SystemView("sys", "computed_columns", ColumnColumns + ", definition nvarchar(max), uses_database_collation bit=1, is_persisted bit=0", (frame, database, shape) => Columns(frame, database, shape, c => c.ComputedText is not null, c => [("definition", c.ComputedText)])),
        new SystemView("sys", "identity_columns", ColumnColumns + ", seed_value sql_variant, increment_value sql_variant, last_value sql_variant, is_not_for_replication bit=0", (frame, database, shape) => Columns(frame, database, shape, c => c.IsIdentity, c => [("seed_value", (int)c.IdentitySeed), ("increment_value", (int)c.IdentityIncrement)])),
        new SystemView("sys", "types", "name sysname, system_type_id tinyint, user_type_id int, schema_id int, principal_id int, max_length smallint, precision tinyint, scale tinyint, collation_name sysname, is_nullable bit=1, is_user_defined bit=0, is_assembly_type bit=0, default_object_id int=0, rule_object_id int=0, is_table_type bit=0", Types),
        new SystemView("sys", "table_types", "name sysname, system_type_id tinyint=243, user_type_id int, schema_id int, is_table_type bit=1, type_table_object_id int", (_, database, shape) => database.Modules.Where(m => m.Kind == ModuleKind.TableType).Select(m => shape.Row(("name", m.Name), ("user_type_id", m.ObjectId), ("schema_id", CatalogIds.SchemaId(database, m.Schema)), ("type_table_object_id", m.ObjectId)))),
        new SystemView("sys", "indexes", "object_id int, name sysname, index_id int, type tinyint, type_desc nvarchar(60), is_unique bit, data_space_id int=1, ignore_dup_key bit=0, is_primary_key bit, is_unique_constraint bit, fill_factor tinyint=0, is_padded bit=0, is_disabled bit=0, is_hypothetical bit=0, is_ignored_in_optimization bit=0, allow_row_locks bit=1, allow_page_locks bit=1, has_filter bit=0, filter_definition nvarchar(max), compression_delay int, suppress_dup_key_messages bit=0, auto_created bit=0, optimize_for_sequential_key bit=0", (_, database, shape) => Indexes(database, shape)),
        new SystemView("sys", "index_columns", "object_id int, index_id int, index_column_id int, column_id int, key_ordinal tinyint, partition_ordinal tinyint=0, is_descending_key bit, is_included_column bit=0, column_store_order_ordinal tinyint=0", (_, database, shape) => IndexColumns(database, shape)),
        new SystemView("sys", "parameters", "object_id int, name sysname, parameter_id int, system_type_id tinyint, user_type_id int, max_length smallint, precision tinyint, scale tinyint, is_output bit, is_cursor_ref bit=0, has_default_value bit, is_xml_document bit=0, default_value sql_variant, xml_collection_id int=0, is_readonly bit=0, is_nullable bit=1", Parameters),
        new SystemView("sys", "all_parameters", "object_id int, name sysname, parameter_id int, system_type_id tinyint, user_type_id int, max_length smallint, precision tinyint, scale tinyint, is_output bit, is_cursor_ref bit=0, has_default_value bit, is_xml_document bit=0, default_value sql_variant, xml_collection_id int=0, is_readonly bit=0, is_nullable bit=1", Parameters),
        new SystemView("sys", "partitions", "partition_id bigint, object_id int, index_id int, partition_number int=1, hobt_id bigint, rows bigint, filestream_filegroup_id smallint=0, data_compression tinyint=0, data_compression_desc nvarchar(60)=NONE", Partitions),
        new SystemView("INFORMATION_SCHEMA", "COLUMNS", "TABLE_CATALOG nvarchar(128), TABLE_SCHEMA nvarchar(128), TABLE_NAME sysname, COLUMN_NAME sysname, ORDINAL_POSITION int, COLUMN_DEFAULT nvarchar(4000), IS_NULLABLE varchar(3), DATA_TYPE nvarchar(128), CHARACTER_MAXIMUM_LENGTH int, CHARACTER_OCTET_LENGTH int, NUMERIC_PRECISION tinyint, NUMERIC_PRECISION_RADIX smallint, NUMERIC_SCALE int, DATETIME_PRECISION smallint, CHARACTER_SET_CATALOG sysname, CHARACTER_SET_SCHEMA sysname, CHARACTER_SET_NAME sysname, COLLATION_CATALOG sysname, COLLATION_SCHEMA sysname, COLLATION_NAME sysname, DOMAIN_CATALOG sysname, DOMAIN_SCHEMA sysname, DOMAIN_NAME sysname", InformationColumns),
    ];

    /// <summary>Name, type and nullability of each column of a table or view.</summary>
    private static IEnumerable<(CatalogObject Owner, int Ordinal, ColumnDef Column)> AllColumns(ExecutionFrame frame, LabDatabase database)
    {
        foreach (CatalogObject o in CatalogIds.Objects(database).Where(o => o.Type is "U" or "V"))
        {
            if (o.Table is not null)
            {
                for (int i = 0; i < o.Table.Def.Columns.Count; i++)
                {
                    yield return (o, i + 1, o.Table.Def.Columns[i]);
                }

                continue;
            }

            IReadOnlyList<ResultColumn> columns = ViewColumns(frame, database, o.Module!);
            for (int i = 0; i < columns.Count; i++)
            {
                yield return (o, i + 1, new ColumnDef { Name = columns[i].Name, Type = columns[i].Type, Nullable = columns[i].Nullable, ColumnId = i + 1 });
            }
        }

        if (database.Id == 2)
        {
            foreach (LabTable table in database.Tables.Where(t => t.Def.IsSystem && t.Def.Name.Contains("____", StringComparison.Ordinal)))
            {
                for (int i = 0; i < table.Def.Columns.Count; i++)
                {
                    yield return (new CatalogObject(table.Def.ObjectId, table.Def.Schema, table.Def.Name, "U", "USER_TABLE", 0, table.Def.CreateDate, table.Def.ModifyDate, table), i + 1, table.Def.Columns[i]);
                }
            }
        }
    }

    private static IReadOnlyList<ResultColumn> ViewColumns(ExecutionFrame frame, LabDatabase database, ModuleDef view)
    {
        var name = new SchemaObjectName();
        foreach (string part in new[] { database.Name, view.Schema, view.Name })
        {
            name.Identifiers.Add(new Identifier { Value = part });
        }

        try
        {
            return frame.ResolveTable(name).Columns;
        }
        catch (LabSqlException)
        {
            // A view over tables that are gone has no columns to show; selecting from it gives the error.
            return [];
        }
    }

    private static IEnumerable<object?[]> Columns(ExecutionFrame frame, LabDatabase database, RowShape shape, Func<ColumnDef, bool>? which = null, Func<ColumnDef, (string, object?)[]>? more = null) =>
        AllColumns(frame, database).Where(c => which?.Invoke(c.Column) != false).Select(c => Column(c.Owner.Id, c.Column, database.Collation, c.Owner.Table?.Def, shape, more?.Invoke(c.Column) ?? []));

    private static object?[] Column(int owner, ColumnDef column, string collation, TableDef? table, RowShape shape, params (string, object?)[] more)
    {
        bool isName = column.Type == SqlType.SysName;
        return shape.Row(
        [
            ("object_id", owner), ("name", column.Name), ("column_id", column.ColumnId), ("system_type_id", CatalogIds.TypeId(column.Type.Kind)), ("user_type_id", isName && !column.Nullable ? 256 : CatalogIds.TypeId(column.Type.Kind)),
            ("max_length", CatalogIds.MaxLength(column.Type)), ("precision", CatalogIds.Precision(column.Type)), ("scale", CatalogIds.Scale(column.Type)), ("collation_name", column.Type.IsCharacter && column.Type.Kind != SqlKind.Xml ? collation : null),
            ("is_nullable", column.Nullable), ("is_identity", column.IsIdentity), ("is_computed", column.ComputedText is not null),
            ("default_object_id", table is not null && column.DefaultName is not null ? CatalogIds.ConstraintId(table, column.DefaultName) : 0), .. more,
        ]);
    }

    private static IEnumerable<object?[]> SystemColumns(RowShape shape) =>
        SystemViews.All.Where(v => v.Schema == "sys").SelectMany(v => v.Shape.Columns.Select((c, i) =>
            Column(CatalogIds.SystemObjectId("sys." + v.Name), new ColumnDef { Name = c.Name, Type = c.Type, ColumnId = i + 1 }, "SQL_Latin1_General_CP1_CI_AS", null, shape)));

    private static IEnumerable<object?[]> Types(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        foreach (SqlKind kind in Enum.GetValues<SqlKind>())
        {
            SqlType type = kind switch
            {
                SqlKind.Decimal => SqlType.Decimal(38, 38),
                SqlKind.Char or SqlKind.VarChar or SqlKind.Binary or SqlKind.VarBinary => new SqlType(kind, 8000),
                SqlKind.NChar or SqlKind.NVarChar => new SqlType(kind, 4000),
                _ => new SqlType(kind, Scale: kind is SqlKind.Time or SqlKind.DateTime2 or SqlKind.DateTimeOffset ? (byte)7 : (byte)0),
            };
            yield return shape.Row(
                ("name", CatalogIds.BaseName(type)), ("system_type_id", CatalogIds.TypeId(kind)), ("user_type_id", CatalogIds.TypeId(kind)), ("schema_id", 4), ("max_length", CatalogIds.MaxLength(type)),
                ("precision", CatalogIds.Precision(type)), ("scale", CatalogIds.Scale(type)), ("collation_name", type.IsCharacter && kind != SqlKind.Xml ? database.Collation : null));
        }

        yield return shape.Row(("name", "numeric"), ("system_type_id", 108), ("user_type_id", 108), ("schema_id", 4), ("max_length", 17), ("precision", 38), ("scale", 38));
        yield return shape.Row(("name", "sysname"), ("system_type_id", 231), ("user_type_id", 256), ("schema_id", 4), ("max_length", 256), ("precision", 0), ("scale", 0), ("collation_name", database.Collation), ("is_nullable", false));
        foreach (ModuleDef module in database.Modules.Where(m => m.Kind == ModuleKind.TableType))
        {
            bool isTable = frame.Session.Server.Parser.Parse(module.Text).Statements[0] is CreateTypeTableStatement;
            yield return shape.Row(("name", module.Name), ("system_type_id", isTable ? 243 : 231), ("user_type_id", module.ObjectId), ("schema_id", CatalogIds.SchemaId(database, module.Schema)), ("max_length", -1), ("precision", 0), ("scale", 0), ("is_user_defined", true), ("is_table_type", isTable));
        }
    }

    private static IEnumerable<object?[]> Indexes(LabDatabase database, RowShape shape)
    {
        foreach (TableDef table in database.Tables.Where(t => !t.Def.IsSystem).Select(t => t.Def))
        {
            if (!table.Indexes.Exists(i => i.IsClustered))
            {
                yield return shape.Row(("object_id", table.ObjectId), ("index_id", 0), ("type", 0), ("type_desc", "HEAP"), ("is_unique", false), ("is_primary_key", false), ("is_unique_constraint", false));
            }

            foreach (IndexDef index in table.Indexes.OrderBy(i => i.IndexId))
            {
                yield return shape.Row(
                    ("object_id", table.ObjectId), ("name", index.Name), ("index_id", index.IndexId), ("type", index.IsClustered ? 1 : 2), ("type_desc", index.IsClustered ? "CLUSTERED" : "NONCLUSTERED"),
                    ("is_unique", index.IsUnique), ("is_primary_key", index.IsPrimaryKey), ("is_unique_constraint", index.IsUniqueConstraint));
            }
        }
    }

    private static IEnumerable<object?[]> IndexColumns(LabDatabase database, RowShape shape)
    {
        foreach (TableDef table in database.Tables.Where(t => !t.Def.IsSystem).Select(t => t.Def))
        {
            foreach (IndexDef index in table.Indexes)
            {
                for (int i = 0; i < index.Columns.Count; i++)
                {
                    ColumnDef? column = table.Columns.Find(c => string.Equals(c.Name, index.Columns[i].Column, StringComparison.OrdinalIgnoreCase));
                    yield return shape.Row(("object_id", table.ObjectId), ("index_id", index.IndexId), ("index_column_id", i + 1), ("column_id", column?.ColumnId), ("key_ordinal", i + 1), ("is_descending_key", index.Columns[i].Descending));
                }
            }
        }
    }

    private static IEnumerable<object?[]> Parameters(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        Interpreter interpreter = frame.Session.Interpreter;
        foreach (ModuleDef module in database.Modules.Where(m => m.Kind is ModuleKind.Procedure or ModuleKind.ScalarFunction or ModuleKind.InlineTableFunction or ModuleKind.TableFunction))
        {
            var body = (ProcedureStatementBodyBase)frame.Session.Server.Parser.Parse(module.Text, module.QuotedIdentifiers).Statements[0];
            if (body is FunctionStatementBody { ReturnType: ScalarFunctionReturnType result })
            {
                yield return Parameter(module, string.Empty, 0, interpreter.TypeOf(result.DataType, frame), true, false, shape);
            }

            for (int i = 0; i < body.Parameters.Count; i++)
            {
                ProcedureParameter parameter = body.Parameters[i];
                SqlType type = parameter.Modifier == ParameterModifier.ReadOnly ? SqlType.Int : interpreter.TypeOf(parameter.DataType, frame);
                yield return Parameter(module, parameter.VariableName.Value, i + 1, type, parameter.Modifier == ParameterModifier.Output, parameter.Value is not null, shape);
            }
        }
    }

    private static object?[] Parameter(ModuleDef module, string name, int id, SqlType type, bool output, bool hasDefault, RowShape shape) => shape.Row(
        ("object_id", module.ObjectId), ("name", name), ("parameter_id", id), ("system_type_id", CatalogIds.TypeId(type.Kind)), ("user_type_id", CatalogIds.TypeId(type.Kind)), ("max_length", CatalogIds.MaxLength(type)),
        ("precision", CatalogIds.Precision(type)), ("scale", CatalogIds.Scale(type)), ("is_output", output), ("has_default_value", hasDefault));

    private static IEnumerable<object?[]> Partitions(ExecutionFrame frame, LabDatabase database, RowShape shape) =>
        database.Tables.Where(t => !t.Def.IsSystem).SelectMany(t => (t.Def.Indexes.Exists(i => i.IsClustered) ? t.Def.Indexes.Select(i => i.IndexId) : t.Def.Indexes.Select(i => i.IndexId).Prepend(0))
            .Select(i => shape.Row(("partition_id", ((long)t.Def.ObjectId << 16) | (uint)i), ("hobt_id", ((long)t.Def.ObjectId << 16) | (uint)i), ("object_id", t.Def.ObjectId), ("index_id", i), ("rows", t.RowCount))));

    private static IEnumerable<object?[]> InformationColumns(ExecutionFrame frame, LabDatabase database, RowShape shape) => AllColumns(frame, database).Select(c =>
    {
        SqlType type = c.Column.Type;
        bool sized = type.Kind is SqlKind.Char or SqlKind.VarChar or SqlKind.NChar or SqlKind.NVarChar or SqlKind.Binary or SqlKind.VarBinary;
        bool numeric = type.IsNumeric && type.Kind != SqlKind.Bit;
        return shape.Row(
            ("TABLE_CATALOG", database.Name), ("TABLE_SCHEMA", c.Owner.Schema), ("TABLE_NAME", c.Owner.Name), ("COLUMN_NAME", c.Column.Name), ("ORDINAL_POSITION", c.Ordinal), ("COLUMN_DEFAULT", c.Column.DefaultText),
            ("IS_NULLABLE", c.Column.Nullable ? "YES" : "NO"), ("DATA_TYPE", CatalogIds.BaseName(type)), ("CHARACTER_MAXIMUM_LENGTH", sized ? type.Length : null), ("CHARACTER_OCTET_LENGTH", sized ? (int)CatalogIds.MaxLength(type) : null),
            ("NUMERIC_PRECISION", numeric ? CatalogIds.Precision(type) : null), ("NUMERIC_PRECISION_RADIX", numeric ? (type.Kind is SqlKind.Float or SqlKind.Real ? 2 : 10) : null), ("NUMERIC_SCALE", numeric && type.Kind is not SqlKind.Float and not SqlKind.Real ? (int)CatalogIds.Scale(type) : null),
            ("DATETIME_PRECISION", type.IsDateTime ? CatalogIds.Scale(type) : null), ("CHARACTER_SET_NAME", sized && type.IsCharacter ? (type.IsUnicode ? "UNICODE" : "iso_1") : null), ("COLLATION_NAME", sized && type.IsCharacter ? database.Collation : null));
    });
}
