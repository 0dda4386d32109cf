using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Keeps a second restore away from the destination databases: application locks in master of each destination instance.</summary>
/// <remarks>
/// Two kinds. The <i>run's</i> lock is held by a connection of its own from the first look to the last statement. The <i>statement's</i> lock
/// is held by the very connection that runs the statements of a member: when the process is killed, the server may work on for a while, and a
/// resumed run must not begin before that has come to its end.
/// </remarks>
internal sealed class DestinationLock : IDisposable
{
    private readonly object _gate = new();
    private readonly List<(ISqlInstance Instance, string Server, IReadOnlyList<string> Resources)> _held = [];
    private readonly string _mark;

    private DestinationLock(string mark) => _mark = mark;

    /// <summary>Takes the locks of all members.</summary>
    /// <param name="ports">Opens the connections.</param>
    /// <param name="plan">Whose members.</param>
    /// <param name="wait">How long to wait for a run that is just ending.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.RestoreInProgress"/>.</exception>
    public static DestinationLock Take(RecoveryPorts ports, RestorePlan plan, TimeSpan wait, CancellationToken cancellationToken)
    {
        var result = new DestinationLock(plan.Mark);
        try
        {
            // Always in the same order: of two runs over the same instances one gets all.
            foreach (IGrouping<string, MemberPlan> server in plan.Members.GroupBy(m => m.DestinationServer, StringComparer.OrdinalIgnoreCase).OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase))
            {
                ISqlInstance instance = ports.Sql.Open(server.First().Destination, cancellationToken);
                List<MemberPlan> members = server.OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ToList();
                result._held.Add((instance, server.Key, members.ConvertAll(m => RunResource(m.Database))));
                foreach (MemberPlan member in members)
                {
                    if (!instance.TakeLock(RunResource(member.Database), wait, cancellationToken))
                    {
                        throw new RecoveryException(RecoveryError.RestoreInProgress, member.ToString(), $"Another restore works on {member}. Nothing was touched.");
                    }
                }
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Takes the lock of a member's statements on the connection that is going to run them.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.RestoreInProgress"/>: a statement of a run that ended is still running.</exception>
    public static void TakeForStatements(ISqlInstance instance, MemberPlan member, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (!instance.TakeLock("BizTalkDR statement " + member.Database.ToUpperInvariant(), wait, cancellationToken))
        {
            throw new RecoveryException(
                RecoveryError.RestoreInProgress, member.ToString(), $"A statement of an earlier restore of {member} still runs on the server after {wait.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>Whether no run works on a member; the lock that shows it ends with the connection.</summary>
    public static bool IsFree(ISqlInstance instance, MemberPlan member, CancellationToken cancellationToken) => instance.TakeLock(RunResource(member.Database), TimeSpan.Zero, cancellationToken);

    /// <summary>Makes sure that all locks are still held; called before anything that cannot be taken back.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.RestoreInterrupted"/>.</exception>
    public void Verify(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach ((ISqlInstance instance, string server, IReadOnlyList<string> resources) in _held)
            {
                RecoveryException? cause = null;
                try
                {
                    if (instance.HoldsLocks(resources, cancellationToken))
                    {
                        continue;
                    }
                }
                catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
                {
                    cause = error;
                }

                throw new RecoveryException(
                    RecoveryError.RestoreInterrupted, server, $"The lock on the databases of '{server}' was lost during the restore to '{_mark}': another restore may have begun. Nothing was recovered since it was last seen.", cause: cause);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((ISqlInstance instance, _, _) in _held)
        {
            instance.Dispose();
        }
    }

    private static string RunResource(string database) => "BizTalkDR restore " + database.ToUpperInvariant();
}
