using System;
using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace BizTalkDR.Lab.Group;

/// <summary>Says what a line of the ledger records.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LedgerEvent>))]
public enum LedgerEvent : byte
{
    /// <summary>A transaction is about to be sent.</summary>
    Sent = 1,

    /// <summary>The server said it is committed.</summary>
    Acknowledged,

    /// <summary>The server refused it before COMMIT was sent: nothing of it may be found.</summary>
    Failed,

    /// <summary>Nobody knows: the answer to COMMIT never came, or was an error.</summary>
    Unknown,

    /// <summary>Somebody is about to ask for a mark.</summary>
    MarkBegan,

    /// <summary>The request for a mark came back.</summary>
    MarkReturned,
}

/// <summary>One line of the ledger. The order of the lines is the order of the events.</summary>
public sealed record LedgerEntry
{
    public required LedgerEvent Event { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Transaction, or number of the mark request.</summary>
    public long Id { get; init; }

    /// <summary>Keys of the members a transaction writes; on <see cref="LedgerEvent.Sent"/> only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Members { get; init; }

    /// <summary>Name of the mark; on <see cref="LedgerEvent.MarkReturned"/>, when one was placed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mark { get; init; }

    /// <summary>What went wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}
