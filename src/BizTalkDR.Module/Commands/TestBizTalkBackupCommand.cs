using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.Commands;

/// <summary>Tests whether the files of a folder can bring a group back: readable, complete, linked, and holding the mark.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BizTalkBackup")]
[OutputType(typeof(BackupTestResult), typeof(bool))]
public sealed class TestBizTalkBackupCommand : SqlCmdlet
{
    /// <summary>Folders of backup files as the instance sees them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("BackupFolder")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = null!;

    /// <summary>Instance that reads the files: best one that a restore would go to.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = null!;

    /// <summary>Mark to test for; by default every mark in the folder.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Mark { get; set; }

    /// <summary>Gives one Boolean: whether no check failed and none was left out.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        IReadOnlyList<BackupTestResult> results = Run((log, stop) =>
        {
            RecoveryPorts ports = PortsFor(log);
            SqlInstanceAddress address = AddressOf(SqlInstance);
            BackupCatalogue catalogue = new FolderCatalogueReader(ports).Read(Path, address, null, stop);
            return new BackupVerifier(ports).Test(catalogue, address, Mark, stop);
        });
        if (Quiet)
        {
            WriteObject(results.Count > 0 && results.All(r => r.Outcome == BackupTestOutcome.Passed));
        }
        else
        {
            WriteObject(results, enumerateCollection: true);
        }
    }
}
