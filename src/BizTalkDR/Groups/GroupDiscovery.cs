using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Groups;

/// <summary>Finds out which databases form a group.</summary>
public static class GroupDiscovery
{
    /// <summary>Reads the group of a Management database.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.NotAManagementDatabase"/>, <see cref="RecoveryError.InvalidName"/>.</exception>
    public static BizTalkGroup Read(ISqlInstance instance, string managementDatabase, CancellationToken cancellationToken = default)
    {
        SqlNames.Check(managementDatabase, "Management database");
        GroupRecords records = instance.ReadGroup(managementDatabase, cancellationToken);
        return From(
            records,
            managementDatabase,
            instance.Identity.ServerName,
            address => instance.ResolveServerName(managementDatabase, address.Server, address.Database, cancellationToken));
    }

    /// <summary>Puts the group together from its records.</summary>
    /// <param name="records">What the Management database says.</param>
    /// <param name="managementDatabase">Its name.</param>
    /// <param name="managementServer">Real name of its instance.</param>
    /// <param name="resolve">Gives the real server name behind a row; null when it cannot be found out.</param>
    /// <remarks>
    /// The view is the single source of truth for what a complete set holds (facts: biztalk-databases.md §3). Its server names are
    /// whatever was configured, so they are compared as configured here and by their real name everywhere else.
    /// </remarks>
    public static BizTalkGroup From(
        GroupRecords records, string managementDatabase, string managementServer, Func<DatabaseAddress, string?> resolve)
    {
        if (!records.DatabaseExists)
        {
            throw new RecoveryException(RecoveryError.NotAManagementDatabase, managementDatabase, $"There is no database '{managementDatabase}' on '{managementServer}'.");
        }

        if (!records.HasBackupView)
        {
            throw new RecoveryException(
                RecoveryError.NotAManagementDatabase,
                managementDatabase,
                $"The database '{managementDatabase}' on '{managementServer}' is not a BizTalk Management database: it has no view dbo.admv_BackupDatabases.");
        }

        var members = new List<GroupMember>();
        var findings = new List<Finding>();
        foreach (DatabaseAddress row in records.BackupDatabases)
        {
            members.Add(MemberFrom(row, records, managementDatabase, managementServer, resolve, findings));
        }

        AddFindings(members, records, managementDatabase, findings);
        List<GroupMember> ordered = members
            .OrderBy(m => m.Role == MemberRole.Unknown ? int.MaxValue : (int)m.Role)
            .ThenByDescending(m => m.IsMasterMessageBox)
            .ThenBy(m => m.Database, StringComparer.OrdinalIgnoreCase)
            .ThenBy(m => m.ConfiguredServer, StringComparer.OrdinalIgnoreCase)
            .ToList();
        return new BizTalkGroup(records.GroupName, managementDatabase, managementServer, ordered)
        {
            Id = records.GroupId,
            SsoServer = string.IsNullOrEmpty(records.SsoServer) ? null : records.SsoServer,
            Findings = findings,
        };
    }

    private static GroupMember MemberFrom(
        DatabaseAddress row,
        GroupRecords records,
        string managementDatabase,
        string managementServer,
        Func<DatabaseAddress, string?> resolve,
        List<Finding> findings)
    {
        bool isManagement = Same(row.Database, managementDatabase) && Same(row.Server, managementServer);
        string? server = isManagement ? managementServer : resolve(row);
        if (string.IsNullOrEmpty(server))
        {
            server = null;
            findings.Add(new Finding(FindingLevel.Error, $"{row.Database} on {row.Server}", "The real name of this server could not be found out from the Management instance."));
        }

        MessageBoxRecord? messageBox = records.MessageBoxes.FirstOrDefault(m => Same(m.Database, row.Database) && Same(m.Server, row.Server));
        MemberRole role = isManagement ? MemberRole.Management : messageBox is not null ? MemberRole.MessageBox : RoleOf(row, records);
        return new GroupMember(role, row.Database, row.Server, server) { IsMasterMessageBox = messageBox?.IsMaster ?? false };
    }

    private static MemberRole RoleOf(DatabaseAddress row, GroupRecords records)
    {
        if (Same(row, records.Tracking))
        {
            return MemberRole.Tracking;
        }

        if (Same(row, records.BamPrimaryImport))
        {
            return MemberRole.BamPrimaryImport;
        }

        if (Same(row, records.RuleEngine))
        {
            return MemberRole.RuleEngine;
        }

        OtherDatabaseRecord? other = records.Others.FirstOrDefault(o => Same(o.Database, row.Database) && Same(o.Server, row.Server));
        return other switch
        {
            null => MemberRole.Unknown,
            { Key: "SSO" } => MemberRole.Sso,
            { Key: var key } when key.StartsWith("BAM Alerts", StringComparison.OrdinalIgnoreCase) => MemberRole.BamAlerts,
            _ => MemberRole.Custom,
        };
    }

    private static void AddFindings(List<GroupMember> members, GroupRecords records, string managementDatabase, List<Finding> findings)
    {
        if (members.All(m => m.Role != MemberRole.Management))
        {
            findings.Add(new Finding(FindingLevel.Error, managementDatabase, "The view does not list the Management database under this server's real name."));
        }

        int masters = records.MessageBoxes.Count(m => m.IsMaster);
        if (masters != 1)
        {
            findings.Add(new Finding(FindingLevel.Warning, managementDatabase, $"The group has {masters} master MessageBoxes; it must have exactly one."));
        }

        foreach (IGrouping<string, GroupMember> same in members
            .Where(m => m.Server is not null)
            .GroupBy(m => m.Server + "\n" + m.Database, StringComparer.OrdinalIgnoreCase)
            .Where(g => g.Count() > 1))
        {
            string names = string.Join(", ", same.Select(m => m.ConfiguredServer));
            findings.Add(new Finding(FindingLevel.Error, same.First().ToString(), $"This database is listed more than once, under the server names {names}; each run backs it up as often."));
        }
    }

    private static bool Same(DatabaseAddress row, DatabaseAddress? other) => other is not null && Same(row.Database, other.Database) && Same(row.Server, other.Server);

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
