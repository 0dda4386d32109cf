using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Knows the system procedures by name.</summary>
internal static class SystemProcedureRegistry
{
    private static readonly Dictionary<string, SystemProcedure> s_procedures = new(StringComparer.OrdinalIgnoreCase);

    static SystemProcedureRegistry()
    {
        foreach (SystemProcedure procedure in StatementProcedures.All.Concat(LockProcedures.All).Concat(LinkedServerProcedures.All).Concat(HelpProcedures.All).Concat(DatabaseHelp.All).Concat(SessionProcedures.All).Concat(SecurityProcedures.All)
            .Concat(ServerProcedures.All).Concat(FileProcedures.All).Concat(AgentProcedures.All).Concat(DistributedProcedures.All))
        {
            s_procedures[procedure.Name] = procedure;
        }
    }

    /// <summary>Names to list; what the instances of the lab call among themselves is not listed.</summary>
    public static IEnumerable<string> Names => s_procedures.Keys.Where(n => !n.StartsWith("sp_lab_", StringComparison.OrdinalIgnoreCase));

    /// <summary>Finds a procedure by a name in sys, dbo or without schema.</summary>
    public static SystemProcedure? Find(SchemaObjectName name)
    {
        string? schema = name.SchemaIdentifier?.Value;
        bool isSystem = string.IsNullOrEmpty(schema) || schema.Equals("dbo", StringComparison.OrdinalIgnoreCase) || schema.Equals("sys", StringComparison.OrdinalIgnoreCase);
        return isSystem ? s_procedures.GetValueOrDefault(name.BaseIdentifier.Value) : null;
    }
}

internal sealed partial class Interpreter
{
    /// <summary>Runs a procedure that sorts out its arguments itself, in the database its name was qualified with.</summary>
    private static int RunRaw(Action run, LabDatabase database, ExecutionFrame frame)
    {
        LabDatabase before = frame.Database;
        frame.Database = database;
        try
        {
            run();
            return 0;
        }
        finally
        {
            frame.Database = before;
        }
    }

    private int? CallSystem(SystemProcedure procedure, SchemaObjectName name, IReadOnlyList<CallArgument> arguments, ExecutionFrame frame)
    {
        LabDatabase database = frame.Database;
        if (name.DatabaseIdentifier is { Value.Length: > 0 } other)
        {
            database = Instance.Find(other.Value) ?? throw ServerErrors.UnknownProcedure(string.Join('.', name.Identifiers.Select(i => i.Value)));
            frame.RequireUsable(database);
        }

        if (procedure.RunRaw is { } raw)
        {
            return RunRaw(() => raw(frame, arguments, procedure), database, frame);
        }

        List<ParameterSpec> parameters = Parameters(Server.Parser.ParseParameters(procedure.Parameters), frame);
        CallArgument?[] bound = ArgumentBinder.Bind(procedure.Name, parameters, arguments);
        var call = new SystemCall(procedure, frame, database, parameters, bound);
        procedure.Run(call);
        return call.ReturnStatus;
    }
}
