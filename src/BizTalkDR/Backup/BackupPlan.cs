using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Catalogue;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Backup;

/// <summary>A step of a backup: one call of one of the group's procedures.</summary>
/// <param name="Text">What it does, for people.</param>
/// <param name="Call">The call.</param>
/// <param name="Produces">The kind of set it writes; null when it writes none.</param>
public sealed record BackupStep(string Text, GroupProcedureCall Call, BackupSetKind? Produces);

/// <summary>What a backup will do.</summary>
/// <param name="Group">The group.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Steps">The calls, in order.</param>
public sealed record BackupPlan(BizTalkGroup Group, BackupRequest Request, IReadOnlyList<BackupStep> Steps)
{
    /// <summary>Target text for the question to the operator.</summary>
    public string Target => $"group {Group.Name} ({Group.ManagementDatabase} on {Group.ManagementServer})";

    /// <summary>Action text for the question to the operator.</summary>
    public string Action => string.Format(
        CultureInfo.InvariantCulture,
        "{0} backup of {1} databases to {2}{3}",
        Request.Type == BackupType.FullAndLog ? "Full and log" : Request.Type.ToString(),
        Group.Members.Count,
        Request.Destination,
        Request.RequireQuiesced ? ", only while nothing is at work in them" : string.Empty);

    /// <summary>Gives the plan for reading.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Action).Append(" of ").Append(Target).Append('\n');
        foreach (BackupStep step in Steps)
        {
            text.Append("  ").Append(step.Text).Append('\n');
        }

        foreach (GroupMember member in Group.Members)
        {
            text.Append("    ").Append(member.Role).Append(": ").Append(member).Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }

    /// <summary>Members by the real name of their instance.</summary>
    public IEnumerable<IGrouping<string, GroupMember>> MembersByServer() => Group.Members.GroupBy(m => m.Server ?? m.ConfiguredServer, System.StringComparer.OrdinalIgnoreCase);
}
