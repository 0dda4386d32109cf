using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Xunit;
using static BizTalkDR.Lab.Tests.Store.StoreFixture;

namespace BizTalkDR.Lab.Tests.Store;

public sealed class RowTests : IDisposable
{
    private readonly StoreFixture _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Keeps_committed_changes_and_forgets_rolled_back_ones()
    {
        LabInstance instance = _lab.Create();
        LabDatabase database = _lab.CreateDatabase(instance, "Db", 1, 2, 3);
        LabTable table = database.FindTable("DBO", "t")!;
        In(instance, t =>
        {
            Assert.True(table.Update(t, 1, Row(1, "new")));
            Assert.True(table.Delete(t, 2));
            Assert.False(table.Delete(t, 2));
        });
        LabTransaction undone = instance.Begin();
        table.Delete(undone, 1);
        table.Update(undone, 3, Row(30, "moved"));
        table.Insert(undone, Row(2, "again"));
        table.Insert(undone, Row(4, "four"));
        Assert.Equal(["2=again", "30=moved", "4=four"], table.Scan(undone).Select(r => $"{r.Values[0]}={r.Values[1]}").Order(StringComparer.Ordinal));
        instance.Rollback(undone);
        Assert.Equal(["1=new", "3=v3"], Content(database));
        Assert.Equal(2, table.RowCount);
        Assert.Equal("v3", table.Seek(null, ["Id"], [3])!.Single().Values[1]);
        Assert.Empty(table.Seek(null, ["Id"], [30])!);
    }

    [Fact]
    public void Rolls_back_to_a_savepoint_and_commits_only_the_rest()
    {
        LabInstance instance = _lab.Create();
        LabDatabase database = _lab.CreateDatabase(instance, "Db", 1, 2);
        LabTable table = database.FindTable("dbo", "T")!;
        In(instance, t =>
        {
            table.Update(t, 1, Row(1, "first"));
            object savepoint = t.CreateSavepoint();
            table.Update(t, 1, Row(1, "second"));
            table.Insert(t, Row(9, "gone"));
            table.Delete(t, 2);
            t.RollbackTo(savepoint);
            table.Insert(t, Row(5, "stays"));
        });
        Assert.Equal(["1=first", "2=v2", "5=stays"], Content(database));
        Assert.Equal(["1=first", "2=v2", "5=stays"], Content(_lab.Kill(instance).Find("Db")!));
        Assert.Equal(["1=first", "2=v2", "5=stays"], Content(_lab.Reopen(instance).Find("Db")!));
    }

    [Fact]
    public void Finds_everything_committed_after_a_kill_with_and_without_a_checkpoint()
    {
        LabInstance instance = _lab.Create();
        LabDatabase database = _lab.CreateDatabase(instance, "Db", 1, 2, 3);
        LabTable table = database.FindTable("dbo", "T")!;
        LabTransaction open = instance.Begin();
        table.Delete(open, 3);
        database.Checkpoint();
        Assert.Equal(["1=v1", "2=v2", "3=v3"], Content(_lab.Kill(instance).Find("Db")!));
        In(instance, t => table.Update(t, 1, Row(1, "after")));
        Assert.Equal(["1=after", "2=v2", "3=v3"], Content(_lab.Kill(instance).Find("Db")!));
        instance.Commit(open);
        LabInstance killed = _lab.Kill(instance);
        Assert.Equal(["1=after", "2=v2"], Content(killed.Find("Db")!));
        killed.Find("Db")!.Checkpoint();
        Assert.Equal(["1=after", "2=v2"], Content(_lab.Kill(killed).Find("Db")!));
    }

    [Fact]
    public void Stores_every_kind_of_value_and_rows_longer_than_a_page()
    {
        LabInstance instance = _lab.Create();
        LabDatabase database = instance.CreateDatabase("Db", "sa");
        object?[] values =
        [
            true, (byte)7, (short)-8, -9, long.MinValue, 1.10m, 2.5f, double.MaxValue, new DateTime(2024, 1, 31, 10, 15, 0, 123), new TimeSpan(1, 2, 3),
            new DateTimeOffset(2024, 1, 31, 10, 0, 0, TimeSpan.FromHours(-5)), "grün\ud800 ", new byte[100_000], Guid.NewGuid(),
            new SqlVariant(SqlType.Int, 5), null, new string('x', 9000),
        ];
        SqlType[] types =
        [
            SqlType.Bit, SqlType.TinyInt, SqlType.SmallInt, SqlType.Int, SqlType.BigInt, SqlType.Decimal(10, 2), SqlType.Real, SqlType.Float, SqlType.DateTime,
            new(SqlKind.Time), new(SqlKind.DateTimeOffset), SqlType.NVarCharMax, SqlType.VarBinaryMax, SqlType.UniqueIdentifier, SqlType.Variant, SqlType.Int, SqlType.NVarCharMax,
        ];
        new Random(1).NextBytes((byte[])values[12]!);
        TableDef wide = new() { Name = "Wide", Columns = [.. types.Select((t, i) => new ColumnDef { Name = "C" + i, Type = t })] };
        In(instance, t => database.CreateTable(t, wide).Insert(t, [.. values]));
        foreach (LabInstance reopened in (LabInstance[])[_lab.Kill(instance), _lab.Reopen(instance)])
        {
            Assert.Equal(values, reopened.Find("Db")!.FindTable("dbo", "Wide")!.Scan(null).Single().Values);
        }
    }

    [Fact]
    public void Rewrites_only_what_changed_and_survives_growing_and_shrinking_rows()
    {
        LabInstance instance = _lab.Create();
        LabDatabase database = _lab.CreateDatabase(instance, "Db");
        LabTable table = database.FindTable("dbo", "T")!;
        Random random = new(7);
        for (int round = 0; round < 30; round++)
        {
            In(instance, t =>
            {
                for (int i = 0; i < 40; i++)
                {
                    int id = random.Next(300);
                    LabRow? row = table.Seek(t, ["Id"], [id])!.Select(r => (LabRow?)r).FirstOrDefault();
                    string value = new((char)('a' + random.Next(26)), random.Next(10) == 0 ? random.Next(20_000) : random.Next(200));
                    if (row is null)
                    {
                        table.Insert(t, Row(id, value));
                    }
                    else if (random.Next(3) == 0)
                    {
                        table.Delete(t, row.Value.RowId);
                    }
                    else
                    {
                        table.Update(t, row.Value.RowId, Row(id, value));
                    }
                }
            });
            if (round % 4 == 3)
            {
                database.Checkpoint();
            }
        }

        string[] expected = Content(database);
        Assert.Equal(expected, Content(_lab.Kill(instance).Find("Db")!));
        Assert.Equal(expected, Content(_lab.Reopen(instance).Find("Db")!));
    }

    [Fact]
    public void Finds_the_content_when_the_kill_tore_the_pages_of_a_checkpoint()
    {
        LabInstance instance = _lab.Create();
        LabDatabase database = _lab.CreateDatabase(instance, "Db", 1, 2);
        string folder = _lab.Copy(instance.Options.Folder);
        In(instance, t => database.FindTable("dbo", "T")!.Insert(t, Row(3, "v3")));
        database.Checkpoint();
        string torn = _lab.Copy(instance.Options.Folder);
        byte[] before = System.IO.File.ReadAllBytes(System.IO.Path.Combine(folder, "data", "Db.mdf"));
        System.IO.File.WriteAllBytes(System.IO.Path.Combine(torn, "data", "Db.mdf"), before[..^100]);
        Relocate(torn, instance.Options.Folder);
        Assert.Equal(["1=v1", "2=v2", "3=v3"], Content(_lab.OpenCopy(torn).Find("Db")!));
    }
}
