using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// The select list and the ORDER BY that may name its columns.
internal sealed partial class Binder
{
    private void BindOutput(QuerySpecification query, SelectPlan plan)
    {
        foreach (SelectElement element in query.SelectElements)
        {
            switch (element)
            {
                case SelectStarExpression star:
                    ExpandStar(star, plan);
                    break;
                case SelectScalarExpression scalar:
                    Expr bound = Bind(scalar.Expression);
                    string name = scalar.ColumnName?.Value
                        ?? (scalar.Expression is ColumnReferenceExpression { MultiPartIdentifier: { } id } ? id[id.Count - 1].Value : string.Empty);
                    plan.Output.Add(new OutputColumn(name, bound, scalar.ColumnName is null));
                    break;
                case SelectSetVariable assignment:
                    plan.Assignments ??= [];
                    plan.Assignments.Add(BindAssignment(assignment.Variable.Name, assignment.AssignmentKind, assignment.Expression));
                    break;
                default:
                    throw SqlErrors.SyntaxNear("SELECT");
            }
        }

        if (plan.Assignments is not null && plan.Output.Count > 0)
        {
            throw SqlErrors.Make(141, 15, 1, "A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.");
        }
    }

    /// <summary>Binds @variable = expression, also with += and its like.</summary>
    public Action<Frame> BindAssignment(string variable, AssignmentKind kind, ScalarExpression expression)
    {
        (SqlType type, _) = Context.GetVariable(variable);
        Expr value = Bind(expression);
        if (kind != AssignmentKind.Equals)
        {
            value = Arithmetic.Bind(OperatorOf(kind), new CalcExpr(type, f => f.Context.GetVariable(variable).Value), value);
        }

        if (!value.IsNullLiteral)
        {
            SqlConversion.Verify(value.Type, type, isExplicit: false);
        }

        return f => f.Context.SetVariable(variable, value.IsNullLiteral ? type : value.Type, value.Eval(f));
    }

    public static BinaryExpressionType OperatorOf(AssignmentKind kind) => kind switch
    {
        AssignmentKind.AddEquals => BinaryExpressionType.Add,
        AssignmentKind.SubtractEquals => BinaryExpressionType.Subtract,
        AssignmentKind.MultiplyEquals => BinaryExpressionType.Multiply,
        AssignmentKind.DivideEquals => BinaryExpressionType.Divide,
        AssignmentKind.ModEquals => BinaryExpressionType.Modulo,
        AssignmentKind.BitwiseAndEquals => BinaryExpressionType.BitwiseAnd,
        AssignmentKind.BitwiseOrEquals => BinaryExpressionType.BitwiseOr,
        _ => BinaryExpressionType.BitwiseXor,
    };

    private void ExpandStar(SelectStarExpression star, SelectPlan plan)
    {
        Scope scope = _scope!;
        List<string> qualifier = star.Qualifier?.Identifiers.Select(i => i.Value).ToList() ?? [];
        List<ScopeSource> sources = scope.Sources.FindAll(s => qualifier.Count == 0 || s.Matches(qualifier));
        if (sources.Count == 0)
        {
            throw qualifier.Count == 0
                ? SqlErrors.Make(263, 16, 1, "Must specify table to select from.")
                : SqlErrors.Make(107, 15, 1, $"The column prefix '{string.Join('.', qualifier)}' does not match with a table name or alias name used in the query.");
        }

        foreach (ScopeSource source in sources)
        {
            for (int i = 0; i < source.Columns.Count; i++)
            {
                plan.Output.Add(new OutputColumn(source.Columns[i].Name, ColumnOf(scope, source, i), true));
            }
        }
    }

    private void BindOrder(QuerySpecification query, SelectPlan plan)
    {
        if (query.OrderByClause is null)
        {
            return;
        }

        if (_scope!.Grouping is { } grouping)
        {
            grouping.ErrorNumber = 8127;
        }

        foreach (ExpressionWithSortOrder element in query.OrderByClause.OrderByElements)
        {
            bool descending = element.SortOrder == SortOrder.Descending;
            int output = OutputOf(element.Expression, plan);
            Expr expression = output >= 0 ? plan.Output[output].Expression : Bind(element.Expression);
            if (output < 0 && plan.Distinct)
            {
                output = MatchingOutput(query, element.Expression, plan, expression);
            }

            plan.Order.Add(new OrderTerm(output, expression, descending));
        }
    }

    // A plain name means the output column of that name first, a number its position.
    private static int OutputOf(ScalarExpression expression, SelectPlan plan)
    {
        if (plan.Assignments is not null)
        {
            return -1;
        }

        switch (expression)
        {
            case IntegerLiteral position:
                return Position(position, plan.Output.Count);
            case ColumnReferenceExpression { MultiPartIdentifier: { Count: 1 } name, Collation: null }:
                string wanted = name[0].Value;
                List<int> matches = Enumerable.Range(0, plan.Output.Count).Where(i => plan.Output[i].Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)).ToList();
                List<int> aliased = matches.FindAll(i => !plan.Output[i].IsStarOrColumn);
                if (aliased.Count > 1)
                {
                    throw SqlErrors.AmbiguousColumn(wanted);
                }

                return aliased.Count == 1 ? aliased[0] : matches.Count == 1 ? matches[0] : -1;
            default:
                return -1;
        }
    }

    private static int MatchingOutput(QuerySpecification query, ScalarExpression expression, SelectPlan plan, Expr bound)
    {
        string signature = Signature(expression);
        for (int i = 0; i < query.SelectElements.Count; i++)
        {
            if (query.SelectElements[i] is SelectScalarExpression scalar && Signature(scalar.Expression) == signature && plan.Output.Count == query.SelectElements.Count)
            {
                return i;
            }
        }

        int slot = bound is SlotExpr { Depth: 0 } column
            ? plan.Output.FindIndex(o => o.Expression is SlotExpr { Depth: 0 } other && other.Slot == column.Slot)
            : -1;
        return slot >= 0 ? slot : throw SqlErrors.Make(145, 15, 1, "ORDER BY items must appear in the select list if SELECT DISTINCT is specified.");
    }
}
