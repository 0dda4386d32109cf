using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Copies a range of a database's log into a backup set, one virtual log file after the other; those without a part of it are only listed.</summary>
internal sealed class LogCopy(LabLog log, int databaseId, StripedSetWriter writer, StatementProgress progress)
{
    /// <summary>Bytes of log blocks stored.</summary>
    public long Bytes { get; private set; }

    /// <summary>Looks through a range without storing it: a log set's opening header has the final values already.</summary>
    public static (Lsn? LastCheckpoint, bool HasBulkChanges) Look(LabLog log, Lsn first, Lsn end)
    {
        Lsn? checkpoint = null;
        bool bulk = false;
        Lsn from = From(log, first);
        foreach (RawLogBlock block in log.ReadBlocks(from, end))
        {
            byte[] plain = LogBlock.Unprotect(block.Bytes);
            ushort slot = block.FirstLsn.Slot;
            foreach ((int start, int length) in LogBlock.Slots(plain))
            {
                Lsn lsn = block.FirstLsn with { Slot = slot++ };
                LogOp op = length > 0x16 ? (LogOp)plain[start + 0x16] : default;
                checkpoint = op == LogOp.BeginCheckpoint ? lsn : checkpoint;
                bulk |= op == LogOp.BulkChange && lsn >= from;
            }
        }

        return (checkpoint, bulk);
    }

    public void Copy(Lsn first, Lsn end)
    {
        Dictionary<uint, VlfInfo> files = log.VirtualLogFiles.ToDictionary(v => v.Number);
        List<RawLogBlock> blocks = [];
        foreach (RawLogBlock block in log.ReadBlocks(From(log, first), end))
        {
            if (blocks.Count > 0 && blocks[0].FirstLsn.Vlf != block.FirstLsn.Vlf)
            {
                Piece(files, blocks);
                blocks = [];
            }

            blocks.Add(block);
        }

        if (blocks.Count > 0)
        {
            Piece(files, blocks);
        }

        // The end may lie at the very beginning of a virtual log file that holds nothing yet.
        if (Bytes > 0 && files.Remove(end.Vlf, out VlfInfo? last))
        {
            writer.Log(new LogPiece(last, [], end), databaseId);
        }

        foreach (VlfInfo unused in files.Values.OrderBy(v => v.Number))
        {
            writer.Log(new LogPiece(unused, [], Lsn.Zero), databaseId);
        }
    }

    private void Piece(Dictionary<uint, VlfInfo> files, List<RawLogBlock> blocks)
    {
        uint number = blocks[0].FirstLsn.Vlf;
        if (!files.Remove(number, out VlfInfo? vlf))
        {
            // The log went over to a new virtual log file while the backup ran.
            vlf = log.VirtualLogFiles.First(v => v.Number == number);
        }

        long bytes = writer.Log(new LogPiece(vlf, blocks, Lsn.Zero), databaseId);
        Bytes += bytes;
        progress.Advance(bytes);
    }

    /// <summary>After a recovery the log begins anew behind the fork point; there is nothing between the two.</summary>
    private static Lsn From(LabLog log, Lsn first) => log.StartLsn > first ? log.StartLsn : first;
}
