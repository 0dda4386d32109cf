namespace BizTalkDR.Groups;

/// <summary>What a member is for the group (facts: biztalk-databases.md §2).</summary>
public enum MemberRole
{
    Unknown,
    Management,
    MessageBox,
    Tracking,
    Sso,
    RuleEngine,
    BamPrimaryImport,
    BamAlerts,
    Custom,
}

/// <summary>One database of the group.</summary>
/// <param name="Role">What it is for the group.</param>
/// <param name="Database">Its name.</param>
/// <param name="ConfiguredServer">Server name as the group's tables hold it: an alias, a listener, a name with a port.</param>
/// <param name="Server">Real name of the instance; null when it could not be found out.</param>
public sealed record GroupMember(MemberRole Role, string Database, string ConfiguredServer, string? Server)
{
    /// <summary>Whether it is the master MessageBox.</summary>
    public bool IsMasterMessageBox { get; init; }

    /// <summary>Gives <c>database on server</c>.</summary>
    public override string ToString() => $"{Database} on {Server ?? ConfiguredServer}";
}
