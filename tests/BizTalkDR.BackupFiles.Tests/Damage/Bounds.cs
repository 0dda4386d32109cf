using System;
using System.Buffers.Binary;
using System.IO;
using System.Threading;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>What the reader does not do, whatever a file says: reserve memory for lengths it has not checked, go on when told to stop, close what it was lent.</summary>
public class Bounds
{
    [Theory]
    [InlineData("MQCI", 0x7FFFFFFFUL)]
    [InlineData("MQCI", 0x4000_0000_0000UL)]
    [InlineData("MQCI", ulong.MaxValue)]
    [InlineData("TSMP", 0x7FFFFFFFUL)]
    [InlineData("RAID", 0x7FFFFFFFUL)]
    [InlineData("SPAD", long.MaxValue)]
    [InlineData("MQTL", 0x7FFFFFFF0000UL)]
    public void A_length_under_a_right_checksum_reserves_no_memory(string stream, ulong length)
    {
        byte[] bytes = Bad_input.SmallLog();
        int at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(stream));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + 8), length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 20), MutationSeed.Checksum(bytes, at, 20));
        _ = Marks_in_built_logs.Open(Bad_input.SmallLog());

        long before = GC.GetAllocatedBytesForCurrentThread();
        BackupFile file = Marks_in_built_logs.Open(bytes);
        VerificationResult result = BackupVerification.Run(new MemoryStream(bytes), "long");
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.False(file.IsComplete);
        Assert.True(result.HasFailed);
        Assert.InRange(allocated, 0, 4 << 20);
    }

    [Theory]
    [InlineData(VerificationLevel.Content)]
    [InlineData(VerificationLevel.Hash)]
    public void Verification_stops_in_the_middle_of_a_file(VerificationLevel level)
    {
        byte[] full = new BackupBuilder { Type = 'D', WithChecksum = true, Pages = new byte[8 << 20] }.Build();
        using var stop = new CancellationTokenSource();
        var progress = new StopAt(stop, 3 << 20);
        using var counted = new CountingStream(full);

        Assert.ThrowsAny<OperationCanceledException>(() => BackupVerification.Run(counted, "full", new VerificationOptions { Level = level, Progress = progress }, stop.Token));

        Assert.InRange(progress.Last, 1, (2L * full.Length) - 1);
        Assert.InRange(counted.BytesRead, 1, full.Length - 1);
        Assert.True(counted.CanRead, "a lent stream stays open");
    }

    [Fact]
    public void Reading_marks_stops_between_two_of_them()
    {
        byte[] one = new LogBlockBuilder(30, 100).Begin("BTS_1", marked: true).Commit(new Lsn(30, 100, 1), "BTS_1", new DateTime(2024, 5, 6)).Begin("BTS_2", marked: true).Commit(new Lsn(30, 100, 3), "BTS_2", new DateTime(2024, 5, 6)).Build();
        byte[] two = new LogBlockBuilder(30, 100 + (uint)(one.Length / 512)).Begin("BTS_3", marked: true).Build();
        using var stop = new CancellationTokenSource();
        BackupSet set = Marks_in_built_logs.Open(Marks_in_built_logs.Log([one, two]).Build()).Sets[0];

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (LogMark _ in set.ReadMarks(stop.Token))
                stop.Cancel();
        });
    }

    [Fact]
    public void A_plain_file_and_a_stream_of_it_are_the_same()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Bad_input.SmallLog());
            using FileStream stream = File.OpenRead(path);
            stream.Position = 77;
            BackupFile streamed = BackupFile.Open(stream, path);
            BackupFile named = BackupFile.Open(path);

            Assert.Equal(named.Sets[0].ToString(), streamed.Sets[0].ToString());
            Assert.Equal(named.HeaderBytesRead, streamed.HeaderBytesRead);

            // A stream has no time that could change.
            string checks = string.Join('|', BackupVerification.Run(path).Checks);
            Assert.Contains("(same size and time before and after)", checks, StringComparison.Ordinal);
            Assert.Equal(checks.Replace("size and time", "size", StringComparison.Ordinal), string.Join('|', BackupVerification.Run(stream, path).Checks));
            Assert.True(stream.CanRead);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void One_file_after_the_other_on_a_thread_leaves_nothing_behind()
    {
        // The buffers of headers are used again: a shorter header must not show the end of a longer one.
        BackupFile before = Marks_in_built_logs.Open(new BackupBuilder { Database = "Short" }.Build());
        _ = Marks_in_built_logs.Open(new BackupBuilder { Database = new string('x', 128), Server = new string('y', 100) }.Build());
        BackupFile after = Marks_in_built_logs.Open(new BackupBuilder { Database = "Short" }.Build());
        BackupFile cut = Marks_in_built_logs.Open(new BackupBuilder { Database = "Short", Unfinished = true }.Build());

        Assert.Equal("Short", before.Sets[0].DatabaseName.Value);
        Assert.Equal("Short", after.Sets[0].DatabaseName.Value);
        Assert.Equal("Short", cut.Sets[0].DatabaseName.Value);
        Assert.Equal(@"SQL01\BTS", cut.Sets[0].ServerName.Value);
    }

    private sealed class StopAt(CancellationTokenSource stop, long bytes) : IProgress<VerificationProgress>
    {
        public long Last { get; private set; }

        public void Report(VerificationProgress value)
        {
            Last = value.BytesDone;
            if (value.BytesDone >= bytes)
                stop.Cancel();
        }
    }

    private sealed class CountingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public long BytesRead { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = base.Read(buffer, offset, count);
            BytesRead += read;
            return read;
        }
    }
}
