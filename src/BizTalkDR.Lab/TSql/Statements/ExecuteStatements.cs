using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// EXEC of procedures and strings, local and remote; RPC from clients.
internal sealed partial class Interpreter
{
    /// <summary>Runs a remote procedure call of a client: result sets, return status, output parameters.</summary>
    public void CallRemotely(ExecutionFrame frame, string procedure, IReadOnlyList<RpcParameter> parameters)
    {
        var outputs = new (SqlType Type, object? Value)?[parameters.Count];
        var arguments = new List<CallArgument>();
        for (int i = 0; i < parameters.Count; i++)
        {
            int index = i;
            RpcParameter parameter = parameters[i];
            arguments.Add(new CallArgument
            {
                Name = string.IsNullOrEmpty(parameter.Name) ? null : parameter.Name,
                Type = parameter.Type,
                Value = parameter.Value,
                IsOutput = parameter.IsOutput,
                Assign = (type, value) => outputs[index] = (type, value),
            });
        }

        int? status = null;
        Guard(null, frame, () => status = CallByText(procedure, arguments, frame));
        frame.Sink.ReturnStatus(status ?? (_session.LastError == 0 ? 0 : -4));
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].IsOutput)
            {
                (SqlType type, object? value) = outputs[i] ?? (parameters[i].Type, parameters[i].Value);
                frame.Sink.OutputParameter(parameters[i].Name, type, value);
            }
        }
    }

    /// <summary>Calls a procedure whose name comes as text.</summary>
    internal int? CallByText(string procedure, IReadOnlyList<CallArgument> arguments, ExecutionFrame frame)
    {
        SchemaObjectName name = ScriptParser.ParseName(procedure) ?? throw ServerErrors.UnknownProcedure(procedure);
        return Call(name, arguments, frame);
    }

    private void Execute(ExecuteSpecification specification, ExecutionFrame frame)
    {
        bool impersonates = specification.ExecuteContext is not null;
        if (impersonates)
        {
            Impersonate(specification.ExecuteContext!, frame);
        }

        try
        {
            if (specification.ExecutableEntity is ExecutableStringList list)
            {
                ExecuteText(list, specification, frame);
            }
            else
            {
                ExecuteProcedure((ExecutableProcedureReference)specification.ExecutableEntity, specification, frame);
            }
        }
        finally
        {
            if (impersonates)
            {
                Revert();
            }
        }
    }

    private void ExecuteText(ExecutableStringList list, ExecuteSpecification specification, ExecutionFrame frame)
    {
        var text = new StringBuilder();
        foreach (ValueExpression part in list.Strings)
        {
            text.Append(Scalar<string>(part, SqlType.NVarCharMax, frame));
        }

        if (specification.LinkedServer is { } server)
        {
            List<CallArgument> arguments = ReadArguments(list, frame);
            if (IsLocal(server.Value))
            {
                RunDynamic(text.ToString(), frame, []);
            }
            else
            {
                _session.Links.ExecuteText(server.Value, text.ToString(), arguments, frame);
            }

            return;
        }

        RunDynamic(text.ToString(), frame, []);
    }

    private void ExecuteProcedure(ExecutableProcedureReference reference, ExecuteSpecification specification, ExecutionFrame frame)
    {
        SchemaObjectName name;
        if (reference.ProcedureReference.ProcedureVariable is { } variable)
        {
            string text = frame.GetVariable(variable.Name).Value as string ?? throw ServerErrors.UnknownProcedure(string.Empty);
            name = ScriptParser.ParseName(text) ?? throw ServerErrors.UnknownProcedure(text);
        }
        else
        {
            name = reference.ProcedureReference.ProcedureReference.Name;
        }

        int? status = Call(name, ReadArguments(reference, frame), frame);
        if (specification.Variable is not null && status is not null)
        {
            frame.SetVariable(specification.Variable.Name, SqlType.Int, status.Value);
        }
    }

    private List<CallArgument> ReadArguments(ExecutableEntity entity, ExecutionFrame frame)
    {
        var arguments = new List<CallArgument>(entity.Parameters.Count);
        foreach (ExecuteParameter parameter in entity.Parameters)
        {
            string? name = parameter.Variable?.Name;
            if (parameter.ParameterValue is DefaultLiteral)
            {
                arguments.Add(new CallArgument { Name = name, IsDefault = true });
                continue;
            }

            if (parameter.ParameterValue is VariableReference table && frame.TableVariables.TryGetValue(table.Name, out LabTable? rows))
            {
                arguments.Add(new CallArgument { Name = name, Table = rows });
                continue;
            }

            (SqlType type, object? value) = EvaluateArgument(parameter.ParameterValue, frame);
            arguments.Add(new CallArgument
            {
                Name = name,
                Type = type,
                Value = value,
                IsOutput = parameter.IsOutput,
                Assign = parameter.IsOutput && parameter.ParameterValue is VariableReference target ? (t, v) => frame.SetVariable(target.Name, t, v) : null,
            });
        }

        return arguments;
    }

    /// <summary>Calls a procedure: user-defined, of the system, or on another server. Null when it did not come to its end.</summary>
    private int? Call(SchemaObjectName name, IReadOnlyList<CallArgument> arguments, ExecutionFrame frame)
    {
        if (name.ServerIdentifier is { Value.Length: > 0 } server && !IsLocal(server.Value))
        {
            return _session.Links.ExecuteProcedure(server.Value, name, arguments, frame);
        }

        if (FindProcedure(name, frame) is { } found)
        {
            frame.DemandExecute(found.Database, found.Module);
            return CallModule(found.Database, found.Module, arguments, frame);
        }

        if (SystemProcedureRegistry.Find(name) is { } system)
        {
            return CallSystem(system, name, arguments, frame);
        }

        throw ServerErrors.UnknownProcedure(string.Join('.', name.Identifiers.Select(i => i.Value)));
    }

    private bool IsLocal(string server) => Server.LinkedServers.IsLocal(server);

    private (LabDatabase Database, ModuleDef Module)? FindProcedure(SchemaObjectName name, ExecutionFrame frame)
    {
        LabDatabase? database = frame.Database;
        if (name.DatabaseIdentifier is { Value.Length: > 0 } other)
        {
            database = Instance.Find(other.Value);
            if (database is null)
            {
                return null;
            }

            frame.RequireUsable(database);
        }

        string procedure = name.BaseIdentifier.Value;
        ModuleDef? module = FindProcedureIn(database, name.SchemaIdentifier?.Value, procedure, frame);
        if (module is null && procedure.StartsWith("sp_", StringComparison.OrdinalIgnoreCase) && Instance.Find("master") is { } master && !ReferenceEquals(master, database))
        {
            database = master;
            module = FindProcedureIn(master, name.SchemaIdentifier?.Value, procedure, frame);
        }

        if (module is { Kind: ModuleKind.Synonym })
        {
            SchemaObjectName target = ScriptParser.ParseName(module.Text) ?? throw ServerErrors.UnknownProcedure(module.Text);
            return target.ServerIdentifier is null ? FindProcedure(target, frame) : null;
        }

        return module is null ? null : (database, module);
    }

    private static ModuleDef? FindProcedureIn(LabDatabase database, string? schema, string name, ExecutionFrame frame)
    {
        if (!string.IsNullOrEmpty(schema))
        {
            return Procedure(database.FindModule(schema, name));
        }

        string own = frame.Module?.Schema ?? frame.DefaultSchema(database);
        return Procedure(database.FindModule(own, name)) ?? Procedure(database.FindModule("dbo", name));
    }

    private static ModuleDef? Procedure(ModuleDef? module) => module is { Kind: ModuleKind.Procedure or ModuleKind.Synonym } ? module : null;

    /// <summary>Runs a text as a batch of its own (EXEC ('…'), sp_executesql).</summary>
    internal int RunDynamic(string text, ExecutionFrame frame, IReadOnlyList<(ParameterSpec Parameter, CallArgument? Argument)> parameters)
    {
        if (frame.NestLevel + 1 > MaxNestLevel)
        {
            throw TooDeep();
        }

        var inner = new ExecutionFrame(_session, frame, frame.Database, frame.Sink) { NestLevel = frame.NestLevel + 1, TriggerLevel = frame.TriggerLevel };
        foreach ((ParameterSpec parameter, CallArgument? argument) in parameters)
        {
            BindParameter(inner, parameter, argument);
        }

        ParsedBatch batch;
        try
        {
            batch = Server.Parser.Parse(text, _session.Settings.QuotedIdentifier);
            BatchCheck.Run(batch.Statements, inner.Variables.Keys, inner.TableVariables.Keys);
        }
        catch (LabSqlException error)
        {
            error.Data[ErrorMarks.Scope] = inner;
            error.Data[ErrorMarks.Located] = true;
            throw;
        }

        RunScope(inner, () => RunBatch(batch, inner));
        foreach ((ParameterSpec parameter, CallArgument? argument) in parameters)
        {
            if (parameter.IsOutput && argument is { IsOutput: true, Assign: { } assign })
            {
                (SqlType type, object? value) = inner.GetVariable(parameter.Name);
                assign(type, value);
            }
        }

        return 0;
    }

    /// <summary>Runs a nested scope with its own SET options; false when an error ended it.</summary>
    private bool RunScope(ExecutionFrame inner, Action body)
    {
        SessionSettings settings = _session.Settings;
        _session.Settings = settings.Copy();
        try
        {
            body();
            return true;
        }
        catch (ScopeEndedException)
        {
            return false;
        }
        finally
        {
            _session.Settings = settings;
            CloseScope(inner, keepTempTables: false);
        }
    }

    private static LabSqlException TooDeep() =>
        new(217, 16, 1, "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).");
}
