using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Log;

public sealed class LabLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LabStorage _storage = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Gives_back_every_kind_of_record()
    {
        using LabLog log = LabLog.Create(_folder.File("a.ldf"), 30, _storage);
        DateTime time = new(2024, 5, 6, 14, 15, 1, 327);
        Lsn begin = log.Append(new LogRecord { Op = LogOp.BeginTransaction, TransactionId = 0x1234_5678_9ABC, Name = "T", IsMarked = true, Time = time });
        log.Append(new LogRecord { Op = LogOp.InsertRow, TransactionId = 7, ObjectId = 99, RowId = long.MaxValue, Payload = new byte[] { 1, 2, 3 } });
        log.Append(new LogRecord { Op = LogOp.Prepare, TransactionId = 7, BeginLsn = begin, GlobalId = new Guid("00010203-0405-0607-0809-0a0b0c0d0e0f"), Coordinator = "LABSQL1", Time = time, Payload = new byte[] { 9 } });
        log.Append(new LogRecord { Op = LogOp.Commit, TransactionId = 7, BeginLsn = begin, IsMarked = true, Name = "BTS_2024_05_06_14_15_01_327", Description = "d", Time = time, Payload = new byte[] { 4 } });
        log.Append(new LogRecord { Op = LogOp.Commit, TransactionId = 8, BeginLsn = begin, Time = time });
        log.Append(new LogRecord { Op = LogOp.Abort, TransactionId = 9, BeginLsn = begin });
        log.Append(new LogRecord { Op = LogOp.BeginCheckpoint, Payload = new byte[] { 5, 6 } });

        LogRecord[] read = [.. log.Read(begin)];

        Assert.Equal(7, read.Length);
        Assert.Equal((0x1234_5678_9ABC, "T", true, time), (read[0].TransactionId, read[0].Name, read[0].IsMarked, read[0].Time));
        Assert.Equal((99, long.MaxValue), (read[1].ObjectId, read[1].RowId));
        Assert.Equal([1, 2, 3], read[1].Payload.ToArray());
        Assert.Equal("LABSQL1", read[2].Coordinator);
        Assert.Equal(new Guid("00010203-0405-0607-0809-0a0b0c0d0e0f"), read[2].GlobalId);
        Assert.Equal([9], read[2].Payload.ToArray());
        Assert.Equal(("BTS_2024_05_06_14_15_01_327", "d", true, begin), (read[3].Name, read[3].Description, read[3].IsMarked, read[3].BeginLsn));
        Assert.Equal([4], read[3].Payload.ToArray());
        Assert.False(read[4].IsMarked);
        Assert.Equal(LogOp.Abort, read[5].Op);
        Assert.Equal([5, 6], read[6].Payload.ToArray());
        Assert.Equal(Enumerable.Range(1, 7), read.Select(r => (int)r.Lsn.Slot));
    }

    [Fact]
    public void Keeps_every_byte_across_sector_boundaries()
    {
        using LabLog log = LabLog.Create(_folder.File("a.ldf"), 30, _storage);
        Random random = new(1);
        List<byte[]> payloads = [];
        Lsn first = log.EndLsn;
        for (int i = 0; i < 60; i++)
        {
            byte[] payload = new byte[random.Next(0, 4000)];
            random.NextBytes(payload);
            payloads.Add(payload);
            log.Append(Row(i, payload));
            if (i % 7 == 0)
            {
                log.FlushAll();
            }
        }

        Assert.Equal(payloads, log.Read(first).Select(r => r.Payload.ToArray()));
        Assert.All(log.ReadBlocks(first, log.EndLsn), b => Assert.True(b.Bytes.Length % 512 == 0 && (b.Bytes[0] & 0x10) != 0));
    }

    [Theory]
    [InlineData(57_344)]
    [InlineData(57_345)]
    [InlineData(200_000)]
    [InlineData(3_000_000)]
    public void Splits_and_joins_a_record_longer_than_a_block(int size)
    {
        using LabLog log = LabLog.Create(_folder.File("a.ldf"), 30, _storage);
        byte[] payload = new byte[size];
        new Random(2).NextBytes(payload);
        log.Append(Row(1, [1]));
        Lsn lsn = log.Append(Row(2, payload));
        log.Append(Row(3, [3]));

        LogRecord[] read = [.. log.Read(lsn)];

        Assert.Equal([2L, 3L], read.Select(r => r.RowId));
        Assert.Equal(payload, read[0].Payload.ToArray());
        Assert.Equal([1L, 2L, 3L], LabLog.Join(log.ReadBlocks(log.StartLsn, log.EndLsn)).Select(r => r.RowId));
    }

    [Fact]
    public void Finds_its_end_whatever_byte_of_the_last_block_is_lost()
    {
        string path = _folder.File("a.ldf");
        long lastOffset;
        int lastSize;
        Lsn lastLsn;
        using (LabLog log = LabLog.Create(path, 30, _storage))
        {
            Append(log, 1, 100);
            log.FlushAll();
            lastLsn = log.Append(Row(2, new byte[700]));
            log.FlushAll();
            VlfInfo vlf = log.VirtualLogFiles[0];
            lastSize = log.ReadBlocks(lastLsn, log.EndLsn).Single().Bytes.Length;
            lastOffset = vlf.FileOffset + (lastLsn.Block * 512L);
        }

        byte[] whole = File.ReadAllBytes(path);
        for (int kept = 0; kept < lastSize; kept += kept < 100 || kept > 500 && kept < 540 ? 1 : 17)
        {
            byte[] torn = (byte[])whole.Clone();
            torn.AsSpan((int)lastOffset + kept, lastSize - kept).Clear();
            bool same = torn.AsSpan().SequenceEqual(whole);
            File.WriteAllBytes(path, torn);
            using LabLog log = LabLog.Open(path, _storage);
            Assert.True((same ? 2 : 1) == log.Read(log.StartLsn).Count(), $"{kept} of {lastSize} bytes kept");
            Assert.Equal(same, log.EndLsn > lastLsn);

            Lsn again = log.Append(Row(3, [3]));
            log.FlushAll();
            Assert.Equal(3, log.Read(again).Single().RowId);
        }
    }

    [Fact]
    public void Does_not_resurrect_blocks_behind_a_torn_one()
    {
        string path = _folder.File("a.ldf");
        long offset;
        using (LabLog log = LabLog.Create(path, 30, _storage))
        {
            offset = log.VirtualLogFiles[0].FileOffset + (log.EndLsn.Block * 512L);
            Append(log, 1, 10);
            log.FlushAll();
            Append(log, 2, 10);
            log.FlushAll();
        }

        using (FileStream stream = File.OpenWrite(path))
        {
            stream.Position = offset + 100;
            stream.WriteByte(0xFF);
        }

        using LabLog reopened = LabLog.Open(path, _storage);
        Append(reopened, 3, 10);
        reopened.FlushAll();
        reopened.Dispose();
        using LabLog last = LabLog.Open(path, _storage);
        Assert.Equal([3L], last.Read(last.StartLsn).Select(r => r.RowId));
    }

    [Fact]
    public void Uses_freed_virtual_log_files_again_with_the_other_parity()
    {
        string path = _folder.File("a.ldf");
        using LabLog log = LabLog.Create(path, 30, _storage);
        Dictionary<long, byte> parity = [];
        int turned = 0;
        for (int i = 0; i < 400; i++)
        {
            Append(log, i, 20_000);
            Lsn end = log.FlushAll();
            log.TruncateBefore(end);
            VlfInfo vlf = log.VirtualLogFiles[^1];
            if (parity.TryGetValue(vlf.FileOffset, out byte before) && before != vlf.Parity)
            {
                turned++;
            }

            parity[vlf.FileOffset] = vlf.Parity;
        }

        Assert.True(log.SizeBytes < 4 << 20);
        Assert.True(turned > 2);
        Lsn expected = log.EndLsn;
        long[] rows = [.. log.Read(log.StartLsn).Select(r => r.RowId)];
        log.Dispose();
        using LabLog reopened = LabLog.Open(path, _storage);
        Assert.Equal(expected, reopened.EndLsn);
        Assert.Equal(rows, reopened.Read(reopened.StartLsn).Select(r => r.RowId));
        Assert.Throws<ArgumentOutOfRangeException>(() => reopened.Read(new Lsn(30, 16, 1)).Count());
    }

    [Fact]
    public void Takes_blocks_of_another_log_at_their_own_places()
    {
        using LabLog source = LabLog.Create(_folder.File("a.ldf"), 30, _storage);
        Append(source, 0, 10);
        source.FlushAll();
        Lsn from = source.EndLsn;
        for (int i = 1; i < 100; i++)
        {
            Append(source, i, 30_000);
        }

        Lsn end = source.FlushAll();
        RawLogBlock[] blocks = [.. source.ReadBlocks(from, end)];
        string path = _folder.File("b.ldf");
        using (LabLog target = LabLog.Create(path, 1, _storage))
        {
            target.AppendBlocks(blocks.Take(20));
            target.AppendBlocks(blocks);
            Assert.Equal(end, target.EndLsn);
        }

        using LabLog reopened = LabLog.Open(path, _storage);
        Assert.Equal(from, reopened.StartLsn);
        Assert.Equal(end, reopened.EndLsn);
        Assert.Equal(source.Read(from).Select(r => (r.Lsn, r.RowId)), reopened.Read(from).Select(r => (r.Lsn, r.RowId)));
        Assert.Throws<InvalidDataException>(() => reopened.AppendBlocks([blocks[0] with { FirstLsn = end with { Block = end.Block + 40 } }]));
    }

    [Fact]
    public void Goes_on_in_a_later_virtual_log_file_after_a_restart()
    {
        string path = _folder.File("a.ldf");
        using LabLog log = LabLog.Create(path, 30, _storage);
        Append(log, 1, 10);
        log.FlushAll();
        log.Restart(42);
        Assert.Equal(new Lsn(42, 16, 1), log.EndLsn);
        Append(log, 2, 10);
        log.FlushAll();
        log.Dispose();
        using LabLog reopened = LabLog.Open(path, _storage);
        Assert.Equal([2L], reopened.Read(reopened.StartLsn).Select(r => r.RowId));
    }

    [Fact]
    public async Task Commits_of_many_threads_share_syncs_and_none_is_lost()
    {
        using LabLog log = LabLog.Create(_folder.File("a.ldf"), 30, _storage);
        long before = _storage.SyncCount;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                Lsn lsn = log.Append(Row((t * 1000) + i, new byte[50]));
                log.Flush(lsn);
                Assert.True(log.FlushedLsn > lsn);
            }
        })));
        Assert.Equal(400, log.Read(log.StartLsn).Count());
        Assert.True(_storage.SyncCount - before <= 400);
    }

    private static LogRecord Row(long id, byte[] payload) => new() { Op = LogOp.InsertRow, TransactionId = 5, ObjectId = 1, RowId = id, Payload = payload };

    private static void Append(LabLog log, long id, int size)
    {
        byte[] payload = new byte[size];
        new Random((int)id).NextBytes(payload);
        log.Append(Row(id, payload));
    }
}
