using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Runs Agent jobs: their T-SQL steps in order, each by its own success and failure action, with history.</summary>
public sealed class AgentRunner : IDisposable
{
    private const int QuitWithSuccess = 1;
    private const int QuitWithFailure = 2;
    private const int NextStep = 3;
    private const int GoToStep = 4;

    private readonly LabSqlServer _server;
    private readonly ConcurrentDictionary<Guid, (CancellationTokenSource Stop, Task Run)> _running = new();

    internal AgentRunner(LabSqlServer server) => _server = server;

    /// <summary>Starts a job and returns at once; 22022 when it runs already.</summary>
    internal void Start(Guid jobId, string? stepName)
    {
        var stop = new CancellationTokenSource();
        using var started = new ManualResetEventSlim();
        var run = new Task(() => RunToEnd(jobId, stepName, stop), CancellationToken.None, TaskCreationOptions.LongRunning);
        if (!_running.TryAdd(jobId, (stop, run)))
        {
            stop.Dispose();
            throw new LabSqlException(22022, 16, 1, "SQLServerAgent Error: Request to run the job refused because the job is already running from a request by another user.");
        }

        run.Start(TaskScheduler.Default);
    }

    /// <summary>Asks a running job to stop; 22022 when it does not run.</summary>
    internal void Stop(Guid jobId)
    {
        if (!_running.TryGetValue(jobId, out (CancellationTokenSource Stop, Task Run) job))
        {
            throw new LabSqlException(22022, 16, 1, "SQLServerAgent Error: Request to stop the job refused because the job is not currently running.");
        }

        job.Stop.Cancel();
    }

    /// <summary>Waits until a job that was started has ended.</summary>
    public Task WaitAsync(Guid jobId) => _running.TryGetValue(jobId, out (CancellationTokenSource Stop, Task Run) job) ? job.Run : Task.CompletedTask;

    /// <summary>Runs a job here and now; gives whether it ended with success.</summary>
    internal bool Run(Guid jobId, string? stepName, CancellationToken cancellation)
    {
        LabDatabase msdb = _server.Instance.Find("msdb")!;
        using SqlSession session = _server.OpenInternal(LoginRecord.BuiltInAdministrator.Name, msdb, "SQLAgent - TSQL JobStep");
        List<object?[]> steps = Rows(session, $"SELECT step_id, step_name, command, database_name, on_success_action, on_success_step_id, on_fail_action, on_fail_step_id, subsystem FROM msdb.dbo.sysjobsteps WHERE job_id = '{jobId}' ORDER BY step_id;");
        DateTime began = _server.Instance.Now;
        int index = stepName is null ? 0 : steps.FindIndex(s => string.Equals((string)s[1]!, stepName, StringComparison.OrdinalIgnoreCase));
        bool success = true;
        string last = "No step was run.";
        int guard = 0;
        while (index >= 0 && index < steps.Count && guard++ < 1000)
        {
            object?[] step = steps[index];
            DateTime stepBegan = _server.Instance.Now;
            (bool ok, SqlMessage? error, string said) = RunStep(step, cancellation);
            Record(session, jobId, (int)step[0]!, (string)step[1]!, ok ? 1 : cancellation.IsCancellationRequested ? 3 : 0, error, said, stepBegan);
            last = $"The last step to run was step {step[0]} ({step[1]}).";
            if (cancellation.IsCancellationRequested)
            {
                success = false;
                break;
            }

            int action = (byte)(ok ? step[4] : step[6])!;
            int target = (int)(ok ? step[5] : step[7])!;
            if (action is QuitWithSuccess or QuitWithFailure)
            {
                success = action == QuitWithSuccess;
                break;
            }

            index = action == GoToStep ? steps.FindIndex(s => (int)s[0]! == target) : action == NextStep ? index + 1 : -1;
        }

        int outcome = cancellation.IsCancellationRequested ? 3 : success ? 1 : 0;
        Record(session, jobId, 0, "(Job outcome)", outcome, null, $"The job {(success ? "succeeded" : cancellation.IsCancellationRequested ? "was stopped" : "failed")}. {last}", began);
        Rows(session, $"UPDATE msdb.dbo.sysjobservers SET last_run_outcome = {outcome}, last_run_date = {DateOf(began)}, last_run_time = {TimeOf(began)}, last_run_duration = {DurationSince(began)} WHERE job_id = '{jobId}';");
        return success;
    }

    /// <summary>Stops what runs and waits for it.</summary>
    public void Dispose()
    {
        foreach ((CancellationTokenSource stop, Task run) in _running.Values.ToList())
        {
            stop.Cancel();
            ((IAsyncResult)run).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(10));
        }
    }

    private void RunToEnd(Guid jobId, string? stepName, CancellationTokenSource stop)
    {
        try
        {
            Run(jobId, stepName, stop.Token);
        }
        finally
        {
            _running.TryRemove(jobId, out _);
        }
    }

    private (bool Ok, SqlMessage? Error, string Said) RunStep(object?[] step, CancellationToken cancellation)
    {
        if (!string.Equals((string)step[8]!, "TSQL", StringComparison.OrdinalIgnoreCase))
        {
            return (false, null, $"The subsystem {step[8]} is not part of the lab.");
        }

        string name = step[3] as string ?? "master";
        if (_server.Instance.Find(name) is not { State: DatabaseState.Online } database)
        {
            return (false, new SqlMessage(911, 16, 1, $"Database '{name}' does not exist. Make sure that the name is entered correctly."), $"Unable to use database '{name}'.");
        }

        SqlMessage? error = null;
        var said = new List<string>();
        using SqlSession session = _server.OpenInternal(LoginRecord.BuiltInAdministrator.Name, database, "SQLAgent - TSQL JobStep");
        session.ExecuteBatch(
            step[2] as string ?? string.Empty,
            new CapturingSink(message =>
            {
                said.Add(string.Create(CultureInfo.InvariantCulture, $"{message.Text} [SQLSTATE 42000] ({(message.IsError ? "Error" : "Message")} {message.Number})."));
                if (message.IsError)
                {
                    error = message;
                }
            }),
            cancellation);
        return (error is null && !cancellation.IsCancellationRequested, error, string.Join("  ", said));
    }

    private void Record(SqlSession session, Guid jobId, int stepId, string stepName, int status, SqlMessage? error, string message, DateTime began) => Rows(
        session,
        $"INSERT INTO msdb.dbo.sysjobhistory (job_id, step_id, step_name, sql_message_id, sql_severity, message, run_status, run_date, run_time, run_duration, operator_id_emailed, operator_id_netsent, operator_id_paged, retries_attempted, server) VALUES ('{jobId}', {stepId}, N'{Escape(stepName)}', {error?.Number ?? 0}, {error?.Class ?? 0}, LEFT(N'{Escape(message)}', 4000), {status}, {DateOf(began)}, {TimeOf(began)}, {DurationSince(began)}, 0, 0, 0, 0, N'{Escape(_server.ServerName)}');");

    private static List<object?[]> Rows(SqlSession session, string text)
    {
        SqlMessage? error = null;
        var sink = new CapturingSink(message => error ??= message.IsError ? message : null);
        session.ExecuteBatch(text, sink, CancellationToken.None);
        return error is null ? sink.Results.SelectMany(r => r.Rows).ToList() : throw new LabSqlException(error);
    }

    private static string Escape(string text) => text.Replace("'", "''", StringComparison.Ordinal);

    private static int DateOf(DateTime time) => (time.Year * 10000) + (time.Month * 100) + time.Day;

    private static int TimeOf(DateTime time) => (time.Hour * 10000) + (time.Minute * 100) + time.Second;

    private int DurationSince(DateTime began)
    {
        TimeSpan elapsed = _server.Instance.Now - began;
        return ((int)elapsed.TotalHours * 10000) + (elapsed.Minutes * 100) + elapsed.Seconds;
    }
}
