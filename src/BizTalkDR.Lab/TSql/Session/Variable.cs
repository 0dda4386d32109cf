using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Holds a local variable.</summary>
internal sealed class Variable
{
    public Variable(SqlType type, object? value = null)
    {
        Type = type;
        Value = value;
    }

    public SqlType Type { get; }

    public object? Value { get; set; }
}

/// <summary>Describes the error a CATCH block handles.</summary>
/// <param name="Procedure">Module it was raised in, with its schema; null outside of modules.</param>
internal sealed record CaughtError(SqlMessage Message, string? Procedure);

/// <summary>Describes how far an error reaches when nothing catches it.</summary>
internal enum ErrorReach
{
    /// <summary>The statement ends, the next one runs.</summary>
    Statement,

    /// <summary>The procedure or batch ends, its caller goes on.</summary>
    Scope,

    /// <summary>Everything ends; the transaction stays.</summary>
    BatchOnly,

    /// <summary>Everything ends; the transaction is rolled back.</summary>
    Batch,

    /// <summary>The connection ends.</summary>
    Connection,
}

/// <summary>Knows the reach of errors by their numbers.</summary>
internal static class ErrorReaches
{
    private static readonly HashSet<int> s_batch = [245, 241, 8114, 8169, 217, 1205, 3609, 3616, 3930, 3928, 8501, 8517, 3971, 10054];
    private static readonly HashSet<int> s_scope =
        [102, 103, 105, 109, 110, 111, 113, 120, 121, 132, 133, 134, 137, 156, 174, 189, 195, 206, 207, 208, 209, 213, 402, 911, 1087, 2715, 4104, 4121, 8120, 8155, 8156, 10700, 10705, 10709];

    public static ErrorReach Of(LabSqlException error)
    {
        if (error.Error.Class >= 20)
        {
            return ErrorReach.Connection;
        }

        if (error.Data.Contains(ErrorMarks.Reach))
        {
            return (ErrorReach)error.Data[ErrorMarks.Reach]!;
        }

        return s_batch.Contains(error.Number) ? ErrorReach.Batch : s_scope.Contains(error.Number) ? ErrorReach.Scope : ErrorReach.Statement;
    }

    /// <summary>Makes the error the second of a pair: the cause is sent first.</summary>
    public static LabSqlException After(this LabSqlException error, LabSqlException cause)
    {
        error.Data[ErrorMarks.Cause] = cause;
        return error;
    }

    public static LabSqlException WithReach(this LabSqlException error, ErrorReach reach)
    {
        error.Data[ErrorMarks.Reach] = reach;
        return error;
    }
}

/// <summary>Names the marks the interpreter puts on errors in flight.</summary>
internal static class ErrorMarks
{
    public const string Reach = "BizTalkDR.Reach";
    public const string Located = "BizTalkDR.Located";
    /// <summary>An error that is sent before this one.</summary>
    public const string Cause = "BizTalkDR.Cause";
    public const string Scope = "BizTalkDR.Scope";

    public static bool IsLocated(Exception error) => error.Data.Contains(Located);
}

/// <summary>Ends the whole batch after its error was reported.</summary>
internal sealed class BatchEndedException : Exception
{
    public BatchEndedException()
        : base("The batch has ended.")
    {
    }
}

/// <summary>Ends one scope (procedure, dynamic batch) after its error was reported.</summary>
internal sealed class ScopeEndedException : Exception
{
    public ScopeEndedException()
        : base("The scope has ended.")
    {
    }
}
