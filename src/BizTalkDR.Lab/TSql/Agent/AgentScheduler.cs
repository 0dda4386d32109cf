using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Starts jobs when their schedules are due, by the instance's clock; keeps next_run_date and next_run_time of msdb true.</summary>
public sealed class AgentScheduler : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly LabSqlServer _server;
    private readonly Dictionary<(Guid Job, int Schedule), (int Version, DateTime? Next)> _plans = [];
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private bool _disposed;

    internal AgentScheduler(LabSqlServer server) => _server = server;

    /// <summary>Looks once a second for jobs that are due, until disposed.</summary>
    public void Start() => _loop = Task.Run(LoopAsync);

    /// <summary>When the next job is due, by the schedules as they are now; null when none is.</summary>
    public DateTime? NextDue
    {
        get
        {
            lock (_gate)
            {
                Plan();
                return _plans.Values.Min(p => p.Next);
            }
        }
    }

    /// <summary>Runs every job that is due, each once, in the calling thread.</summary>
    /// <returns>What was run, in the order of job names.</returns>
    public IReadOnlyList<(AgentJob Job, AgentJobResult Result)> RunDue()
    {
        List<(AgentJob, AgentJobResult)> results = [];
        foreach ((AgentJob job, string invoker) in TakeDue())
        {
            results.Add((job, _server.Agent.Run(job, invoker: invoker)));
        }

        return results;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stop.Cancel();
        _loop.Wait();
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        using PeriodicTimer timer = new(Period, _server.Instance.Options.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                StartDue();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
    }

    private void StartDue()
    {
        try
        {
            foreach ((AgentJob job, string invoker) in TakeDue())
            {
                // A job that still runs is not started again: the schedule waits for its next time.
                _server.Agent.TryStart(job, null, invoker);
            }
        }
        catch (LabSqlException)
        {
            // msdb cannot be read just now (it is being restored): the next second tries again.
            return;
        }
    }

    /// <summary>Gives the jobs that are due and moves their schedules on.</summary>
    private List<(AgentJob Job, string Invoker)> TakeDue()
    {
        lock (_gate)
        {
            Dictionary<(Guid, int), (string Job, AgentSchedule Schedule)> known = Plan();
            DateTime now = _server.Instance.Now;
            List<(AgentJob, string)> due = [];
            foreach (((Guid job, int schedule) key, (int version, DateTime? next)) in _plans.Where(p => p.Value.Next <= now).OrderBy(p => known[p.Key].Job, StringComparer.OrdinalIgnoreCase).ToList())
            {
                AgentSchedule rule = known[key].Schedule;
                if (_server.Agent.Find(key.job, null) is { } found && !due.Exists(d => d.Item1.Id == found.Id))
                {
                    due.Add((found, string.Create(CultureInfo.InvariantCulture, $"Schedule {rule.Id} ({rule.Name})")));
                }

                SetNext(key, version, rule.Next(now));
                _ = next;
            }

            return due;
        }
    }

    /// <summary>Reads the schedules of enabled jobs; what is new or was changed gets its next time.</summary>
    private Dictionary<(Guid Job, int Schedule), (string Job, AgentSchedule Schedule)> Plan()
    {
        using SqlSession session = _server.Agent.Open();
        List<object?[]> rows = session.Query("""
            SELECT j.job_id, j.name, s.schedule_id, s.name, s.freq_type, s.freq_interval, s.freq_subday_type, s.freq_subday_interval, s.freq_relative_interval, s.freq_recurrence_factor,
                s.active_start_date, s.active_end_date, s.active_start_time, s.active_end_time, s.version_number, s.enabled & j.enabled
            FROM msdb.dbo.sysjobschedules AS js JOIN msdb.dbo.sysjobs AS j ON j.job_id = js.job_id JOIN msdb.dbo.sysschedules AS s ON s.schedule_id = js.schedule_id
            WHERE EXISTS (SELECT 1 FROM msdb.dbo.sysjobservers AS v WHERE v.job_id = j.job_id)
            """)[0].Rows;
        Dictionary<(Guid, int), (string, AgentSchedule)> known = [];
        foreach (object?[] r in rows)
        {
            int At(int column) => Convert.ToInt32(r[column], CultureInfo.InvariantCulture);
            (Guid, int) key = ((Guid)r[0]!, At(2));
            AgentSchedule schedule = new(At(2), (string)r[3]!, At(4), At(5), At(6), At(7), At(8), At(9), At(10), At(11), At(12), At(13));
            known[key] = ((string)r[1]!, schedule);
            bool isEnabled = At(15) == 1;
            if (!_plans.TryGetValue(key, out (int Version, DateTime? Next) plan) || plan.Version != At(14) || !isEnabled || (plan.Next is null && schedule.Next(_server.Instance.Now) is not null))
            {
                // Due at this very second counts: the time a job is planned for is never before it was planned.
                DateTime? next = isEnabled ? schedule.Next(_server.Instance.Now.AddMilliseconds(-1)) : null;
                if (!_plans.ContainsKey(key) || plan.Next != next || plan.Version != At(14))
                {
                    SetNext(key, At(14), next, session);
                }
            }
        }

        foreach ((Guid, int) gone in _plans.Keys.Where(k => !known.ContainsKey(k)).ToList())
        {
            _plans.Remove(gone);
        }

        return known;
    }

    private void SetNext((Guid Job, int Schedule) key, int version, DateTime? next)
    {
        using SqlSession session = _server.Agent.Open();
        SetNext(key, version, next, session);
    }

    private void SetNext((Guid Job, int Schedule) key, int version, DateTime? next, SqlSession session)
    {
        _plans[key] = (version, next);
        string date = next?.ToString("yyyyMMdd", CultureInfo.InvariantCulture) ?? "0";
        string time = next is null ? "0" : int.Parse(next.Value.ToString("HHmmss", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        session.Query(string.Create(CultureInfo.InvariantCulture, $"UPDATE msdb.dbo.sysjobschedules SET next_run_date = {date}, next_run_time = {time} WHERE job_id = '{key.Job}' AND schedule_id = {key.Schedule}"));
        DateTime? ofJob = _plans.Where(p => p.Key.Job == key.Job).Min(p => p.Value.Next);
        AgentHistory.Planned(session, key.Job, ofJob);
    }
}
