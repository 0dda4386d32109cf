using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>The log file of one database: virtual log files, log blocks, records with LSNs; durable once flushed.</summary>
public sealed class LabLog : IDisposable
{
    /// <summary>Oldest LSN still kept.</summary>
    public Lsn StartLsn => throw new NotImplementedException();

    /// <summary>LSN the next record will get.</summary>
    public Lsn EndLsn => throw new NotImplementedException();

    public Lsn FlushedLsn => throw new NotImplementedException();

    public IReadOnlyList<VlfInfo> VirtualLogFiles => throw new NotImplementedException();

    public long SizeBytes => throw new NotImplementedException();

    /// <summary>Creates the file; its first virtual log file gets the number <paramref name="firstVlf"/>.</summary>
    public static LabLog Create(string path, uint firstVlf, LabStorage storage) => throw new NotImplementedException();

    /// <summary>Opens the file and finds its end: the last block with a right checksum and the expected LSN.</summary>
    public static LabLog Open(string path, LabStorage storage) => throw new NotImplementedException();

    /// <summary>Appends a record (memory only) and gives its LSN. Thread-safe.</summary>
    public Lsn Append(LogRecord record) => throw new NotImplementedException();

    /// <summary>Makes everything up to and including the record durable (group commit).</summary>
    public void Flush(Lsn upTo) => throw new NotImplementedException();

    /// <summary>Seals the current block and makes all appended records durable; gives EndLsn, which then starts a new block.</summary>
    public Lsn FlushAll() => throw new NotImplementedException();

    /// <summary>Reads records from an LSN on (inclusive) up to an LSN (exclusive; null = end). Continuations are joined.</summary>
    public IEnumerable<LogRecord> Read(Lsn from, Lsn? to = null) => throw new NotImplementedException();

    /// <summary>Reads raw sealed blocks that hold records in [from, to).</summary>
    public IEnumerable<RawLogBlock> ReadBlocks(Lsn from, Lsn to) => throw new NotImplementedException();

    /// <summary>Appends blocks from a log backup at their own LSNs (RESTORE LOG); blocks already here are skipped.</summary>
    public void AppendBlocks(IEnumerable<RawLogBlock> blocks) => throw new NotImplementedException();

    /// <summary>Decodes the records of one raw block.</summary>
    public static IReadOnlyList<LogRecord> Decode(RawLogBlock block) => throw new NotImplementedException();

    /// <summary>Frees what lies before the LSN.</summary>
    public void TruncateBefore(Lsn lsn) => throw new NotImplementedException();

    /// <summary>Forgets all content and goes on in a new virtual log file with this number (after recovery, or for a RESTORE DATABASE).</summary>
    public void Restart(uint vlf) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
