using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Computer;
using BizTalkDR.Configuration;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Computers;

namespace BizTalkDR.Tests.Configuration;

/// <summary>A computer and a backup folder on the disk, and a part whose steps are written down as they are done.</summary>
internal sealed class PartSetting : IDisposable, IClock
{
    private readonly ComputerFolder _computer = new();

    public PartSetting() => Context = new PartContext(
        _computer.Open(), new RecoveryPorts(null!, null!, this, NullRecoveryLog.Instance), ComputerManifestStore.FolderOf(Root, "LABBTS1"), new PartOptions());

    public DateTime UtcNow { get; set; } = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    public ComputerFolder Folder => _computer;

    public IBackupFolder Root { get; } = new BackupFolder(Path.Combine(Path.GetTempPath(), "parts-" + Guid.NewGuid().ToString("N")));

    public PartContext Context { get; set; }

    public string JournalPath => Path.Combine(Root.Path, "computer-1.jsonl");

    public void Dispose()
    {
        _computer.Dispose();
        if (Directory.Exists(Root.Path))
            Directory.Delete(Root.Path, recursive: true);
    }

    public ConfigurationRun Run(WrittenPart part, StepAnswers? answers = null, bool resume = false, CancellationToken stop = default)
    {
        ComputerManifest manifest = ComputerManifestStore.New("LABBTS1", UtcNow).With(new PartManifest(part.Part, UtcNow, []));
        Directory.CreateDirectory(Root.Path);
        ConfigurationJournal? earlier = resume ? ConfigurationJournal.Read(JournalPath) : null;
        using RestoreJournalFile journal = resume ? RestoreJournalFile.Continue(JournalPath, this) : new RestoreJournalFile(JournalPath, this);
        return new ConfigurationRunner([part], Context, journal).Run(ConfigurationPlan.Of([part], Context, manifest, stop), earlier, answers ?? StepAnswers.None, stop);
    }
}

internal sealed record WrittenStep(RestoreStage Stage, string Id) : PartStep(ConfigurationPart.Machine, Stage, Id, "Do " + Id);

/// <summary>A part whose steps do what a test says and leave a line.</summary>
internal sealed class WrittenPart(params WrittenStep[] steps) : IConfigurationPart
{
    public List<string> Did { get; } = [];

    public Func<PartStep, StepState> Does { get; set; } = _ => StepState.Done;

    public Func<PartContext, PartManifest>? Keeps { get; init; }

    public string? Reason { get; init; }

    public ConfigurationPart Part => ConfigurationPart.Machine;

    public string? WhyNot(PartContext context, CancellationToken cancellationToken = default) => Reason;

    public PartManifest Backup(PartContext context, CancellationToken cancellationToken = default) => Keeps!(context);

    public IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default) =>
        [new PartCheck(context.Computer.Name, Part, "IsKept", "machine", kept is null ? CheckOutcome.Failed : CheckOutcome.Passed, "Looked.")];

    public IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default) => steps;

    public PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default)
    {
        Did.Add(step.Id);
        return new PartStepResult(step, Does(step), "Did " + step.Id);
    }

    public string Take()
    {
        string did = string.Join(" ", Did);
        Did.Clear();
        return did;
    }
}
