using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Xunit;
using static BizTalkDR.Lab.Tests.Store.StoreFixture;

namespace BizTalkDR.Lab.Tests.Store;

public sealed class LockTests : IDisposable
{
    private readonly StoreFixture _lab = new();
    private readonly LabInstance _instance;
    private readonly LabDatabase _database;
    private readonly LabTable _table;

    public LockTests()
    {
        _instance = _lab.Create();
        _database = _lab.CreateDatabase(_instance, "Db", 1, 2, 3);
        _table = _database.FindTable("dbo", "T")!;
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_reader_waits_for_a_writer_and_sees_what_it_committed()
    {
        LabTransaction writer = _instance.Begin();
        _table.Update(writer, 2, Row(2, "new"));
        Assert.Equal("new", _table.Scan(null, ReadMode.Uncommitted).ElementAt(1).Values[1]);
        Assert.Equal([1, 3], _table.Scan(null, ReadMode.SkipLocked).Select(r => (int)r.Values[0]!));
        Task<string[]> reader = Task.Run(() => Content(_database));
        Assert.False(reader.Wait(100));
        _instance.Commit(writer);
        Assert.Equal(["1=v1", "2=new", "3=v3"], reader.Result);
    }

    [Fact]
    public void A_lock_without_a_change_stops_writers_and_not_readers()
    {
        LabTransaction holder = _instance.Begin();
        Assert.Equal("v1", _table.LockRow(holder, 1)!.Value.Values[1]);
        Assert.Single(_table.Seek(holder, ["Id"], [2], ReadMode.Update)!);
        Assert.Equal(3, Content(_database).Length);
        LabTransaction other = _instance.Begin();
        other.LockTimeout = TimeSpan.Zero;
        Assert.Equal(1222, Assert.Throws<LabSqlException>(() => _table.Delete(other, 2)).Number);
        Assert.True(_table.Delete(other, 3));
        _instance.Rollback(holder);
        Assert.True(_table.Delete(other, 2));
        _instance.Rollback(other);
    }

    [Fact]
    public void Two_that_wait_for_each_other_are_a_deadlock_and_the_second_is_told()
    {
        LabTransaction one = _instance.Begin();
        LabTransaction two = _instance.Begin();
        _table.Update(one, 1, Row(1, "one"));
        _table.Update(two, 2, Row(2, "two"));
        Task waiting = Task.Run(() => _table.Update(one, 2, Row(2, "one")));
        SpinWait.SpinUntil(() => one.WaitingFor == two);
        LabSqlException error = Assert.Throws<LabSqlException>(() => _table.Update(two, 1, Row(1, "two")));
        Assert.Equal((1205, 13, 51), (error.Number, error.Error.Class, error.Error.State));
        _instance.Rollback(two);
        waiting.Wait();
        _instance.Commit(one);
        Assert.Equal(["1=one", "2=one", "3=v3"], Content(_database));
    }

    [Fact]
    public void A_wait_ends_by_time_and_by_cancellation()
    {
        LabTransaction holder = _instance.Begin();
        _table.Delete(holder, 1);
        LabTransaction impatient = _instance.Begin();
        impatient.LockTimeout = TimeSpan.FromMilliseconds(20);
        Assert.Equal(1222, Assert.Throws<LabSqlException>(() => _table.Scan(impatient).Count()).Number);
        using CancellationTokenSource source = new(20);
        LabTransaction cancelled = _instance.Begin();
        cancelled.Cancellation = source.Token;
        Assert.Throws<OperationCanceledException>(() => _table.Scan(cancelled).Count());
        _instance.Rollback(holder);
    }

    [Fact]
    public void Refuses_duplicates_with_the_documented_numbers()
    {
        LabTransaction t = _instance.Begin();
        Assert.Equal(
            "Violation of PRIMARY KEY constraint 'PK_T'. Cannot insert duplicate key in object 'dbo.T'. The duplicate key value is (1).",
            Assert.Throws<LabSqlException>(() => _table.Insert(t, Row(1, "x"))).Message);
        TableDef named = Pairs("N");
        named.Indexes = [new IndexDef { Name = "IX_N", IsUnique = true, Columns = [("Value", false)] }];
        LabTable texts = _database.CreateTable(t, named);
        texts.Insert(t, Row(1, "Abc"));
        texts.Insert(t, Row(2, null));
        LabSqlException error = Assert.Throws<LabSqlException>(() => texts.Insert(t, Row(3, "aBC  ")));
        Assert.Equal((2601, 14), (error.Number, error.Error.Class));
        Assert.Equal("Cannot insert duplicate key row in object 'dbo.N' with unique index 'IX_N'. The duplicate key value is (aBC  ).", error.Message);
        Assert.Equal(2601, Assert.Throws<LabSqlException>(() => texts.Insert(t, Row(4, null))).Number);
        Assert.Equal(2601, Assert.Throws<LabSqlException>(() => texts.Update(t, 2, Row(2, "ABC"))).Number);
        Assert.Equal(
            "Cannot insert the value NULL into column 'Id', table 'Db.dbo.N'; column does not allow nulls. UPDATE fails.",
            Assert.Throws<LabSqlException>(() => texts.Update(t, 2, [null, "x"])).Message);
        _instance.Rollback(t);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_another_transaction_has_inserted_is_free_only_when_that_is_rolled_back(bool commits)
    {
        LabTransaction first = _instance.Begin();
        _table.Insert(first, Row(9, "first"));
        LabTransaction second = _instance.Begin();
        Task<long> insert = Task.Run(() => _table.Insert(second, Row(9, "second")));
        SpinWait.SpinUntil(() => second.WaitingFor == first);
        if (commits)
        {
            _instance.Commit(first);
            Assert.Equal(2627, Assert.Throws<LabSqlException>(() => insert.GetAwaiter().GetResult()).Number);
            _instance.Rollback(second);
        }
        else
        {
            _instance.Rollback(first);
            insert.Wait();
            _instance.Commit(second);
        }

        Assert.Equal(commits ? "9=first" : "9=second", Content(_database)[^1]);
    }

    [Fact]
    public void A_deleted_key_stays_taken_until_the_delete_is_committed()
    {
        LabTransaction first = _instance.Begin();
        _table.Delete(first, 1);
        LabTransaction second = _instance.Begin();
        Task<long> insert = Task.Run(() => _table.Insert(second, Row(1, "second")));
        SpinWait.SpinUntil(() => second.WaitingFor == first);
        _table.Insert(first, Row(1, "back"));
        _instance.Commit(first);
        Assert.Equal(2627, Assert.Throws<LabSqlException>(() => insert.GetAwaiter().GetResult()).Number);
        _instance.Rollback(second);
        Assert.Equal(["1=back", "2=v2", "3=v3"], Content(_database));
    }

    [Fact]
    public void One_statement_may_move_keys_from_row_to_row()
    {
        In(_instance, t => Assert.Equal(3, _table.UpdateAll(t, [.. _table.Scan(t, ReadMode.Update).Select(r => new LabRow(r.RowId, Row((int)r.Values[0]! + 1, (string?)r.Values[1])))])));
        Assert.Equal(["2=v1", "3=v2", "4=v3"], Content(_database));
        LabTransaction t = _instance.Begin();
        Assert.Equal(2627, Assert.Throws<LabSqlException>(() => _table.UpdateAll(t, [new LabRow(1, Row(7, "a")), new LabRow(2, Row(4, "b"))])).Number);
        _instance.Commit(t);
        Assert.Equal(["2=v1", "3=v2", "4=v3"], Content(_database));
        Assert.Equal(["2=v1", "3=v2", "4=v3"], Content(_lab.Kill(_instance).Find("Db")!));
    }

    [Fact]
    public void Seeks_by_a_full_key_by_its_leading_columns_and_not_otherwise()
    {
        TableDef wide = new()
        {
            Name = "W",
            Columns = [new ColumnDef { Name = "A", Type = SqlType.Int }, new ColumnDef { Name = "B", Type = SqlType.NVarChar(9) }, new ColumnDef { Name = "C", Type = SqlType.Int }],
            Indexes = [new IndexDef { Name = "IX", Columns = [("A", false), ("B", false)] }],
        };
        In(_instance, t =>
        {
            LabTable table = _database.CreateTable(t, wide);
            for (int i = 0; i < 20; i++)
            {
                table.Insert(t, [i % 4, "k" + (i % 2), i]);
            }

            Assert.Equal([1, 5, 9, 13, 17], table.Seek(t, ["b", "a"], ["K1 ", (byte)1])!.Select(r => (int)r.Values[2]!));
            Assert.Equal([2, 6, 10, 14, 18], table.Seek(t, ["A"], [2L])!.Select(r => (int)r.Values[2]!));
            Assert.Equal([6], table.Seek(t, ["A", "B", "C"], [2, "k0", 6])!.Select(r => (int)r.Values[2]!));
            table.Update(t, 3, [2, "k0", 2]);
            Assert.Empty(table.Seek(t, ["A"], [null])!);
            Assert.Null(table.Seek(t, ["B"], ["k1"]));
            Assert.Null(table.Seek(t, ["A"], ["2"]));
        });
    }

    [Fact]
    public void Many_writers_at_once_lose_nothing()
    {
        In(_instance, t => _table.Update(t, 1, Row(1, "0")));
        Parallel.For(0, 4, worker =>
        {
            for (int i = 0; i < 50; i++)
            {
                In(_instance, t =>
                {
                    LabRow row = _table.Seek(t, ["Id"], [1], ReadMode.Update)!.Single();
                    _table.Update(t, row.RowId, Row(1, (int.Parse((string)row.Values[1]!, System.Globalization.CultureInfo.InvariantCulture) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)));
                    _table.Insert(t, Row(1000 + (worker * 100) + i, "x"));
                });
            }
        });
        Assert.Contains("1=200", Content(_database));
        Assert.Equal(Content(_database), Content(_lab.Kill(_instance).Find("Db")!));
        Assert.Equal(203, _table.RowCount);
    }
}
