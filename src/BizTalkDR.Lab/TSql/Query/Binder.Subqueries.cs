using System;
using System.Collections.Generic;
using System.Linq;
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
}
