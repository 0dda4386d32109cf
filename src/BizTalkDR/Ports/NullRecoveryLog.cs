namespace BizTalkDR.Ports;

/// <summary>Takes entries and forgets them, for callers that do not listen.</summary>
public sealed class NullRecoveryLog : IRecoveryLog
{
    /// <summary>The one instance.</summary>
    public static readonly NullRecoveryLog Instance = new();

    private NullRecoveryLog()
    {
    }

    /// <inheritdoc/>
    public void Write(RecoveryLogEntry entry)
    {
        // Nobody listens.
    }
}
