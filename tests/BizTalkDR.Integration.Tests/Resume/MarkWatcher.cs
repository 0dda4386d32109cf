using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>Looks at the members all the time: whoever is online must be at the mark, and open to users only when all are online.</summary>
internal sealed class MarkWatcher : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;
    private readonly RestorePlan _plan;
    private int _looks;

    public MarkWatcher(RestorePlan plan)
    {
        _plan = plan;
        _task = Task.Run(WatchAsync);
    }

    public List<string> Seen { get; } = [];

    public int Looks => Volatile.Read(ref _looks);

    /// <summary>Looks once.</summary>
    public static IReadOnlyList<string> Look(RestorePlan plan, Func<MemberPlan, ISqlInstance> open)
    {
        var faults = new List<string>();
        var online = new List<(MemberPlan Member, DatabaseFacts Facts)>();
        int there = 0;

        // Those that are open first: the others can only have come further since.
        foreach (MemberPlan member in plan.Members)
        {
            if (open(member).ReadDatabases([member.Database]) is [{ } facts])
            {
                there++;
                if (facts is { IsOnline: true, IsInStandby: false } && !ResumeDecision.IsPlanned(member.Replaces, facts))
                {
                    online.Add((member, facts));
                }
            }
        }

        foreach ((MemberPlan member, DatabaseFacts facts) in online)
        {
            MarkLogFacts log = open(member).ReadMarkLog(member.Database, plan.Mark);
            if (plan.Kind == RecoveryPointKind.Mark ? log.NewestMark != plan.Mark || log.MarkCount != 1 : log.NewestMark != member.NewestMark)
                faults.Add($"{member} is online at {log.NewestMark}");
            if (facts.Access == DatabaseAccess.MultiUser && plan.Members.Any(m => open(m).ReadDatabases([m.Database]) is not [{ IsOnline: true, IsInStandby: false }]))
                faults.Add($"{member} is open while {there} are there and not all online");
        }

        return faults;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        Dictionary<string, ISqlInstance> open = new(StringComparer.Ordinal);
        ISqlInstance Open(MemberPlan member)
        {
            if (!open.TryGetValue(member.DestinationServer, out ISqlInstance? instance))
                open[member.DestinationServer] = instance = FlowLab.Ports().Sql.Open(member.Destination with { ConnectTimeoutSeconds = 2 });
            return instance;
        }

        while (!_stop.IsCancellationRequested)
        {
            try
            {
                foreach (string fault in Look(_plan, Open))
                {
                    if (!Seen.Contains(fault))
                        Seen.Add(fault);
                }

                Interlocked.Increment(ref _looks);
            }
            catch (RecoveryException)
            {
                // A database that closes while it is looked at, an instance that was ended: look again.
                foreach (ISqlInstance instance in open.Values)
                    instance.Dispose();
                open.Clear();
            }

            await Task.Delay(20);
        }

        foreach (ISqlInstance instance in open.Values)
            instance.Dispose();
    }
}
