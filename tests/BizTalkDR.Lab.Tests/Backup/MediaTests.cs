using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tests.Log;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

public sealed class MediaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LabStorage _storage = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gives_back_what_was_written(bool checksum)
    {
        using LabLog log = NewLog();
        string path = _folder.File("a.bak");
        BackupSetInfo written = Write(path, Info(log, checksum), log, Pages(24), 0);

        using MediaReader reader = MediaReader.Open(path, "a.bak");
        MediaSet set = reader.Sets().Single();

        Assert.True(set.IsComplete);
        Assert.Equal(written with { Files = [], FileGroups = [] }, set.Info with { Files = [], FileGroups = [] });
        Assert.Equal(written.FileGroups, set.Info.FileGroups);
        Assert.Equal(written.Files, set.Info.Files);
        MediaContent content = new([(reader, set)]);
        Assert.Equal(Pages(24).Select(p => p.Bytes.ToArray()), content.Pages().Select(p => p.Bytes.ToArray()));
        Assert.Equal(Enumerable.Range(0, 24), content.Pages().Select(p => p.Number));
        Assert.Equal(
            log.ReadBlocks(log.StartLsn, log.EndLsn).Select(b => (b.FirstLsn, Convert.ToHexString(b.Bytes))),
            content.LogBlocks().Select(b => (b.FirstLsn, Convert.ToHexString(b.Bytes))));
        Assert.Equal(checksum, set.Segments.All(s => s.Checksum is not null));
        Assert.Equal(checksum, set.Segments.Any(s => s.Checksum is not null));
    }

    [Fact]
    public void Appends_sets_with_rising_positions()
    {
        using LabLog log = NewLog();
        string path = _folder.File("a.bak");
        long end = 0;
        List<MappedSet> sets = [];
        List<long> filemarks = [];
        for (int position = 1; position <= 3; position++)
        {
            Write(path, Info(log, false) with { Position = position, Name = "set " + position }, log, Pages(8 * position), end, sets, filemarks);
            using MediaReader reader = MediaReader.Open(path, "a.bak");
            MediaSet[] found = [.. reader.Sets()];
            Assert.Equal(Enumerable.Range(1, position), found.Select(s => s.Info.Position));
            Assert.Equal("set " + position, found[^1].Info.Name);
            Assert.Equal(8 * position, new MediaContent([(reader, reader.Find(position))]).Pages().Count());
            MediaSet last = found[^1];
            sets.Add(new MappedSet(position, last.Address, last.Info.BackupSize, last.Attributes, last.Info.Name, null, last.Info.StartDate, "M"));
            filemarks = [.. reader.LeadingFilemarks, .. found.SelectMany(s => s.Filemarks)];
            end = last.End;
        }
    }

    [Fact]
    public void Names_an_error_for_every_truncation()
    {
        using LabLog log = NewLog();
        string path = _folder.File("a.bak");
        Write(path, Info(log, true), log, Pages(8), 0);
        byte[] whole = File.ReadAllBytes(path);
        Random random = new(3);
        int[] kept = [0, 1, 51, 52, 100, 511, 512, 1023, 1024, 1536, .. Enumerable.Range(0, 60).Select(_ => random.Next(whole.Length)), whole.Length - 1];
        foreach (int length in kept)
        {
            File.WriteAllBytes(path, whole[..length]);
            LabSqlException error = Assert.Throws<LabSqlException>(() => ReadAll(path));
            Assert.True(error.Number is 3203 or 3241 or 3242 or 3254 or 3256 or 4038, $"{error.Number} at {length}");
        }
    }

    [Fact]
    public void Notices_a_flipped_bit_or_gives_the_same_content()
    {
        using LabLog log = NewLog();
        string path = _folder.File("a.bak");
        Write(path, Info(log, true), log, Pages(8), 0);
        byte[] whole = File.ReadAllBytes(path);
        (int Pages, int Blocks) expected = ReadAll(path);
        Random random = new(4);
        int noticed = 0;
        for (int i = 0; i < 150; i++)
        {
            byte[] damaged = (byte[])whole.Clone();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            try
            {
                Assert.Equal(expected, ReadAll(path));
            }
            catch (LabSqlException e)
            {
                Assert.True(e.Number is 3189 or 3203 or 3241 or 3242 or 3256 or 4038, e.Message);
                noticed++;
            }
        }

        Assert.True(noticed > 100, $"{noticed} of 150");
    }

    [Fact]
    public void Refuses_a_file_that_is_no_backup()
    {
        string path = _folder.File("a.bak");
        File.WriteAllText(path, new string('x', 5000));
        Assert.Equal(3241, Assert.Throws<LabSqlException>(() => MediaReader.Open(path, "a.bak")).Number);
        LabSqlException missing = Assert.Throws<LabSqlException>(() => MediaReader.Open(_folder.File("none.bak"), "none.bak"));
        Assert.Equal((3201, 16), (missing.Number, missing.Error.Class));
        Assert.Equal("Cannot open backup device 'none.bak'. Operating system error 2(The system cannot find the file specified.).", missing.Message);
    }

    private static (int Pages, int Blocks) ReadAll(string path)
    {
        using MediaReader reader = MediaReader.Open(path, path);
        MediaContent content = new([(reader, reader.Find(1))]);
        return (content.Pages().Count(), content.LogBlocks().Count());
    }

    private LabLog NewLog()
    {
        LabLog log = LabLog.Create(_folder.File("a.ldf"), 37, _storage);
        for (int i = 0; i < 40; i++)
        {
            byte[] payload = new byte[40_000];
            new Random(i).NextBytes(payload);
            log.Append(new LogRecord { Op = LogOp.InsertRow, TransactionId = 5, RowId = i, Payload = payload });
        }

        log.FlushAll();
        return log;
    }

    private static IEnumerable<NumberedPage> Pages(int count) => Enumerable.Range(0, count).Select(i =>
    {
        byte[] page = new byte[8192];
        new Random(i).NextBytes(page);
        return new NumberedPage(i, page);
    });

    private static BackupSetInfo Info(LabLog log, bool checksum) => new()
    {
        Name = "a name",
        Description = "a description",
        UserName = @"LAB\user",
        Flags = BackupSetInfo.FlagAlways | (checksum ? BackupSetInfo.FlagChecksums : 0),
        SetGuid = new Guid("11111111-2222-3333-4444-555555555555"),
        StartDate = new DateTime(2024, 5, 6, 7, 8, 9),
        TimeZoneQuarters = -20,
        FirstLsn = log.StartLsn,
        LastLsn = log.EndLsn,
        CheckpointLsn = log.StartLsn,
        DatabaseBackupLsn = new Lsn(36, 100, 2),
        LastFullSetGuid = Guid.NewGuid(),
        DatabaseCreationDate = new DateTime(2024, 1, 2, 3, 4, 5),
        DatabaseName = "BizTalkMgmtDb",
        ServerName = @"LABSQL1\BTS",
        MachineName = "LABSQL1",
        Collation = "Latin1_General_CI_AS",
        DatabaseId = 7,
        BindingId = Guid.NewGuid(),
        RecoveryForkId = Guid.NewGuid(),
        FirstRecoveryForkId = Guid.NewGuid(),
        ParentForkId = Guid.NewGuid(),
        ForkPointLsn = new Lsn(36, 99, 1),
        FamilyId = Guid.NewGuid(),
        LogChainStartLsn = new Lsn(36, 98, 1),
        Files =
        [
            new BackupFileInfo { FileId = 1, LogicalName = "data", PhysicalName = "/d/data.mdf", UniqueId = Guid.NewGuid(), SizeBytes = 1 << 20, MaxSizeBytes = 35184372080640, PagesInBackup = 20, BackupSizeBytes = 20 * 8192 },
            new BackupFileInfo { FileId = 2, IsLog = true, FileGroupId = 0, LogicalName = "log", PhysicalName = "/d/log.ldf", UniqueId = Guid.NewGuid(), SizeBytes = 2 << 20, MaxSizeBytes = 2199023255552, BackupSizeBytes = 777 },
        ],
    };

    private BackupSetInfo Write(
        string path, BackupSetInfo info, LabLog log, IEnumerable<NumberedPage> pages, long position, List<MappedSet>? sets = null, List<long>? filemarks = null)
    {
        using DurableFile file = _storage.Open(path, FileMode.OpenOrCreate);
        MediaFileWriter target = new(file, path, position);
        MediaInfo media = new() { MediaSetId = Guid.NewGuid(), MediaFamilyId = 5, Name = "medium", Date = info.StartDate };
        BackupSetWriter file1 = new(target, media, sets ?? [], filemarks ?? [], info);
        if (position == 0)
        {
            file1.Label();
        }

        StripedSetWriter writer = new([file1]);
        writer.Begin();
        writer.Pages(pages.Count(), pages);
        foreach (IGrouping<uint, RawLogBlock> vlf in log.ReadBlocks(log.StartLsn, log.EndLsn).GroupBy(b => b.FirstLsn.Vlf))
        {
            writer.Log(new LogPiece(log.VirtualLogFiles.Single(v => v.Number == vlf.Key), [.. vlf], Lsn.Zero), 7);
        }

        BackupSetInfo result = writer.End(info with { FinishDate = info.StartDate.AddSeconds(3) });
        target.Finish();
        return result;
    }
}
