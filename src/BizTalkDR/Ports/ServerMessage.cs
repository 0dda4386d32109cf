using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Ports;

/// <summary>A message of the server: information (severity up to 10) or error.</summary>
public sealed record ServerMessage(int Number, int Severity, int State, string Text)
{
    /// <summary>Procedure that raised it; empty for a batch.</summary>
    public string Procedure { get; init; } = string.Empty;

    /// <summary>Server that raised it, as the client library reports it; empty when not known.</summary>
    public string Server { get; init; } = string.Empty;

    /// <summary>Whether it is an error (severity above 10).</summary>
    public bool IsError => Severity > 10;

    /// <inheritdoc/>
    public override string ToString() => $"{Number} (severity {Severity}): {Text}";
}

/// <summary>What a statement said, in order. Errors are messages here, not exceptions.</summary>
/// <param name="Statement">The text sent, for debugging and reports.</param>
/// <param name="Messages">Everything the server said.</param>
/// <param name="Elapsed">From sending to the last message.</param>
public sealed record StatementOutcome(string Statement, IReadOnlyList<ServerMessage> Messages, TimeSpan Elapsed)
{
    /// <summary>The error that names the cause: the first that does not merely accompany another; null when there is none.</summary>
    public ServerMessage? Cause =>
        Messages.FirstOrDefault(m => m.IsError && !SqlErrorMap.OnlyAccompanies(m.Number)) ?? Messages.FirstOrDefault(m => m.IsError);

    /// <summary>Whether any message is an error.</summary>
    public bool HasErrors => Messages.Any(m => m.IsError);

    /// <summary>Whether a message with this number came, whatever its severity.</summary>
    public bool Says(int number) => Messages.Any(m => m.Number == number);
}
