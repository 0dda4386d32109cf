using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabDatabase
{
    /// <summary>Brings the catalogue in memory in step with a row of the catalogue's tables.</summary>
    /// <param name="table">The catalogue's table.</param>
    /// <param name="rowId">The row.</param>
    /// <param name="values">Its new values; null = deleted.</param>
    /// <param name="branch">The transaction at work; null for load and redo, where nothing can be taken back.</param>
    private void CatalogueChanged(LabTable table, long rowId, object?[]? values, DatabaseBranch? branch)
    {
        switch (table.Def.ObjectId)
        {
            case CatalogueTables.Tables when values is null:
                Detach((int)rowId, branch);
                break;
            case CatalogueTables.Tables:
                Attach(CatalogueCodec.DecodeTable((byte[])values[0]!), branch);
                break;
            case CatalogueTables.Modules:
                SetModule((int)rowId, values is null ? null : CatalogueCodec.DecodeModule((byte[])values[0]!));
                break;
            case CatalogueTables.Schemas when values is null:
                _schemas.Remove(rowId);
                break;
            case CatalogueTables.Schemas:
                _schemas[rowId] = (string)values[0]!;
                break;
            case CatalogueTables.Counters when values is not null:
                _tables.GetValueOrDefault((int)rowId)?.RestoreIdentity((long)values[0]!);
                break;
        }
    }

    private void Attach(TableDef definition, DatabaseBranch? branch)
    {
        int id = definition.ObjectId;
        _nextObjectId = Math.Max(_nextObjectId, id + 1);
        if (_tables.TryGetValue(id, out LabTable? table))
        {
            RemoveName(_tableNames, Key(table.Def.Schema, table.Def.Name), table);
            table.SetDefinition(definition);
        }
        else if (_detached.Remove(id, out table))
        {
            table.IsDropped = false;
            table.SetDefinition(definition);
            _tables.Add(id, table);
        }
        else
        {
            table = new LabTable(this, definition);
            _tables.Add(id, table);
            if (_catalogue[CatalogueTables.Counters].Rows.Find(id)?.Committed is { } counter)
            {
                table.RestoreIdentity((long)counter[0]!);
            }
        }

        _tableNames[Key(definition.Schema, definition.Name)] = table;
        Own(table, branch);
    }

    private void Detach(int id, DatabaseBranch? branch)
    {
        if (!_tables.Remove(id, out LabTable? table))
        {
            return;
        }

        RemoveName(_tableNames, Key(table.Def.Schema, table.Def.Name), table);
        table.IsDropped = true;
        if (branch is null)
        {
            FreeTable(table);
        }
        else
        {
            _detached[id] = table;
            Own(table, branch);
        }
    }

    private static void Own(LabTable table, DatabaseBranch? branch)
    {
        if (branch is not null)
        {
            table.RedefinedBy = branch.Transaction;
            branch.Redefined.Add(table);
        }
    }

    private void SetModule(int id, ModuleDef? module)
    {
        _nextObjectId = Math.Max(_nextObjectId, id + 1);
        if (_modules.Remove(id, out ModuleDef? old))
        {
            RemoveName(_moduleNames, Key(old.Schema, old.Name), old);
        }

        if (module is not null)
        {
            _modules[id] = module;
            _moduleNames[Key(module.Schema, module.Name)] = module;
        }
    }

    /// <summary>Claims a table for a change of its definition; names the transaction to wait for while others use it.</summary>
    private LabTransaction? Redefine(LabTransaction transaction, LabTable table)
    {
        LabTransaction? user = table.Users.FirstOrDefault(u => u != transaction);
        if (user is null)
        {
            // The claim is written to the branch first: it must be given up when the transaction ends.
            DatabaseBranch branch = transaction.BranchIn(this);
            Own(table, branch);
            table.DropIndexes();
        }

        return user;
    }

    /// <summary>Refuses a name that is taken; waits when another transaction's undecided drop would free it only to take it back.</summary>
    private void WaitForName(LabTransaction transaction, string schema, string name, int objectId) => _catalogue[CatalogueTables.Tables].Retry(transaction, () =>
    {
        LabTable? leaving = _detached.Values.FirstOrDefault(t => t.RedefinedBy != transaction && Key(t.Def.Schema, t.Def.Name).Equals(Key(schema, name), StringComparison.OrdinalIgnoreCase));
        if (leaving is not null)
        {
            return leaving.RedefinedBy;
        }

        bool taken = (_tableNames.TryGetValue(Key(schema, name), out LabTable? table) && table.Def.ObjectId != objectId)
            || (_moduleNames.TryGetValue(Key(schema, name), out ModuleDef? module) && module.ObjectId != objectId);
        return taken ? throw new LabSqlException(2714, 16, 6, $"There is already an object named '{name}' in the database.") : null;
    });

    private void Complete(TableDef definition)
    {
        if (definition.ObjectId == 0)
        {
            definition.ObjectId = NewObjectId();
        }

        DateTime now = Instance.Now;
        definition.CreateDate = definition.CreateDate == default ? now : definition.CreateDate;
        definition.ModifyDate = definition.ModifyDate == default ? now : definition.ModifyDate;
        int columnId = definition.Columns.Select(c => c.ColumnId).DefaultIfEmpty().Max();
        foreach (ColumnDef column in definition.Columns.Where(c => c.ColumnId == 0))
        {
            column.ColumnId = ++columnId;
        }
    }

    private static void RemoveName<T>(Dictionary<string, T> names, string key, T value)
        where T : class
    {
        if (names.TryGetValue(key, out T? found) && found == value)
        {
            names.Remove(key);
        }
    }
}
