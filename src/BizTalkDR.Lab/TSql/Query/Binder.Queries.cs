using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Queries: SELECT, set operations, their order and limits.
internal sealed partial class Binder
{
    /// <summary>Binds a query; names it does not know are looked for in the scopes around it.</summary>
    /// <param name="query">The parsed query.</param>
    /// <param name="parent">The scope around it; null at the outermost level.</param>
    /// <param name="exposeRow">Whether the stored row of its (only) table comes behind the columns, for DML through it.</param>
    public QueryPlan BindQuery(QueryExpression query, Scope? parent, bool exposeRow = false)
    {
        QueryPlan plan = query switch
        {
            QuerySpecification specification => In(new Scope(parent), () => BindSelect(specification, exposeRow)),
            QueryParenthesisExpression parenthesis => BindParenthesis(parenthesis, parent, exposeRow),
            BinaryQueryExpression binary => BindSetOperation(binary, parent),
            _ => throw SqlErrors.SyntaxNear("SELECT"),
        };
        return query.ForClause is XmlForClause xml ? ForXmlPlan.Create(plan, xml, parent is null, AutoNames(query)) : RefuseFor(query.ForClause, plan);
    }

    private static QueryPlan RefuseFor(ForClause? clause, QueryPlan plan) =>
        clause is null or ReadOnlyForClause or UpdateForClause ? plan : throw SqlErrors.Unsupported(clause is BrowseForClause ? "FOR BROWSE" : "FOR JSON");

    private static string AutoNames(QueryExpression query) =>
        query is QuerySpecification { FromClause.TableReferences: [NamedTableReference table, ..] }
            ? table.Alias?.Value ?? table.SchemaObject.BaseIdentifier.Value
            : "row";

    /// <summary>Binds a query in parentheses somewhere in an expression or FROM clause: ORDER BY needs TOP, OFFSET or FOR XML there.</summary>
    public QueryPlan BindNested(QueryExpression query, Scope? parent, bool exposeRow = false)
    {
        QueryPlan plan = BindQuery(query, parent, exposeRow);
        return plan.HasBareOrder
            ? throw SqlErrors.Make(1033, 15, 1, "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.")
            : plan;
    }

    private QueryPlan BindParenthesis(QueryParenthesisExpression parenthesis, Scope? parent, bool exposeRow)
    {
        QueryPlan inner = BindQuery(parenthesis.QueryExpression, parent, exposeRow);
        return WithOrder(parenthesis, inner);
    }

    private QueryPlan BindSetOperation(BinaryQueryExpression binary, Scope? parent)
    {
        QueryPlan left = BindQuery(binary.FirstQueryExpression, parent);
        QueryPlan right = BindQuery(binary.SecondQueryExpression, parent);
        if (left.Columns.Count != right.Columns.Count)
        {
            throw SqlErrors.Make(205, 16, 1, "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.");
        }

        List<SqlType> types = [];
        for (int i = 0; i < left.Columns.Count; i++)
        {
            SqlType a = left.Columns[i].Type;
            SqlType b = right.Columns[i].Type;
            SqlType common = left.IsNullColumn(i) ? b : right.IsNullColumn(i) ? a : TypeRules.Common(a, b);
            foreach ((SqlType own, bool isNull) in new[] { (a, left.IsNullColumn(i)), (b, right.IsNullColumn(i)) })
            {
                if (!isNull)
                {
                    SqlConversion.Verify(own, common, isExplicit: false);
                }
            }

            types.Add(common);
        }

        List<ResultColumn> Typed(QueryPlan plan) => plan.Columns.Select((c, i) => new ResultColumn(left.Columns[i].Name, types[i], c.Nullable)).ToList();
        SetPlan set = new(new ConvertPlan(left, Typed(left)), new ConvertPlan(right, Typed(right)), binary.BinaryQueryExpressionType, binary.All);
        return WithOrder(binary, set);
    }

    // Behind a set operation only output columns can be ordered by: by name or position.
    private QueryPlan WithOrder(QueryExpression query, QueryPlan plan)
    {
        if (query.OrderByClause is null)
        {
            return plan;
        }

        List<(int, bool)> order = [];
        foreach (ExpressionWithSortOrder element in query.OrderByClause.OrderByElements)
        {
            int column = element.Expression switch
            {
                IntegerLiteral position => Position(position, plan.Columns.Count),
                ColumnReferenceExpression { MultiPartIdentifier: { Count: 1 } name } => plan.Columns.ToList().FindIndex(c => c.Name.Equals(name[0].Value, StringComparison.OrdinalIgnoreCase)),
                _ => -1,
            };
            if (column < 0)
            {
                throw SqlErrors.Make(104, 16, 1, "ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.");
            }

            order.Add((column, element.SortOrder == SortOrder.Descending));
        }

        OffsetClause? offset = query.OffsetClause;
        return new SortPlan(
            plan,
            order,
            offset?.OffsetExpression is { } skip ? Bind(skip) : null,
            offset?.FetchExpression is { } take ? Bind(take) : null)
        {
            HasBareOrder = offset is null && query.ForClause is null,
        };
    }

    private static int Position(IntegerLiteral literal, int count)
    {
        int position = int.Parse(literal.Value, System.Globalization.CultureInfo.InvariantCulture);
        return position < 1 || position > count
            ? throw SqlErrors.Make(108, 16, 1, $"The ORDER BY position number {position} is out of range of the number of items in the select list.")
            : position - 1;
    }

    private SelectPlan BindSelect(QuerySpecification query, bool exposeRow)
    {
        Scope scope = _scope!;
        SelectPlan plan = new(scope) { HasBareOrder = query.OrderByClause is not null && query.TopRowFilter is null && query.OffsetClause is null && query.ForClause is null };
        if (query.FromClause is { } from)
        {
            plan.From = BindFrom(from.TableReferences, exposeRow ? _changeTarget : null);
            plan.HiddenSlot = exposeRow ? HiddenSlotOf(scope) : -1;
        }

        if (query.WhereClause?.SearchCondition is { } where)
        {
            PlaceConditions(plan, where);
        }

        if (query.GroupByClause is not null || AggregateFinder.Uses(query))
        {
            plan.Grouping = BindGroups(query.GroupByClause);
            scope.Grouping = plan.Grouping;
        }

        scope.Windows = [];
        BindOutput(query, plan);
        if (query.HavingClause is not null)
        {
            List<WindowFunction> windows = scope.Windows;
            scope.Windows = null;
            scope.Grouping!.ErrorNumber = 8121;
            plan.Having = BindCondition(query.HavingClause.SearchCondition);
            scope.Windows = windows;
        }

        plan.Distinct = query.UniqueRowFilter == UniqueRowFilter.Distinct;
        RefuseIncomparableDistinct(plan);
        BindOrder(query, plan);
        plan.Order.ForEach(o => RefuseIncomparable(o.Expression.Type));
        plan.Windows = scope.Windows;
        int width = plan.Grouping is null ? scope.Width : plan.Grouping.Keys.Count + plan.Grouping.Aggregates.Count;
        for (int i = 0; i < plan.Windows.Count; i++)
        {
            plan.Windows[i].Result.Slot = width + i;
        }

        BindLimits(query, plan);
        return exposeRow && (plan.Grouping is not null || plan.Distinct)
            ? throw SqlErrors.Make(4403, 16, 1, "Cannot update the view or function because it contains aggregates, or a DISTINCT or GROUP BY clause, or PIVOT or UNPIVOT operator.")
            : plan;
    }

    private static int HiddenSlotOf(Scope scope)
    {
        ScopeSource source = scope.Sources.Find(s => s.HiddenSlots > 0)
            ?? throw SqlErrors.Make(4406, 16, 1, "Update or insert of view or function failed because it contains a derived or constant field.");
        return source.Offset + source.Columns.Count;
    }

    /// <summary>Binds the select list of an OUTPUT clause over a scope of its own.</summary>
    public SelectPlan BindOutputClause(QuerySpecification query, Scope scope) => In(scope, () =>
    {
        SelectPlan plan = new(scope);
        BindOutput(query, plan);
        return plan;
    });

    /// <summary>Binds a WHERE clause over the sources of the current scope.</summary>
    public void PlaceWhere(SelectPlan plan, BooleanExpression where) => PlaceConditions(plan, where);

    private void PlaceConditions(SelectPlan plan, BooleanExpression where)
    {
        foreach (BooleanExpression part in Conjuncts(where))
        {
            Conjunct conjunct = BindConjunct(part);
            if (conjunct.Reads.Count == 0 || plan.From is null)
            {
                plan.Constants.Add(conjunct);
            }
            else
            {
                plan.From.Push(conjunct);
            }
        }
    }

    /// <summary>Binds one condition and notes which slots of the current scope it reads.</summary>
    public Conjunct BindConjunct(BooleanExpression part)
    {
        if (part is BooleanComparisonExpression { ComparisonType: BooleanComparisonType.Equals } equality)
        {
            (Expr left, List<int> leftReads) = Reading(() => Bind(equality.FirstExpression));
            (Expr right, List<int> rightReads) = Reading(() => Bind(equality.SecondExpression));
            return new Conjunct
            {
                Test = Comparison.Bind(BooleanComparisonType.Equals, left, right),
                Reads = [.. leftReads, .. rightReads],
                Equality = (left, leftReads, right, rightReads),
            };
        }

        (Func<Frame, bool?> test, List<int> reads) = Reading(() => BindCondition(part));
        return new Conjunct { Test = test, Reads = reads };
    }

    private (T Bound, List<int> Reads) Reading<T>(Func<T> bind)
    {
        List<int>? before = _scope!.Reads;
        List<int> reads = [];
        _scope.Reads = reads;
        T bound = bind();
        _scope.Reads = before;
        before?.AddRange(reads);
        return (bound, reads);
    }

    private void BindLimits(QuerySpecification query, SelectPlan plan)
    {
        if (query.TopRowFilter is { } top)
        {
            plan.Top = In(_scope!.Parent, () => Bind(top.Expression));
            plan.TopPercent = top.Percent;
            plan.TopWithTies = top.WithTies;
            if (top.WithTies && plan.Order.Count == 0)
            {
                throw SqlErrors.Make(1062, 15, 1, "The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause.");
            }

            Expr inner = plan.Top;
            plan.Top = new CalcExpr(inner.Type, f => inner.Eval(f.Outer ?? f));
        }

        if (query.OffsetClause is { } offset)
        {
            plan.Offset = Outside(offset.OffsetExpression);
            plan.Fetch = Outside(offset.FetchExpression);
        }
    }

    private CalcExpr? Outside(ScalarExpression? expression)
    {
        if (expression is null)
        {
            return null;
        }

        Expr inner = In(_scope!.Parent, () => Bind(expression));
        return new CalcExpr(inner.Type, f => inner.Eval(f.Outer ?? f));
    }
}
