using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Statistics: the lab's query engine keeps none, so what is checked is that they could exist.
internal sealed partial class Interpreter
{
    private static void CreateStatistics(CreateStatisticsStatement create, ExecutionFrame frame)
    {
        LabTable table = TableToAlter(create.OnName, frame, missing: 1088);
        foreach (string column in create.Columns.Select(c => c.MultiPartIdentifier.Identifiers[^1].Value))
        {
            if (!table.Def.Columns.Exists(c => Same(c.Name, column)))
            {
                throw new LabSqlException(1911, 16, 1, $"Column name '{column}' does not exist in the target table or view.");
            }
        }
    }

    private static void UpdateStatistics(UpdateStatisticsStatement update, ExecutionFrame frame)
    {
        LabTable? table = frame.FindTable(update.SchemaObjectName);
        if (table is null || table.Def.IsSystem || !frame.MayAlter(table))
        {
            throw new LabSqlException(2706, 11, 6, $"Table '{update.SchemaObjectName.BaseIdentifier.Value}' does not exist.");
        }

        foreach (Identifier part in update.SubElements)
        {
            if (!table.Def.Indexes.Exists(i => Same(i.Name, part.Value)))
            {
                throw new LabSqlException(2767, 16, 1, $"Could not locate statistics '{part.Value}' in the system catalogs.");
            }
        }
    }

    /// <summary>No statistics made by a user are kept, so none can be dropped.</summary>
    private static void DropStatistics(DropStatisticsStatement drop, ExecutionFrame frame)
    {
        ChildObjectName name = drop.Objects[0];
        _ = frame;
        throw new LabSqlException(3701, 11, 6, $"Cannot drop the statistics '{string.Join('.', name.Identifiers.Select(i => i.Value))}', because it does not exist or you do not have permission.");
    }
}
