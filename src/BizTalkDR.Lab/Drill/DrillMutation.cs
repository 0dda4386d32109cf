using System;
using System.Collections.Generic;
using BizTalkDR.Restore;

namespace BizTalkDR.Lab.Drill;

/// <summary>A deliberate fault of a restore.</summary>
/// <param name="Name">What a report calls it.</param>
internal sealed record DrillMutation(string Name)
{
    /// <summary>Takes the oldest row of a member away and keeps it in dbo.LabControl.</summary>
    internal const string LoseARow = "SELECT TOP (1) * INTO dbo.LabControl FROM dbo.LabWork ORDER BY Id; DELETE FROM dbo.LabWork WHERE Id = (SELECT Id FROM dbo.LabControl);";

    /// <summary>Adds a row no transaction wrote.</summary>
    internal const string AddARow = "SELECT TOP (1) * INTO dbo.LabControl FROM dbo.LabWork ORDER BY Id; UPDATE dbo.LabControl SET Id = 4000000000; INSERT INTO dbo.LabWork SELECT * FROM dbo.LabControl; DROP TABLE dbo.LabControl;";

    /// <summary>Faults of the plan, in the order of a drill's controls.</summary>
    public static IReadOnlyList<DrillMutation> OfRestores { get; } =
    [
        new("no stop clause on the last log (gate alone)") { Plan = Sabotage.WithoutStopOnTheLastLog, GateOnly = true },
        new("no stop clause at all") { Plan = Sabotage.WithoutStop },
        new("two members' files swapped") { Plan = Sabotage.WithSwappedFiles },
        new("a log skipped") { Plan = Sabotage.WithSkippedLog },
    ];

    /// <summary>Faults of the rows.</summary>
    public static IReadOnlyList<DrillMutation> OfRows { get; } = [new("a row lost") { Rows = LoseARow }, new("a row added") { Rows = AddARow }];

    /// <summary>Spoils the plan; null when the fault comes later.</summary>
    public Func<RestorePlan, RestorePlan>? Plan { get; init; }

    /// <summary>Spoils the rows of the restored group's last member; null when the fault is in the plan.</summary>
    public string? Rows { get; init; }

    /// <summary>Whether the gate has to notice by itself: what comes after it does not count.</summary>
    public bool GateOnly { get; init; }
}
