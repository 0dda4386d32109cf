using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_executesql and the sp_prepare family.</summary>
internal static class StatementProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_executesql", string.Empty, _ => { }) { RunRaw = (frame, arguments, _) => ExecuteSql(frame, arguments) },
        new SystemProcedure("sp_prepare", string.Empty, _ => { }) { RunRaw = Prepare },
        new SystemProcedure("sp_prepexec", string.Empty, _ => { }) { RunRaw = PrepareAndExecute },
        new SystemProcedure("sp_execute", string.Empty, _ => { }) { RunRaw = (frame, arguments, _) => Execute(frame, Handle(frame, arguments), [.. arguments.Skip(1)]) },
        new SystemProcedure("sp_unprepare", string.Empty, _ => { }) { RunRaw = (frame, arguments, _) => Unprepare(frame, arguments) },
        new SystemProcedure("sp_reset_connection", string.Empty, call => call.Frame.Session.Reset(keepTransaction: false)),
    ];

    private static void ExecuteSql(ExecutionFrame frame, IReadOnlyList<CallArgument> arguments)
    {
        List<CallArgument> rest = [.. arguments];
        CallArgument statement = TakeNamed(rest, "@stmt", "@statement") ?? TakeFirst(rest)
            ?? throw new LabSqlException(new SqlMessage(201, 16, 10, "Procedure or function 'sp_executesql' expects parameter '@statement', which was not supplied.", "sp_executesql"));
        RequireText(frame, statement, "@statement");
        CallArgument? declarations = TakeNamed(rest, "@params", "@parameters") ?? TakeFirst(rest);
        if (declarations is not null)
        {
            RequireText(frame, declarations, "@params");
        }

        Run(frame, TextOf(frame, statement), declarations is null ? string.Empty : TextOf(frame, declarations), rest);
    }

    private static void Run(ExecutionFrame frame, string text, string declarations, IReadOnlyList<CallArgument> arguments)
    {
        Interpreter interpreter = frame.Session.Interpreter;
        List<ParameterSpec> parameters = interpreter.ReadParameters(declarations, frame);
        CallArgument?[] bound = parameters.Count == 0 && arguments.Count > 0
            ? throw new LabSqlException(8144, 16, 2, "Procedure or function  has too many arguments specified.")
            : BindStatement(parameters, arguments);
        interpreter.RunDynamic(text, frame, [.. parameters.Select((p, i) => (p, bound[i]))]);
    }

    private static CallArgument?[] BindStatement(List<ParameterSpec> parameters, IReadOnlyList<CallArgument> arguments)
    {
        try
        {
            return ArgumentBinder.Bind(string.Empty, parameters, arguments);
        }
        catch (LabSqlException error) when (error.Number == 201)
        {
            ParameterSpec? missing = parameters.FirstOrDefault(p => !arguments.Any(a => string.Equals(a.Name, p.Name, System.StringComparison.OrdinalIgnoreCase)));
            string all = string.Join(',', parameters.Select(p => $"{p.Name} {p.Type}"));
            throw new LabSqlException(8178, 16, 1, $"The parameterized query '({all})' expects the parameter '{missing?.Name}', which was not supplied.");
        }
    }

    private static void Prepare(ExecutionFrame frame, IReadOnlyList<CallArgument> arguments, SystemProcedure procedure)
    {
        int handle = Store(frame, TextOf(frame, arguments[1]), TextOf(frame, arguments[2]));
        arguments[0].Assign?.Invoke(SqlType.Int, handle);
    }

    private static void PrepareAndExecute(ExecutionFrame frame, IReadOnlyList<CallArgument> arguments, SystemProcedure procedure)
    {
        int handle = Store(frame, TextOf(frame, arguments[1]), TextOf(frame, arguments[2]));
        arguments[0].Assign?.Invoke(SqlType.Int, handle);
        Execute(frame, handle, [.. arguments.Skip(3)]);
    }

    private static void Execute(ExecutionFrame frame, int handle, IReadOnlyList<CallArgument> arguments)
    {
        if (!frame.Session.Prepared.TryGetValue(handle, out PreparedStatement? prepared))
        {
            throw new LabSqlException(8179, 16, 2, $"Could not find prepared statement with handle {handle}.");
        }

        Run(frame, prepared.Text, prepared.Parameters, arguments);
    }

    private static void Unprepare(ExecutionFrame frame, IReadOnlyList<CallArgument> arguments)
    {
        int handle = Handle(frame, arguments);
        if (!frame.Session.Prepared.Remove(handle))
        {
            throw new LabSqlException(8179, 16, 2, $"Could not find prepared statement with handle {handle}.");
        }
    }

    private static int Store(ExecutionFrame frame, string parameters, string text)
    {
        int handle = ++frame.Session.NextHandle;
        frame.Session.Prepared[handle] = new PreparedStatement(parameters, text);
        return handle;
    }

    private static int Handle(ExecutionFrame frame, IReadOnlyList<CallArgument> arguments) =>
        arguments.Count == 0 ? 0 : (int?)frame.Session.Server.Queries.Convert(arguments[0].Value, arguments[0].Type, SqlType.Int) ?? 0;

    private static void RequireText(ExecutionFrame frame, CallArgument argument, string name)
    {
        if (argument.Value is not null && !argument.Type.IsUnicode)
        {
            throw new LabSqlException(214, 16, 2, $"Procedure expects parameter '{name}' of type 'ntext/nchar/nvarchar'.");
        }
    }

    private static string TextOf(ExecutionFrame frame, CallArgument argument) =>
        (string?)frame.Session.Server.Queries.Convert(argument.Value, argument.Type, SqlType.NVarCharMax) ?? string.Empty;

    private static CallArgument? TakeNamed(List<CallArgument> arguments, params string[] names)
    {
        int index = arguments.FindIndex(a => a.Name is not null && names.Contains(a.Name, System.StringComparer.OrdinalIgnoreCase));
        return index < 0 ? null : Take(arguments, index);
    }

    private static CallArgument? TakeFirst(List<CallArgument> arguments) =>
        arguments.Count > 0 && arguments[0].Name is null ? Take(arguments, 0) : null;

    private static CallArgument Take(List<CallArgument> arguments, int index)
    {
        CallArgument taken = arguments[index];
        arguments.RemoveAt(index);
        return taken;
    }
}

internal sealed partial class Interpreter
{
    /// <summary>Reads parameter declarations such as <c>@a int, @b nvarchar(10) OUTPUT</c>.</summary>
    internal List<ParameterSpec> ReadParameters(string declarations, ExecutionFrame frame) => Parameters(Server.Parser.ParseParameters(declarations), frame);
}
