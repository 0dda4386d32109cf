using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.TSql;

/// <summary>What the Agent's T-SQL procedures in msdb call to have a job run.</summary>
internal static class AgentProcedures
{
    public static IReadOnlyList<SystemProcedure> All { get; } =
    [
        new SystemProcedure("sp_lab_start_job", "@job_id uniqueidentifier, @step_name sysname = NULL", call => call.Server.Agent.Start((Guid)call["@job_id"]!, call.Text("@step_name"))),
        new SystemProcedure("sp_lab_stop_job", "@job_id uniqueidentifier", call => call.Server.Agent.Stop((Guid)call["@job_id"]!)),
    ];
}
