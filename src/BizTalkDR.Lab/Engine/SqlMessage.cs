using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>Carries one server message: information (class 0 to 10) or error (class 11 and more).</summary>
public sealed record SqlMessage(int Number, byte Class, byte State, string Text, string? Procedure = null, int Line = 1)
{
    public bool IsError => Class > 10;
}

/// <summary>Ends a statement with an error of the documented number, class and text.</summary>
public sealed class LabSqlException : Exception
{
    public LabSqlException(int number, byte @class, byte state, string text)
        : base(text) => Error = new SqlMessage(number, @class, state, text);

    public LabSqlException(SqlMessage error)
        : base(error.Text) => Error = error;

    public SqlMessage Error { get; set; }

    public int Number => Error.Number;
}

/// <summary>Receives messages while a long statement runs; each is sent to the client at once.</summary>
public interface IMessageSink
{
    void Message(SqlMessage message);
}
