using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Says how far the members are on their way to the mark: the group, each member, the statement it is in, each with the time left.</summary>
internal sealed class RestoreProgress
{
    // What comes behind the mark (gate, recovery, proof) has no measure of its own; the group's bar goes so far until then.
    private const int PercentToMark = 80;

    private readonly object _gate = new();
    private readonly RecoveryPorts _ports;
    private readonly RestorePace _pace;
    private readonly int _members;

    public RestoreProgress(RecoveryPorts ports, string activity, IReadOnlyList<MemberPlan> members, RestoreLimits limits, int atOnce)
    {
        _ports = ports;
        Activity = activity;
        _members = members.Count;
        _pace = new RestorePace(members, limits, atOnce);
    }

    /// <summary>What runs.</summary>
    public string Activity { get; }

    public void Begin(MemberPlan member, IEnumerable<RestoreStep> steps)
    {
        lock (_gate)
        {
            _pace.Begin(member, steps);
        }
    }

    public void Step(MemberPlan member, RestoreStep step, int percent)
    {
        lock (_gate)
        {
            DateTime now = _ports.Clock.UtcNow;
            _pace.Step(member, step, percent, now);
            PaceReading statement = _pace.ReadStep(member, now);
            PaceReading whole = _pace.Read(member, now);
            string soFar = percent == 0 ? string.Empty : statement.Left is { } left ? $": {percent} %, about {TimeText.Of(left)} left" : $": {percent} %";
            _ports.Log.Progress(Activity, member.Database, step.Text + soFar, whole.Percent, left: whole.Left);
            SayAll(now);
        }
    }

    public void StepDone(MemberPlan member, RestoreStep step)
    {
        lock (_gate)
        {
            _pace.StepDone(member, step, _ports.Clock.UtcNow);
        }
    }

    public void End(MemberPlan member)
    {
        lock (_gate)
        {
            _pace.End(member);
            SayAll(_ports.Clock.UtcNow);
        }
    }

    private void SayAll(DateTime now)
    {
        PaceReading all = _pace.ReadAll(now);
        _ports.Log.Progress(
            Activity,
            null,
            $"{_pace.MembersDone} of {_members} members rolled forward, {SizeText.Of(all.DoneBytes)} of {SizeText.Of(all.TotalBytes)}",
            all.Percent * PercentToMark / 100,
            left: all.Left);
    }
}
