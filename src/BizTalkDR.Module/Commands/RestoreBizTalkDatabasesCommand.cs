using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using BizTalkDR.Errors;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.Commands;

/// <summary>Restores every database of a group to one mark, proves it, and only then opens them.</summary>
[Cmdlet(VerbsData.Restore, "BizTalkDatabases", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RestoreResult))]
public sealed class RestoreBizTalkDatabasesCommand : SqlCmdlet
{
    /// <summary>Folders of backup files as the destination instances see them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("BackupFolder")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = null!;

    /// <summary>Instances to restore to: one for all members, or as many as there were source instances (in the order of the sources' names, or by -InstanceMap).</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("SqlInstance")]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = null!;

    /// <summary>Source instance = destination, for example @{ SQLPROD1 = 'SQLDR1'; SQLPROD2 = 'SQLDR2' }.</summary>
    [Parameter]
    public Hashtable? InstanceMap { get; set; }

    /// <summary>Mark to restore to; by default the newest that every member can reach.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Mark { get; set; }

    /// <summary>Replaces databases that exist at the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>File of the run's journal; by default a new one in the account's application data.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JournalPath { get; set; }

    private bool _ran;

    /// <inheritdoc/>
    protected override void Execute()
    {
        if (_ran)
        {
            throw new RecoveryException(RecoveryError.SeveralRestores, Mark, "More than one object came through the pipeline; each would restore the same databases again, over the result of the one before. Only the first was taken.");
        }

        _ran = true;
        var request = new RestoreRequest(Path, AddressesOf(Destination)) { Mark = Mark, Force = Force, InstanceMap = MapOf(InstanceMap) };
        RestorePlan plan = Run((log, stop) =>
        {
            RestorePlan made = new RestorePreparer(PortsFor(log)).Prepare(request, stop);
            log.Verbose(made.ToString());
            foreach (Finding finding in made.Findings.Where(f => f.Level == FindingLevel.Warning))
            {
                log.Warning(finding.ToString());
            }

            return made;
        });
        if (!ShouldProcess(plan.Target, plan.Action))
        {
            return;
        }

        string path = JournalPath is null ? DefaultJournal() : GetUnresolvedProviderPathFromPSPath(JournalPath);
        WriteObject(Run((log, stop) =>
        {
            RecoveryPorts ports = PortsFor(log);
            using var journal = new RestoreJournalFile(path, ports.Clock);
            log.Verbose($"Journal: {path}");
            return new RestoreRunner(ports).Run(plan, journal, stop);
        }));
    }

    private static Dictionary<string, string> MapOf(Hashtable? map)
    {
        var result = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in map ?? new Hashtable())
        {
            result[Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!] = Convert.ToString(entry.Value, CultureInfo.InvariantCulture)!;
        }

        return result;
    }

    private static string DefaultJournal()
    {
        string folder = System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "BizTalkDR");
        try
        {
            return System.IO.Path.Combine(Directory.CreateDirectory(folder).FullName, $"restore-{Guid.NewGuid():N}.jsonl");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecoveryException(RecoveryError.JournalNotWritable, folder, $"The folder '{folder}' for the journal cannot be created: {e.Message}", cause: e);
        }
    }
}
