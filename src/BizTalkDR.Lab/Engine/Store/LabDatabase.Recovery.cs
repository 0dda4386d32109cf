using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabDatabase
{
    /// <summary>Roll-forward of a restoring database, or what start-up found without an outcome.</summary>
    private Redo? _redo;

    /// <summary>Transactions the log leaves without an outcome.</summary>
    internal IReadOnlyList<PendingTransaction> Pending => _redo?.Pending ?? [];

    internal long LastTransactionId { get; private set; }

    /// <summary>Makes the files of a new, empty database.</summary>
    internal void CreateFiles()
    {
        _file = DataFile.Create(_entry.Files, Instance.Storage);
        _log = LabLog.Create(LogPath, 1, Instance.Storage);
        lock (_checkpointGate)
        {
            WriteCheckpoint(null);
        }
    }

    /// <summary>Opens the files and brings the content to where the catalogue file says it is. A failure makes the database SUSPECT.</summary>
    internal void Open()
    {
        try
        {
            if (_entry.State == DatabaseState.Recovering)
            {
                FinishRecover();
                return;
            }

            if (_entry.State == DatabaseState.Restoring && _entry.RedoLsn is null)
            {
                CreateFilesForRestore();
                return;
            }

            _file = DataFile.Open(_entry.Files, Instance.Storage);
            _log = LabLog.Open(LogPath, Instance.Storage);
            BootRecord boot = LoadPages();
            RollOn(boot, _log.Read(RollFrom(boot), _entry.RedoLsn));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or DamagedPageException or UnauthorizedAccessException or ArgumentException or LabSqlException)
        {
            Fail(e);
            CloseFiles();
        }
    }

    /// <summary>Creates tempdb's files anew.</summary>
    internal void OpenTemp()
    {
        _file = DataFile.Create(_entry.Files, Instance.Storage);
        _log = LabLog.Create(LogPath, 1, Instance.Storage);
    }

    /// <summary>Commits a transaction start-up found prepared: its rows become visible, the outcome is logged.</summary>
    /// <returns>LSN of the commit record; not yet durable.</returns>
    internal Lsn CommitRecovered(PendingTransaction pending, DateTime time)
    {
        lock (Gate)
        {
            pending.Rows.ForEach(ApplyCommitted);
            (string? mark, string? description) = MarkOf(pending);
            Lsn lsn = Append(CommitRecord(pending.Id, pending.BeginLsn, mark, description, time));
            _redo?.Take(new LogRecord { Op = LogOp.Abort, TransactionId = pending.Id });
            return lsn;
        }
    }

    /// <summary>Logs the end of a transaction that never got an outcome; what it used up of counters stays used.</summary>
    internal void AbortRecovered(PendingTransaction pending)
    {
        lock (Gate)
        {
            LearnFrom(pending);
            Append(new LogRecord { Op = LogOp.Abort, TransactionId = pending.Id, BeginLsn = pending.BeginLsn, Time = Instance.Now });
            _redo?.Take(new LogRecord { Op = LogOp.Abort, TransactionId = pending.Id });
        }
    }

    /// <summary>Gives the rows of a transaction in doubt back to it: locked and invisible to others until its coordinator is heard.</summary>
    internal void Adopt(PendingTransaction pending, LabTransaction transaction)
    {
        lock (Gate)
        {
            DatabaseBranch branch = transaction.BranchIn(this);
            branch.BeginLsn = pending.BeginLsn;
            branch.BeginTime = transaction.BeginTime;
            foreach (LogRecord record in pending.Rows)
            {
                LabTable? table = TableOf(record.ObjectId);
                if (table is null)
                {
                    continue;
                }

                object?[]? values = ValuesOf(record);
                Change(transaction, table, table.SlotFor(record.RowId), values, log: false);
            }

            LearnFrom(pending);
            _active.Add(branch);
            _redo?.Take(new LogRecord { Op = LogOp.Abort, TransactionId = pending.Id });
        }
    }

    internal static (string? Mark, string? Description) MarkOf(PendingTransaction pending)
    {
        if (pending.Prepared is not { Payload.IsEmpty: false } prepared)
        {
            return (null, null);
        }

        object?[] values = RowCodec.Decode(prepared.Payload.Span);
        return ((string?)values[0], (string?)values[1]);
    }

    /// <summary>Where redo starts. A restoring database that went over to another fork has no log between the fork point and the fork's first virtual log file.</summary>
    private Lsn RollFrom(BootRecord boot)
    {
        bool wentOver = (_entry.State == DatabaseState.Restoring || IsInStandby) && boot.RedoStartLsn == boot.CheckpointLsn
            && Log.StartLsn.Vlf > boot.RedoStartLsn.Vlf && Log.StartLsn.Block == VirtualLogFile.FirstBlock;
        return wentOver ? Log.StartLsn : boot.RedoStartLsn;
    }

    private void RollOn(BootRecord boot, IEnumerable<LogRecord> records)
    {
        _redo = new Redo(boot.CheckpointLsn, ApplyCommitted);
        foreach (LogRecord record in records)
        {
            _redo.Take(record);
        }

        LastTransactionId = Math.Max(boot.LastTransactionId, _redo.LastTransactionId);
    }

    /// <summary>Empties memory: catalogue tables without rows.</summary>
    private void ResetContent()
    {
        _tables.Clear();
        _tableNames.Clear();
        _detached.Clear();
        _modules.Clear();
        _moduleNames.Clear();
        _schemas.Clear();
        _dirty.Clear();
        _active.Clear();
        _pages.Close();
        _pages = new PageStore(this);
        _pages.Space.Use(_entry.Files);
        _redo = null;
        _nextObjectId = CatalogueTables.FirstUserObjectId;
        _rowVersion = 0;
        _catalogue = new LabTable[CatalogueTables.LastId + 1];
        for (int id = CatalogueTables.Tables; id <= CatalogueTables.LastId; id++)
        {
            _catalogue[id] = new LabTable(this, CatalogueTables.Definition(id));
        }
    }

    /// <summary>Reads the catalogue of the data file, and where the rows of all tables are.</summary>
    private BootRecord LoadPages()
    {
        lock (Gate)
        {
            ResetContent();
            Dictionary<int, (TablePages Pages, RowMap Rows)> found = [];
            BootRecord boot = _pages.Load(_file!, id =>
            {
                if (!found.TryGetValue(id, out (TablePages Pages, RowMap Rows) table))
                {
                    table = (new TablePages(), new RowMap(_pages));
                    found.Add(id, table);
                }

                return table;
            });
            for (int id = CatalogueTables.Tables; id <= CatalogueTables.LastId; id++)
            {
                Fill(_catalogue[id], found);
            }

            // Counters first: a table looks for its own when it is made.
            foreach (int id in new[] { CatalogueTables.Tables, CatalogueTables.Modules, CatalogueTables.Schemas })
            {
                foreach (RowSlot slot in _catalogue[id].Rows.From(0))
                {
                    CatalogueChanged(_catalogue[id], slot.Id, slot.Committed, null);
                }
            }

            foreach (LabTable table in _tables.Values)
            {
                Fill(table, found);
            }

            foreach (DamagedPage page in _pages.Damaged)
            {
                // A page of the catalogue, or one whose table nobody can tell, makes the whole database unusable.
                LabTable damaged = _tables.GetValueOrDefault(page.ObjectId) ?? throw new DamagedPageException(page);
                damaged.Damage ??= page;
            }

            if (found.Count > 0)
            {
                throw new InvalidDataException($"The data file holds rows of the unknown table {found.Keys.Min()}.");
            }

            _nextObjectId = Math.Max(_nextObjectId, boot.NextObjectId);
            _rowVersion = boot.RowVersion;
            _redoStart = boot.RedoStartLsn;
            return boot;
        }
    }

    private static void Fill(LabTable table, Dictionary<int, (TablePages Pages, RowMap Rows)> found)
    {
        if (found.Remove(table.Def.ObjectId, out (TablePages Pages, RowMap Rows) content))
        {
            table.Pages = content.Pages;
            table.Load(content.Rows);
        }
    }

    private LabTable? TableOf(int objectId) =>
        objectId is > 0 and <= CatalogueTables.LastId ? _catalogue[objectId] : _tables.GetValueOrDefault(objectId);

    private static object?[]? ValuesOf(LogRecord record) => record.Op == LogOp.DeleteRow ? null : RowCodec.Decode(record.Payload.Span);

    /// <summary>Makes one change of a committed transaction.</summary>
    private void ApplyCommitted(LogRecord record)
    {
        lock (Gate)
        {
            object?[]? values = ValuesOf(record);
            if (record.ObjectId == CatalogueTables.Tables)
            {
                _nextObjectId = Math.Max(_nextObjectId, (int)record.RowId + 1);
            }

            if (TableOf(record.ObjectId) is not { } table)
            {
                return;
            }

            if (table.SetCommitted(record.RowId, values) is { } slot)
            {
                MarkDirty(slot, table);
            }

            if (values is not null)
            {
                table.Learn(values, record.Op == LogOp.InsertRow);
            }

            if (table.IsCatalogue)
            {
                CatalogueChanged(table, record.RowId, values, null);
            }
        }
    }

    private void LearnFrom(PendingTransaction pending)
    {
        foreach (LogRecord record in pending.Rows)
        {
            if (record.ObjectId is CatalogueTables.Tables or CatalogueTables.Modules)
            {
                _nextObjectId = Math.Max(_nextObjectId, (int)record.RowId + 1);
            }
            else if (ValuesOf(record) is { } values)
            {
                TableOf(record.ObjectId)?.Learn(values, record.Op == LogOp.InsertRow);
            }
        }
    }
}
