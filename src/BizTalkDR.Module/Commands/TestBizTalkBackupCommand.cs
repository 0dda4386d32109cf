using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using BizTalkDR.Backup;
using BizTalkDR.BackupFiles;
using BizTalkDR.Catalogue;
using BizTalkDR.Files;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.Commands;

/// <summary>Tests backup files: without a server each file by itself, with one whether the files can bring a group back.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BizTalkBackup", DefaultParameterSetName = FileSet)]
[OutputType(typeof(FileTestResult), typeof(FileTestSummary), typeof(BackupTestResult), typeof(bool))]
public sealed class TestBizTalkBackupCommand : FileTestCmdlet
{
    private const string ServerSet = "Server";

    /// <summary>Files and folders, wildcards allowed, and URLs of blobs, containers and folders in them; with -SqlInstance, folders as that instance sees them, and URLs of containers and of folders in them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = FileSet)]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ServerSet)]
    [Alias("BackupFolder")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = null!;

    /// <summary>Instance that reads the files: best one that a restore would go to.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = ServerSet)]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = null!;

    /// <summary>Mark to test for; by default every mark in the folder.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    public string? Mark { get; set; }

    /// <summary>Folder as the instance sees it = folder as this computer sees it, where the logs are read for their marks.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    public Hashtable? PathMap { get; set; }

    /// <summary>Gives one Boolean: whether no check failed and none was left out.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        if (ParameterSetName == ServerSet)
        {
            TestOnServer();
        }
        else
        {
            AddPaths(LiteralPath ?? Path, literal: LiteralPath is not null);
        }
    }

    /// <inheritdoc/>
    protected override void Complete()
    {
        if (ParameterSetName == ServerSet)
        {
            return;
        }

        TestFiles(step =>
        {
            if (!Quiet)
            {
                WriteObject((object?)step.Result ?? step.Summary);
            }
            else if (step.Summary is { } summary)
            {
                WriteObject(summary.Outcome == CheckOutcome.Passed);
            }
        });
    }

    private void TestOnServer()
    {
        var map = new PathMap(NameMap.Of(PathMap));
        IReadOnlyList<BackupTestResult> results = Run((log, stop) =>
        {
            RecoveryPorts ports = PortsFor(log);
            ports = ports with { Marks = map.Over(ports.Marks!) };
            SqlInstanceAddress address = AddressOf(SqlInstance);
            BackupCatalogue catalogue = new FolderCatalogueReader(ports) { PathMap = map, Recurse = Recurse }.Read(Path, address, null, stop);
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
