using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Keeps SQL Server Agent's jobs away from the members while they are restored: off before anything is touched, on after the second proof.</summary>
/// <remarks>
/// Only jobs that were seen enabled are switched off, each written down beforehand; so a resumed run knows which to switch on again, and a
/// job that the operator had disabled stays disabled.
/// </remarks>
internal sealed class JobSwitch
{
    private readonly RecoveryPorts _ports;
    private readonly IRestoreJournal _journal;
    private readonly RestorePlan _plan;
    private readonly List<DisabledJob> _off;

    public JobSwitch(RecoveryPorts ports, IRestoreJournal journal, RestorePlan plan, IEnumerable<DisabledJob> alreadyOff)
    {
        _ports = ports;
        _journal = journal;
        _plan = plan;
        _off = [.. alreadyOff];
    }

    /// <summary>Jobs that are off because of this restore.</summary>
    public IReadOnlyList<DisabledJob> Off => _off;

    /// <summary>Switches off every job with a step in a member. A server whose msdb may not be read is passed over with a warning.</summary>
    public void SwitchOff(CancellationToken cancellationToken)
    {
        foreach ((string server, ISqlInstance instance, IReadOnlyList<string> databases) in Servers(cancellationToken))
        {
            using (instance)
            {
                try
                {
                    foreach (MemberJob job in instance.ReadJobs(databases, cancellationToken).Where(j => j.IsEnabled))
                    {
                        var disabled = new DisabledJob(server, job.Id, job.Name);
                        Note("job-off", disabled);
                        if (!_off.Exists(o => o.Id == job.Id && Same(o.Server, server)))
                        {
                            _off.Add(disabled);
                        }

                        Check(instance.SetJobEnabled(job.Id, false, cancellationToken), disabled, "disabled");
                    }
                }
                catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied or RecoveryError.StatementFailed)
                {
                    _ports.Log.Warning($"The jobs of SQL Server Agent on '{server}' were not disabled: {error.Message}");
                }
            }
        }
    }

    /// <summary>Switches on again what this restore had switched off.</summary>
    public void SwitchOn(CancellationToken cancellationToken)
    {
        foreach ((string server, ISqlInstance instance, _) in Servers(cancellationToken))
        {
            using (instance)
            {
                foreach (DisabledJob job in _off.Where(o => Same(o.Server, server)).ToList())
                {
                    try
                    {
                        Check(instance.SetJobEnabled(job.Id, true, cancellationToken), job, "enabled again");
                        Note("job-on", job);
                        _off.Remove(job);
                    }
                    catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied or RecoveryError.StatementFailed)
                    {
                        _ports.Log.Warning($"{error.Message} Enable it by hand.");
                    }
                }
            }
        }
    }

    private static void Check(StatementOutcome outcome, DisabledJob job, string what)
    {
        if (outcome.Cause is { } cause)
        {
            throw new RecoveryException(RecoveryError.StatementFailed, job.Name, $"The job '{job.Name}' on '{job.Server}' could not be {what}: {cause.Number}, {cause.Text}");
        }
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<(string Server, ISqlInstance Instance, IReadOnlyList<string> Databases)> Servers(CancellationToken cancellationToken) => _plan.Members
        .GroupBy(m => m.DestinationServer, StringComparer.OrdinalIgnoreCase)
        .OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase)
        .Select(g => (g.Key, _ports.Sql.Open(g.First().Destination, cancellationToken), (IReadOnlyList<string>)g.Select(m => m.Database).ToList()));

    private void Note(string what, DisabledJob job) => _journal.Write(what, new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["destination"] = job.Server,
        ["id"] = job.Id.ToString(),
        ["job"] = job.Name,
    });
}
