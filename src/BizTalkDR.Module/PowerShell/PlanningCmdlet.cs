using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries the parameters that say where the databases of a plan go.</summary>
public abstract class PlanningCmdlet : RestoreCmdlet
{
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

    /// <summary>Folder for the tails of databases that are replaced, as their instances see it; by default each instance's backup folder.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? TailFolder { get; set; }

    /// <summary>Databases that are replaced without a backup of their tail: their newest work is lost.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string[] WithoutTail { get; set; } = [];

    /// <summary>Reads folders and destinations and plans.</summary>
    protected RestorePlan Prepare(string[] folders, string[] destinations, string? mark, bool force)
    {
        var request = new RestoreRequest(folders, AddressesOf(destinations))
        {
            Mark = mark,
            Force = force,
            TailFolder = TailFolder,
            WithoutTail = WithoutTail,
            InstanceMap = MapOf(InstanceMap),
            Files = new FilePlacement { DataFolder = DataFolder, LogFolder = LogFolder, FolderMap = MapOf(FolderMap) },
        };
        return Run((log, stop) => Say(new RestorePreparer(PortsFor(log)).Prepare(request, stop), log));
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
}
