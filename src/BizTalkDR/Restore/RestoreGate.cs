using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>What the gate found.</summary>
/// <param name="Verdicts">One for each member, in the plan's order.</param>
public sealed record GateResult(IReadOnlyList<(MemberPlan Member, GateVerdict Verdict)> Verdicts)
{
    /// <summary>Whether every member stands at the mark.</summary>
    public bool Passed => Verdicts.All(v => v.Verdict.Passed);

    /// <summary>The group as its restored Management database describes it; null when it could not be seen.</summary>
    public GroupRecords? Group { get; init; }

    /// <summary>The Management database, when it could be seen.</summary>
    public MemberPlan? Management { get; init; }
}

/// <summary>Proves, while every member is still restoring, that all of them stand at the point. Recovers nothing.</summary>
/// <remarks>
/// First the positions of all members are read; only when all fit, each member is opened read-only for a look at MarkLog and put
/// back to RESTORING, its position read again. After RECOVERY a failed proof would mean starting over from the fulls.
/// </remarks>
public sealed class RestoreGate
{
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a gate.</summary>
    public RestoreGate(RecoveryPorts ports) => _ports = ports;

    /// <summary>Members looked at at once. Default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>How long to wait for a statement that a killed run left running. Default 60 seconds.</summary>
    public TimeSpan StatementWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Judges every member.</summary>
    public GateResult Check(RestorePlan plan, CancellationToken cancellationToken = default) => Check(plan, plan.Members, cancellationToken);

    /// <summary>Judges some members: those of a resumed restore that are not recovered yet.</summary>
    public GateResult Check(RestorePlan plan, IReadOnlyList<MemberPlan> members, CancellationToken cancellationToken = default)
    {
        GateResult positions = Judge(plan, members, (member, instance) => ReadEvidence(plan, member, instance, cancellationToken), cancellationToken);
        if (!positions.Passed)
        {
            return positions;
        }

        var groups = new ConcurrentQueue<(MemberPlan Member, GroupRecords Records)>();
        GateResult looks = Judge(
            plan,
            members,
            (member, instance) =>
            {
                StandbyLook look = Look(plan, member, instance, cancellationToken);
                if (look.Group is { } records)
                {
                    groups.Enqueue((member, records));
                }

                return ReadEvidence(plan, member, instance, cancellationToken) with { Look = look };
            },
            cancellationToken);
        (MemberPlan Member, GroupRecords Records) management = groups.OrderBy(g => g.Member.Database, StringComparer.OrdinalIgnoreCase).FirstOrDefault();
        return RefuseMissingMembers(plan, looks with { Group = management.Records, Management = management.Member });
    }

    /// <summary>Turns a refusal into the error to throw.</summary>
    public static RecoveryException ErrorOf(RestorePlan plan, GateResult result)
    {
        List<(MemberPlan Member, GateVerdict Verdict)> refused = result.Verdicts.Where(v => !v.Verdict.Passed).ToList();
        (MemberPlan first, GateVerdict verdict) = refused[0];
        string more = refused.Count > 1 ? $" ({refused.Count - 1} more: {string.Join("; ", refused.Skip(1).Select(r => $"{r.Member}: {r.Verdict.Text}"))})" : string.Empty;
        return new RecoveryException(verdict.Code ?? RecoveryError.ProofFailed, first.ToString(), $"{first} is not at the {plan.PointName}: {verdict.Text}{more}. No member was recovered.");
    }

    private static GateEvidence ReadEvidence(RestorePlan plan, MemberPlan member, ISqlInstance instance, CancellationToken cancellationToken)
    {
        IReadOnlyList<DatabaseFacts> databases = instance.ReadDatabases([member.Database], cancellationToken);
        return new GateEvidence(
            plan.Mark,
            member.MarkPosition,
            [member.Chain.Last.Header.RecoveryForkGuid, member.Chain.Last.StartFork],
            databases.Count > 0 ? databases[0] : null,
            instance.ReadRedoFiles(member.Database, cancellationToken))
        {
            ExpectedFamily = member.Chain.Full.Header.FamilyGuid,
            NewestMark = member.LaterStamp ?? plan.Mark,
            Quiesced = QuiescedEvidence.Of(plan, member, () => instance.ReadRestoreHistory(member.Database, member.Steps.Count + 8, cancellationToken)),
        };
    }

    private static GateResult RefuseMissingMembers(RestorePlan plan, GateResult result)
    {
        if (result.Group is null || result.Management is null)
        {
            return result;
        }

        List<string> planned = plan.Members.Select(m => m.Chain.Member.Database).ToList();
        var missing = new List<string>();
        foreach (DatabaseAddress row in result.Group.BackupDatabases)
        {
            int at = planned.FindIndex(d => string.Equals(d, row.Database, StringComparison.OrdinalIgnoreCase));
            if (at < 0)
            {
                missing.Add($"{row.Database} on {row.Server}");
            }
            else
            {
                planned.RemoveAt(at);
            }
        }

        if (missing.Count == 0)
        {
            return result;
        }

        string text = $"the restored Management database lists members that are not restored: {string.Join(", ", missing)}";
        return result with
        {
            Verdicts = result.Verdicts
                .Select(v => ReferenceEquals(v.Member, result.Management) ? (v.Member, v.Verdict with { Passed = false, Code = RecoveryError.MemberMissing, Text = text }) : v)
                .ToList(),
        };
    }

    private GateResult Judge(RestorePlan plan, IReadOnlyList<MemberPlan> members, Func<MemberPlan, ISqlInstance, GateEvidence> read, CancellationToken cancellationToken)
    {
        var verdicts = new GateVerdict[members.Count];
        MemberPool.Run(members, Parallelism, (member, i) =>
        {
            using ISqlInstance instance = _ports.Sql.Open(member.Destination, cancellationToken);
            verdicts[i] = GateDecision.Decide(read(member, instance));
            _ports.Log.Verbose($"Gate: {member}: {(verdicts[i].Passed ? string.Empty : "NOT ")}at {plan.PlaceName}: {verdicts[i].Text}");
        });
        return new GateResult(members.Select((m, i) => (m, verdicts[i])).ToList());
    }

    private StandbyLook Look(RestorePlan plan, MemberPlan member, ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (member.StandbyFile is null)
        {
            return new StandbyLook(null, member.NoStandbyReason ?? "not planned");
        }

        DestinationLock.TakeForStatements(instance, member, StatementWait, cancellationToken);
        StatementOutcome standby = instance.Restore(new RestoreStatement(RestoreAction.Standby, member.Database) { StandbyFile = member.StandbyFile }, null, cancellationToken);
        if (standby.Cause is { } refusal)
        {
            _ports.Log.Warning($"{member}: no look at MarkLog before recovery, SQL Server did not open the database: {refusal.Number}, {refusal.Text}");
            return new StandbyLook(null, $"SQL Server did not open the database: {refusal.Number}, {refusal.Text}");
        }

        try
        {
            IReadOnlyList<DatabaseFacts> facts = instance.ReadDatabases([member.Database], cancellationToken);
            GroupRecords group = instance.ReadGroup(member.Database, cancellationToken);
            return new StandbyLook(instance.ReadMarkLog(member.Database, plan.Mark, cancellationToken), null)
            {
                FamilyGuid = facts.Count > 0 ? facts[0].FamilyGuid : null,
                Group = group.HasBackupView ? group : null,
            };
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied)
        {
            return new StandbyLook(null, error.Message);
        }
        finally
        {
            // Back to RESTORING even when the operator cancelled the look: nobody may read a group that is not proven.
            instance.Restore(new RestoreStatement(RestoreAction.Resume, member.Database), null, CancellationToken.None);
        }
    }
}
