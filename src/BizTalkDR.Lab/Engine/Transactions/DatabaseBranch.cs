using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Holds what one transaction did in one database. Guarded by the database's gate.</summary>
internal sealed class DatabaseBranch(LabTransaction transaction, LabDatabase database)
{
    public LabTransaction Transaction { get; } = transaction;

    public LabDatabase Database { get; } = database;

    /// <summary>LSN of the begin record; zero while nothing was logged.</summary>
    public Lsn BeginLsn { get; set; }

    /// <summary>Server time of the begin record.</summary>
    public DateTime BeginTime { get; set; }

    /// <summary>LSN of the commit record.</summary>
    public Lsn CommitLsn { get; set; }

    /// <summary>Server time in the commit record.</summary>
    public DateTime CommitTime { get; set; }

    /// <summary>Changes in order, to take them back.</summary>
    public List<UndoEntry> Undo { get; } = [];

    /// <summary>Rows whose lock the transaction holds.</summary>
    public List<(LabTable Table, RowSlot Slot)> Locked { get; } = [];

    /// <summary>Tables with such rows: nobody else may change their definition.</summary>
    public HashSet<LabTable> Tables { get; } = [];

    /// <summary>Tables whose definition the transaction changed: nobody else may use them.</summary>
    public HashSet<LabTable> Redefined { get; } = [];

    public int UndoCount
    {
        get
        {
            lock (Database.Gate)
            {
                return Undo.Count;
            }
        }
    }

    /// <summary>Whether the log holds records of it, or (tempdb) rows were changed.</summary>
    public bool HasWrites => !BeginLsn.IsZero || UndoCount > 0;
}

/// <summary>Tells how a row was before one change.</summary>
/// <param name="Table">The table.</param>
/// <param name="Slot">The row.</param>
/// <param name="WasWritten">False when this was the transaction's first change of the row.</param>
/// <param name="Before">Values the transaction saw before.</param>
internal readonly record struct UndoEntry(LabTable Table, RowSlot Slot, bool WasWritten, object?[]? Before);
