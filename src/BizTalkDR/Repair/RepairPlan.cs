using System.Collections.Generic;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Repair;

/// <summary>What the operator asks for.</summary>
/// <param name="ManagementDatabase">Its name.</param>
/// <param name="Instances">The Management database's instance first, then the others.</param>
public sealed record RepairRequest(string ManagementDatabase, IReadOnlyList<SqlInstanceAddress> Instances)
{
    /// <summary>Login that is to own databases whose owner is unknown. Default <c>sa</c>.</summary>
    public string Owner { get; init; } = "sa";

    /// <summary>Login that backs up the group; null only looks whether the role for it is there.</summary>
    public string? BackupUser { get; init; }

    /// <summary>Folder the backup job is to write to; null leaves it, and only looks whether there is one.</summary>
    public string? BackupPath { get; init; }

    /// <summary>Refuses what the server would cut or misread.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.InvalidName"/>, <see cref="RecoveryError.DestinationTooLong"/>, <see cref="RecoveryError.DestinationInvalid"/>.</exception>
    public static void Check(RepairRequest request)
    {
        SqlNames.Check(request.ManagementDatabase, "Management database");
        SqlNames.Check(request.Owner, "owner");
        if (request.BackupUser is { } user)
        {
            SqlNames.Check(user, "backup user");
        }

        if (request.BackupPath is { } path)
        {
            BackupPlanner.CheckDestination(path);
        }
    }
}

/// <summary>One of the instances, as found.</summary>
/// <param name="Address">How it is reached.</param>
/// <param name="Server">Its real name.</param>
public sealed record RepairInstance(SqlInstanceAddress Address, string Server);

/// <summary>Where a member was found.</summary>
public sealed record MemberHome(RepairInstance Instance, DatabaseUpkeep Database)
{
    /// <summary>Agent jobs of the instance; null when they may not be read.</summary>
    public IReadOnlyList<AgentJob>? Jobs { get; init; }
}

/// <summary>A member and every instance that holds a database of its name.</summary>
public sealed record RepairMember(GroupMember Member, IReadOnlyList<MemberHome> Homes);

/// <summary>Everything the plan is made from.</summary>
/// <param name="Group">The group as its Management database describes it now.</param>
/// <param name="Management">The instance that holds it.</param>
/// <param name="Members">Every member.</param>
/// <param name="Upkeep">Its linked servers and jobs; null when they may not be read.</param>
/// <param name="FullIsForced">Whether the next backup is to be a full.</param>
public sealed record RepairFacts(BizTalkGroup Group, RepairInstance Management, IReadOnlyList<RepairMember> Members, InstanceUpkeep? Upkeep, bool FullIsForced);

/// <summary>What would mend a failed check.</summary>
/// <param name="Instance">Where.</param>
/// <param name="Text">What it does, for the question to the operator.</param>
/// <param name="Statements">In order.</param>
public sealed record RepairFix(RepairInstance Instance, string Text, IReadOnlyList<UpkeepStatement> Statements);

/// <summary>A check's result and, when it failed and can be mended here, how.</summary>
public sealed record RepairItem(RepairResult Result, RepairFix? Fix = null);
