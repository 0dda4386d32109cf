using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Subqueries: those that read nothing of the rows around them run once.
internal sealed partial class Binder
{
    private (QueryPlan Plan, bool IsCorrelated) BindSubquery(QueryExpression query, bool single)
    {
        int before = _lowestRead;
        _lowestRead = int.MaxValue;
        QueryPlan plan = BindNested(query, _scope);
        int lowest = _lowestRead;
        _lowestRead = Math.Min(before, lowest);
        if (single && plan.Columns.Count != 1)
        {
            throw SqlErrors.Make(116, 16, 1, "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.");
        }

        return (plan, lowest <= (_scope?.Level ?? -1));
    }

    private CalcExpr BindScalarSubquery(ScalarSubquery subquery)
    {
        Scope? around = _scope;
        (QueryPlan plan, bool correlated) = BindSubquery(subquery.QueryExpression, single: true);
        bool known = false;
        object? value = null;
        return new CalcExpr(plan.Columns[0].Type, f =>
        {
            if (known)
            {
                return value;
            }

            object? result = null;
            bool any = false;
            foreach (object?[] row in plan.Run(f.Context, around is null ? null : f))
            {
                result = any ? throw SqlErrors.MoreThanOneValue() : row[0];
                any = true;
            }

            (known, value) = (!correlated, result);
            return result;
        }) { Rules = plan.Rules.Length == 1 ? plan.Rules[0] : StringRules.Default };
    }

    private Func<Frame, bool?> BindExists(ExistsPredicate exists)
    {
        Scope? around = _scope;
        (QueryPlan plan, bool correlated) = BindSubquery(exists.Subquery.QueryExpression, single: false);
        bool? known = null;
        return f =>
        {
            if (known is not null)
            {
                return known;
            }

            bool any = plan.Run(f.Context, around is null ? null : f).Any();
            known = correlated ? null : any;
            return any;
        };
    }

    private Func<Frame, bool?> BindInSubquery(InPredicate predicate)
    {
        Scope? around = _scope;
        Expr value = Bind(predicate.Expression);
        (QueryPlan plan, bool correlated) = BindSubquery(predicate.Subquery.QueryExpression, single: true);
        SlotExpr column = new(plan.Columns[0].Type, 0, 0) { Rules = plan.Rules[0] };
        (Expr left, Expr right) = Comparison.Align(BooleanComparisonType.Equals, value, column);
        StringRules rules = Exprs.StrongestRules(value, column);
        bool negated = predicate.NotDefined;
        HashSet<object?[]>? set = null;
        bool hasNull = false;
        return f =>
        {
            object? wanted = left.Eval(f);
            bool? found;
            if (correlated)
            {
                found = Search(plan.Run(f.Context, around is null ? null : f), right, wanted, rules, f);
            }
            else
            {
                if (set is null)
                {
                    Frame row = new(f.Context, null);
                    set = new HashSet<object?[]>(new RowKeyComparer([rules]));
                    foreach (object?[] values in plan.Run(f.Context, around is null ? null : f))
                    {
                        row.Row = values;
                        object? member = right.Eval(row);
                        hasNull |= member is null;
                        _ = member is not null && set.Add([member]);
                    }
                }

                found = wanted is null ? (set.Count == 0 && !hasNull ? false : null)
                    : set.Contains([wanted]) ? true : hasNull ? null : false;
            }

            return negated ? !found : found;
        };
    }

    private static bool? Search(IEnumerable<object?[]> rows, Expr right, object? wanted, StringRules rules, Frame frame)
    {
        Frame row = new(frame.Context, null);
        bool? found = false;
        foreach (object?[] values in rows)
        {
            row.Row = values;
            object? member = right.Eval(row);
            if (member is null || wanted is null)
            {
                found = null;
            }
            else if (ValueComparison.Equals(wanted, member, rules))
            {
                return true;
            }
        }

        return found;
    }

    private Func<Frame, bool?> BindQuantified(SubqueryComparisonPredicate predicate)
    {
        Scope? around = _scope;
        Expr value = Bind(predicate.Expression);
        (QueryPlan plan, _) = BindSubquery(predicate.Subquery.QueryExpression, single: true);
        object? current = null;
        CalcExpr member = new(plan.Columns[0].Type, _ => current) { Rules = plan.Rules[0] };
        Func<Frame, bool?> test = Comparison.Bind(predicate.ComparisonType, value, member);
        bool all = predicate.SubqueryComparisonPredicateType == SubqueryComparisonPredicateType.All;
        return f =>
        {
            bool? result = all;
            foreach (object?[] row in plan.Run(f.Context, around is null ? null : f))
            {
                current = row[0];
                bool? one = test(f);
                if (one == !all)
                {
                    return !all;
                }

                result = one is null ? null : result;
            }

            return result;
        };
    }

    private SlotExpr BindAggregate(FunctionCall call)
    {
        Scope? scope = _scope;
        if (scope?.Grouping is not { } grouping)
        {
            throw scope is null
                ? SqlErrors.Make(157, 15, 1, "An aggregate may not appear in the set list of an UPDATE statement.")
                : SqlErrors.Make(147, 15, 1, "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.");
        }

        if (grouping.InAggregate)
        {
            throw SqlErrors.Make(130, 15, 1, "Cannot perform an aggregate function on an expression containing an aggregate or a subquery.");
        }

        grouping.InAggregate = true;
        try
        {
            Aggregate aggregate = MakeAggregate(call);
            if (call.WithinGroupClause?.OrderByClause is { } order)
            {
                aggregate.Order.AddRange(order.OrderByElements.Select(e => (Bind(e.Expression), e.SortOrder == SortOrder.Descending)));
            }

            grouping.Aggregates.Add(aggregate);
            _lowestRead = Math.Min(_lowestRead, scope.Level);
            return new SlotExpr(aggregate.Type, 0, grouping.Keys.Count + grouping.Aggregates.Count - 1)
            {
                Nullable = !call.FunctionName.Value.StartsWith("COUNT", StringComparison.OrdinalIgnoreCase),
                Rules = aggregate.Argument?.Rules ?? StringRules.Default,
            };
        }
        finally
        {
            grouping.InAggregate = false;
        }
    }

    private Aggregate MakeAggregate(FunctionCall call)
    {
        string name = call.FunctionName.Value;
        int wanted = name.Equals("STRING_AGG", StringComparison.OrdinalIgnoreCase) ? 2 : 1;
        if (call.Parameters.Count != wanted)
        {
            throw SqlErrors.FunctionArguments(name.ToLowerInvariant(), wanted);
        }

        bool star = call.Parameters[0] is ColumnReferenceExpression { ColumnType: ColumnType.Wildcard };
        if (star && !name.StartsWith("COUNT", StringComparison.OrdinalIgnoreCase))
        {
            throw SqlErrors.SyntaxNear("*");
        }

        if (SubqueryFinder.Uses(call.Parameters[0]))
        {
            throw SqlErrors.Make(130, 15, 1, "Cannot perform an aggregate function on an expression containing an aggregate or a subquery.");
        }

        Expr? argument = star ? null : Bind(call.Parameters[0]);
        if (argument is { IsNullLiteral: true })
        {
            throw SqlErrors.Make(8117, 16, 1, $"Operand data type NULL is invalid for {name.ToLowerInvariant()} operator.");
        }

        if (wanted == 2)
        {
            argument = argument!.Type.IsCharacter ? argument : Exprs.Convert(argument, SqlType.NVarChar(4000));
        }

        return new Aggregate(name, argument, call.UniqueRowFilter == UniqueRowFilter.Distinct, wanted == 2 ? Exprs.Convert(Bind(call.Parameters[1]), SqlType.NVarCharMax) : null);
    }

    private sealed class SubqueryFinder : TSqlConcreteFragmentVisitor
    {
        private bool _found;

        public static bool Uses(ScalarExpression expression)
        {
            SubqueryFinder finder = new();
            expression.Accept(finder);
            return finder._found;
        }

        public override void ExplicitVisit(ScalarSubquery node) => _found = true;
    }

    private SlotExpr BindWindow(FunctionCall call)
    {
        string name = call.FunctionName.Value.ToUpperInvariant();
        if (_scope?.Windows is not { } windows)
        {
            throw SqlErrors.Make(4108, 15, 1, "Windowed functions can only appear in the SELECT or ORDER BY clauses.");
        }

        bool aggregate = Aggregate.IsAggregate(name);
        if (!aggregate && !WindowFunction.IsRanking(name))
        {
            throw SqlErrors.UnknownFunction(call.FunctionName.Value);
        }

        OverClause over = call.OverClause;
        bool needsOrder = !aggregate;
        if (needsOrder && over.OrderByClause is null)
        {
            throw SqlErrors.Make(4112, 15, 1, $"The function '{call.FunctionName.Value}' must have an OVER clause with ORDER BY.");
        }

        // An OVER clause holds no further window functions.
        _scope.Windows = null;
        Aggregate? computed = aggregate ? MakeAggregate(call) : null;
        Expr[] arguments = aggregate ? [] : call.Parameters.Select(Bind).ToArray();
        Expr[] partition = over.Partitions.Select(Bind).ToArray();
        (Expr, bool)[] order = over.OrderByClause?.OrderByElements.Select(e => (Bind(e.Expression), e.SortOrder == SortOrder.Descending)).ToArray() ?? [];
        _scope.Windows = windows;
        SqlType type = computed?.Type ?? name switch
        {
            "LAG" or "LEAD" or "FIRST_VALUE" or "LAST_VALUE" => arguments[0].Type,
            "PERCENT_RANK" or "CUME_DIST" => SqlType.Float,
            _ => SqlType.BigInt,
        };
        SlotExpr result = new(type, 0, -1);
        windows.Add(new WindowFunction
        {
            Name = name,
            Arguments = arguments,
            Aggregate = computed,
            Partition = partition,
            Order = order,
            FrameClause = over.WindowFrameClause,
            Type = type,
            Result = result,
        });
        _lowestRead = Math.Min(_lowestRead, _scope.Level);
        return result;
    }
}
