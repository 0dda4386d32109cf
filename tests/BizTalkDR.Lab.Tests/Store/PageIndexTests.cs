using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tests.Backup;
using BizTalkDR.Lab.Tests.Interp;
using Xunit;

namespace BizTalkDR.Lab.Tests.Store;

/// <summary>The file that spares a start the reading of all pages: it is right, or it is not used.</summary>
public sealed class PageIndexTests : IDisposable
{
    private readonly InterpLab _lab = new();

    public PageIndexTests()
    {
        _lab.Do("CREATE DATABASE work");
        _lab.Do("CREATE TABLE work.dbo.good (a int); CREATE TABLE work.dbo.big (a int NOT NULL PRIMARY KEY, t nvarchar(max)); CREATE TABLE work.dbo.heap (a int, t nvarchar(4000)); INSERT work.dbo.good VALUES (1)");
    }

    private static string IndexOf(LabDatabase database) => PageIndex.PathOf(database.Files[0].PhysicalName);

    private LabDatabase Work => _lab.Instance.Find("work")!;

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_start_with_the_index_knows_what_a_start_without_it_reads_from_the_pages(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 6; round++)
        {
            Change(random, 60);
            if (random.Next(3) > 0)
                _lab.Do("USE work; CHECKPOINT; USE master");
            if (random.Next(3) == 0)
                _lab.Do($"BACKUP DATABASE work TO DISK = N'{Path.Combine(_lab.Folder, "w.bak")}' WITH INIT; RESTORE DATABASE work FROM DISK = N'{Path.Combine(_lab.Folder, "w.bak")}' WITH REPLACE");
            string rows = Rows();
            _lab.Restart();
            string with = Pages();
            Assert.Equal(rows, Rows());
            string index = IndexOf(Work);
            _lab.Restart(() => File.Delete(index));
            Assert.Equal(with, Pages());
            Assert.Equal(rows, Rows());
            Assert.True(File.Exists(index), "The index was not made anew.");
        }

        Assert.DoesNotContain(_lab.Run("DBCC CHECKDB(N'work') WITH NO_INFOMSGS").Messages, m => m.IsError);
    }

    [Fact]
    public void An_index_that_is_old_or_damaged_is_not_believed()
    {
        Random random = new(7);
        Change(random, 40);
        _lab.Do("USE work; CHECKPOINT; USE master");
        string index = IndexOf(Work);
        byte[] old = [];
        _lab.Restart(() => old = File.ReadAllBytes(index));
        for (int round = 0; round < 30; round++)
        {
            Change(random, 10);
            string rows = Rows();
            _lab.Restart(() =>
            {
                byte[] content = File.ReadAllBytes(index);
                switch (round % 3)
                {
                    case 0:
                        content = old;
                        break;
                    case 1:
                        content[random.Next(content.Length)] ^= (byte)(1 << random.Next(8));
                        break;
                    default:
                        content = content[..random.Next(content.Length)];
                        break;
                }

                File.WriteAllBytes(index, content);
            });
            Assert.Equal(rows, Rows());
        }

        Assert.DoesNotContain(_lab.Run("DBCC CHECKDB(N'work') WITH NO_INFOMSGS").Messages, m => m.IsError);
    }

    [Fact]
    public void A_start_does_not_read_the_pages_of_tables()
    {
        Change(new Random(1), 20);
        _lab.Do("USE work; CHECKPOINT; USE master");
        string data = Work.Files[0].PhysicalName;
        int page = Work.FindTable("dbo", "heap")!.Rows.From(0).Select(r => r.Page).First(p => p != 0);
        _lab.Restart(() => StopPointTests.Damage(data, page));
        Assert.Equal(0, _lab.Scalar("SELECT COUNT(*) FROM msdb.dbo.suspect_pages"));
        string index = IndexOf(Work);
        _lab.Restart(() => File.Delete(index));
        Assert.Equal(1, _lab.Scalar("SELECT COUNT(*) FROM msdb.dbo.suspect_pages"));
        Assert.False(File.Exists(index), "An index was made of pages that cannot be read.");
    }

    [Fact]
    public void A_row_that_would_go_on_a_damaged_page_goes_elsewhere_and_its_table_is_not_used()
    {
        _lab.Do("INSERT work.dbo.heap VALUES (1, N'one'); USE work; CHECKPOINT; USE master");
        string data = Work.Files[0].PhysicalName;
        int page = Work.FindTable("dbo", "heap")!.Rows.From(0).Select(r => r.Page).Single();
        _lab.Restart(() => StopPointTests.Damage(data, page));
        _lab.Do("INSERT work.dbo.heap VALUES (2, N'two'); USE work; CHECKPOINT; USE master");
        Assert.Equal([824], _lab.Run("SELECT a FROM work.dbo.heap").ErrorNumbers);
        Assert.Equal([824], _lab.Run("INSERT work.dbo.heap VALUES (3, N'three')").ErrorNumbers);
        Assert.Equal(1, _lab.Scalar("SELECT a FROM work.dbo.good"));

        // The same byte turned over again: the page is as it was, and nothing that was committed is gone.
        _lab.Restart(() => StopPointTests.Damage(data, page));
        Assert.Equal("1\n2", _lab.Do("SELECT a FROM work.dbo.heap ORDER BY a").Text());
    }

    [Fact]
    public void An_index_of_many_checkpoints_is_written_anew_and_says_the_same()
    {
        string path = Path.Combine(_lab.Folder, "x.index");
        LabStorage storage = new();
        using (PageIndex index = PageIndex.Create(storage, path))
        {
            for (ulong stamp = 1; stamp <= 400; stamp++)
            {
                PageEntryWriter entries = new();
                for (int number = 100; number < 200; number++)
                    entries.Add(number, Page(number, (int)stamp));
                entries.AddFreed(100 + (int)(stamp % 100));
                index.Add(stamp, entries);
            }

            index.Add(401, new PageEntryWriter());
            index.TakeBack();
            index.Add(402, new PageEntryWriter());
        }

        Assert.InRange(new FileInfo(path).Length, 1, 40 << 20);
        using PageIndex again = PageIndex.Open(storage, path);
        PageEntries? found = again.Read(402);
        Assert.NotNull(found);
        Assert.Equal(99, found.Count);
        List<long> ids = [];
        Assert.Null(found.Find(100, ids));
        Assert.Equal(7, found.Find(150, ids)!.Value.ObjectId);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (400L * 5000) + (2 * i)), ids);
        using PageIndex other = PageIndex.Open(storage, path);
        Assert.Null(other.Read(401));
        Assert.False(File.Exists(path), "An index that is not believed was left behind.");
    }

    /// <summary>A page of rows without values: two bytes of length and three of the id each.</summary>
    private static byte[] Page(int number, int stamp)
    {
        PageImage page = PageImage.New(number, 7);
        System.Buffers.ArrayBufferWriter<byte> row = new();
        for (int i = 0; i < 1000; i++)
        {
            row.ResetWrittenCount();
            RowCodec.WriteNumber(row, (ulong)((stamp * 5000L) + (2 * i)));
            page.Add([(byte)row.WrittenCount, 0, .. row.WrittenSpan]);
        }

        return page.Seal();
    }

    private void Change(Random random, int changes)
    {
        for (int i = 0; i < changes; i++)
        {
            int key = random.Next(40);
            int length = random.Next(5) == 0 ? random.Next(30_000) : random.Next(600);
            _lab.Do(random.Next(6) switch
            {
                0 => $"DELETE work.dbo.big WHERE a = {key}",
                1 => $"UPDATE work.dbo.big SET t = REPLICATE(CONVERT(nvarchar(max), N'u'), {length}) WHERE a = {key}",
                2 => $"INSERT work.dbo.heap VALUES ({key}, REPLICATE(N'h', {length % 4000}))",
                3 => $"DELETE work.dbo.heap WHERE a = {key}",
                4 when i % 20 == 0 => "DROP TABLE work.dbo.heap; CREATE TABLE work.dbo.heap (a int, t nvarchar(4000))",
                _ => $"IF NOT EXISTS (SELECT 1 FROM work.dbo.big WHERE a = {key}) INSERT work.dbo.big VALUES ({key}, REPLICATE(CONVERT(nvarchar(max), N'i'), {length}))",
            });
        }
    }

    private string Rows() => _lab.Do("SELECT a, LEN(t), LEFT(t, 1) FROM work.dbo.big ORDER BY a").Text() + "\n\n" + _lab.Do("SELECT a, LEN(t), LEFT(t, 1) FROM work.dbo.heap ORDER BY a, LEN(t)").Text();

    /// <summary>All the store knows of its pages: rows by page, owners, and the checkpoints that wrote them.</summary>
    private string Pages()
    {
        LabDatabase database = Work;
        IEnumerable<string> rows = database.Tables.OrderBy(t => t.Def.ObjectId).Select(t => $"{t.Def.Name}: {string.Join(' ', t.Rows.From(0).Select(r => $"{r.Id}@{r.Page}"))}");
        IEnumerable<string> owners = database.Store.Owners().OrderBy(o => o.Key).Select(o => $"{o.Key}={o.Value}");
        return string.Join('\n', rows) + "\n" + string.Join(' ', owners) + "\n" + string.Join(' ', database.Store.Space.ChangedSince(Lsn.Zero));
    }
}
