using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Common table expressions in sight, innermost first.</summary>
internal sealed class CteScope(string name, CommonTableExpression? definition, RecursivePlan? running, CteScope? outer, int maxRecursion)
{
    public string Name => name;

    public CommonTableExpression? Definition => definition;

    /// <summary>The recursive query whose last round this name stands for, inside its recursive part.</summary>
    public RecursivePlan? Running => running;

    public CteScope? Outer => outer;

    public int MaxRecursion => maxRecursion;

    public static CteScope? Find(CteScope? scope, string wanted)
    {
        for (; scope is not null; scope = scope.Outer)
        {
            if (scope.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            {
                return scope;
            }
        }

        return null;
    }
}

// WITH: each reference runs the expression's query anew.
internal sealed partial class Binder
{
    /// <summary>Names of USE HINT as documented; none changes what the lab does.</summary>
    private static readonly HashSet<string> _knownHints = new(System.StringComparer.OrdinalIgnoreCase)
    {
        "ASSUME_JOIN_PREDICATE_DEPENDS_ON_FILTERS", "ASSUME_MIN_SELECTIVITY_FOR_FILTER_ESTIMATES", "ASSUME_FULL_INDEPENDENCE_FOR_FILTER_ESTIMATES",
        "ASSUME_PARTIAL_CORRELATION_FOR_FILTER_ESTIMATES", "DISABLE_OPTIMIZER_ROWGOAL", "DISABLE_PARAMETER_SNIFFING", "DISALLOW_BATCH_MODE", "ALLOW_BATCH_MODE",
        "ENABLE_HIST_AMENDMENT_FOR_ASC_KEYS", "ENABLE_QUERY_OPTIMIZER_HOTFIXES", "FORCE_DEFAULT_CARDINALITY_ESTIMATION", "FORCE_LEGACY_CARDINALITY_ESTIMATION",
        "QUERY_OPTIMIZER_COMPATIBILITY_LEVEL_130", "QUERY_OPTIMIZER_COMPATIBILITY_LEVEL_140", "QUERY_OPTIMIZER_COMPATIBILITY_LEVEL_150", "QUERY_OPTIMIZER_COMPATIBILITY_LEVEL_160",
    };

    /// <summary>Brings the expressions of a WITH clause in sight.</summary>
    public void AddCtes(WithCtesAndXmlNamespaces? with, IEnumerable<OptimizerHint>? hints = null)
    {
        if (with?.XmlNamespaces is not null || with?.ChangeTrackingContext is not null)
        {
            throw SqlErrors.Unsupported(with.XmlNamespaces is null ? "WITH CHANGE_TRACKING_CONTEXT" : "WITH XMLNAMESPACES");
        }

        foreach (UseHintList list in (hints ?? []).OfType<UseHintList>())
        {
            foreach (StringLiteral name in list.Hints)
            {
                if (!_knownHints.Contains(name.Value))
                {
                    throw SqlErrors.Make(10715, 15, 1, $"'{name.Value}' is not a valid hint.");
                }
            }
        }

        int maxRecursion = 100;
        foreach (LiteralOptimizerHint hint in (hints ?? []).OfType<LiteralOptimizerHint>())
        {
            if (hint.HintKind == OptimizerHintKind.MaxRecursion)
            {
                maxRecursion = int.Parse(hint.Value.Value, System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        foreach (CommonTableExpression cte in with?.CommonTableExpressions ?? [])
        {
            _ctes = new CteScope(cte.ExpressionName.Value, cte, null, _ctes, maxRecursion);
        }
    }

    private LeafNode BindCte(CteScope cte, string alias, DmlTarget? target)
    {
        if (cte.Running is { } running)
        {
            _lowestRead = -1;
            return PlanLeaf(alias, running, running.Columns, new WorkingTableProvider(running));
        }

        CteScope? before = _ctes;
        int lowest = _lowestRead;
        _ctes = cte.Outer;
        _lowestRead = int.MaxValue;
        try
        {
            DmlTarget? inner = target is null ? null : DmlTarget.First;
            QueryPlan plan = inner is null ? CtePlan(cte) : TargetPlan(cte.Definition!.QueryExpression, inner);
            bool stable = _lowestRead >= 0;
            List<ResultColumn> columns = NamedColumns(plan.Columns, cte.Definition!.Columns, cte.Name);
            if (inner is not null)
            {
                target!.Found = ThroughQuery((SelectPlan)plan, inner, columns, alias);
            }

            return PlanLeaf(alias, plan, columns, new PlanProvider(plan, applied: false, stable: stable && inner is null), inner is null ? 0 : 1);
        }
        finally
        {
            _ctes = before;
            _lowestRead = _lowestRead < 0 ? -1 : lowest;
        }
    }

    private SelectPlan TargetPlan(QueryExpression query, DmlTarget inner)
    {
        while (query is QueryParenthesisExpression parenthesis)
        {
            query = parenthesis.QueryExpression;
        }

        return query is QuerySpecification specification
            ? BindSelectForChange(specification, inner)
            : throw SqlErrors.Make(4418, 16, 1, "The view or function is not updatable because it contains a set operator.");
    }

    /// <summary>Binds a simple query so that the table behind it can be changed through it.</summary>
    public SelectPlan BindSelectForChange(QuerySpecification specification, DmlTarget inner)
    {
        _changeTarget = inner;
        try
        {
            return In(new Scope(null), () => BindSelect(specification, exposeRow: true));
        }
        finally
        {
            _changeTarget = null;
        }
    }

    private DmlTarget? _changeTarget;

    private QueryPlan CtePlan(CteScope cte)
    {
        QueryExpression query = cte.Definition!.QueryExpression;
        List<QueryExpression> parts = UnionAllParts(query);
        List<QueryExpression> recursive = parts.FindAll(p => NameFinder.Uses(p, cte.Name));
        if (recursive.Count == 0)
        {
            return BindNested(query, null);
        }

        List<QueryExpression> anchors = parts.FindAll(p => !recursive.Contains(p));
        if (anchors.Count == 0)
        {
            throw SqlErrors.Make(246, 16, 1, $"No anchor member was specified for recursive query \"{cte.Name}\".");
        }

        QueryPlan anchor = BindNested(anchors[0], null);
        foreach (QueryExpression more in anchors.Skip(1))
        {
            QueryPlan next = BindNested(more, null);
            anchor = new SetPlan(anchor, new ConvertPlan(next, anchor.Columns), BinaryQueryExpressionType.Union, all: true);
        }

        List<ResultColumn> columns = NamedColumns(anchor.Columns, cte.Definition.Columns, cte.Name).ConvertAll(c => c with { Nullable = true });
        RecursivePlan plan = new(anchor, columns, cte.MaxRecursion);
        _ctes = new CteScope(cte.Name, null, plan, cte.Outer, cte.MaxRecursion);
        foreach (QueryExpression part in recursive)
        {
            QueryPlan bound = BindNested(part, null);
            CheckRecursiveTypes(bound, columns, cte.Name);
            plan.Recursive.Add(new ConvertPlan(bound, columns));
        }

        _lowestRead = int.MaxValue;
        return plan;
    }

    private static void CheckRecursiveTypes(QueryPlan part, List<ResultColumn> columns, string name)
    {
        if (part.Columns.Count != columns.Count)
        {
            throw SqlErrors.Make(205, 16, 1, "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.");
        }

        for (int i = 0; i < columns.Count; i++)
        {
            if (!part.IsNullColumn(i) && part.Columns[i].Type != columns[i].Type)
            {
                throw SqlErrors.Make(240, 16, 1, $"Types don't match between the anchor and the recursive part in column \"{columns[i].Name}\" of recursive query \"{name}\".");
            }
        }
    }

    private static List<QueryExpression> UnionAllParts(QueryExpression query) => query switch
    {
        BinaryQueryExpression { BinaryQueryExpressionType: BinaryQueryExpressionType.Union, All: true, OrderByClause: null } union =>
            [.. UnionAllParts(union.FirstQueryExpression), .. UnionAllParts(union.SecondQueryExpression)],
        QueryParenthesisExpression { OrderByClause: null } parenthesis => UnionAllParts(parenthesis.QueryExpression),
        _ => [query],
    };

    private sealed class NameFinder(string name) : TSqlConcreteFragmentVisitor
    {
        private bool _found;

        public static bool Uses(QueryExpression query, string name)
        {
            NameFinder finder = new(name);
            query.Accept(finder);
            return finder._found;
        }

        public override void Visit(NamedTableReference node) =>
            _found |= node.SchemaObject.Count == 1 && node.SchemaObject.BaseIdentifier.Value.Equals(name, StringComparison.OrdinalIgnoreCase);
    }
}
