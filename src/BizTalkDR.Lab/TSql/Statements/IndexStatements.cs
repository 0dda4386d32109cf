using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Indexes, and the tables that statements change.
internal sealed partial class Interpreter
{
    private void CreateIndex(CreateIndexStatement create, ExecutionFrame frame)
    {
        LabTable table = TableToAlter(create.OnName, frame, 1088);
        TableDef definition = Clone(table.Def);
        if (create.IndexOptions.OfType<IndexStateOption>().Any(o => o.OptionKind == IndexOptionKind.DropExisting && o.OptionState == OptionState.On))
        {
            definition.Indexes.RemoveAll(i => Same(i.Name, create.Name.Value));
        }

        if (create.FilterPredicate is not null && create.Unique)
        {
            throw ServerErrors.NotSupported("CREATE UNIQUE INDEX … WHERE");
        }

        AddIndex(definition, create.Name.Value, create.Unique, create.Clustered == true, create.Columns);
        if (create.Unique)
        {
            RefuseDuplicates(table, definition.Indexes[^1], frame);
        }

        table.Database.AlterTable(frame.Transaction!, definition);
    }

    private void DropIndexes(DropIndexStatement drop, ExecutionFrame frame)
    {
        foreach (DropIndexClauseBase clause in drop.DropIndexClauses)
        {
            (SchemaObjectName target, string index) = clause switch
            {
                DropIndexClause modern => (modern.Object, modern.Index.Value),
                BackwardsCompatibleDropIndexClause old => (OwnerOf(old.Index), old.Index.ChildIdentifier.Value),
                _ => throw ServerErrors.NotSupported("DROP INDEX"),
            };
            LabTable? table = frame.FindTable(target);
            IndexDef? found = table?.Def.Indexes.Find(i => Same(i.Name, index));
            if (found is null)
            {
                if (drop.IsIfExists)
                {
                    continue;
                }

                throw new LabSqlException(3701, 11, 7, $"Cannot drop the index '{target.BaseIdentifier.Value}.{index}', because it does not exist or you do not have permission.");
            }

            if (found.IsPrimaryKey || found.IsUniqueConstraint)
            {
                throw new LabSqlException(3723, 16, 4, $"An explicit DROP INDEX is not allowed on index '{target.BaseIdentifier.Value}.{index}'. It is being used for {(found.IsPrimaryKey ? "PRIMARY" : "UNIQUE")} KEY constraint enforcement.");
            }

            frame.Demand("ALTER", table!.Database, table.Def.Schema, table.Def.Name, table.Def.ObjectId);
            TableDef definition = Clone(table.Def);
            definition.Indexes.RemoveAll(i => Same(i.Name, index));
            table.Database.AlterTable(frame.Transaction!, definition);
        }
    }

    private static SchemaObjectName OwnerOf(ChildObjectName child)
    {
        var name = new SchemaObjectName();
        for (int i = 0; i < child.Identifiers.Count - 1; i++)
        {
            name.Identifiers.Add(child.Identifiers[i]);
        }

        return name;
    }

    private static LabTable TableToAlter(SchemaObjectName name, ExecutionFrame frame, int missing)
    {
        string shown = string.Join('.', name.Identifiers.Select(i => i.Value));
        LabTable? table = frame.FindTable(name);
        if (table is null || (table.Def.IsSystem && !name.BaseIdentifier.Value.StartsWith('#')) || !frame.MayAlter(table))
        {
            throw missing == 1088
                ? new LabSqlException(1088, 16, 12, $"Cannot find the object \"{shown}\" because it does not exist or you do not have permissions.")
                : new LabSqlException(4902, 16, 1, $"Cannot find the object \"{shown}\" because it does not exist or you do not have permissions.");
        }

        return table;
    }
}
