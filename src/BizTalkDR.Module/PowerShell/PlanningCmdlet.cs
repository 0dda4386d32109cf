using System;
using System.Collections;
using System.Management.Automation;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries the parameters that say where the databases of a plan go.</summary>
public abstract class PlanningCmdlet : RestoreCmdlet
{
    private bool _ran;

    /// <summary>Source instance = destination, for example @{ SQLPROD1 = 'SQLDR1'; SQLPROD2 = 'SQLDR2' }.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public Hashtable? InstanceMap { get; set; }

    /// <summary>Folder at the destination for data files; by default the instance's own.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? DataFolder { get; set; }

    /// <summary>Folder at the destination for log files; by default the instance's own.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? LogFolder { get; set; }

    /// <summary>Folder at the source = folder at the destination, before any other rule.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public Hashtable? FolderMap { get; set; }

    /// <summary>Folder as the destinations see it = folder as this computer sees it, for example @{ 'D:\Backup' = '\\SQLDR1\Backup' }.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public Hashtable? PathMap { get; set; }

    /// <summary>Looks into the folders of folders too.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Instances whose msdb, backup history and log shipping are held against the files: those of the group, while they live.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string[] HistoryInstance { get; set; } = [];

    /// <summary>Name of the Management database on one of them.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string ManagementDatabase { get; set; } = DefaultManagementDatabase;

    /// <summary>Takes the newest mark before this time that every member can reach; a time without a zone is local.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public DateTime? Before { get; set; }

    /// <summary>Takes the newest mark there is or none; by default an older one is taken, with a warning, when the newest cannot be reached or proven.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter Latest { get; set; }

    /// <summary>The group's members, for example BizTalkMgmtDb, 'SSODB from SQLPROD1'; by default what the manifests and the files tell.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string[] Member { get; set; } = [];

    /// <summary>Refuses a second restore in one pipeline.</summary>
    protected void RefuseSecond(string? mark)
    {
        if (_ran)
        {
            throw new RecoveryException(RecoveryError.SeveralRestores, mark, "More than one object came through the pipeline; each would restore the same databases again, over the result of the one before. Only the first was taken.");
        }

        _ran = true;
    }

    /// <summary>Folder for the tails of databases that are replaced, as their instances see it; by default each instance's backup folder.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? TailFolder { get; set; }

    /// <summary>Databases that are replaced without a backup of their tail: their newest work is lost.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string[] WithoutTail { get; set; } = [];

    /// <summary>Databases that exist at the destination and are kept under another name instead of being replaced.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string[] KeepExisting { get; set; } = [];

    /// <summary>Takes databases that are replaced out of their availability groups, and brings them back when the restore is proven and open.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter RemoveFromAvailabilityGroup { get; set; }

    /// <summary>Folder for the backups that bring databases back into their groups, under one path for every replica; by default the folder of the tails.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? SeedFolder { get; set; }

    /// <summary>Members restored at once on one instance.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = RestoreLimits.Default.PerInstance;

    /// <summary>Members restored at once with files on one volume.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateRange(1, 64)]
    public int VolumeThrottleLimit { get; set; } = RestoreLimits.Default.PerVolume;

    /// <summary>Reads folders and destinations and plans.</summary>
    protected RestorePlan Prepare(string[] folders, string[] destinations, string? mark, bool force)
    {
        var request = new RestoreRequest(folders, AddressesOf(destinations))
        {
            Mark = mark,
            BeforeUtc = Before?.ToUniversalTime(),
            Latest = Latest,
            Recurse = Recurse,
            Histories = AddressesOf(HistoryInstance),
            ManagementDatabase = ManagementDatabase,
            PathMap = new PathMap(NameMap.Of(PathMap)),
            Force = force,
            Members = Member,
            TailFolder = TailFolder,
            WithoutTail = WithoutTail,
            KeepExisting = KeepExisting,
            RemoveFromAvailabilityGroup = RemoveFromAvailabilityGroup,
            SeedFolder = SeedFolder,
            Limits = new RestoreLimits { PerInstance = ThrottleLimit, PerVolume = VolumeThrottleLimit },
            InstanceMap = NameMap.Of(InstanceMap),
            Files = new FilePlacement { DataFolder = DataFolder, LogFolder = LogFolder, FolderMap = NameMap.Of(FolderMap) },
        };
        return Run((log, stop) => Say(new RestorePreparer(PortsFor(log)).Prepare(request with { Replicas = ReplicasOf(PortsFor(log), stop) }, stop), log));
    }
}
