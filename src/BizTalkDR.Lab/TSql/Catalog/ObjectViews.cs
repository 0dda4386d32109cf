using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>sys.objects and its relatives: tables, procedures, views, constraints, triggers, synonyms, schemas, modules.</summary>
internal static class ObjectViews
{
    private const string ObjectColumns =
        "name sysname, object_id int, principal_id int, schema_id int, parent_object_id int, type char(2), type_desc nvarchar(60), create_date datetime, modify_date datetime, is_ms_shipped bit=0, is_published bit=0, is_schema_published bit=0";

    public static IReadOnlyList<SystemView> All { get; } =
    [
        new SystemView("sys", "objects", ObjectColumns, (_, database, shape) => CatalogIds.Objects(database).Select(o => Row(database, o, shape))),
        new SystemView("sys", "all_objects", ObjectColumns, (_, database, shape) => CatalogIds.Objects(database).Select(o => Row(database, o, shape)).Concat(SystemObjectRows(shape))),
        new SystemView("sys", "system_objects", ObjectColumns, (_, _, shape) => SystemObjectRows(shape)),
        Of("tables", ObjectColumns + ", lob_data_space_id int=0, filestream_data_space_id int, max_column_id_used int, lock_on_bulk_load bit=0, uses_ansi_nulls bit=1, is_replicated bit=0, has_replication_filter bit=0, is_merge_published bit=0, is_sync_tran_subscribed bit=0, has_unchecked_assembly_data bit=0, text_in_row_limit int=0, large_value_types_out_of_row bit=0, is_tracked_by_cdc bit=0, lock_escalation tinyint=0, lock_escalation_desc nvarchar(60)=TABLE, is_filetable bit=0, is_memory_optimized bit=0, durability tinyint=0, durability_desc nvarchar(60)=SCHEMA_AND_DATA, temporal_type tinyint=0, temporal_type_desc nvarchar(60)=NON_TEMPORAL_TABLE, history_table_id int, is_remote_data_archive_enabled bit=0, is_external bit=0, is_node bit=0, is_edge bit=0", ["U"]),
        Of("views", ObjectColumns + ", is_replicated bit=0, has_replication_filter bit=0, has_opaque_metadata bit=0, has_unchecked_assembly_data bit=0, with_check_option bit=0, is_date_correlation_view bit=0", ["V"]),
        Of("all_views", ObjectColumns + ", is_replicated bit=0, with_check_option bit=0", ["V"]),
        Of("procedures", ObjectColumns + ", is_auto_executed bit=0, is_execution_replicated bit=0, is_repl_serializable_only bit=0, skips_repl_constraints bit=0", ["P"]),
        Of("key_constraints", ObjectColumns + ", unique_index_id int, is_system_named bit=0, is_enforced bit=1", ["PK", "UQ"], (o, d) => [("unique_index_id", Parent(d, o)?.Indexes.Find(i => i.Name == o.Name)?.IndexId)]),
        Of("default_constraints", ObjectColumns + ", parent_column_id int, definition nvarchar(max), is_system_named bit=0", ["D"], DefaultValues),
        Of("check_constraints", ObjectColumns + ", is_disabled bit=0, is_not_for_replication bit=0, is_not_trusted bit=0, parent_column_id int=0, definition nvarchar(max), uses_database_collation bit=1, is_system_named bit=0", ["C"], (o, d) => [("definition", Parent(d, o)?.Checks.Find(c => c.Name == o.Name)?.Text)]),
        Of("foreign_keys", ObjectColumns + ", referenced_object_id int, key_index_id int, is_disabled bit=0, is_not_for_replication bit=0, is_not_trusted bit=0, delete_referential_action tinyint=0, delete_referential_action_desc nvarchar(60)=NO_ACTION, update_referential_action tinyint=0, update_referential_action_desc nvarchar(60)=NO_ACTION, is_system_named bit=0", ["F"], ForeignKeyValues),
        Of("synonyms", ObjectColumns + ", base_object_name nvarchar(1035)", ["SN"], (o, _) => [("base_object_name", o.Module!.Text)]),
        new SystemView(
            "sys", "triggers",
            "name sysname, object_id int, parent_class tinyint=1, parent_class_desc nvarchar(60)=OBJECT_OR_COLUMN, parent_id int, type char(2), type_desc nvarchar(60), create_date datetime, modify_date datetime, is_ms_shipped bit=0, is_disabled bit=0, is_not_for_replication bit=0, is_instead_of_trigger bit=0",
            (_, database, shape) => CatalogIds.Objects(database).Where(o => o.Type == "TR").Select(o => shape.Row(("name", o.Name), ("object_id", o.Id), ("parent_id", o.ParentId), ("type", "TR"), ("type_desc", o.TypeDescription), ("create_date", o.CreateDate), ("modify_date", o.ModifyDate)))),
        new SystemView("sys", "sql_modules", ModuleColumns, (_, database, shape) => Modules(database, shape)),
        new SystemView("sys", "all_sql_modules", ModuleColumns, (_, database, shape) => Modules(database, shape)),
        new SystemView("sys", "schemas", "name sysname, schema_id int, principal_id int", (_, database, shape) => CatalogIds.Schemas(database).Select(s => shape.Row(("name", s.Name), ("schema_id", s.Id), ("principal_id", s.Id < 5 ? s.Id : 1)))),
        new SystemView("sys", "foreign_key_columns", "constraint_object_id int, constraint_column_id int, parent_object_id int, parent_column_id int, referenced_object_id int, referenced_column_id int", (_, database, shape) => ForeignKeyColumns(database, shape)),
        new SystemView("sys", "sql_expression_dependencies", "referencing_id int, referencing_minor_id int=0, referenced_server_name sysname, referenced_database_name sysname, referenced_schema_name sysname, referenced_entity_name sysname, referenced_id int", (_, _, _) => []),
        new SystemView("sys", "extended_properties", "class tinyint, class_desc nvarchar(60), major_id int, minor_id int, name sysname, value sql_variant", (_, _, _) => []),
        new SystemView("INFORMATION_SCHEMA", "TABLES", "TABLE_CATALOG nvarchar(128), TABLE_SCHEMA sysname, TABLE_NAME sysname, TABLE_TYPE varchar(10)", (_, database, shape) => CatalogIds.Objects(database).Where(o => o.Type is "U" or "V").Select(o => shape.Row(("TABLE_CATALOG", database.Name), ("TABLE_SCHEMA", o.Schema), ("TABLE_NAME", o.Name), ("TABLE_TYPE", o.Type == "U" ? "BASE TABLE" : "VIEW")))),
        new SystemView("INFORMATION_SCHEMA", "ROUTINES", "SPECIFIC_CATALOG nvarchar(128), SPECIFIC_SCHEMA sysname, SPECIFIC_NAME sysname, ROUTINE_CATALOG nvarchar(128), ROUTINE_SCHEMA sysname, ROUTINE_NAME sysname, ROUTINE_TYPE nvarchar(20), ROUTINE_DEFINITION nvarchar(4000), CREATED datetime, LAST_ALTERED datetime", Routines),
        new SystemView("INFORMATION_SCHEMA", "SCHEMATA", "CATALOG_NAME nvarchar(128), SCHEMA_NAME sysname, SCHEMA_OWNER sysname", (_, database, shape) => CatalogIds.Schemas(database).Select(s => shape.Row(("CATALOG_NAME", database.Name), ("SCHEMA_NAME", s.Name), ("SCHEMA_OWNER", "dbo")))),
        new SystemView("INFORMATION_SCHEMA", "VIEWS", "TABLE_CATALOG nvarchar(128), TABLE_SCHEMA sysname, TABLE_NAME sysname, VIEW_DEFINITION nvarchar(4000), CHECK_OPTION varchar(7)=NONE, IS_UPDATABLE varchar(2)=NO", (_, database, shape) => CatalogIds.Objects(database).Where(o => o.Type == "V").Select(o => shape.Row(("TABLE_CATALOG", database.Name), ("TABLE_SCHEMA", o.Schema), ("TABLE_NAME", o.Name), ("VIEW_DEFINITION", o.Module!.Text)))),
    ];

    private const string ModuleColumns =
        "object_id int, definition nvarchar(max), uses_ansi_nulls bit, uses_quoted_identifier bit, is_schema_bound bit=0, uses_database_collation bit=0, is_recompiled bit=0, null_on_null_input bit=0, execute_as_principal_id int, uses_native_compilation bit=0, is_inlineable bit=0, inline_type bit=0";

    private static SystemView Of(string name, string columns, string[] types, Func<CatalogObject, LabDatabase, (string, object?)[]>? more = null) =>
        new("sys", name, columns, (_, database, shape) => CatalogIds.Objects(database).Where(o => types.Contains(o.Type)).Select(o => Row(database, o, shape, more?.Invoke(o, database) ?? [])));

    private static object?[] Row(LabDatabase database, CatalogObject o, RowShape shape, params (string Name, object? Value)[] more)
    {
        var values = new List<(string, object?)>
        {
            ("name", o.Name), ("object_id", o.Id), ("schema_id", CatalogIds.SchemaId(database, o.Schema)), ("parent_object_id", o.ParentId), ("type", o.Type), ("type_desc", o.TypeDescription), ("create_date", o.CreateDate), ("modify_date", o.ModifyDate),
        };
        if (o.Type == "U" && shape.Columns.Any(c => c.Name == "max_column_id_used"))
        {
            values.Add(("max_column_id_used", o.Table!.Def.Columns.Count == 0 ? 0 : o.Table.Def.Columns.Max(c => c.ColumnId)));
        }

        values.AddRange(more);
        return shape.Row([.. values]);
    }

    private static IEnumerable<object?[]> SystemObjectRows(RowShape shape)
    {
        var created = new DateTime(2022, 10, 8, 0, 0, 0, DateTimeKind.Unspecified);
        IEnumerable<(string Name, string Type)> all = SystemViews.All.Where(v => v.Schema == "sys").Select(v => (v.Name, "V")).Concat(SystemProcedureRegistry.Names.Select(n => (n, n.StartsWith("xp_", StringComparison.Ordinal) ? "X" : "P")));
        return all.Select(o => shape.Row(("name", o.Name), ("object_id", CatalogIds.SystemObjectId("sys." + o.Name)), ("schema_id", 4), ("parent_object_id", 0), ("type", o.Type), ("type_desc", o.Type == "V" ? "VIEW" : o.Type == "X" ? "EXTENDED_STORED_PROCEDURE" : "SQL_STORED_PROCEDURE"), ("create_date", created), ("modify_date", created), ("is_ms_shipped", true)));
    }

    private static TableDef? Parent(LabDatabase database, CatalogObject o) => database.Tables.FirstOrDefault(t => t.Def.ObjectId == o.ParentId)?.Def;

    private static (string, object?)[] DefaultValues(CatalogObject o, LabDatabase database)
    {
        ColumnDef? column = Parent(database, o)?.Columns.Find(c => c.DefaultName == o.Name);
        return [("parent_column_id", column?.ColumnId), ("definition", column?.DefaultText)];
    }

    private static (string, object?)[] ForeignKeyValues(CatalogObject o, LabDatabase database)
    {
        ForeignKeyDef? key = Parent(database, o)?.ForeignKeys.Find(k => k.Name == o.Name);
        LabTable? target = key is null ? null : database.FindTable(key.ReferencedSchema, key.ReferencedTable);
        return [("referenced_object_id", target?.Def.ObjectId), ("key_index_id", target?.Def.Indexes.Find(i => i.IsPrimaryKey)?.IndexId)];
    }

    private static IEnumerable<object?[]> Modules(LabDatabase database, RowShape shape) =>
        database.Modules.Where(m => m.Kind is not ModuleKind.Synonym and not ModuleKind.TableType)
            .Select(m => shape.Row(("object_id", m.ObjectId), ("definition", m.Text), ("uses_ansi_nulls", m.AnsiNulls), ("uses_quoted_identifier", m.QuotedIdentifiers)));

    private static IEnumerable<object?[]> ForeignKeyColumns(LabDatabase database, RowShape shape)
    {
        foreach (TableDef table in database.Tables.Where(t => !t.Def.IsSystem).Select(t => t.Def))
        {
            foreach (ForeignKeyDef key in table.ForeignKeys)
            {
                TableDef? target = database.FindTable(key.ReferencedSchema, key.ReferencedTable)?.Def;
                for (int i = 0; i < key.Columns.Count; i++)
                {
                    yield return shape.Row(
                        ("constraint_object_id", CatalogIds.ConstraintId(table, key.Name)), ("constraint_column_id", i + 1), ("parent_object_id", table.ObjectId),
                        ("parent_column_id", table.Columns.Find(c => c.Name == key.Columns[i])?.ColumnId), ("referenced_object_id", target?.ObjectId), ("referenced_column_id", target?.Columns.Find(c => c.Name == key.ReferencedColumns[i])?.ColumnId));
                }
            }
        }
    }

    private static IEnumerable<object?[]> Routines(ExecutionFrame frame, LabDatabase database, RowShape shape) =>
        CatalogIds.Objects(database).Where(o => o.Type is "P" or "FN" or "IF" or "TF").Select(o => shape.Row(
            ("SPECIFIC_CATALOG", database.Name), ("SPECIFIC_SCHEMA", o.Schema), ("SPECIFIC_NAME", o.Name), ("ROUTINE_CATALOG", database.Name), ("ROUTINE_SCHEMA", o.Schema), ("ROUTINE_NAME", o.Name),
            ("ROUTINE_TYPE", o.Type == "P" ? "PROCEDURE" : "FUNCTION"), ("ROUTINE_DEFINITION", o.Module!.Text.Length > 4000 ? o.Module.Text[..4000] : o.Module.Text), ("CREATED", o.CreateDate), ("LAST_ALTERED", o.ModifyDate)));
}
