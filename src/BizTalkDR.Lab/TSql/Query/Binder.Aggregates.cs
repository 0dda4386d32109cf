using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Aggregates of grouped queries and functions with OVER.
internal sealed partial class Binder
{
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

    /// <summary>Refuses a window function with too few or too many arguments: 174, or 189 where the number may vary.</summary>
    private static void RequireWindowArguments(FunctionCall call, string name)
    {
        (int min, int max) = name switch
        {
            "LAG" or "LEAD" => (1, 3),
            "FIRST_VALUE" or "LAST_VALUE" or "NTILE" => (1, 1),
            _ => (0, 0),
        };
        int given = call.Parameters.Count;
        if (given >= min && given <= max)
        {
            return;
        }

        string shown = call.FunctionName.Value;
        throw min == max ? SqlErrors.FunctionArguments(shown, min) : SqlErrors.FunctionArguments(shown, min, max);
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

        if (call.UniqueRowFilter == UniqueRowFilter.Distinct)
        {
            throw SqlErrors.Make(10759, 15, 1, "Use of DISTINCT is not allowed with the OVER clause.");
        }

        if (!aggregate)
        {
            RequireWindowArguments(call, name);
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
