using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.TSql;

/// <summary>sp_start_job and sp_stop_job; the other procedures of the Agent are T-SQL in msdb.</summary>
internal static class AgentProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_start_job", "@job_name sysname = NULL, @job_id uniqueidentifier = NULL, @error_flag int = 1, @server_name sysname = NULL, @step_name sysname = NULL, @output_flag int = 1", Start),
        new SystemProcedure("sp_stop_job", "@job_name sysname = NULL, @job_id uniqueidentifier = NULL, @originating_server sysname = NULL, @server_name sysname = NULL", Stop),
    ];

    private static void Start(SystemCall call)
    {
        AgentJob job = Find(call);
        if (!call.Server.Agent.TryStart(job, call.Text("@step_name"), "User " + call.Frame.Session.Login.Name))
        {
            throw call.Error(22022, $"SQLServerAgent Error: Request to run job {job.Name} (from User {call.Frame.Session.Login.Name}) refused because the job is already running from a request by User {call.Frame.Session.Login.Name}.");
        }

        call.Inform(0, $"Job '{job.Name}' started successfully.");
    }

    private static void Stop(SystemCall call)
    {
        AgentJob job = Find(call);
        if (!call.Server.Agent.Stop(job))
        {
            throw call.Error(22022, $"SQLServerAgent Error: Request to stop job {job.Name} (from User {call.Frame.Session.Login.Name}) refused because the job is not currently running.");
        }

        call.Inform(0, $"Job '{job.Name}' stopped successfully.");
    }

    private static AgentJob Find(SystemCall call)
    {
        Guid? id = call["@job_id"] as Guid?;
        string? name = call.Text("@job_name");
        return call.Server.Agent.Find(id, name)
            ?? throw (id is null && name is null
                ? call.Error(14294, "Supply either @job_id or @job_name to identify the job.")
                : call.Error(14262, $"The specified {(id is null ? "@job_name" : "@job_id")} ('{(object?)id ?? name}') does not exist."));
    }
}
