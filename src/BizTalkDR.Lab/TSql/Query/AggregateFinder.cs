using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Looks for aggregates that make a query without GROUP BY a grouped one.</summary>
internal sealed class AggregateFinder : TSqlConcreteFragmentVisitor
{
    private bool _found;

    public static bool Uses(QuerySpecification query)
    {
        AggregateFinder finder = new();
        foreach (SelectElement element in query.SelectElements)
        {
            element.Accept(finder);
        }

        query.HavingClause?.Accept(finder);
        query.OrderByClause?.Accept(finder);
        return finder._found || query.HavingClause is not null;
    }

    public override void ExplicitVisit(FunctionCall node)
    {
        if (node.OverClause is null && node.CallTarget is null && Aggregate.IsAggregate(node.FunctionName.Value))
        {
            _found = true;
        }

        base.ExplicitVisit(node);
    }

    public override void ExplicitVisit(ScalarSubquery node)
    {
        // Its aggregates are its own.
    }
}
