using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.WithoutServer;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.Commands;

/// <summary>Lists the marks to which a whole group can be restored, newest first, and why not to the others.</summary>
[Cmdlet(VerbsCommon.Get, "BizTalkRecoveryPoint")]
[OutputType(typeof(RecoveryPoint))]
public sealed class GetBizTalkRecoveryPointCommand : BlobCmdlet
{
    /// <summary>Folders of backup files, as this computer sees them; with -SqlInstance as the instance sees them; or URLs of blob containers and of folders in them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("BackupFolder")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = null!;

    /// <summary>Looks into the folders of folders too.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Instance that reads the files; without it they are read here, without a server.</summary>
    [Parameter(Position = 1)]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[]? SqlInstance { get; set; }

    /// <summary>With -SqlInstance: folder as the instance sees it = folder as this computer sees it, where the logs are read for their marks.</summary>
    [Parameter]
    public Hashtable? PathMap { get; set; }

    /// <summary>The group's members, for example BizTalkMgmtDb, 'SSODB from SQLPROD1'; by default what the manifests and the files tell.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Member { get; set; } = [];

    /// <summary>Reads the marks in the logs of every point; by default only as many as confirm the newest one.</summary>
    [Parameter]
    public SwitchParameter ReadMarks { get; set; }

    /// <summary>Instances whose msdb, backup history and log shipping are held against the files: those of the group, while they live.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] HistoryInstance { get; set; } = [];

    /// <summary>Name of the Management database on one of them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string ManagementDatabase { get; set; } = DefaultManagementDatabase;

    /// <summary>File that remembers what was read without a server, so that only new and changed files are opened again.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CachePath { get; set; }

    /// <summary>Journal of an earlier restore, or a folder of them, from which restore times are predicted; by default the folder where restores keep theirs.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JournalPath { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        WarmCatalogue? warm = CachePath is null ? null : WarmCatalogue.Open(GetUnresolvedProviderPathFromPSPath(CachePath));
        string[] folders = SqlInstance is null ? [.. Path.Select(p => BlobUrl.Is(p) ? p : GetUnresolvedProviderPathFromPSPath(p))] : Path;
        string journals = JournalPath is null ? JournalPlace.Usual : GetUnresolvedProviderPathFromPSPath(JournalPath);
        var map = new PathMap(NameMap.Of(PathMap));
        WriteObject(
            Run((log, stop) =>
            {
                RecoveryPorts ports = PortsFor(log);
                BackupCatalogue catalogue = MemberNames.Apply(Member, WithHistory(CatalogueOf(ports, folders, map, warm, stop), HistoryInstance, ManagementDatabase, ports, stop));
                foreach (Finding finding in catalogue.Findings.Where(f => f.Level != FindingLevel.Information))
                {
                    log.Warning(finding);
                }

                RecoveryPointList.Confirm(catalogue, map.Over(ports.Marks!), ReadMarks, log, stop);
                return RecoveryPointList.Of(catalogue, ports.Clock.UtcNow, folders, Recurse, RestoreRates.From(catalogue, RestoreRates.ReadJournals(journals)));
            }),
            enumerateCollection: true);
    }

    private BackupCatalogue CatalogueOf(RecoveryPorts ports, IReadOnlyList<string> folders, PathMap map, WarmCatalogue? warm, CancellationToken stop)
    {
        if (SqlInstance is not null)
        {
            return new FolderCatalogueReader(ports) { PathMap = map, Recurse = Recurse }.Read(folders, AddressOf(SqlInstance), null, stop);
        }

        BackupCatalogue catalogue = new OfflineFolderReader(ports.Log, warm) { Recurse = Recurse, Blobs = ports.Blobs }.Read(folders, null, stop);
        if (warm?.Save() is { } why)
        {
            ports.Log.Warning($"What was read could not be kept in '{warm.Path}': {why}");
        }

        return catalogue;
    }
}
