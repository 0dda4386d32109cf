namespace BizTalkDR.Configuration;

/// <summary>One step of a recovery, decided by a planner. Parts derive their own steps from it.</summary>
/// <param name="Part">The part it belongs to.</param>
/// <param name="Stage">When it comes.</param>
/// <param name="Id">Stable name within the part and its subject, by which a resumed run knows that it is done.</param>
/// <param name="Text">What it does, for people.</param>
public abstract record PartStep(ConfigurationPart Part, RestoreStage Stage, string Id, string Text)
{
    /// <summary>Command an operator would type for it; null when there is none. Never holds a secret.</summary>
    public string? Command { get; init; }

    /// <summary>Whether a run that was cut short may do it again. One that may not is left to the operator when nobody knows how it ended.</summary>
    public bool IsRepeatable { get; init; } = true;
}

/// <summary>How a step ended.</summary>
public enum StepState
{
    Done,

    /// <summary>What it would do is so already.</summary>
    NotNeeded,

    Failed,

    /// <summary>Left to the operator; the text says what to do.</summary>
    Manual,

    /// <summary>The operator says that it is done; nobody could look.</summary>
    Confirmed,

    NotReached,
}

/// <summary>A step and how it ended.</summary>
public sealed record PartStepResult(PartStep Step, StepState State, string Text);
