using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>A job as msdb keeps it.</summary>
/// <param name="Owner">Login of the owner.</param>
public sealed record AgentJob(Guid Id, string Name, int StartStep, string Owner);

/// <summary>How one step of a job ended.</summary>
/// <param name="Messages">What it said, errors included.</param>
public sealed record AgentStepResult(int StepId, string Name, bool Succeeded, IReadOnlyList<SqlMessage> Messages);

/// <summary>How a run of a job ended.</summary>
public sealed record AgentJobResult(bool Succeeded, IReadOnlyList<AgentStepResult> Steps);

/// <summary>Runs the T-SQL steps of Agent jobs in order and writes msdb.dbo.sysjobhistory.</summary>
public sealed class AgentRunner : IDisposable
{
    private readonly LabSqlServer _server;
    private readonly ConcurrentDictionary<Guid, (CancellationTokenSource Cancel, Task Task)> _running = new();

    internal AgentRunner(LabSqlServer server) => _server = server;

    /// <summary>Finds a job by id or name; null when there is none.</summary>
    public AgentJob? Find(Guid? id, string? name)
    {
        using SqlSession session = Open();
        string condition = id is not null ? $"j.job_id = '{id}'" : "j.name = " + AgentHistory.Quoted(name ?? string.Empty);
        List<object?[]> rows = session.Query($"SELECT j.job_id, j.name, j.start_step_id, ISNULL(SUSER_SNAME(j.owner_sid), N'sa') FROM msdb.dbo.sysjobs AS j WHERE {condition}")[0].Rows;
        return rows.Count == 0 ? null : new AgentJob((Guid)rows[0][0]!, (string)rows[0][1]!, (int)rows[0][2]!, (string)rows[0][3]!);
    }

    /// <summary>Runs a job to its end in the calling thread, enabled or not.</summary>
    /// <param name="stepName">Step to begin with; null = the job's first.</param>
    /// <param name="invoker">What asked for it, as the history says it: <c>User sa</c>, <c>Schedule 3 (name)</c>; null = the owner.</param>
    public AgentJobResult Run(AgentJob job, string? stepName = null, string? invoker = null, CancellationToken cancellation = default)
    {
        using SqlSession history = Open();
        List<Step> steps = ReadSteps(history, job);
        var results = new List<AgentStepResult>();
        DateTime started = _server.Instance.Now;
        AgentHistory.Started(history, job, started, invoker?.StartsWith("Schedule", StringComparison.Ordinal) == true ? 1 : 4);
        bool? outcome = RunSteps(job, steps, stepName, results, history, cancellation);

        // Going on past the last step ends the job as the last step ended.
        bool succeeded = outcome ?? (results.Count > 0 && results[^1].Succeeded);
        string verdict = cancellation.IsCancellationRequested ? "The job was stopped prior to completion." : succeeded ? "The job succeeded." : "The job failed.";
        string last = results.Count == 0 ? "The job has no steps." : $"The last step to run was step {results[^1].StepId} ({results[^1].Name}).";
        AgentHistory.JobDone(history, job, cancellation.IsCancellationRequested ? 3 : succeeded ? 1 : 0, $"{verdict}  The Job was invoked by {invoker ?? "User " + job.Owner}.  {last}", started, _server.Instance.Now);
        return new AgentJobResult(succeeded, results);
    }

    private bool? RunSteps(AgentJob job, List<Step> steps, string? stepName, List<AgentStepResult> results, SqlSession history, CancellationToken cancellation)
    {
        int at = stepName is null ? job.StartStep : steps.Find(s => string.Equals(s.Name, stepName, StringComparison.OrdinalIgnoreCase))?.Id ?? job.StartStep;
        bool? outcome = steps.Count == 0 ? false : null;
        while (outcome is null && steps.Find(s => s.Id == at) is { } step)
        {
            DateTime stepStarted = _server.Instance.Now;
            AgentStepResult result = RunStep(job, step, cancellation);
            results.Add(result);
            AgentHistory.StepDone(history, job, step.Id, step.Name, result, stepStarted, _server.Instance.Now);
            (int action, int target) = result.Succeeded ? (step.OnSuccess, step.OnSuccessStep) : (step.OnFail, step.OnFailStep);
            outcome = cancellation.IsCancellationRequested ? false : action switch
            {
                1 => true,
                2 => false,
                _ => null,
            };
            at = action == 4 ? target : step.Id + 1;
        }

        return outcome;
    }

    /// <summary>Starts a job in the background; false when it is running already.</summary>
    public bool TryStart(AgentJob job, string? stepName = null, string? invoker = null)
    {
        var cancel = new CancellationTokenSource();
        var task = new Task(() => RunAndForget(job, stepName, invoker, cancel), TaskCreationOptions.LongRunning);
        if (!_running.TryAdd(job.Id, (cancel, task)))
        {
            cancel.Dispose();
            return false;
        }

        task.Start(TaskScheduler.Default);
        return true;
    }

    /// <summary>Waits for a job that was started in the background; returns at once when it is not running.</summary>
    public void Wait(AgentJob job)
    {
        if (_running.TryGetValue(job.Id, out (CancellationTokenSource Cancel, Task Task) run))
        {
            run.Task.Wait();
        }
    }

    /// <summary>Stops a running job; false when it is not running.</summary>
    public bool Stop(AgentJob job)
    {
        if (!_running.TryGetValue(job.Id, out (CancellationTokenSource Cancel, Task Task) run))
        {
            return false;
        }

        run.Cancel.Cancel();
        run.Task.Wait();
        return true;
    }

    public void Dispose()
    {
        foreach ((CancellationTokenSource cancel, Task task) in _running.Values)
        {
            cancel.Cancel();
            task.Wait();
        }
    }

    private void RunAndForget(AgentJob job, string? stepName, string? invoker, CancellationTokenSource cancel)
    {
        try
        {
            Run(job, stepName, invoker, cancel.Token);
        }
        catch (LabSqlException error)
        {
            LastFailure = error;
        }
        finally
        {
            _running.TryRemove(job.Id, out _);
        }
    }

    /// <summary>Why a background run could not write its history; null when all could.</summary>
    public LabSqlException? LastFailure { get; private set; }

    internal SqlSession Open() => _server.OpenInternal("sa", _server.Instance.Find("msdb")!, "SQLAgent - TSQL JobStep");

    private static List<Step> ReadSteps(SqlSession session, AgentJob job) =>
        session.Query($"SELECT step_id, step_name, subsystem, command, database_name, on_success_action, on_success_step_id, on_fail_action, on_fail_step_id, retry_attempts FROM msdb.dbo.sysjobsteps WHERE job_id = '{job.Id}' ORDER BY step_id")[0].Rows
            .ConvertAll(r => new Step((int)r[0]!, (string)r[1]!, (string)r[2]!, (string?)r[3] ?? string.Empty, (string?)r[4] ?? "master", (byte)r[5]!, (int)r[6]!, (byte)r[7]!, (int)r[8]!, (int)r[9]!));

    private AgentStepResult RunStep(AgentJob job, Step step, CancellationToken cancellation)
    {
        var messages = new List<SqlMessage>();
        for (int attempt = 0; attempt <= step.Retries; attempt++)
        {
            messages.Clear();
            RunCommand(job, step, messages, cancellation);
            if (!messages.Exists(m => m.IsError) || cancellation.IsCancellationRequested)
            {
                break;
            }
        }

        return new AgentStepResult(step.Id, step.Name, !messages.Exists(m => m.IsError) && !cancellation.IsCancellationRequested, messages);
    }

    private void RunCommand(AgentJob job, Step step, List<SqlMessage> messages, CancellationToken cancellation)
    {
        if (!step.Subsystem.Equals("TSQL", StringComparison.OrdinalIgnoreCase))
        {
            messages.Add(new SqlMessage(22022, 16, 1, $"The subsystem {step.Subsystem} is not supported by the lab's Agent."));
            return;
        }

        LabDatabase? database = _server.Instance.Find(step.Database);
        if (database is null || database.State != DatabaseState.Online)
        {
            messages.Add(new SqlMessage(4060, 16, 1, $"Cannot open database \"{step.Database}\" requested by the login. The login failed."));
            return;
        }

        using SqlSession session = _server.OpenInternal(job.Owner, database, "SQLAgent - TSQL JobStep");
        session.ExecuteBatch(step.Command, new CapturingSink(messages.Add), cancellation);
    }

    private sealed record Step(int Id, string Name, string Subsystem, string Command, string Database, int OnSuccess, int OnSuccessStep, int OnFail, int OnFailStep, int Retries);
}
