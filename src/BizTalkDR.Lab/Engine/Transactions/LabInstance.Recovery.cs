using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabInstance
{
    /// <summary>
    /// Ends what the logs leave open: not prepared = abort; prepared by this instance = the decision says, none = abort; prepared for another
    /// coordinator = in doubt, rows locked, barrier held.
    /// </summary>
    private void ResolvePending(IReadOnlyList<LabDatabase> databases)
    {
        Dictionary<Guid, LabTransaction> adopted = [];
        foreach (LabDatabase database in databases.Where(d => d.State == DatabaseState.Online && !d.IsInStandby && !d.IsTemp))
        {
            Lsn last = Lsn.Zero;
            List<(string Name, string? Description, Lsn Lsn, DateTime Time)> marks = [];
            foreach (PendingTransaction pending in database.Pending)
            {
                if (pending.Prepared is not { } prepared)
                {
                    database.AbortRecovered(pending);
                }
                else if (!string.Equals(prepared.Coordinator, Options.ServerName, StringComparison.OrdinalIgnoreCase))
                {
                    database.Adopt(pending, AdoptedBranch(adopted, prepared, pending));
                }
                else if (_coordinator.IsCommitted(prepared.GlobalId))
                {
                    DateTime time = Now;
                    last = database.CommitRecovered(pending, time);
                    if (LabDatabase.MarkOf(pending) is ({ } mark, var description))
                    {
                        marks.Add((mark, description, last, time));
                    }
                }
                else
                {
                    database.AbortRecovered(pending);
                }
            }

            database.Flush(last);
            marks.ForEach(m => TellMark(database, m.Name, m.Description, m.Lsn, m.Time));
        }

        foreach (LabTransaction branch in adopted.Values)
        {
            branch.SetPrepared();
        }

        ForgetResolved();
    }

    private LabTransaction AdoptedBranch(Dictionary<Guid, LabTransaction> adopted, LogRecord prepared, PendingTransaction pending)
    {
        if (!adopted.TryGetValue(prepared.GlobalId, out LabTransaction? branch))
        {
            (string? mark, string? description) = LabDatabase.MarkOf(pending);
            branch = new LabTransaction(this, pending.Id) { Coordinator = prepared.Coordinator, MarkName = mark, MarkDescription = description };
            branch.SetGlobalId(prepared.GlobalId);
            adopted.Add(prepared.GlobalId, branch);
            Register(branch, prepared.GlobalId);
            _barrier.Adopt(prepared.GlobalId, exclusive: mark is not null);
        }

        return branch;
    }

    /// <summary>Ends decisions all logs know by now; not while a database is out of reach that may have to ask.</summary>
    private void ForgetResolved()
    {
        if (Databases.Any(d => d.Failure is not null))
        {
            return;
        }

        foreach ((Guid id, string[] servers) in _coordinator.Decisions)
        {
            bool isOwn;
            lock (_transactionGate)
            {
                isOwn = _unflushed.Any(u => u.Id == id);
                if (servers.Length > 0 && !isOwn)
                {
                    // Kept until the participants confirm; then there is nothing in this instance's logs to wait for.
                    _unflushed.Add((id, []));
                }
            }

            if (servers.Length == 0 && !isOwn)
            {
                _coordinator.TryForget(id);
            }
        }
    }
}
