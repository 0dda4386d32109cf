using BizTalkDR.Errors;

namespace BizTalkDR.Configuration;

/// <summary>How a check ended.</summary>
public enum CheckOutcome
{
    Passed,

    Failed,

    /// <summary>Nobody could look; the text says why.</summary>
    NotChecked,
}

/// <summary>One check of a part.</summary>
/// <param name="Computer">Computer, or instance.</param>
/// <param name="Part">The part.</param>
/// <param name="Check">Stable name of the check, for scripts.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Text">What was seen.</param>
/// <param name="Remedy">What to type next; null when nothing is to be done.</param>
public sealed record PartCheck(string Computer, ConfigurationPart Part, string Check, string Subject, CheckOutcome Outcome, string Text, string? Remedy = null)
{
    /// <summary>The catalogue's name of what failed; null when it passed.</summary>
    public RecoveryError? Error { get; init; }

    /// <summary>The check of a backup that is not there: what nobody kept has not passed.</summary>
    /// <param name="computer">The computer.</param>
    /// <param name="part">The part that there is something of.</param>
    /// <param name="cmdlet">Cmdlet that backs it up.</param>
    internal static PartCheck NothingKept(string computer, ConfigurationPart part, string cmdlet) =>
        new(computer, part, "Kept", computer, CheckOutcome.Failed, $"There is no backup of this part of {computer}.", $"Run {cmdlet}, or pass the folder of its backups.") { Error = RecoveryError.PartNotKept };
}
