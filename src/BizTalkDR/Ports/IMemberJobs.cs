using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>A job of SQL Server Agent that works in a member.</summary>
/// <param name="Id">job_id in msdb.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsEnabled">Whether its schedules start it.</param>
public sealed record MemberJob(Guid Id, string Name, bool IsEnabled);

/// <summary>Looks at SQL Server Agent's jobs and switches them.</summary>
public interface IMemberJobs
{
    /// <summary>Reads the jobs with a step that runs in one of these databases.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PermissionDenied"/>: msdb may not be read.</exception>
    IReadOnlyList<MemberJob> ReadJobs(IReadOnlyCollection<string> databases, CancellationToken cancellationToken = default);

    /// <summary>Enables or disables a job (msdb.dbo.sp_update_job).</summary>
    StatementOutcome SetJobEnabled(Guid id, bool enabled, CancellationToken cancellationToken = default);
}
