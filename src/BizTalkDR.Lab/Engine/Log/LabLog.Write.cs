using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabLog
{
    private Lsn WritePending()
    {
        List<(long Offset, byte[] Bytes)> writes;
        Lsn end;
        lock (_gate)
        {
            ThrowIfFailed();
            Seal();
            end = Next();
            writes = _pending;
            _pending = [];
        }

        WriteAndSync(writes);
        lock (_gate)
        {
            _flushed = end;
        }

        return end;
    }

    private void FlushLocked()
    {
        Seal();
        List<(long Offset, byte[] Bytes)> writes = _pending;
        _pending = [];
        WriteAndSync(writes);
        _flushed = Next();
    }

    /// <summary>Writes and syncs. A failure is kept: what is on the disk is then unknown, and nothing may be said to be durable any more.</summary>
    private void WriteAndSync(List<(long Offset, byte[] Bytes)> writes)
    {
        if (writes.Count == 0)
        {
            return;
        }

        try
        {
            foreach ((long offset, byte[] bytes) in Coalesced(writes))
            {
                _file.Write(offset, bytes);
            }

            _file.Sync();
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                _failure = e;
            }

            throw;
        }
    }

    private static IEnumerable<(long Offset, byte[] Bytes)> Coalesced(List<(long Offset, byte[] Bytes)> writes)
    {
        for (int i = 0; i < writes.Count;)
        {
            int j = i + 1;
            long end = writes[i].Offset + writes[i].Bytes.Length;
            while (j < writes.Count && writes[j].Offset == end)
            {
                end += writes[j++].Bytes.Length;
            }

            yield return (writes[i].Offset, j == i + 1 ? writes[i].Bytes : [.. writes[i..j].SelectMany(w => w.Bytes)]);
            i = j;
        }
    }
}
