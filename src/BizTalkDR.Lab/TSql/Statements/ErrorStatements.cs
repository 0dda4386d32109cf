using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// PRINT, RAISERROR, THROW.
internal sealed partial class Interpreter
{
    private const string RaisedByUser = "BizTalkDR.RaisedByUser";

    private void Print(PrintStatement print, ExecutionFrame frame)
    {
        (SqlType type, object? value) = EvaluateArgument(print.Expression, frame);
        var text = (string?)Queries.Convert(value, type, type.IsUnicode ? SqlType.NVarChar(4000) : SqlType.VarChar(8000)) ?? " ";
        _session.Send(frame, new SqlMessage(0, 0, 1, text.Length == 0 ? " " : text, frame.ProcedureName, print.StartLine));
        _session.LastRowCount = 0;
    }

    private void RaiseError(RaiseErrorStatement raise, ExecutionFrame frame)
    {
        (_, object? first) = EvaluateArgument(raise.FirstParameter, frame);
        int severity = Scalar<int>(raise.SecondParameter, SqlType.Int, frame);
        int state = Scalar<int>(raise.ThirdParameter, SqlType.Int, frame);
        var arguments = new List<object?>();
        foreach (ScalarExpression optional in raise.OptionalParameters)
        {
            arguments.Add(EvaluateArgument(optional, frame).Value);
        }

        if (severity < 0)
        {
            // A negative severity stands for the message's own.
            severity = first is int known && SystemMessages.Find(known) is { } stored ? stored.Severity : 0;
        }

        severity = Math.Min(severity, 25);
        state = state < 0 ? 1 : state > 255 ? 255 : state;
        bool logs = raise.RaiseErrorOptions.HasFlag(RaiseErrorOptions.Log);
        if ((severity > 18 && !logs) || ((severity > 18 || logs) && !frame.IsSysAdmin))
        {
            throw new LabSqlException(2754, 16, 1, "Error severity levels greater than 18 can only be specified by members of the sysadmin role, using the WITH LOG option.");
        }

        SqlMessage message = Message(first, severity, state, arguments, raise, frame);
        bool keepsNumber = raise.RaiseErrorOptions.HasFlag(RaiseErrorOptions.SetError);
        if (severity <= 10)
        {
            _session.Send(frame, message);
            _session.LastError = keepsNumber ? message.Number : 0;
            _session.LastRowCount = 0;
            return;
        }

        var error = new LabSqlException(message);
        error.Data[ErrorMarks.Located] = true;
        error.Data[ErrorMarks.Scope] = frame;
        error.Data[RaisedByUser] = true;
        throw error.WithReach(severity >= 20 ? ErrorReach.Connection : ErrorReach.Statement);
    }

    private static SqlMessage Message(object? first, int severity, int state, List<object?> arguments, TSqlStatement at, ExecutionFrame frame)
    {
        if (first is int or short or byte or long)
        {
            long number = System.Convert.ToInt64(first, System.Globalization.CultureInfo.InvariantCulture);
            if (number is < 13000 or > int.MaxValue)
            {
                throw new LabSqlException(2732, 16, 1, $"Error number {number} is invalid. The number must be from 13000 through 2147483647 and it cannot be 50000.");
            }

            if (number <= int.MaxValue && SystemMessages.Find((int)number) is { } known)
            {
                return new SqlMessage((int)number, (byte)severity, (byte)state, MessageFormat.Format(known.Text, arguments), frame.ProcedureName, at.StartLine);
            }

            return new SqlMessage(18054, 16, 1, $"Error {number}, severity {severity}, state {state} was raised, but no message with that error number was found in sys.messages. If error is larger than 50000, make sure the user-defined message is added using sp_addmessage.", frame.ProcedureName, at.StartLine);
        }

        string text = MessageFormat.Format(first as string ?? string.Empty, arguments);
        return new SqlMessage(50000, (byte)severity, (byte)state, text, frame.ProcedureName, at.StartLine);
    }

    private void Throw(ThrowStatement rethrow, ExecutionFrame frame)
    {
        LabSqlException error;
        if (rethrow.ErrorNumber is null)
        {
            if (_session.Caught.Count == 0)
            {
                throw new LabSqlException(10704, 15, 1, "To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.");
            }

            error = new LabSqlException(_session.Caught.Peek().Message);
        }
        else
        {
            int number = Scalar<int>(rethrow.ErrorNumber, SqlType.Int, frame);
            if (number < 50000)
            {
                throw new LabSqlException(35100, 16, 10, $"Error number {number} in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.");
            }

            string text = Scalar<string>(rethrow.Message, SqlType.NVarChar(2048), frame) ?? string.Empty;
            int state = Scalar<int>(rethrow.State, SqlType.Int, frame);
            error = new LabSqlException(new SqlMessage(number, 16, (byte)state, text, frame.ProcedureName, rethrow.StartLine));
        }

        error.Data[ErrorMarks.Located] = true;
        error.Data[ErrorMarks.Scope] = frame;
        throw error.WithReach(ErrorReach.BatchOnly);
    }
}
