using System;

namespace BizTalkDR.Lab.Group;

/// <summary>Bounds and flavour of a workload.</summary>
public sealed record WorkloadOptions
{
    /// <summary>Decides members, wording and payload of every transaction.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Identifier of the first transaction: several workloads can share a ledger.</summary>
    public long FirstId { get; init; } = 1;

    /// <summary>Transactions in flight at a time.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Longest wait for the answer to one statement, in seconds.</summary>
    public int StatementTimeoutSeconds { get; init; } = 30;

    /// <summary>Fewest and most members of a transaction.</summary>
    public int MembersAtLeast { get; init; } = 2;

    public int MembersAtMost { get; init; } = 4;

    /// <summary>Longest run, whatever the number of transactions.</summary>
    public TimeSpan LongestRun { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>Counts what became of the transactions of a run.</summary>
public sealed record WorkloadResult(int Acknowledged, int Failed, int Unknown, TimeSpan Elapsed)
{
    public int Sent => Acknowledged + Failed + Unknown;
}
