using System;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Writes what the Agent does into msdb: sysjobactivity, sysjobhistory, sysjobsteps, sysjobservers.</summary>
internal static class AgentHistory
{
    /// <summary>Begins a run.</summary>
    /// <param name="source">1 = a schedule asked for it, 4 = a user.</param>
    public static void Started(SqlSession session, AgentJob job, DateTime now, int source)
    {
        Ensure(session, job.Id);
        session.Query(string.Create(CultureInfo.InvariantCulture, $"""
            UPDATE msdb.dbo.sysjobactivity SET run_requested_date = {Moment(now)}, run_requested_source = N'{source}', queued_date = NULL, start_execution_date = {Moment(now)},
                last_executed_step_id = NULL, last_executed_step_date = NULL, stop_execution_date = NULL, job_history_id = NULL WHERE job_id = '{job.Id}'
            """));
    }

    /// <summary>Notes when a job is due next; null = by no schedule.</summary>
    public static void Planned(SqlSession session, Guid job, DateTime? next)
    {
        Ensure(session, job);
        session.Query($"UPDATE msdb.dbo.sysjobactivity SET next_scheduled_run_date = {(next is { } due ? Moment(due) : "NULL")} WHERE job_id = '{job}'");
    }

    public static void StepDone(SqlSession session, AgentJob job, int stepId, string stepName, AgentStepResult result, DateTime started, DateTime now)
    {
        SqlMessage? error = result.Messages.LastOrDefault(m => m.IsError);
        Write(session, job, stepId, stepName, result.Succeeded ? 1 : 0, TextOf(job, result), error, started, now);
        session.Query(string.Create(CultureInfo.InvariantCulture, $"UPDATE msdb.dbo.sysjobactivity SET last_executed_step_id = {stepId}, last_executed_step_date = {Moment(started)} WHERE job_id = '{job.Id}'"));
    }

    public static void JobDone(SqlSession session, AgentJob job, int status, string message, DateTime started, DateTime now)
    {
        Write(session, job, 0, "(Job outcome)", status, message, null, started, now);
        session.Query($"UPDATE msdb.dbo.sysjobactivity SET stop_execution_date = {Moment(now)}, job_history_id = (SELECT MAX(instance_id) FROM msdb.dbo.sysjobhistory WHERE job_id = '{job.Id}') WHERE job_id = '{job.Id}'");
    }

    public static string Quoted(string text) => "N'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static string Moment(DateTime time) => "'" + time.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture) + "'";

    private static void Ensure(SqlSession session, Guid job) =>
        session.Query($"IF NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobactivity WHERE job_id = '{job}') INSERT INTO msdb.dbo.sysjobactivity (session_id, job_id) VALUES (1, '{job}')");

    private static string TextOf(AgentJob job, AgentStepResult result)
    {
        var text = new StringBuilder("Executed as user: ").Append(job.Owner).Append(". ");
        foreach (SqlMessage message in result.Messages.Where(m => m.Text.Trim().Length > 0))
        {
            text.Append(message.Text).Append(message.Number > 0 ? $" [SQLSTATE {(message.IsError ? "42000" : "01000")}] ({(message.IsError ? "Error" : "Message")} {message.Number.ToString(CultureInfo.InvariantCulture)})" : " [SQLSTATE 01000] (Message 0)").Append("  ");
        }

        text.Append(result.Succeeded ? "The step succeeded." : "The step failed.");
        return text.Length <= 4000 ? text.ToString() : text.ToString(0, 4000);
    }

    private static void Write(SqlSession session, AgentJob job, int stepId, string stepName, int status, string message, SqlMessage? error, DateTime started, DateTime now)
    {
        string date = started.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        int time = int.Parse(started.ToString("HHmmss", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        TimeSpan span = now - started;
        int duration = (((int)span.TotalHours * 100) + span.Minutes) * 100 + span.Seconds;
        session.Query(string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO msdb.dbo.sysjobhistory (job_id, step_id, step_name, sql_message_id, sql_severity, message, run_status, run_date, run_time, run_duration, retries_attempted, server)
            VALUES ('{job.Id}', {stepId}, {Quoted(stepName)}, {error?.Number ?? 0}, {error?.Class ?? 0}, {Quoted(message)}, {status}, {date}, {time}, {duration}, 0, @@SERVERNAME)
            """));
        session.Query(stepId == 0
            ? string.Create(CultureInfo.InvariantCulture, $"UPDATE msdb.dbo.sysjobservers SET last_run_outcome = {status}, last_outcome_message = {Quoted(message)}, last_run_date = {date}, last_run_time = {time}, last_run_duration = {duration} WHERE job_id = '{job.Id}'")
            : string.Create(CultureInfo.InvariantCulture, $"UPDATE msdb.dbo.sysjobsteps SET last_run_outcome = {status}, last_run_date = {date}, last_run_time = {time}, last_run_duration = {duration} WHERE job_id = '{job.Id}' AND step_id = {stepId}"));
    }
}
