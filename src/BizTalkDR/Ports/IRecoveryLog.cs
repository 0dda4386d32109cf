using System;

namespace BizTalkDR.Ports;

/// <summary>Takes everything an operation has to say while it runs.</summary>
/// <remarks>Called from worker threads; an adapter that must speak on one thread queues the entries.</remarks>
public interface IRecoveryLog
{
    /// <summary>Takes one entry. Must not throw and must not block for long.</summary>
    void Write(RecoveryLogEntry entry);
}

/// <summary>What kind of entry, in the words of PowerShell's streams.</summary>
public enum RecoveryLogLevel
{
    Debug,
    Verbose,
    Information,
    Warning,
    Progress,
}

/// <summary>One thing said.</summary>
/// <param name="Level">Stream it belongs to.</param>
/// <param name="Text">What is said, in the operator's words; T-SQL only at <see cref="RecoveryLogLevel.Debug"/>. Never a secret.</param>
public sealed record RecoveryLogEntry(RecoveryLogLevel Level, string Text)
{
    /// <summary>Set for <see cref="RecoveryLogLevel.Progress"/>.</summary>
    public OperationProgress? Progress { get; init; }
}

/// <summary>How far an operation is.</summary>
/// <param name="Activity">What runs, for example <c>Restoring 8 databases</c>.</param>
/// <param name="Member">The member concerned; null for the whole group.</param>
/// <param name="Status">What happens now.</param>
/// <param name="Percent">0 to 100.</param>
/// <param name="IsCompleted">Whether this activity (or this member's part) is over.</param>
public sealed record OperationProgress(string Activity, string? Member, string Status, int Percent, bool IsCompleted)
{
    /// <summary>Time to the end of what the bar shows; null as long as nobody has measured it.</summary>
    public TimeSpan? Left { get; init; }
}
