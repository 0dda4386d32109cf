namespace BizTalkDR.RestoreProcess;

/// <summary>What this process does, read from a file. The password comes in the environment.</summary>
public sealed record RestoreOrder
{
    /// <summary>Name of the variable that holds the password.</summary>
    public const string PasswordVariable = "BIZTALKDR_RESTORE_PASSWORD";

    /// <summary>The plan; null to resume what the journal holds.</summary>
    public string? PlanFile { get; init; }

    /// <summary>The journal: new for a plan, old for a resume.</summary>
    public required string Journal { get; init; }

    /// <summary>Who logs in.</summary>
    public required string User { get; init; }

    public int Parallelism { get; init; } = 2;

    /// <summary>How the events of the lines begin that count, and behind which percentage messages count; empty = all.</summary>
    public string Counted { get; init; } = string.Empty;

    /// <summary>Line of the journal, counted from 1 in this process, at which it ends itself; 0 = none.</summary>
    public int EndAtLine { get; init; }

    /// <summary>Whether that line is written first.</summary>
    public bool AfterWrite { get; init; }

    /// <summary>Percentage message, counted from 1 over all statements, at which it ends itself; 0 = none.</summary>
    public int EndAtPercent { get; init; }
}
