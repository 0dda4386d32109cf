using System.Collections.Generic;
using System.Management.Automation;

namespace BizTalkDR.Module.Lab;

/// <summary>A running lab, as Start-BizTalkLab returns it.</summary>
public sealed class BizTalkLab
{
    /// <summary>Addresses of its instances for -SqlInstance, the one with the Management database first.</summary>
    public IReadOnlyList<string> SqlInstance { get; internal set; } = [];

    /// <summary>Network names of its instances, in the same order.</summary>
    public IReadOnlyList<string> ServerName { get; internal set; } = [];

    /// <summary>The lab's administrator, for -SqlCredential.</summary>
    public PSCredential SqlCredential { get; internal set; } = PSCredential.Empty;

    /// <summary>Name of the group's Management database.</summary>
    public string ManagementDatabase { get; internal set; } = string.Empty;

    /// <summary>Folder that both instances can write backups to.</summary>
    public string BackupFolder { get; internal set; } = string.Empty;

    /// <summary>Folder of the lab.</summary>
    public string Path { get; internal set; } = string.Empty;

    /// <summary>Folders of its BizTalk computers, for -ComputerName; none when it was started empty.</summary>
    public IReadOnlyList<string> Computer { get; internal set; } = [];

    /// <summary>Id of the lab's process.</summary>
    public int ProcessId { get; internal set; }

    /// <summary>Gives the instances and the folder.</summary>
    public override string ToString() => $"{string.Join(", ", SqlInstance)} in {Path}";
}
