using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using BizTalkDR.Catalogue;
using BizTalkDR.Groups;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Module.Commands;

/// <summary>Lists the backup sets of a group, newest first: from its history, or from the files of a folder.</summary>
[Cmdlet(VerbsCommon.Get, "BizTalkBackup", DefaultParameterSetName = HistorySet)]
[OutputType(typeof(BackupSet))]
public sealed class GetBizTalkBackupCommand : BlobCmdlet
{
    private const string HistorySet = "History";
    private const string FolderSet = "Folder";

    /// <summary>Instance with the group's Management database; with -Path, any instance that sees the folder.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = null!;

    /// <summary>Folders of backup files as the instance sees them, or URLs of blob containers and of folders in them.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = FolderSet)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = null!;

    /// <summary>Looks into the folders of folders too.</summary>
    [Parameter(ParameterSetName = FolderSet)]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Instances whose msdb, backup history and log shipping are held against the files: those of the group, while they live.</summary>
    [Parameter(ParameterSetName = FolderSet)]
    [ValidateNotNullOrEmpty]
    public string[] HistoryInstance { get; set; } = [];

    /// <summary>Name of the Management database.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = HistorySet)]
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = FolderSet)]
    [ValidateNotNullOrEmpty]
    public string ManagementDatabase { get; set; } = DefaultManagementDatabase;

    /// <inheritdoc/>
    protected override void Execute() => WriteObject(
        Run((log, stop) =>
        {
            RecoveryPorts ports = PortsFor(log);
            SqlInstanceAddress address = AddressOf(SqlInstance);
            IReadOnlyList<BackupSet> sets;
            if (ParameterSetName == FolderSet)
            {
                BackupCatalogue catalogue = WithHistory(new FolderCatalogueReader(ports) { Recurse = Recurse }.Read(Path, address, null, stop), HistoryInstance, ManagementDatabase, ports, stop);
                foreach (Finding finding in catalogue.Findings.Where(f => f.Level != FindingLevel.Information))
                {
                    log.Warning(finding);
                }

                sets = catalogue.Sets;
            }
            else
            {
                using ISqlInstance instance = ports.Sql.Open(address, stop);
                BizTalkGroup group = GroupDiscovery.Read(instance, ManagementDatabase, stop);
                sets = BackupSets.FromHistory(instance.ReadBackupHistory(ManagementDatabase, 0, stop), group);
            }

            return sets.Reverse().ToList();
        }),
        enumerateCollection: true);
}
