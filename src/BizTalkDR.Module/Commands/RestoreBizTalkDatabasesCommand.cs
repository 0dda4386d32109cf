using System;
using System.IO;
using System.Management.Automation;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.Commands;

/// <summary>Restores every database of a group to one mark, proves it, and only then opens them.</summary>
[Cmdlet(VerbsData.Restore, "BizTalkDatabases", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = PlanSet)]
[OutputType(typeof(RestoreResult), typeof(RestoreScriptInfo))]
public sealed class RestoreBizTalkDatabasesCommand : PlanningCmdlet
{
    private const string PipedSet = "PipedPlan";

    /// <summary>Folders of backup files as the destination instances see them, or URLs of blob containers and of folders in them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [Alias("BackupFolder")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = null!;

    /// <summary>A plan, or the file it was written to.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PlanSet)]
    [ValidateNotNull]
    public RestorePlanSource Plan { get; set; } = null!;

    /// <summary>A plan from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = PipedSet)]
    public RestorePlan? InputObject { get; set; }

    /// <summary>Goes on with a restore that was cut short, from its journal and the servers' own state.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ResumeSet)]
    public SwitchParameter Resume { get; set; }

    /// <summary>Instances to restore to; with -Plan or -Resume only when their addresses have changed.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathSet)]
    [Parameter(Position = 1, ParameterSetName = PlanSet)]
    [Parameter(Position = 1, ParameterSetName = PipedSet)]
    [Parameter(Position = 1, ParameterSetName = ResumeSet)]
    [Alias("SqlInstance")]
    [ValidateNotNullOrEmpty]
    public string[]? Destination { get; set; }

    /// <summary>Mark to restore to; by default the newest that every member can reach.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? Mark { get; set; }

    /// <summary>Replaces databases that exist at the destination.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>Folder to write the restore to as scripts and a page with their order, instead of running it.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = PlanSet)]
    [Parameter(ParameterSetName = PipedSet)]
    [ValidateNotNullOrEmpty]
    public string? AsScript { get; set; }

    /// <summary>File of the run's journal; with -Resume the journal, or a folder whose newest is taken.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JournalPath { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        RefuseSecond(Mark);
        if (Resume)
        {
            GoOn(JournalPath is null ? JournalFolder() : GetUnresolvedProviderPathFromPSPath(JournalPath));
            return;
        }

        Plan = InputObject is null ? Plan : new RestorePlanSource(InputObject);
        RestorePlan plan = Plan is not null ? Read(Plan, Destination) : Prepare(Path, Destination!, Mark, Force);
        if (AsScript is not null)
        {
            WriteObject(RestoreScriptInfo.Write(plan, GetUnresolvedProviderPathFromPSPath(AsScript), ShouldProcess(AsScript, "Write the restore as scripts")), enumerateCollection: true);
        }
        else if (MayRun(plan) && ShouldProcess(plan.Target, plan.Action))
        {
            RunPlan(plan, JournalPath is null ? System.IO.Path.Combine(JournalFolder(), $"restore-{Guid.NewGuid():N}.jsonl") : GetUnresolvedProviderPathFromPSPath(JournalPath));
        }
    }

    /// <summary>Tests the plan against the world as it is, also for -WhatIf; what would end the restore is refused here.</summary>
    private bool MayRun(RestorePlan plan) => Run((log, stop) => new RestorePlanTester(PortsFor(log)).RefuseChanges(plan, stop));

    private void RunPlan(RestorePlan plan, string path) => WriteObject(Run((log, stop) =>
    {
        RecoveryPorts ports = PortsFor(log);
        using var journal = new RestoreJournalFile(path, ports.Clock);
        log.Verbose($"Journal: {path}");
        return new RestoreRunner(ports).Run(plan, journal, stop);
    }));

    private void GoOn(string path)
    {
        RestoreJournalRecord record = Directory.Exists(path) ? RestoreJournalRecord.Newest(path) : RestoreJournalRecord.Read(path);
        if (ShouldProcess(record.Plan.Target, $"Resume: {record.Plan.Action}"))
        {
            WriteObject(Run((log, stop) =>
            {
                RecoveryPorts ports = PortsFor(log);
                RestorePlan plan = Reach(record.Plan, Destination, ports, stop);
                using RestoreJournalFile journal = RestoreJournalFile.Continue(record.Path, ports.Clock);
                log.Verbose($"Journal: {record.Path}");
                return new RestoreRunner(ports).Resume(record with { Plan = plan }, journal, stop);
            }));
        }
    }
}
