using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

// CONTRACT (owner: log & media helper). Signatures other parts compile against; replace the stubs, keep the names.

/// <summary>Lists the operations of log records.</summary>
public enum LogOp : byte
{
    /// <summary>Part of a record too long for one block; the last part is the record itself.</summary>
    Continuation = 0x01,
    InsertRow = 0x02,
    DeleteRow = 0x03,
    UpdateRow = 0x04,

    /// <summary>Says that changes follow which the BULK_LOGGED model logs only in part.</summary>
    BulkChange = 0x05,
    BeginTransaction = 0x80,
    Commit = 0x81,
    Abort = 0x82,
    Prepare = 0x83,
    BeginCheckpoint = 0x96,
    EndCheckpoint = 0x99,
}

/// <summary>Holds one log record in memory. Payload is opaque to the log (row images, see LabDatabase).</summary>
public sealed class LogRecord
{
    public LogOp Op { get; init; }

    public long TransactionId { get; init; }

    /// <summary>Table object id of row operations.</summary>
    public int ObjectId { get; init; }

    /// <summary>Row id of row operations.</summary>
    public long RowId { get; init; }

    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Begin: name of the transaction. Commit of a marked transaction: name of the mark.</summary>
    public string? Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Begin and commit: whether the transaction is marked in this database.</summary>
    public bool IsMarked { get; init; }

    /// <summary>Begin and commit: server local time.</summary>
    public DateTime Time { get; init; }

    /// <summary>Commit and abort: LSN of the begin record.</summary>
    public Lsn BeginLsn { get; init; }

    /// <summary>Prepare: global transaction id.</summary>
    public Guid GlobalId { get; init; }

    /// <summary>Prepare: network name of the instance that decides.</summary>
    public string? Coordinator { get; init; }

    /// <summary>Takes an earlier change back: it is logged even where there is no more room for changes. Not stored.</summary>
    public bool IsUndo { get; init; }

    /// <summary>Set by the log when the record is appended or read.</summary>
    public Lsn Lsn { get; set; }
}

/// <summary>One raw log block as it stands in the log file and in a log backup.</summary>
public sealed record RawLogBlock(Lsn FirstLsn, byte[] Bytes);

/// <summary>Describes one virtual log file, for MSTL blocks of backups.</summary>
public sealed record VlfInfo(uint Number, long FileOffset, long Size, byte Parity, Lsn CreateLsn);
