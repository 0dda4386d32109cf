using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BizTalkDR.Lab.Drill;

/// <summary>What a drill found; <c>drill --json</c> writes it in this form.</summary>
public sealed record DrillResult
{
    /// <summary>Version of this form.</summary>
    [JsonPropertyOrder(-10)]
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whether every proof holds and every control was caught.</summary>
    [JsonPropertyOrder(-9)]
    public bool Ok { get; init; }

    /// <summary>Says that nothing here happened on a real server.</summary>
    public string Environment { get; init; } = "BizTalkDR Lab (simulator)";

    public int Seed { get; init; }

    /// <summary>Mark the group was restored to; null when it did not come so far.</summary>
    public string? Mark { get; init; }

    /// <summary>Seconds between the mark and the loss of the instances: the work that is gone.</summary>
    public double? RpoSeconds { get; init; }

    /// <summary>Seconds from the start of the restore, planning included, to the last member open to users.</summary>
    public double? RtoSeconds { get; init; }

    /// <summary>Transactions the ledger knows, and how many were decided by when the mark was placed.</summary>
    public DrillWorkload? Workload { get; init; }

    public IReadOnlyList<DrillMember> Members { get; init; } = [];

    public IReadOnlyList<DrillControl> Controls { get; init; } = [];

    public DrillControlSummary Control { get; init; } = new(false);

    /// <summary>What is wrong, one line each; empty when all is well.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Writes the JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DrillJson.Options);
}

/// <summary>One member after the restore.</summary>
public sealed record DrillMember
{
    public required string Name { get; init; }

    public required string Role { get; init; }

    public required string SourceInstance { get; init; }

    public required string DestinationInstance { get; init; }

    /// <summary>Newest mark in MarkLog.</summary>
    public string? NewestMark { get; init; }

    public bool ReachedMark { get; init; }

    /// <summary>Where roll-forward stood at the gate, as vlf:block:slot.</summary>
    public string? RedoLsn { get; init; }

    /// <summary>Where the mark's commit stands in the log.</summary>
    public string? MarkLsn { get; init; }

    /// <summary>Business rows the ledger asks for.</summary>
    public int RowsExpected { get; init; }

    public int RowsFound { get; init; }
}

/// <summary>Transactions of the workload.</summary>
/// <param name="Sent">All that were sent.</param>
/// <param name="Acknowledged">Those the client was told are committed.</param>
/// <param name="Undecided">Those in flight around the mark: all or nothing.</param>
public sealed record DrillWorkload(int Sent, int Acknowledged, int Undecided);

/// <summary>A deliberate fault, and whether it was noticed.</summary>
/// <param name="Name">The fault.</param>
/// <param name="Caught">Whether it was noticed by the one who has to.</param>
/// <param name="By">Who noticed, or why the fault counts as missed.</param>
public sealed record DrillControl(string Name, bool Caught, string By);

/// <summary>All controls together.</summary>
/// <param name="Caught">Whether every one was caught.</param>
public sealed record DrillControlSummary(bool Caught);

internal static class DrillJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
