using System;
using System.Collections.Generic;
using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries what every cmdlet that brings parts of a computer back needs: plan, question, journal, result.</summary>
public abstract class ComputerRestoreCmdlet : ComputerCmdlet
{
    /// <summary>Name of the computer whose backup is taken. Default: the computer's own name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SourceComputer { get; set; }

    /// <summary>Steps that were left to the operator and are done, by the names the cmdlet gave them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CompletedStep { get; set; } = [];

    /// <summary>File of the run's journal.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JournalPath { get; set; }

    /// <summary>What is typed to go on after a stop.</summary>
    private protected virtual string GoOn => "the same command";

    /// <summary>Plans, asks once, runs.</summary>
    /// <param name="parts">The parts; those that the backup holds are restored.</param>
    /// <param name="earlier">Journal of the run to go on with; null for a new one.</param>
    /// <param name="repeat">Steps that were cut short and may be done again.</param>
    private protected void Restore(IReadOnlyList<IConfigurationPart> parts, ConfigurationJournal? earlier = null, IReadOnlyCollection<string>? repeat = null)
    {
        ConfigurationPlan plan = OnComputer(SourceComputer, (context, stop) =>
        {
            ComputerManifest manifest = ComputerManifestStore.Read(new Computer.BackupFolder(Root), SourceComputer ?? context.Computer.Name);
            earlier?.Refuse(context.Computer.Name, manifest);
            ConfigurationPlan made = ConfigurationPlan.Of(parts, context, manifest, stop);
            context.Ports.Log.Verbose(made.Action);
            return made;
        });
        if (!ShouldProcess(plan.Target, plan.Action))
        {
            return;
        }

        string path = earlier?.Path ?? (JournalPath is null ? System.IO.Path.Combine(JournalPlace.Folder(), $"computer-{Guid.NewGuid():N}.jsonl") : GetUnresolvedProviderPathFromPSPath(JournalPath));
        ConfigurationRun run = OnComputer(SourceComputer, (context, stop) =>
        {
            using RestoreJournalFile journal = earlier is null ? new RestoreJournalFile(path, context.Ports.Clock) : RestoreJournalFile.Continue(path, context.Ports.Clock);
            context.Ports.Log.Verbose($"Journal: {path}");
            return new ConfigurationRunner(parts, context, journal) { GoOn = GoOn }.Run(plan, earlier, new StepAnswers(CompletedStep, repeat ?? []), stop);
        });
        WriteObject(run.Steps, enumerateCollection: true);
        if (run.Error is not null)
        {
            throw run.Error;
        }
    }
}
