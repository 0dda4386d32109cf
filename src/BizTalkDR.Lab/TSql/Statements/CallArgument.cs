using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>One argument of a procedure call.</summary>
internal sealed class CallArgument
{
    /// <summary>Parameter name with @; null when given by position.</summary>
    public string? Name { get; init; }

    public SqlType Type { get; init; } = SqlType.NVarCharMax;

    public object? Value { get; init; }

    /// <summary>Whether DEFAULT was given.</summary>
    public bool IsDefault { get; init; }

    public bool IsOutput { get; init; }

    /// <summary>A table variable handed over as a table-valued parameter.</summary>
    public LabTable? Table { get; init; }

    /// <summary>Takes the value of an output parameter.</summary>
    public Action<SqlType, object?>? Assign { get; init; }
}

/// <summary>A parameter a procedure declares.</summary>
internal sealed record ParameterSpec(string Name, SqlType Type, bool HasDefault, object? Default, bool IsOutput, bool IsTable = false);

/// <summary>Matches arguments with declared parameters.</summary>
internal static class ArgumentBinder
{
    /// <summary>Gives, per parameter, the argument for it or null for its default; throws 201, 8144, 8145 or 8162.</summary>
    public static CallArgument?[] Bind(string procedure, IReadOnlyList<ParameterSpec> parameters, IReadOnlyList<CallArgument> arguments)
    {
        var bound = new CallArgument?[parameters.Count];
        bool named = false;
        for (int i = 0; i < arguments.Count; i++)
        {
            CallArgument argument = arguments[i];
            int index = i;
            if (!string.IsNullOrEmpty(argument.Name))
            {
                named = true;
                index = IndexOf(parameters, argument.Name);
                if (index < 0)
                {
                    throw parameters.Count == 0
                        ? new LabSqlException(8146, 16, 2, $"Procedure {procedure} has no parameters and arguments were supplied.")
                        : new LabSqlException(8145, 16, 2, $"{argument.Name} is not a parameter for procedure {procedure}.");
                }

                if (bound[index] is not null)
                {
                    throw new LabSqlException(8143, 16, 1, $"Parameter '{argument.Name}' was supplied multiple times.");
                }
            }
            else if (named)
            {
                throw new LabSqlException(119, 15, 1, $"Must pass parameter number {i + 1} and subsequent parameters as '@name = value'. After the form '@name = value' has been used, all subsequent parameters must be passed in the form '@name = value'.");
            }
            else if (index >= parameters.Count)
            {
                throw parameters.Count == 0
                    ? new LabSqlException(8146, 16, 2, $"Procedure {procedure} has no parameters and arguments were supplied.")
                    : new LabSqlException(8144, 16, 2, $"Procedure or function {procedure} has too many arguments specified.");
            }

            if (argument.IsOutput && !parameters[index].IsOutput)
            {
                throw new LabSqlException(8162, 16, 2, $"The formal parameter \"{parameters[index].Name}\" was not declared as an OUTPUT parameter, but the actual parameter passed in requested output.");
            }

            bound[index] = argument;
        }

        for (int i = 0; i < parameters.Count; i++)
        {
            if ((bound[i] is null || bound[i]!.IsDefault) && !parameters[i].HasDefault && !parameters[i].IsTable)
            {
                throw new LabSqlException(201, 16, 4, $"Procedure or function '{procedure}' expects parameter '{parameters[i].Name}', which was not supplied.");
            }
        }

        return bound;
    }

    private static int IndexOf(IReadOnlyList<ParameterSpec> parameters, string name)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            if (string.Equals(parameters[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
