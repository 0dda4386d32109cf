using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>How far a part of a restore is, and how long the rest will take.</summary>
/// <param name="DoneBytes">Bytes of backups that are behind it.</param>
/// <param name="TotalBytes">Bytes of all its backups.</param>
/// <param name="Left">Time to its end; null as long as that was not measured.</param>
internal readonly record struct PaceReading(long DoneBytes, long TotalBytes, TimeSpan? Left)
{
    public int Percent => TotalBytes == 0 ? 100 : (int)(100.0 * DoneBytes / TotalBytes);
}

/// <summary>Measures how fast the members come to the mark, and says from it and from the sizes how long the rest will take. Pure: whoever calls it says what time it is.</summary>
/// <remarks>
/// Nothing is said before it was measured in this very run. Fulls and differentials go by their bytes: at the member's own rate, or else at that of the others. A log
/// costs the time that logs took so far, however small it is, and more when its bytes need more. As rates are those of several members at once, the time left is too
/// long rather than too short when fewer are left.
/// </remarks>
internal sealed class RestorePace
{
    // What is measured in less than this says nothing about the rest.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly List<Track> _tracks;
    private readonly RestoreLimits _limits;
    private readonly int _atOnce;

    /// <param name="members">In the order they are begun in.</param>
    /// <param name="limits">How many at once.</param>
    /// <param name="atOnce">How many at once in all.</param>
    public RestorePace(IEnumerable<MemberPlan> members, RestoreLimits limits, int atOnce)
    {
        _tracks = members.Select(m => new Track(m)).ToList();
        _limits = limits;
        _atOnce = atOnce;
    }

    /// <summary>Number of members that have come to the mark.</summary>
    public int MembersDone => _tracks.Count(t => t.IsOver);

    /// <summary>A member begins, with the steps that are left of it.</summary>
    public void Begin(MemberPlan member, IEnumerable<RestoreStep> steps)
    {
        Track track = Of(member);
        track.IsRunning = true;
        track.Steps = steps.Where(s => s.Statement is not null).ToList();
        track.DoneBytes = track.TotalBytes - track.Steps.Sum(Bytes);
    }

    /// <summary>A statement begins, or has come so far.</summary>
    public void Step(MemberPlan member, RestoreStep step, int percent, DateTime now)
    {
        Track track = Of(member);
        if (!ReferenceEquals(track.Current, step))
        {
            track.Current = step;
            track.Began = now;
        }

        track.Percent = Math.Max(0, Math.Min(100, percent));
    }

    /// <summary>A statement has come to its end.</summary>
    public void StepDone(MemberPlan member, RestoreStep step, DateTime now)
    {
        Track track = Of(member);
        if (!ReferenceEquals(track.Current, step))
        {
            return;
        }

        track.Finished.Add(IsLog(step), Bytes(step), now - track.Began);
        track.DoneBytes += Bytes(step);
        track.Steps = track.Steps.Where(s => !ReferenceEquals(s, step)).ToList();
        track.Current = null;
        track.Percent = 0;
    }

    /// <summary>A member has come to the mark.</summary>
    public void End(MemberPlan member)
    {
        Track track = Of(member);
        (track.IsRunning, track.IsOver) = (false, true);
        (track.Steps, track.Current) = ([], null);
        track.DoneBytes = track.TotalBytes;
    }

    /// <summary>The statement that runs.</summary>
    public PaceReading ReadStep(MemberPlan member, DateTime now)
    {
        Track track = Of(member);
        long total = track.Current is { } step ? Bytes(step) : 0;
        return new PaceReading(total * track.Percent / 100, total, SpanOf(StatementLeft(track, now)));
    }

    /// <summary>A member, up to the mark.</summary>
    public PaceReading Read(MemberPlan member, DateTime now)
    {
        Track track = Of(member);
        return new PaceReading(DoneBytes(track), track.TotalBytes, SpanOf(Left(track, now)));
    }

    /// <summary>All members, up to the mark.</summary>
    public PaceReading ReadAll(DateTime now) => new(_tracks.Sum(DoneBytes), _tracks.Sum(t => t.TotalBytes), SpanOf(LeftOfAll(now)));

    private static long Bytes(RestoreStep step) => Math.Max(1, step.Backup?.Header.BackupSizeBytes ?? 0);

    private static bool IsLog(RestoreStep step) => step.Statement!.Action == RestoreAction.Log;

    private static TimeSpan? SpanOf(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(Math.Ceiling(value)) : null;

    private static long DoneBytes(Track track) => track.DoneBytes + (track.Current is { } step ? Bytes(step) * track.Percent / 100 : 0);

    /// <summary>What the statement itself shows: the rest takes as long for each percent as what is done.</summary>
    private static double? StatementLeft(Track track, DateTime now)
    {
        TimeSpan elapsed = now - track.Began;
        return track.Current is null || track.Percent is <= 0 or >= 100 || elapsed < Shortest ? null : elapsed.TotalSeconds * (100 - track.Percent) / track.Percent;
    }

    private Track Of(MemberPlan member) => _tracks.Find(t => ReferenceEquals(t.Member, member))!;

    private double? Left(Track track, DateTime now)
    {
        double sum = 0;
        foreach (RestoreStep step in track.Steps)
        {
            double? left = ReferenceEquals(step, track.Current) ? StatementLeft(track, now) ?? Rest(Predicted(track, step, now), track, now) : Predicted(track, step, now);
            if (left is null)
            {
                return null;
            }

            sum += left.Value;
        }

        return sum;
    }

    private static double? Rest(double? predicted, Track track, DateTime now) => predicted is { } whole ? Math.Max(0, whole - (now - track.Began).TotalSeconds) : null;

    private double? Predicted(Track track, RestoreStep step, DateTime now)
    {
        double? byBytes = RateOf(track, now) is { } rate ? Bytes(step) / rate : null;
        if (!IsLog(step))
        {
            return byBytes;
        }

        double? perLog = track.Finished.SecondsPerLog ?? Sum(_tracks.Select(t => t.Finished)).SecondsPerLog;
        return perLog is null ? null : Math.Max(perLog.Value, byBytes ?? 0);
    }

    /// <summary>Bytes of fulls and differentials in a second: the member's own, or else those of all; null when none was measured.</summary>
    private double? RateOf(Track track, DateTime now) => WithCurrent(track, now).BytesPerSecond ?? Sum(_tracks.Select(t => WithCurrent(t, now))).BytesPerSecond;

    private static Measured WithCurrent(Track track, DateTime now)
    {
        Measured all = Sum([track.Finished]);
        TimeSpan elapsed = now - track.Began;
        if (track.Current is { } step && !IsLog(step) && track.Percent > 0 && elapsed >= Shortest)
        {
            all.Add(false, Bytes(step) * track.Percent / 100, elapsed);
        }

        return all;
    }

    private static Measured Sum(IEnumerable<Measured> parts)
    {
        var all = new Measured();
        foreach (Measured part in parts)
        {
            all.Add(part);
        }

        return all;
    }

    /// <summary>Lets the members that are left run in thought, each as soon as its instance and volumes have room.</summary>
    private double? LeftOfAll(DateTime now)
    {
        var lanes = new MemberLanes(_limits, _atOnce);
        var running = new List<(Track Track, double End)>();
        var waiting = new List<(Track Track, double Seconds)>();
        foreach (Track track in _tracks.Where(t => !t.IsOver))
        {
            if (Left(track, now) is not { } left)
            {
                return null;
            }

            if (track.IsRunning && lanes.TryEnter(track.Member))
            {
                running.Add((track, left));
            }
            else
            {
                waiting.Add((track, left));
            }
        }

        double time = 0;
        while (running.Count + waiting.Count > 0)
        {
            foreach ((Track track, double seconds) in waiting.ToList())
            {
                if (lanes.TryEnter(track.Member))
                {
                    running.Add((track, time + seconds));
                    waiting.Remove((track, seconds));
                }
            }

            (Track next, double end) = running.OrderBy(r => r.End).First();
            running.Remove((next, end));
            lanes.Leave(next.Member);
            time = end;
        }

        return time;
    }

    private sealed class Track(MemberPlan member)
    {
        public MemberPlan Member { get; } = member;

        public long TotalBytes { get; } = member.Steps.Where(s => s.Statement is not null).Sum(Bytes);

        public long DoneBytes { get; set; }

        public List<RestoreStep> Steps { get; set; } = member.Steps.Where(s => s.Statement is not null).ToList();

        public RestoreStep? Current { get; set; }

        public DateTime Began { get; set; }

        public int Percent { get; set; }

        public Measured Finished { get; } = new();

        public bool IsRunning { get; set; }

        public bool IsOver { get; set; }
    }

    /// <summary>Statements that were timed.</summary>
    private sealed class Measured
    {
        private long _bytes;
        private double _seconds;
        private int _logs;
        private double _logSeconds;

        public double? BytesPerSecond => _bytes > 0 && _seconds >= Shortest.TotalSeconds ? _bytes / _seconds : null;

        public double? SecondsPerLog => _logs > 0 ? _logSeconds / _logs : null;

        public void Add(bool isLog, long bytes, TimeSpan time)
        {
            double seconds = Math.Max(0, time.TotalSeconds);
            if (isLog)
            {
                _logs++;
                _logSeconds += seconds;
            }
            else
            {
                _bytes += bytes;
                _seconds += seconds;
            }
        }

        public void Add(Measured other)
        {
            _bytes += other._bytes;
            _seconds += other._seconds;
            _logs += other._logs;
            _logSeconds += other._logSeconds;
        }
    }
}
