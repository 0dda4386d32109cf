using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Calls of user-defined procedures and functions.
internal sealed partial class Interpreter
{
    private int? CallModule(LabDatabase database, ModuleDef module, IReadOnlyList<CallArgument> arguments, ExecutionFrame frame)
    {
        if (frame.NestLevel + 1 > MaxNestLevel)
        {
            throw TooDeep();
        }

        var body = (ProcedureStatementBody)Server.Parser.Parse(module.Text, module.QuotedIdentifiers).Statements[0];
        var inner = new ExecutionFrame(_session, frame, database, frame.Sink)
        {
            Module = module,
            NestLevel = frame.NestLevel + 1,
            TriggerLevel = frame.TriggerLevel,
            Trigger = null,
            BatchText = module.Text,
        };
        List<ParameterSpec> parameters = Parameters(body.Parameters, inner);
        CallArgument?[] bound = ArgumentBinder.Bind(module.Name, parameters, arguments);
        for (int i = 0; i < parameters.Count; i++)
        {
            BindParameter(inner, parameters[i], bound[i]);
        }

        int before = _session.Transaction.Count;
        LabDatabase sessionDatabase = _session.CurrentDatabase;
        ExecuteAsProcedureOption? impersonation = body.Options.OfType<ExecuteAsProcedureOption>().FirstOrDefault();
        bool impersonates = impersonation is not null && ImpersonateModule(impersonation.ExecuteAs, database);
        bool ended;
        try
        {
            ended = RunScope(inner, () =>
            {
                _session.Settings.QuotedIdentifier = module.QuotedIdentifiers;
                RunList(body.StatementList, inner);
            });
        }
        finally
        {
            _session.CurrentDatabase = sessionDatabase;
            if (impersonates)
            {
                Revert();
            }
        }

        AssignOutputs(parameters, bound, inner, ended);
        if (_session.Transaction.Count != before && !_session.Transaction.Doomed)
        {
            throw new LabSqlException(new SqlMessage(266, 16, 2, $"Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = {before}, current count = {_session.Transaction.Count}.", module.Name, 0));
        }

        return ended ? inner.ReturnStatus : null;
    }

    private static void AssignOutputs(List<ParameterSpec> parameters, CallArgument?[] bound, ExecutionFrame inner, bool ended)
    {
        for (int i = 0; ended && i < parameters.Count; i++)
        {
            if (parameters[i].IsOutput && bound[i] is { IsOutput: true, Assign: { } assign })
            {
                (SqlType type, object? value) = inner.GetVariable(parameters[i].Name);
                assign(type, value);
            }
        }
    }

    private List<ParameterSpec> Parameters(IList<ProcedureParameter> declared, ExecutionFrame frame)
    {
        var parameters = new List<ParameterSpec>(declared.Count);
        foreach (ProcedureParameter parameter in declared)
        {
            if (TableTypeOf(parameter.DataType, frame) is not null)
            {
                parameters.Add(new ParameterSpec(parameter.VariableName.Value, SqlType.Int, true, null, false, IsTable: true));
                continue;
            }

            SqlType type = TypeOf(parameter.DataType, frame);
            object? value = null;
            if (parameter.Value is not null)
            {
                (SqlType from, object? given) = parameter.Value is IdentifierLiteral or ColumnReferenceExpression ? EvaluateArgument(parameter.Value, frame) : Queries.Evaluate(parameter.Value, frame);
                value = Queries.Convert(given, from, type);
            }

            parameters.Add(new ParameterSpec(parameter.VariableName.Value, type, parameter.Value is not null, value, parameter.Modifier == ParameterModifier.Output));
        }

        return parameters;
    }

    private void BindParameter(ExecutionFrame inner, ParameterSpec parameter, CallArgument? argument)
    {
        if (parameter.IsTable)
        {
            if (argument?.Table is { } table)
            {
                inner.SharedTables[parameter.Name] = table;
            }

            return;
        }

        object? value = argument is null || argument.IsDefault ? parameter.Default : ConvertArgument(argument, parameter);
        inner.Declare(parameter.Name, parameter.Type, value);
    }

    private object? ConvertArgument(CallArgument argument, ParameterSpec parameter)
    {
        try
        {
            return Queries.Convert(argument.Value, argument.Type, parameter.Type);
        }
        catch (LabSqlException error) when (error.Number is 245 or 8114 or 241)
        {
            // A bad argument ends the call only, with its own number.
            string from = argument.Type.ToString().Split('(')[0];
            string to = parameter.Type.ToString().Split('(')[0];
            throw new LabSqlException(8114, 16, 5, $"Error converting data type {from} to {to}.").WithReach(ErrorReach.Statement);
        }
    }

    /// <summary>Runs a scalar function.</summary>
    internal (SqlType Type, object? Value) CallFunction(LabDatabase database, ModuleDef module, IReadOnlyList<(SqlType Type, object? Value)> arguments, ExecutionFrame frame)
    {
        FunctionStatementBody body = FunctionBody(module);
        SqlType result = TypeOf(((ScalarFunctionReturnType)body.ReturnType).DataType, frame);
        ExecutionFrame inner = FunctionFrame(database, module, body, arguments, frame, result);
        RunScope(inner, () => RunList(body.StatementList, inner));
        return (result, inner.ReturnValue);
    }

    internal FunctionStatementBody FunctionBody(ModuleDef module) =>
        (FunctionStatementBody)Server.Parser.Parse(module.Text, module.QuotedIdentifiers).Statements[0];

    /// <summary>Runs a table-valued function and gives its rows.</summary>
    internal IRowSource CallTableFunction(LabDatabase database, ModuleDef module, IReadOnlyList<(SqlType Type, object? Value)> arguments, ExecutionFrame frame)
    {
        FunctionStatementBody body = FunctionBody(module);
        ExecutionFrame inner = FunctionFrame(database, module, body, arguments, frame, null);
        if (body.ReturnType is SelectFunctionReturnType inline)
        {
            QueryResult rows = Queries.Query(inline.SelectStatement.QueryExpression, inline.SelectStatement.WithCtesAndXmlNamespaces, inner);
            List<object?[]> all = [.. rows.Rows];
            return new VirtualRows(rows.Columns, () => all);
        }

        DeclareTableVariableBody declared = ((TableValuedFunctionReturnType)body.ReturnType).DeclareTableVariableBody;
        DeclareTable(declared, inner);
        LabTable table = inner.TableVariables[declared.VariableName.Value];
        List<object?[]> result = [];
        RunScope(inner, () =>
        {
            RunList(body.StatementList, inner);
            result.AddRange(table.Scan(inner.Transaction).Select(r => r.Values));
        });
        return new VirtualRows(new TableRowSource(table).Columns, () => result);
    }

    private ExecutionFrame FunctionFrame(LabDatabase database, ModuleDef module, FunctionStatementBody body, IReadOnlyList<(SqlType Type, object? Value)> arguments, ExecutionFrame frame, SqlType? result)
    {
        if (frame.NestLevel + 1 > MaxNestLevel)
        {
            throw TooDeep();
        }

        var inner = new ExecutionFrame(_session, frame, database, frame.Sink)
        {
            Module = module,
            NestLevel = frame.NestLevel + 1,
            TriggerLevel = frame.TriggerLevel,
            InFunction = true,
            FunctionResult = result,
            BatchText = module.Text,
        };
        List<ParameterSpec> parameters = Parameters(body.Parameters, inner);
        if (arguments.Count < parameters.Count)
        {
            throw new LabSqlException(313, 16, 2, $"An insufficient number of arguments were supplied for the procedure or function {module.Schema}.{module.Name}.");
        }

        if (arguments.Count > parameters.Count)
        {
            throw new LabSqlException(8144, 16, 3, $"Procedure or function {module.Schema}.{module.Name} has too many arguments specified.");
        }

        for (int i = 0; i < parameters.Count; i++)
        {
            BindParameter(inner, parameters[i], new CallArgument { Type = arguments[i].Type, Value = arguments[i].Value });
        }

        return inner;
    }
}
