using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

public class Marks_in_built_logs
{
    private static readonly DateTime Time = new(2024, 5, 6, 14, 15, 1, 327);
    private const string Name = "BTS_2024_05_06_14_15_01_327";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Are_followed_by_the_next_record_of_their_block(bool compressed)
    {
        byte[] block = new LogBlockBuilder(30, 100).Begin(Name, marked: true).Commit(new Lsn(30, 100, 1), Name, Time).Other(40).Build();

        LogMark mark = Assert.Single(Read(Log([block]), compressed, out LogMarkReading reading));

        Assert.Equal(Name, mark.Name);
        Assert.Equal(new Lsn(30, 100, 2), mark.Lsn);
        Assert.Equal(new Lsn(30, 100, 1), mark.BeginLsn);
        Assert.Equal(new Lsn(30, 100, 3), mark.NextLsn);
        Assert.Equal(NextLsnKind.SameBlock, mark.NextLsnKind);
        Assert.Equal(Time, mark.TimeLocal.Value, TimeSpan.FromMilliseconds(4));
        Assert.True(mark.BeginSeen);
        Assert.Equal(compressed ? SupportLevel.NotReadable : SupportLevel.Verified, mark.Support);
        Assert.Equal(!compressed, reading.AbsenceIsEvidence);
    }

    [Fact]
    public void Are_followed_by_the_first_record_of_the_next_virtual_log_file()
    {
        byte[] last = new LogBlockBuilder(30, 100).Commit(new Lsn(30, 90, 1), Name, Time).Build();
        byte[] first = new LogBlockBuilder(31, 16).Other(40).Build();
        BackupBuilder builder = Log([last]);
        builder.Log.Add([]);
        builder.Log.Add([first]);
        builder.Last = new Lsn(31, 17, 1);

        LogMark mark = Assert.Single(Read(builder, false, out LogMarkReading reading));

        Assert.Equal(new Lsn(31, 16, 1), mark.NextLsn);
        Assert.Equal(NextLsnKind.NextBlock, mark.NextLsnKind);
        Assert.False(mark.BeginSeen);
        Assert.True(reading.AbsenceIsEvidence, reading.WhyAbsenceProvesNothing);
    }

    [Fact]
    public void Have_the_last_LSN_as_upper_bound_when_they_end_the_set()
    {
        byte[] block = new LogBlockBuilder(30, 100).Other(60).Commit(new Lsn(30, 90, 1), Name, Time).Build();

        LogMark mark = Assert.Single(Read(Log([block]), false, out _));

        Assert.Equal(NextLsnKind.UpperBoundLastLsn, mark.NextLsnKind);
        Assert.Equal(new Lsn(30, 101, 1), mark.NextLsn);
    }

    [Fact]
    public void Are_read_with_names_that_cross_sectors_and_blocks_that_cross_streams()
    {
        var marks = new List<string>();
        var blocks = new List<byte[]>();
        uint at = 100;
        for (int i = 0; i < 200; i++)
        {
            string name = $"BTS_2024_05_06_14_15_01_{i:000}";
            byte[] block = new LogBlockBuilder(30, at).Other(300 + (i * 3 % 500)).Commit(new Lsn(30, 90, 1), name, Time, fixedPart: 80).Other(100 + (i * 12 % 700)).Build();
            at += (uint)(block.Length / 512);
            blocks.Add(block);
            marks.Add(name);
        }

        BackupBuilder builder = Log(blocks);
        builder.LogStreamBytes = 7 * 512;

        Assert.Equal(marks, Read(builder, false, out LogMarkReading reading).Select(m => m.Name));
        Assert.Empty(reading.Findings);
        Assert.True(reading.AbsenceIsEvidence, reading.WhyAbsenceProvesNothing);
    }

    [Fact]
    public void Of_the_same_name_are_all_given()
    {
        byte[] block = new LogBlockBuilder(30, 100).Commit(new Lsn(30, 90, 1), "X", Time).Commit(new Lsn(30, 90, 2), "X", Time).Other(40).Build();

        Assert.Equal([new Lsn(30, 100, 1), new Lsn(30, 100, 2)], Read(Log([block]), false, out _).Select(m => m.Lsn));
    }

    [Fact]
    public void Are_not_made_of_common_commits_or_stale_bytes()
    {
        byte[] block = new LogBlockBuilder(30, 100).Begin("plain", marked: false).Commit(new Lsn(30, 100, 1), null, Time).Build();
        byte[] stale = new LogBlockBuilder(30, 50).Commit(new Lsn(30, 50, 1), "stale", Time).Build();
        BackupBuilder builder = Log([block]);
        byte[] file = builder.Build();
        int used = IndexOf(file, block) + block.Length;
        stale.CopyTo(file, used);

        Assert.Empty(Open(file).Sets[0].ReadMarks());
    }

    [Fact]
    public void Behind_damage_are_still_found_and_absence_proves_nothing_any_more()
    {
        var blocks = new List<byte[]>();
        for (uint i = 0; i < 20; i++)
            blocks.Add(new LogBlockBuilder(30, 100 + i).Commit(new Lsn(30, 90, 1), "M" + i, Time).Build());
        BackupBuilder builder = Log(blocks);
        byte[] file = builder.Build();
        int at = IndexOf(file, blocks[7]);
        file[at + 70] ^= 1;

        LogMarkReading reading = Open(file).Sets[0].ReadMarks();
        LogMark[] marks = [.. reading];

        Assert.Equal(19, marks.Length);
        Assert.DoesNotContain(marks, m => m.Name == "M7");
        Assert.Equal(NextLsnKind.UpperBoundLastLsn, marks[6].NextLsnKind);
        Assert.Equal(FindingKind.LogBlockDamaged, Assert.Single(reading.Findings).Kind);
        Assert.False(reading.AbsenceIsEvidence);
    }

    [Theory]
    [InlineData(13, 0)]
    [InlineData(15, 0)]
    [InlineData(17, 0)]
    public void Of_newer_versions_are_inferred(int major, int minor)
    {
        byte[] block = new LogBlockBuilder(30, 100) { FirstRecordAt = 0x48 }.Commit(new Lsn(30, 90, 1), Name, Time, fixedPart: 80).Other(40).Build();
        BackupBuilder builder = Log([block]);
        builder.Software = new Version(major, minor, 1);

        LogMark mark = Assert.Single(Read(builder, false, out LogMarkReading reading));

        Assert.Equal(SupportLevel.Inferred, mark.Support);
        Assert.False(reading.AbsenceIsEvidence);
        Assert.Contains("never checked", reading.WhyAbsenceProvesNothing);
    }

    [Fact]
    public void Are_given_while_the_log_is_read_and_stop_on_demand()
    {
        var blocks = new List<byte[]>();
        for (uint i = 0; i < 100; i++)
            blocks.Add(new LogBlockBuilder(30, 100 + i).Commit(new Lsn(30, 90, 1), "M" + i, Time).Build());
        using var stop = new CancellationTokenSource();
        BackupFile file = Open(Log(blocks).Build());

        using IEnumerator<LogMark> marks = file.Sets[0].ReadMarks(stop.Token).GetEnumerator();
        Assert.True(marks.MoveNext());
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            while (marks.MoveNext())
            {
            }
        });
    }

    [Fact]
    public void Of_an_unfinished_set_are_found_and_absence_proves_nothing()
    {
        byte[] block = new LogBlockBuilder(30, 100).Commit(new Lsn(30, 90, 1), Name, Time).Other(40).Build();
        BackupBuilder builder = Log([block]);
        builder.Unfinished = true;

        Assert.Single(Read(builder, false, out LogMarkReading reading));
        Assert.False(reading.AbsenceIsEvidence);
    }

    internal static BackupBuilder Log(List<byte[]> blocks)
    {
        uint sectors = (uint)blocks.Sum(b => b.Length / 512);
        return new BackupBuilder { Log = { blocks }, First = new Lsn(30, 100, 1), Last = new Lsn(30, 100 + sectors, 1) };
    }

    internal static BackupFile Open(byte[] file) => BackupFile.Open(new MemoryStream(file), "built");

    private static LogMark[] Read(BackupBuilder builder, bool compressed, out LogMarkReading reading)
    {
        byte[] plain = builder.Build();
        BackupFile file = Open(compressed ? CompressedContainer.Wrap(plain) : plain);
        reading = file.Sets[0].ReadMarks();
        return [.. reading];
    }

    private static int IndexOf(byte[] file, byte[] part) => file.AsSpan().IndexOf(part);
}
