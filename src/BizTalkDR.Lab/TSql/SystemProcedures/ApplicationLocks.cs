using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>One granted application lock.</summary>
internal sealed record ApplicationLock(SqlSession Session, int DatabaseId, string Resource, string Mode, bool OfTransaction, long Transaction)
{
    public int Count { get; set; } = 1;
}

/// <summary>Locks of sp_getapplock, of sessions or of transactions.</summary>
internal sealed class ApplicationLocks
{
    private static readonly string[] s_modes = ["IntentShared", "Shared", "Update", "IntentExclusive", "Exclusive"];

    private readonly object _gate = new();
    private readonly List<ApplicationLock> _held = [];

    public IReadOnlyList<ApplicationLock> Held
    {
        get
        {
            lock (_gate)
            {
                Expire();
                return [.. _held];
            }
        }
    }

    public static bool IsMode(string mode) => s_modes.Contains(mode, StringComparer.OrdinalIgnoreCase);

    public static string ShortMode(string mode) => mode.ToUpperInvariant() switch
    {
        "SHARED" => "S",
        "UPDATE" => "U",
        "EXCLUSIVE" => "X",
        "INTENTSHARED" => "IS",
        _ => "IX",
    };

    /// <summary>Takes a lock: 0 granted, 1 granted after waiting, -1 timed out, -2 cancelled.</summary>
    public int Take(ExecutionFrame frame, string resource, string mode, bool ofTransaction, int timeout)
    {
        SqlSession session = frame.Session;
        long deadline = timeout < 0 ? long.MaxValue : Environment.TickCount64 + timeout;
        bool waited = false;
        lock (_gate)
        {
            while (true)
            {
                Expire();
                if (!_held.Exists(h => Conflicts(h, session, frame.Database.Id, resource, mode)))
                {
                    Grant(frame, resource, mode, ofTransaction);
                    return waited ? 1 : 0;
                }

                long left = deadline - Environment.TickCount64;
                if (left <= 0)
                {
                    return -1;
                }

                waited = true;
                Monitor.Wait(_gate, (int)Math.Min(left, 50));
                if (session.Cancellation.IsCancellationRequested)
                {
                    session.Cancellation.ThrowIfCancellationRequested();
                }
            }
        }
    }

    /// <summary>Gives one lock back; false when the session does not hold it.</summary>
    public bool Release(ExecutionFrame frame, string resource, bool ofTransaction)
    {
        lock (_gate)
        {
            Expire();
            ApplicationLock? held = Find(frame, resource, ofTransaction);
            if (held is null)
            {
                return false;
            }

            if (--held.Count == 0)
            {
                _held.Remove(held);
                Monitor.PulseAll(_gate);
            }

            return true;
        }
    }

    public void ReleaseSession(SqlSession session)
    {
        lock (_gate)
        {
            _held.RemoveAll(h => ReferenceEquals(h.Session, session));
            Monitor.PulseAll(_gate);
        }
    }

    public string ModeOf(ExecutionFrame frame, string resource, string owner)
    {
        lock (_gate)
        {
            Expire();
            return Find(frame, resource, owner.Equals("Transaction", StringComparison.OrdinalIgnoreCase))?.Mode ?? "NoLock";
        }
    }

    public bool CouldTake(ExecutionFrame frame, string resource, string mode)
    {
        lock (_gate)
        {
            Expire();
            return !_held.Exists(h => Conflicts(h, frame.Session, frame.Database.Id, resource, mode));
        }
    }

    private ApplicationLock? Find(ExecutionFrame frame, string resource, bool ofTransaction) =>
        _held.FindLast(h => ReferenceEquals(h.Session, frame.Session) && h.DatabaseId == frame.Database.Id && h.Resource == resource && h.OfTransaction == ofTransaction);

    private void Grant(ExecutionFrame frame, string resource, string mode, bool ofTransaction)
    {
        if (Find(frame, resource, ofTransaction) is { } held && held.Mode.Equals(mode, StringComparison.OrdinalIgnoreCase))
        {
            held.Count++;
            return;
        }

        string canonical = s_modes.First(m => m.Equals(mode, StringComparison.OrdinalIgnoreCase));
        _held.Add(new ApplicationLock(frame.Session, frame.Database.Id, resource, canonical, ofTransaction, ofTransaction ? frame.Session.Transaction.Serial : 0));
    }

    /// <summary>Locks of a transaction end with it.</summary>
    private void Expire() => _held.RemoveAll(h => h.OfTransaction && (h.Session.Transaction.Current is null || h.Session.Transaction.Serial != h.Transaction));

    private static bool Conflicts(ApplicationLock held, SqlSession session, int database, string resource, string mode) =>
        !ReferenceEquals(held.Session, session) && held.DatabaseId == database && held.Resource == resource && !Compatible(held.Mode, mode);

    private static bool Compatible(string held, string wanted) => (ShortMode(held), ShortMode(wanted)) switch
    {
        ("X", _) or (_, "X") => false,
        ("U", "U") or ("U", "IX") or ("IX", "U") or ("S", "IX") or ("IX", "S") => false,
        _ => true,
    };
}
