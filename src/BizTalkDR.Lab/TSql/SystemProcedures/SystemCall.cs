using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>A call of a system procedure: its arguments by name, and where results go.</summary>
internal sealed class SystemCall
{
    private readonly Dictionary<string, (ParameterSpec Parameter, CallArgument? Argument)> _arguments;

    public SystemCall(SystemProcedure procedure, ExecutionFrame frame, LabDatabase database, IReadOnlyList<ParameterSpec> parameters, CallArgument?[] bound)
    {
        Procedure = procedure;
        Frame = frame;
        Database = database;
        _arguments = parameters.Select((p, i) => (p, bound[i])).ToDictionary(x => x.p.Name, x => (x.p, x.Item2), StringComparer.OrdinalIgnoreCase);
    }

    public SystemProcedure Procedure { get; }

    public ExecutionFrame Frame { get; }

    /// <summary>Database named in the call, or the current one.</summary>
    public LabDatabase Database { get; }

    public LabSqlServer Server => Frame.Session.Server;

    public Interpreter Interpreter => Frame.Session.Interpreter;

    public int ReturnStatus { get; set; }

    /// <summary>Whether the caller gave the argument.</summary>
    public bool Has(string name) => _arguments[name].Argument is { IsDefault: false };

    public object? this[string name]
    {
        get
        {
            (ParameterSpec parameter, CallArgument? argument) = _arguments[name];
            object? value = argument is null || argument.IsDefault ? parameter.Default : Server.Queries.Convert(argument.Value, argument.Type, parameter.Type);
            return value is SqlVariant variant ? variant.Value : value;
        }
    }

    public string? Text(string name) => this[name] switch
    {
        null => null,
        string s => s,
        object other => System.Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    public int? Int(string name) => this[name] is { } value ? System.Convert.ToInt32(value, CultureInfo.InvariantCulture) : null;

    public void SetOutput(string name, SqlType type, object? value)
    {
        if (_arguments[name].Argument is { Assign: { } assign })
        {
            assign(type, value);
        }
    }

    public void Send(string columns, IEnumerable<object?[]> rows)
    {
        var shape = new RowShape(columns);
        Interpreter.SendTable(Frame, shape.Columns, rows);
    }

    public void Send(IReadOnlyList<ResultColumn> columns, IEnumerable<object?[]> rows) => Interpreter.SendTable(Frame, columns, rows);

    public void Inform(int number, string text) => Frame.Inform(new SqlMessage(number, 0, 1, text, Procedure.Name));

    public LabSqlException Error(int number, string text) => new(new SqlMessage(number, 16, 1, text, Procedure.Name));
}

/// <summary>A system procedure: name, parameters as T-SQL declares them, and what it does.</summary>
internal sealed record SystemProcedure(string Name, string Parameters, Action<SystemCall> Run)
{
    /// <summary>Takes any arguments; the procedure sorts them out itself (sp_executesql).</summary>
    public Action<ExecutionFrame, IReadOnlyList<CallArgument>, SystemProcedure>? RunRaw { get; init; }
}
