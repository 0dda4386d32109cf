using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>An object of a database as sys.objects lists it.</summary>
internal sealed record CatalogObject(int Id, string Schema, string Name, string Type, string TypeDescription, int ParentId, DateTime CreateDate, DateTime ModifyDate, LabTable? Table = null, ModuleDef? Module = null);

/// <summary>Gives ids to what the catalogue shows and finds objects by name.</summary>
internal static class CatalogIds
{
    /// <summary>SQL Server's ids of the system types.</summary>
    public static int TypeId(SqlKind kind) => kind switch
    {
        SqlKind.Image => 34,
        SqlKind.Text => 35,
        SqlKind.UniqueIdentifier => 36,
        SqlKind.Date => 40,
        SqlKind.Time => 41,
        SqlKind.DateTime2 => 42,
        SqlKind.DateTimeOffset => 43,
        SqlKind.TinyInt => 48,
        SqlKind.SmallInt => 52,
        SqlKind.Int => 56,
        SqlKind.SmallDateTime => 58,
        SqlKind.Real => 59,
        SqlKind.Money => 60,
        SqlKind.DateTime => 61,
        SqlKind.Float => 62,
        SqlKind.SqlVariant => 98,
        SqlKind.NText => 99,
        SqlKind.Bit => 104,
        SqlKind.Decimal => 106,
        SqlKind.SmallMoney => 122,
        SqlKind.BigInt => 127,
        SqlKind.VarBinary => 165,
        SqlKind.VarChar => 167,
        SqlKind.Binary => 173,
        SqlKind.Char => 175,
        SqlKind.RowVersion => 189,
        SqlKind.NVarChar => 231,
        SqlKind.NChar => 239,
        _ => 241,
    };

    public static string BaseName(SqlType type) => type.ToString().Split('(')[0];

    /// <summary>Bytes a column of the type takes at most; -1 = max.</summary>
    public static short MaxLength(SqlType type) => type.Kind switch
    {
        SqlKind.Bit or SqlKind.TinyInt => 1,
        SqlKind.SmallInt => 2,
        SqlKind.Int or SqlKind.Real or SqlKind.SmallMoney or SqlKind.SmallDateTime => 4,
        SqlKind.BigInt or SqlKind.Float or SqlKind.Money or SqlKind.DateTime or SqlKind.RowVersion => 8,
        SqlKind.Date => 3,
        SqlKind.Time => 5,
        SqlKind.DateTime2 => 8,
        SqlKind.DateTimeOffset => 10,
        SqlKind.UniqueIdentifier or SqlKind.Text or SqlKind.NText or SqlKind.Image => 16,
        SqlKind.Decimal => (short)(type.Precision <= 9 ? 5 : type.Precision <= 19 ? 9 : type.Precision <= 28 ? 13 : 17),
        SqlKind.SqlVariant => 8016,
        SqlKind.Xml => -1,
        SqlKind.NChar or SqlKind.NVarChar => (short)(type.Length < 0 ? -1 : type.Length * 2),
        _ => (short)type.Length,
    };

    public static byte Precision(SqlType type) => type.Kind switch
    {
        SqlKind.Decimal => type.Precision,
        SqlKind.TinyInt => 3,
        SqlKind.SmallInt => 5,
        SqlKind.Int => 10,
        SqlKind.BigInt => 19,
        SqlKind.Bit => 1,
        SqlKind.Float => 53,
        SqlKind.Real => 24,
        SqlKind.Money => 19,
        SqlKind.SmallMoney => 10,
        SqlKind.DateTime => 23,
        SqlKind.SmallDateTime => 16,
        SqlKind.Date => 10,
        SqlKind.DateTime2 => 27,
        SqlKind.DateTimeOffset => 34,
        SqlKind.Time => 16,
        _ => 0,
    };

    public static byte Scale(SqlType type) => type.Kind switch
    {
        SqlKind.DateTime => 3,
        SqlKind.Money or SqlKind.SmallMoney => 4,
        _ => type.Scale,
    };

    public static IEnumerable<(int Id, string Name)> Schemas(LabDatabase database)
    {
        yield return (1, "dbo");
        yield return (2, "guest");
        yield return (3, "INFORMATION_SCHEMA");
        yield return (4, "sys");
        int next = 5;
        foreach (string schema in database.Schemas.Where(s => !string.Equals(s, "dbo", StringComparison.OrdinalIgnoreCase)))
        {
            yield return (next++, schema);
        }
    }

    public static int SchemaId(LabDatabase database, string schema) =>
        Schemas(database).FirstOrDefault(s => string.Equals(s.Name, schema, StringComparison.OrdinalIgnoreCase)).Id;

    public static string ModuleType(ModuleKind kind) => kind switch
    {
        ModuleKind.Procedure => "P",
        ModuleKind.View => "V",
        ModuleKind.ScalarFunction => "FN",
        ModuleKind.InlineTableFunction => "IF",
        ModuleKind.TableFunction => "TF",
        ModuleKind.Trigger => "TR",
        ModuleKind.Synonym => "SN",
        _ => "TT",
    };

    public static string Description(string type) => type switch
    {
        "P" => "SQL_STORED_PROCEDURE",
        "V" => "VIEW",
        "FN" => "SQL_SCALAR_FUNCTION",
        "IF" => "SQL_INLINE_TABLE_VALUED_FUNCTION",
        "TF" => "SQL_TABLE_VALUED_FUNCTION",
        "TR" => "SQL_TRIGGER",
        "SN" => "SYNONYM",
        "U" => "USER_TABLE",
        "PK" => "PRIMARY_KEY_CONSTRAINT",
        "UQ" => "UNIQUE_CONSTRAINT",
        "F" => "FOREIGN_KEY_CONSTRAINT",
        "C" => "CHECK_CONSTRAINT",
        "D" => "DEFAULT_CONSTRAINT",
        _ => "TYPE_TABLE",
    };

    /// <summary>All objects of a database, constraints included.</summary>
    public static IEnumerable<CatalogObject> Objects(LabDatabase database)
    {
        foreach (LabTable table in database.Tables.Where(t => !t.Def.IsSystem))
        {
            TableDef def = table.Def;
            yield return new CatalogObject(def.ObjectId, def.Schema, def.Name, "U", Description("U"), 0, def.CreateDate, def.ModifyDate, table);
            foreach (CatalogObject constraint in Constraints(def))
            {
                yield return constraint;
            }
        }

        foreach (ModuleDef module in database.Modules)
        {
            string type = ModuleType(module.Kind);
            if (module.Kind != ModuleKind.TableType)
            {
                yield return new CatalogObject(module.ObjectId, module.Schema, module.Name, type, Description(type), module.ParentObjectId, module.CreateDate, module.ModifyDate, null, module);
            }
        }
    }

    public static IEnumerable<CatalogObject> Constraints(TableDef table)
    {
        foreach (IndexDef index in table.Indexes.Where(i => i.IsPrimaryKey || i.IsUniqueConstraint))
        {
            string type = index.IsPrimaryKey ? "PK" : "UQ";
            yield return Constraint(table, index.ObjectId == 0 ? ConstraintId(table, index.Name) : index.ObjectId, index.Name, type);
        }

        foreach (ForeignKeyDef key in table.ForeignKeys)
        {
            yield return Constraint(table, ConstraintId(table, key.Name), key.Name, "F");
        }

        foreach (CheckDef check in table.Checks)
        {
            yield return Constraint(table, ConstraintId(table, check.Name), check.Name, "C");
        }

        foreach (ColumnDef column in table.Columns.Where(c => c.DefaultName is not null))
        {
            yield return Constraint(table, ConstraintId(table, column.DefaultName!), column.DefaultName!, "D");
        }
    }

    /// <summary>Constraints without a stored id get one from their name: stable, positive, above the ids handed out.</summary>
    public static int ConstraintId(TableDef table, string name)
    {
        uint hash = 2166136261;
        foreach (char c in (table.ObjectId.ToString(System.Globalization.CultureInfo.InvariantCulture) + "." + name).ToUpperInvariant())
        {
            hash = (hash ^ c) * 16777619;
        }

        return (int)(hash & 0x3FFFFFFF) | 0x40000000;
    }

    /// <summary>OBJECT_ID: id of an object by name, optionally of one type; null when there is none.</summary>
    public static int? ObjectId(ExecutionFrame frame, string text, string? type)
    {
        SchemaObjectName? name = ScriptParser.ParseName(text);
        if (name is null || name.ServerIdentifier is not null)
        {
            return null;
        }

        string wanted = name.BaseIdentifier.Value;
        if (wanted.StartsWith('#'))
        {
            return type is null or "U" ? frame.FindTemporary(wanted)?.Def.ObjectId : null;
        }

        LabDatabase? database = name.DatabaseIdentifier is { Value.Length: > 0 } other ? frame.Instance.Find(other.Value) : frame.Database;
        if (database is null || database.State != DatabaseState.Online)
        {
            return null;
        }

        string? schema = name.SchemaIdentifier is { Value.Length: > 0 } given ? given.Value : null;
        foreach (string candidate in schema is null ? Distinct(frame.DefaultSchema(database), "dbo") : [schema])
        {
            CatalogObject? found = FindObject(database, candidate, wanted);
            if (found is not null && (type is null || string.Equals(found.Type, type, StringComparison.OrdinalIgnoreCase)))
            {
                return found.Id;
            }
        }

        return type is null or "V" or "S" && SystemViews.Find(schema ?? "sys", wanted) is { } view ? SystemObjectId(view.Schema + "." + view.Name)
            : type is null or "P" or "X" && schema is null or "dbo" or "sys" && SystemProcedureRegistry.Find(name) is { } procedure ? SystemObjectId("sys." + procedure.Name)
            : null;
    }

    public static CatalogObject? FindObject(LabDatabase database, string schema, string name)
    {
        if (database.FindTable(schema, name) is { Def.IsSystem: false } table)
        {
            return new CatalogObject(table.Def.ObjectId, table.Def.Schema, table.Def.Name, "U", Description("U"), 0, table.Def.CreateDate, table.Def.ModifyDate, table);
        }

        if (database.FindModule(schema, name) is { Kind: not ModuleKind.TableType } module)
        {
            string type = ModuleType(module.Kind);
            return new CatalogObject(module.ObjectId, module.Schema, module.Name, type, Description(type), module.ParentObjectId, module.CreateDate, module.ModifyDate, null, module);
        }

        return database.Tables.Where(t => !t.Def.IsSystem && string.Equals(t.Def.Schema, schema, StringComparison.OrdinalIgnoreCase))
            .SelectMany(t => Constraints(t.Def)).FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));
    }

    public static CatalogObject? FindObject(LabDatabase database, int id)
    {
        if (database.State != DatabaseState.Online)
        {
            return null;
        }

        // Temporary tables and tables being named by id are few; the list is short enough to walk.
        return Objects(database).FirstOrDefault(o => o.Id == id);
    }

    /// <summary>System objects have negative ids.</summary>
    public static int SystemObjectId(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name.ToUpperInvariant())
        {
            hash = (hash ^ c) * 16777619;
        }

        return -(int)(hash & 0x3FFFFFFF) - 1;
    }

    private static IEnumerable<string> Distinct(string first, string second) =>
        string.Equals(first, second, StringComparison.OrdinalIgnoreCase) ? [first] : [first, second];

    private static CatalogObject Constraint(TableDef table, int id, string name, string type) =>
        new(id, table.Schema, name, type, Description(type), table.ObjectId, table.CreateDate, table.ModifyDate);
}
