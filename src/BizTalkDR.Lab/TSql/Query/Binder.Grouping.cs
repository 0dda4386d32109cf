using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// GROUP BY, and the types that cannot be grouped, sorted or told apart.
internal sealed partial class Binder
{
    private GroupBinding BindGroups(GroupByClause? clause)
    {
        if (clause is { All: true } or { GroupByOption: not GroupByOption.None })
        {
            throw SqlErrors.Unsupported("GROUP BY with grouping sets");
        }

        GroupBinding grouping = new();
        foreach (GroupingSpecification specification in clause?.GroupingSpecifications ?? [])
        {
            if (specification is not ExpressionGroupingSpecification single)
            {
                throw SqlErrors.Unsupported("GROUP BY with grouping sets");
            }

            Expr key = Bind(single.Expression);
            RefuseIncomparable(key.Type);
            if (key is ConstExpr)
            {
                throw SqlErrors.Make(164, 15, 1, "Each GROUP BY expression must contain at least one column that is not an outer reference.");
            }

            int slot = single.Expression is ColumnReferenceExpression && key is SlotExpr { Depth: 0 } column ? column.Slot : -1;
            grouping.Keys.Add(new GroupKey(key, Signature(single.Expression), slot));
        }

        return grouping;
    }

    private static void RefuseIncomparableDistinct(SelectPlan plan)
    {
        if (plan.Distinct && plan.Columns.FirstOrDefault(c => c.Type.Kind is SqlKind.Text or SqlKind.NText or SqlKind.Image or SqlKind.Xml) is { } incomparable)
        {
            throw SqlErrors.Make(421, 16, 1, $"The {TypeRules.Name(incomparable.Type)} data type cannot be selected as DISTINCT because it is not comparable.");
        }
    }

    /// <summary>Long types have no order.</summary>
    private static void RefuseIncomparable(SqlType type)
    {
        if (type.Kind is SqlKind.Text or SqlKind.NText or SqlKind.Image)
        {
            throw SqlErrors.Make(306, 16, 2, "The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator.");
        }
    }
}
