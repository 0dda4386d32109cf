using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// DECLARE and SET @variable.
internal sealed partial class Interpreter
{
    private void Declare(DeclareVariableStatement declare, ExecutionFrame frame)
    {
        foreach (DeclareVariableElement element in declare.Declarations)
        {
            string name = element.VariableName.Value;
            if (element.DataType is SqlDataTypeReference { SqlDataTypeOption: SqlDataTypeOption.Cursor })
            {
                frame.CursorVariables[name] = null;
                continue;
            }

            if (TableTypeOf(element.DataType, frame) is { } tableType)
            {
                DeclareTypedTable(name, tableType, frame);
                continue;
            }

            SqlType type = TypeOf(element.DataType, frame);

            // A DECLARE that runs again (in a loop) does not set the variable back to NULL.
            if (!frame.IsDeclared(name))
            {
                frame.Declare(name, type);
            }

            if (element.Value is not null)
            {
                InStatement(frame, () =>
                {
                    (SqlType from, object? value) = Queries.Evaluate(element.Value, frame);
                    frame.SetVariable(name, from, value);
                });
                _session.LastRowCount = 1;
            }
        }
    }

    private void DeclareTable(DeclareTableVariableBody body, ExecutionFrame frame)
    {
        string name = body.VariableName.Value;
        if (!frame.TableVariables.ContainsKey(name))
        {
            frame.TableVariables[name] = CreateHidden(name, BuildTable(name, body.Definition, frame));
        }
    }

    private void DeclareTypedTable(string name, TableDefinition definition, ExecutionFrame frame)
    {
        if (!frame.TableVariables.ContainsKey(name))
        {
            frame.TableVariables[name] = CreateHidden(name, BuildTable(name, definition, frame));
        }
    }

    private void SetVariable(SetVariableStatement set, ExecutionFrame frame)
    {
        string name = set.Variable.Name;
        if (set.CursorDefinition is not null)
        {
            frame.CursorVariables[name] = NewCursor(name, set.CursorDefinition, frame);
            return;
        }

        if (frame.CursorVariables.ContainsKey(name))
        {
            string source = set.Expression is VariableReference variable ? variable.Name : Scalar<string>(set.Expression, SqlType.SysName, frame) ?? string.Empty;
            frame.CursorVariables[name] = FindCursor(source, frame);
            return;
        }

        InStatement(frame, () =>
        {
            ScalarExpression expression = set.AssignmentKind == AssignmentKind.Equals
                ? set.Expression
                : new BinaryExpression { FirstExpression = set.Variable, SecondExpression = Parenthesised(set.Expression), BinaryExpressionType = Operator(set.AssignmentKind) };
            (SqlType type, object? value) = Queries.Evaluate(expression, frame);
            frame.SetVariable(name, type, value);
        });
        _session.LastRowCount = 1;
    }

    private static ParenthesisExpression Parenthesised(ScalarExpression expression) => new() { Expression = expression };

    private static BinaryExpressionType Operator(AssignmentKind kind) => kind switch
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

    /// <summary>Evaluates an expression and converts it.</summary>
    private T? Scalar<T>(ScalarExpression expression, SqlType type, ExecutionFrame frame)
    {
        (SqlType from, object? value) = EvaluateArgument(expression, frame);
        object? converted = Queries.Convert(value, from, type);
        return converted is null ? default : (T)converted;
    }

    /// <summary>Evaluates an argument, where a bare identifier stands for a string.</summary>
    private (SqlType Type, object? Value) EvaluateArgument(ScalarExpression expression, ExecutionFrame frame) => expression switch
    {
        IdentifierLiteral identifier => (SqlType.SysName, identifier.Value),
        ColumnReferenceExpression { MultiPartIdentifier: { } name } => (SqlType.SysName, string.Join('.', Names(name))),
        VariableReference variable => frame.GetVariable(variable.Name),
        _ => InStatement(frame, () => Queries.Evaluate(expression, frame)),
    };

    private static IEnumerable<string> Names(MultiPartIdentifier name)
    {
        foreach (Identifier part in name.Identifiers)
        {
            yield return part.Value;
        }
    }
}
