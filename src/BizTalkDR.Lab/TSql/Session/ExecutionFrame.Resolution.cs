using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Names: databases, tables, views, functions.
internal sealed partial class ExecutionFrame
{
    /// <summary>Table-valued parameters: rows that belong to a caller.</summary>
    public Dictionary<string, LabTable> SharedTables { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A frame with the same names and values that later assignments do not change (cursors keep one).</summary>
    public ExecutionFrame Snapshot()
    {
        var copy = new ExecutionFrame(Session, this, Database, Sink) { Module = Module, NestLevel = NestLevel, TriggerLevel = TriggerLevel, Trigger = Trigger, BatchText = BatchText };
        foreach ((string name, Variable variable) in _variables)
        {
            copy.Declare(name, variable.Type, variable.Value);
        }

        foreach ((string name, LabTable table) in TableVariables.Concat(SharedTables))
        {
            copy.SharedTables[name] = table;
        }

        return copy;
    }

    /// <summary>The database a name points to; throws 208 when there is none of that name.</summary>
    public LabDatabase DatabaseOf(SchemaObjectName name)
    {
        if (name.DatabaseIdentifier is not { Value.Length: > 0 } database)
        {
            return Database;
        }

        LabDatabase found = Instance.Find(database.Value) ?? throw ServerErrors.InvalidObject(Shown(name));
        if (!ReferenceEquals(found, Database))
        {
            RequireUsable(found);
        }

        return found;
    }

    /// <summary>Schema in which an object of this name is created; throws 2760 when it is not there.</summary>
    public string SchemaFor(LabDatabase database, SchemaObjectName name)
    {
        string schema = name.SchemaIdentifier is { Value.Length: > 0 } given ? given.Value : DefaultSchema(database);
        return database.Schemas.FirstOrDefault(s => string.Equals(s, schema, StringComparison.OrdinalIgnoreCase))
            ?? throw new LabSqlException(2760, 16, 1, $"The specified schema name \"{schema}\" either does not exist or you do not have permission to use it.");
    }

    /// <summary>Finds a stored table by name, temporary ones and synonyms included; null when there is none.</summary>
    public LabTable? FindTable(SchemaObjectName name)
    {
        string table = name.BaseIdentifier.Value;
        if (table.StartsWith('#'))
        {
            return FindTemporary(table);
        }

        if (Trigger is not null && name.Identifiers.Count == 1 && table.ToUpperInvariant() is "INSERTED" or "DELETED")
        {
            return null;
        }

        LabDatabase database = DatabaseOf(name);
        foreach (string schema in SchemasToTry(database, name))
        {
            if (database.FindTable(schema, table) is { } found)
            {
                return found;
            }

            if (database.FindModule(schema, table) is { Kind: ModuleKind.Synonym } synonym && ScriptParser.ParseName(synonym.Text) is { ServerIdentifier: null } target)
            {
                return FindTable(target);
            }
        }

        return null;
    }

    /// <summary>Finds a module by name; null when there is none.</summary>
    public ModuleDef? FindModule(LabDatabase database, string? schema, string name)
    {
        if (!string.IsNullOrEmpty(schema))
        {
            return database.FindModule(schema, name);
        }

        return database.FindModule(DefaultSchema(database), name) ?? database.FindModule("dbo", name);
    }

    public IRowSource ResolveTable(SchemaObjectName name)
    {
        string table = name.BaseIdentifier.Value;
        if (name.ServerIdentifier is { Value.Length: > 0 } server && !Session.Server.LinkedServers.IsLocal(server.Value))
        {
            return Session.Links.Table(server.Value, name, this);
        }

        if (table.StartsWith('#'))
        {
            return new TableRowSource(FindTemporary(table) ?? throw ServerErrors.InvalidObject(table));
        }

        if (Trigger is not null && name.Identifiers.Count == 1)
        {
            switch (table.ToUpperInvariant())
            {
                case "INSERTED":
                    return Trigger.Inserted;
                case "DELETED":
                    return Trigger.Deleted;
                default:
                    break;
            }
        }

        LabDatabase database = DatabaseOf(name);
        return ResolveIn(database, name) ?? throw ServerErrors.InvalidObject(Shown(name));
    }

    public IRowSource ResolveTableFunction(SchemaObjectName name, IReadOnlyList<(SqlType Type, object? Value)> arguments)
    {
        LabDatabase database = DatabaseOf(name);
        string? schema = name.SchemaIdentifier?.Value;
        if (schema is null || string.Equals(schema, "sys", StringComparison.OrdinalIgnoreCase))
        {
            if (SystemViews.FindFunction(name.BaseIdentifier.Value) is { } function)
            {
                return function(this, database, arguments);
            }
        }

        ModuleDef? module = FindModule(database, schema, name.BaseIdentifier.Value);
        if (module is not { Kind: ModuleKind.InlineTableFunction or ModuleKind.TableFunction })
        {
            throw ServerErrors.InvalidObject(Shown(name));
        }

        DemandOn(database, "SELECT", module.Schema, module.Name, module.ObjectId);
        return Session.Interpreter.CallTableFunction(database, module, arguments, this);
    }

    public (SqlType Type, object? Value) CallUserFunction(string? database, string schema, string name, IReadOnlyList<(SqlType Type, object? Value)> arguments)
    {
        (LabDatabase home, ModuleDef module) = UserFunction(database, schema, name);
        DemandOn(home, "EXECUTE", module.Schema, module.Name, module.ObjectId);
        return Session.Interpreter.CallFunction(home, module, arguments, this);
    }

    public SqlType UserFunctionType(string? database, string schema, string name)
    {
        (_, ModuleDef module) = UserFunction(database, schema, name);
        var result = (ScalarFunctionReturnType)Session.Interpreter.FunctionBody(module).ReturnType;
        return Session.Interpreter.TypeOf(result.DataType, this);
    }

    private (LabDatabase Database, ModuleDef Module) UserFunction(string? database, string schema, string name)
    {
        LabDatabase home = Database;
        if (!string.IsNullOrEmpty(database))
        {
            home = Instance.Find(database) ?? throw NoFunction(schema, name);
            RequireUsable(home);
        }

        ModuleDef? module = FindModule(home, schema, name);
        if (module is { Kind: ModuleKind.Synonym } && ScriptParser.ParseName(module.Text) is { ServerIdentifier: null, SchemaIdentifier: not null } target)
        {
            return UserFunction(target.DatabaseIdentifier?.Value, target.SchemaIdentifier.Value, target.BaseIdentifier.Value);
        }

        return module is { Kind: ModuleKind.ScalarFunction } ? (home, module) : throw NoFunction(schema, name);
    }

    private static LabSqlException NoFunction(string schema, string name) =>
        new(4121, 16, 1, $"Cannot find either column \"{schema}\" or the user-defined function or aggregate \"{schema}.{name}\", or the name is ambiguous.");

    private IRowSource? ResolveIn(LabDatabase database, SchemaObjectName name)
    {
        string table = name.BaseIdentifier.Value;
        string? given = name.SchemaIdentifier?.Value;
        if (!string.IsNullOrEmpty(given) && SystemViews.IsSystemSchema(given))
        {
            return SystemViews.Find(given, table)?.Open(this, database);
        }

        foreach (string schema in SchemasToTry(database, name))
        {
            if (database.FindTable(schema, table) is { } stored)
            {
                Check(database, name, stored.Def.Schema, stored.Def.Name, stored.Def.ObjectId);
                return new TableRowSource(stored);
            }

            switch (database.FindModule(schema, table))
            {
                case { Kind: ModuleKind.View } view:
                    Check(database, name, view.Schema, view.Name, view.ObjectId);
                    return OpenView(database, view);
                case { Kind: ModuleKind.Synonym } synonym:
                    return ResolveTable(ScriptParser.ParseName(synonym.Text) ?? throw ServerErrors.InvalidObject(Shown(name)));
                default:
                    break;
            }
        }

        // Compatibility views (sysobjects, sysdatabases …) answer without a schema and in dbo.
        return string.IsNullOrEmpty(given) || string.Equals(given, "dbo", StringComparison.OrdinalIgnoreCase)
            ? SystemViews.FindCompatible(table)?.Open(this, database)
            : null;
    }

    private IRowSource OpenView(LabDatabase database, ModuleDef view)
    {
        var body = (ViewStatementBody)Session.Server.Parser.Parse(view.Text, view.QuotedIdentifiers).Statements[0];
        if (NestLevel + 1 > Interpreter.MaxNestLevel)
        {
            throw new LabSqlException(217, 16, 1, "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).");
        }

        var frame = new ExecutionFrame(Session, this, database, Sink) { Module = view, NestLevel = NestLevel + 1, TriggerLevel = TriggerLevel, BatchText = view.Text };
        IReadOnlyList<string>? columns = body.Columns.Count == 0 ? null : [.. body.Columns.Select(c => c.Value)];
        return Session.Server.Queries.View(body.SelectStatement.QueryExpression, body.SelectStatement.WithCtesAndXmlNamespaces, columns, frame);
    }

    private IEnumerable<string> SchemasToTry(LabDatabase database, SchemaObjectName name)
    {
        if (name.SchemaIdentifier is { Value.Length: > 0 } schema)
        {
            yield return schema.Value;
            yield break;
        }

        string first = Module is not null && ReferenceEquals(database, Database) ? Module.Schema : DefaultSchema(database);
        yield return first;
        if (!string.Equals(first, "dbo", StringComparison.OrdinalIgnoreCase))
        {
            yield return "dbo";
        }
    }

    /// <summary>SELECT on what is read; the permission of the statement on its target.</summary>
    private void Check(LabDatabase database, SchemaObjectName name, string schema, string table, int objectId)
    {
        bool isTarget = Target is { } target && Shown(target.Name).Equals(Shown(name), StringComparison.OrdinalIgnoreCase);
        DemandOn(database, isTarget ? Target!.Permission : "SELECT", schema, table, objectId);
    }

    public LabTable? FindTemporary(string name)
    {
        if (name.StartsWith("##", StringComparison.Ordinal))
        {
            return Session.Server.GlobalTempTables.GetValueOrDefault(name);
        }

        for (ExecutionFrame? scope = this; scope is not null; scope = scope.Caller)
        {
            if (scope.TempTables.TryGetValue(name, out LabTable? table))
            {
                return table;
            }
        }

        return Session.TempTables.GetValueOrDefault(name);
    }

    private static string Shown(SchemaObjectName name) => string.Join('.', name.Identifiers.Select(i => i.Value));
}
