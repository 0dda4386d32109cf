using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_rename.</summary>
internal static class RenameProcedure
{
    public static void Run(SystemCall call) => call.Interpreter.RunSchemaChange(call.Frame, () => Rename(call));

    private static void Rename(SystemCall call)
    {
        string old = call.Text("@objname") ?? string.Empty;
        string name = call.Text("@newname") ?? string.Empty;
        string type = call.Text("@objtype")?.ToUpperInvariant() ?? "OBJECT";
        switch (type)
        {
            case "COLUMN":
                RenamePart(call, old, name, (table, part) => table.Columns.Find(c => Same(c.Name, part)) is { } column ? () => RenameColumn(table, column, name) : null);
                break;
            case "INDEX":
                RenamePart(call, old, name, (table, part) => table.Indexes.Find(i => Same(i.Name, part)) is { } index ? () => index.Name = name : null);
                break;
            case "DATABASE":
                LabDatabase database = call.Server.Instance.Find(old.Trim('[', ']')) ?? throw Ambiguous(call, old, type);
                call.Frame.RequireOwner(database, "ALTER DATABASE");
                call.Server.Instance.RenameDatabase(database, name);
                break;
            case "OBJECT":
                RenameObject(call, old, name);
                break;
            default:
                throw call.Error(15249, $"Error: Explicit @objtype '{type}' is unrecognized.");
        }

        call.Inform(15477, "Caution: Changing any part of an object name could break scripts and stored procedures.");
    }

    private static void RenameColumn(TableDef table, ColumnDef column, string name)
    {
        foreach (IndexDef index in table.Indexes)
        {
            for (int i = 0; i < index.Columns.Count; i++)
            {
                if (Same(index.Columns[i].Column, column.Name))
                {
                    index.Columns[i] = (name, index.Columns[i].Descending);
                }
            }
        }

        foreach (ForeignKeyDef key in table.ForeignKeys)
        {
            key.Columns = key.Columns.ConvertAll(c => Same(c, column.Name) ? name : c);
        }

        column.Name = name;
    }

    private static void RenamePart(SystemCall call, string old, string name, Func<TableDef, string, Action?> change)
    {
        SchemaObjectName parsed = ScriptParser.ParseName(old) ?? throw Ambiguous(call, old, "COLUMN");
        if (parsed.Identifiers.Count < 2)
        {
            throw Ambiguous(call, old, "COLUMN");
        }

        string part = parsed.Identifiers[^1].Value;
        var owner = new SchemaObjectName();
        foreach (Identifier identifier in parsed.Identifiers.SkipLast(1))
        {
            owner.Identifiers.Add(identifier);
        }

        LabTable table = call.Frame.FindTable(owner) ?? throw Ambiguous(call, old, "COLUMN");
        call.Frame.Demand("ALTER", table.Database, table.Def.Schema, table.Def.Name, table.Def.ObjectId);
        TableDef definition = Interpreter.CloneTable(table.Def);
        Action apply = change(definition, part) ?? throw Ambiguous(call, old, "COLUMN");
        apply();
        table.Database.AlterTable(call.Frame.Transaction!, definition);
    }

    private static void RenameObject(SystemCall call, string old, string name)
    {
        LabDatabase database = call.Frame.Database;
        int? id = CatalogIds.ObjectId(call.Frame, old, null);
        CatalogObject o = (id is null ? null : CatalogIds.FindObject(database, id.Value)) ?? throw Missing(call, old);
        call.Frame.Demand("ALTER", database, o.Schema, o.Name, o.Id);
        if (CatalogIds.FindObject(database, o.Schema, name) is not null)
        {
            throw call.Error(15335, $"Error: The new name '{name}' is already in use as a object name and would cause a duplicate that is not permitted.");
        }

        LabTransaction transaction = call.Frame.Transaction!;
        if (o.Module is { } module)
        {
            database.PutModule(transaction, new ModuleDef { ObjectId = module.ObjectId, Schema = module.Schema, Name = name, Kind = module.Kind, Text = module.Text, QuotedIdentifiers = module.QuotedIdentifiers, AnsiNulls = module.AnsiNulls, ParentObjectId = module.ParentObjectId, CreateDate = module.CreateDate, ModifyDate = call.Server.Instance.Now });
            return;
        }

        LabTable table = o.Table ?? database.Tables.First(t => t.Def.ObjectId == o.ParentId);
        TableDef definition = Interpreter.CloneTable(table.Def);
        if (o.Table is not null)
        {
            definition.Name = name;
        }
        else
        {
            definition.Indexes.FindAll(i => Same(i.Name, o.Name)).ForEach(i => i.Name = name);
            definition.Checks.FindAll(c => Same(c.Name, o.Name)).ForEach(c => c.Name = name);
            definition.ForeignKeys.FindAll(k => Same(k.Name, o.Name)).ForEach(k => k.Name = name);
            definition.Columns.FindAll(c => c.DefaultName is not null && Same(c.DefaultName, o.Name)).ForEach(c => c.DefaultName = name);
        }

        database.AlterTable(transaction, definition);
    }

    private static LabSqlException Missing(SystemCall call, string name) =>
        new(new SqlMessage(15225, 11, 1, $"No item by the name of '{name}' could be found in the current database '{call.Frame.Database.Name}', given that @itemtype was input as '(null)'.", call.Procedure.Name));

    private static LabSqlException Ambiguous(SystemCall call, string name, string type) =>
        call.Error(15248, $"Either the parameter @objname is ambiguous or the claimed @objtype ({type}) is wrong.");

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

internal sealed partial class Interpreter
{
    internal static TableDef CloneTable(TableDef table) => Clone(table);

    /// <summary>Runs a change of the catalogue as a statement of its own.</summary>
    internal void RunSchemaChange(ExecutionFrame frame, Action change) => InStatement(frame, change, writes: true);
}
