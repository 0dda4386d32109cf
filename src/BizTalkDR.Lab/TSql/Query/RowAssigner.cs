using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>The SET clauses of UPDATE: all right sides read the row as it was.</summary>
internal sealed class RowAssigner
{
    private readonly List<(int Column, Expr? Value, Action<Frame, object?>? Variable)> _assignments = [];
    private readonly TableRules _rules;

    public RowAssigner(Binder binder, ChangeTarget target, TableRules rules, IList<SetClause> clauses)
    {
        _rules = rules;
        HashSet<int> seen = [];
        foreach (SetClause clause in clauses)
        {
            if (clause is not AssignmentSetClause assignment)
            {
                throw SqlErrors.SyntaxNear("SET");
            }

            Add(binder, target, assignment);
            (int column, _, _) = _assignments[^1];
            if (column >= 0 && !seen.Add(column))
            {
                throw SqlErrors.Make(264, 16, 1, $"The column name '{target.Definition.Columns[column].Name}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.");
            }
        }

        Columns = _assignments.FindAll(a => a.Column >= 0).ConvertAll(a => target.Definition.Columns[a.Column].Name);
    }

    /// <summary>Names of the columns assigned.</summary>
    public IReadOnlyCollection<string> Columns { get; }

    public object?[] Apply(object?[] old, Frame frame)
    {
        object?[] row = (object?[])old.Clone();
        foreach ((int column, Expr? value, Action<Frame, object?>? variable) in _assignments)
        {
            object? result = value is null ? _rules.Default(column) : value.Eval(frame);
            if (column >= 0)
            {
                row[column] = result;
            }

            variable?.Invoke(frame, result);
        }

        return row;
    }

    private void Add(Binder binder, ChangeTarget target, AssignmentSetClause assignment)
    {
        string? variable = assignment.Variable?.Name;
        if (assignment.Column is null)
        {
            (SqlType type, _) = binder.Context.GetVariable(variable!);
            Expr only = Compound(assignment, new CalcExpr(type, f => f.Context.GetVariable(variable!).Value), binder.Bind(assignment.NewValue));
            SqlType given = only.IsNullLiteral ? type : only.Type;
            _assignments.Add((-1, only, (f, v) => f.Context.SetVariable(variable!, given, v)));
            return;
        }

        string name = assignment.Column.MultiPartIdentifier[assignment.Column.MultiPartIdentifier.Count - 1].Value;
        int column = target.ColumnIndex(name);
        ColumnDef definition = target.Definition.Columns[column];
        _rules.RefuseAssignment(column, isInsert: false);
        if (definition.IsIdentity)
        {
            throw SqlErrors.Make(8102, 16, 1, $"Cannot update identity column '{definition.Name}'.");
        }

        Expr? value = assignment.NewValue is DefaultLiteral
            ? null
            : _rules.Assign(Compound(assignment, assignment.AssignmentKind == AssignmentKind.Equals ? Exprs.Null : binder.Bind(assignment.Column), binder.Bind(assignment.NewValue)), column);
        _assignments.Add((column, value, variable is null ? null : (f, v) => f.Context.SetVariable(variable, definition.Type, v)));
    }

    private static Expr Compound(AssignmentSetClause assignment, Expr current, Expr value) =>
        assignment.AssignmentKind == AssignmentKind.Equals ? value : Arithmetic.Bind(Binder.OperatorOf(assignment.AssignmentKind), current, value);
}
