using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// CREATE, ALTER, DROP TABLE; CREATE and DROP INDEX.
internal sealed partial class Interpreter
{
    private void CreateTable(CreateTableStatement create, ExecutionFrame frame)
    {
        if (create.SelectStatement is not null || create.AsFileTable || create.AsEdge || create.AsNode)
        {
            throw ServerErrors.NotSupported("CREATE TABLE AS");
        }

        RefusePlace(create);

        TableDef definition = BuildTable(create.SchemaObjectName.BaseIdentifier.Value, create.Definition, frame);
        CreateTable(create.SchemaObjectName, definition, frame);
    }

    /// <summary>Creates a table, temporary or not, in the statement's transaction.</summary>
    private LabTable CreateTable(SchemaObjectName name, TableDef definition, ExecutionFrame frame)
    {
        string table = name.BaseIdentifier.Value;
        if (table.StartsWith('#'))
        {
            return CreateTemporary(table, definition, frame);
        }

        LabDatabase database = frame.DatabaseOf(name);
        frame.RequireDdl(database, "CREATE TABLE");
        definition.Schema = frame.SchemaFor(database, name);
        definition.Name = table;
        RefuseTaken(database, definition.Schema, table);
        RefuseTakenConstraints(database, definition);
        Number(database, definition);
        return database.CreateTable(frame.Transaction!, definition);
    }

    /// <summary>A lab database has one filegroup and keeps no tables in memory.</summary>
    private static void RefusePlace(CreateTableStatement create)
    {
        if (create.OnFileGroupOrPartitionScheme?.Name is { } group && TextOfPlace(group).ToUpperInvariant() is not ("PRIMARY" or "DEFAULT"))
        {
            throw new LabSqlException(1921, 16, 1, $"Invalid filegroup '{TextOfPlace(group)}' specified.");
        }

        if (create.Options.OfType<MemoryOptimizedTableOption>().Any(o => o.OptionState == OptionState.On))
        {
            throw new LabSqlException(41337, 16, 100, "Cannot create memory optimized tables. To create memory optimized tables, the database must have a MEMORY_OPTIMIZED_FILEGROUP that is online and has at least one container.");
        }
    }

    private static string TextOfPlace(IdentifierOrValueExpression place) => place.Identifier?.Value ?? place.Value;

    private void Number(LabDatabase database, TableDef definition)
    {
        definition.ObjectId = database.NewObjectId();
        definition.CreateDate = definition.ModifyDate = Instance.Now;
        foreach (IndexDef index in definition.Indexes.Where(i => i.ObjectId == 0 && (i.IsPrimaryKey || i.IsUniqueConstraint)))
        {
            index.ObjectId = database.NewObjectId();
        }
    }

    private static void RefuseTaken(LabDatabase database, string schema, string name)
    {
        if (database.FindTable(schema, name) is not null || database.FindModule(schema, name) is { Kind: not ModuleKind.TableType })
        {
            throw ServerErrors.AlreadyExists(name);
        }
    }

    private static void RefuseTakenConstraints(LabDatabase database, TableDef definition)
    {
        foreach (string name in definition.Indexes.Where(i => i.IsPrimaryKey || i.IsUniqueConstraint).Select(i => i.Name).Concat(definition.ForeignKeys.Select(k => k.Name)).Concat(definition.Checks.Select(c => c.Name)))
        {
            if (database.Tables.Any(t => !ReferenceEquals(t.Def, definition) && t.Def.ObjectId != definition.ObjectId && string.Equals(t.Def.Schema, definition.Schema, StringComparison.OrdinalIgnoreCase) && HasConstraint(t.Def, name)))
            {
                throw new LabSqlException(2714, 16, 5, $"There is already an object named '{name}' in the database.");
            }
        }
    }

    private static bool HasConstraint(TableDef table, string name) =>
        table.Indexes.Exists(i => (i.IsPrimaryKey || i.IsUniqueConstraint) && Same(i.Name, name)) || table.ForeignKeys.Exists(k => Same(k.Name, name)) || table.Checks.Exists(c => Same(c.Name, name));

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private LabTable CreateTemporary(string name, TableDef definition, ExecutionFrame frame)
    {
        if (name.StartsWith("##", StringComparison.Ordinal))
        {
            if (Server.GlobalTempTables.ContainsKey(name))
            {
                throw ServerErrors.AlreadyExists(name);
            }

            LabTable global = CreateHidden(name, definition);
            Server.GlobalTempTables[name] = global;
            NoteMade(global);
            _session.OwnedGlobals.Add(name);
            return global;
        }

        Dictionary<string, LabTable> scope = frame.Caller is null ? _session.TempTables : frame.TempTables;
        if (scope.ContainsKey(name))
        {
            throw ServerErrors.AlreadyExists(name);
        }

        LabTable table = CreateHidden(name, definition);
        scope[name] = table;
        NoteMade(table);
        return table;
    }

    private void NoteMade(LabTable table)
    {
        if (_session.Transaction.Current is not null)
        {
            _session.Transaction.MadeTables.Add(table);
        }
    }

    /// <summary>Creates a table in tempdb under a name no one else has; it does not take part in the session's transaction.</summary>
    private LabTable CreateHidden(string name, TableDef definition)
    {
        LabDatabase tempdb = Instance.Find("tempdb")!;
        string stem = Cut(name.TrimStart('@'), 100);
        definition.Schema = "dbo";
        Number(tempdb, definition);
        definition.Name = stem.PadRight(116, '_') + definition.ObjectId.ToString("X12", CultureInfo.InvariantCulture);
        LabTransaction transaction = Instance.Begin();
        try
        {
            LabTable table = tempdb.CreateTable(transaction, definition);
            Instance.Commit(transaction);
            return table;
        }
        catch
        {
            Instance.Rollback(transaction);
            throw;
        }
    }

    private void DropTables(DropTableStatement drop, ExecutionFrame frame)
    {
        foreach (SchemaObjectName name in drop.Objects)
        {
            string table = name.BaseIdentifier.Value;
            if (table.StartsWith('#'))
            {
                DropTemporary(table, drop.IsIfExists, frame);
                continue;
            }

            LabTable? found = frame.FindTable(name);
            if (found is null || found.Def.IsSystem || !frame.MayAlter(found))
            {
                if (drop.IsIfExists && found is null)
                {
                    continue;
                }

                throw ServerErrors.CannotDrop("table", string.Join('.', name.Identifiers.Select(i => i.Value)));
            }

            if (found.Database.Tables.Any(t => !ReferenceEquals(t, found) && t.Def.ForeignKeys.Exists(k => Same(k.ReferencedTable, found.Def.Name) && Same(k.ReferencedSchema, found.Def.Schema))))
            {
                throw new LabSqlException(3726, 16, 1, $"Could not drop object '{string.Join('.', name.Identifiers.Select(i => i.Value))}' because it is referenced by a FOREIGN KEY constraint.");
            }

            foreach (ModuleDef trigger in found.Database.Modules.Where(m => m.Kind == ModuleKind.Trigger && m.ParentObjectId == found.Def.ObjectId).ToList())
            {
                found.Database.DropModule(frame.Transaction!, trigger);
            }

            found.Database.DropTable(frame.Transaction!, found);
        }
    }

    private void DropTemporary(string name, bool ifExists, ExecutionFrame frame)
    {
        if (Server.GlobalTempTables.TryRemove(name, out LabTable? global))
        {
            _session.DropTempTable(global);
            return;
        }

        for (ExecutionFrame? scope = frame; scope is not null; scope = scope.Caller)
        {
            if (scope.TempTables.Remove(name, out LabTable? own))
            {
                _session.DropTempTable(own);
                return;
            }
        }

        if (_session.TempTables.Remove(name, out LabTable? table))
        {
            _session.DropTempTable(table);
        }
        else if (!ifExists)
        {
            throw ServerErrors.CannotDrop("table", name);
        }
    }

    /// <summary>Copies a definition, so that the catalogue's own stays as it is until the change is made.</summary>
    private static TableDef Clone(TableDef table) => new()
    {
        ObjectId = table.ObjectId,
        Schema = table.Schema,
        Name = table.Name,
        CreateDate = table.CreateDate,
        ModifyDate = table.ModifyDate,
        IsSystem = table.IsSystem,
        Columns = table.Columns.ConvertAll(c => new ColumnDef
        {
            Name = c.Name,
            Type = c.Type,
            ColumnId = c.ColumnId,
            Nullable = c.Nullable,
            IsIdentity = c.IsIdentity,
            IdentitySeed = c.IdentitySeed,
            IdentityIncrement = c.IdentityIncrement,
            DefaultName = c.DefaultName,
            DefaultText = c.DefaultText,
            ComputedText = c.ComputedText,
        }),
        Indexes = table.Indexes.ConvertAll(i => new IndexDef
        {
            Name = i.Name,
            IndexId = i.IndexId,
            ObjectId = i.ObjectId,
            IsUnique = i.IsUnique,
            IsPrimaryKey = i.IsPrimaryKey,
            IsUniqueConstraint = i.IsUniqueConstraint,
            IsClustered = i.IsClustered,
            Columns = [.. i.Columns],
        }),
        Checks = table.Checks.ConvertAll(c => new CheckDef { Name = c.Name, Text = c.Text }),
        ForeignKeys = table.ForeignKeys.ConvertAll(k => new ForeignKeyDef { Name = k.Name, Columns = [.. k.Columns], ReferencedSchema = k.ReferencedSchema, ReferencedTable = k.ReferencedTable, ReferencedColumns = [.. k.ReferencedColumns] }),
    };
}
