using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Reports;

namespace BizTalkDR.Groups;

/// <summary>A BizTalk group: everything that must be backed up and restored together.</summary>
/// <param name="Name">Name in adm_Group.</param>
/// <param name="ManagementDatabase">Name of its Management database.</param>
/// <param name="ManagementServer">Real name of the instance that holds it.</param>
/// <param name="Members">Every row of admv_BackupDatabases, Management first.</param>
public sealed record BizTalkGroup(string Name, string ManagementDatabase, string ManagementServer, IReadOnlyList<GroupMember> Members)
{
    /// <summary>The group's own id.</summary>
    public Guid? Id { get; init; }

    /// <summary>The SSO server (not the SQL Server); null when not configured.</summary>
    public string? SsoServer { get; init; }

    /// <summary>What is odd about the group.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Real names of its instances; a configured name where the real one is unknown.</summary>
    public IReadOnlyList<string> Servers =>
        Members.Select(m => m.Server ?? m.ConfiguredServer).Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(s => s, StringComparer.OrdinalIgnoreCase).ToList();
}
