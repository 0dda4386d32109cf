using System;
using System.Collections.Generic;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>What a resumed restore does with a member.</summary>
public enum ResumeKind
{
    /// <summary>Nothing was done to it: all steps of the plan.</summary>
    Start,

    /// <summary>The backup of its own tail left it RESTORING: that backup is looked at, taken again if it is not whole, then all steps behind it.</summary>
    ByTail,

    /// <summary>The database that was in its place stands under its other name: all steps behind that.</summary>
    Kept,

    /// <summary>Again from the full backup, over what is there: its content is unknown or cannot go on.</summary>
    FromFull,

    /// <summary>On from a step.</summary>
    Continue,

    /// <summary>It stands at the mark: straight to the gate.</summary>
    AtMark,

    /// <summary>A gate that was killed left it in standby: back to RESTORING, then judge again.</summary>
    LeaveStandby,

    /// <summary>Recovered after the gate, not open yet: proof, then open.</summary>
    Recovered,

    /// <summary>Open already: proof only.</summary>
    Opened,

    /// <summary>It must not be touched.</summary>
    Refused,
}

/// <summary>Everything that is known of a member when a restore is resumed: what its server says, and what the journal says.</summary>
/// <param name="Member">What the plan does with it.</param>
/// <param name="Mark">The mark.</param>
/// <param name="Database">The database as it is now; null when it is not there.</param>
/// <param name="Files">Where roll-forward stands, file by file.</param>
/// <param name="History">Newest rows of restorehistory, newest first.</param>
public sealed record ResumeEvidence(MemberPlan Member, string Mark, DatabaseFacts? Database, IReadOnlyList<RedoFile> Files, IReadOnlyList<RestoreHistoryRow> History)
{
    /// <summary>Whether the journal says that the restore of the full backup was begun.</summary>
    public bool FullStarted { get; init; }

    /// <summary>Whether the journal says that the backup of the existing database's tail was begun.</summary>
    public bool TailStarted { get; init; }

    /// <summary>The database under the name that the plan keeps one under; null when there is none, or the plan keeps none.</summary>
    public DatabaseFacts? Kept { get; init; }

    /// <summary>Whether the journal says that the gate passed.</summary>
    public bool GatePassed { get; init; }

    /// <summary>Whether the undo file of the gate's look is there; null when nobody could tell.</summary>
    public bool? UndoFileThere { get; init; }
}

/// <summary>The decision on one member.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Text">Why, in words.</param>
public sealed record ResumeVerdict(ResumeKind Kind, string Text)
{
    /// <summary>For <see cref="ResumeKind.Continue"/>: index of the next step in the plan.</summary>
    public int NextStep { get; init; }

    /// <summary>For <see cref="ResumeKind.Refused"/>: the error.</summary>
    public RecoveryError? Code { get; init; }

    /// <summary>For <see cref="ResumeKind.Refused"/>: the next step for the operator; null takes the catalogue's own.</summary>
    public string? Hint { get; init; }

    /// <summary>Whether the member is recovered already.</summary>
    public bool IsRecovered => Kind is ResumeKind.Recovered or ResumeKind.Opened;
}
