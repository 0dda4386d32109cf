using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Faults;
using Xunit;
using static BizTalkDR.Lab.Tests.Store.StoreFixture;

namespace BizTalkDR.Lab.Tests.Store;

/// <summary>Numbers and texts: pages MSSQLSERVER_9002, MSSQLSERVER_1105 and "Database engine errors" of Microsoft's documentation.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly StoreFixture _lab = new();
    private readonly LimitedDisk _disk = new();
    private readonly LabInstance _instance;

    public FullDiskTests()
    {
        _instance = _lab.Create();
        _instance.Storage.Disk = _disk;
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_log_that_cannot_grow_refuses_changes_with_9002_and_goes_on_when_there_is_room()
    {
        LabDatabase database = Database("Logs");
        _instance.SetRecoveryModel(database, RecoveryModel.Full);
        database.Restore.FullBackedUp(database.Log.EndLsn, Guid.NewGuid());
        _disk.Left = 0;
        int acknowledged = 0;
        LabSqlException full = Assert.Throws<LabSqlException>(() =>
        {
            for (; acknowledged < 1000; acknowledged++)
            {
                Insert(database, acknowledged + 1);
            }
        });
        Assert.Equal((9002, 17), (full.Number, full.Error.Class));
        Assert.Contains("'Logs' is full due to 'LOG_BACKUP'", full.Message, StringComparison.Ordinal);
        Assert.InRange(acknowledged, 5, 500);
        Assert.True(_disk.Refusals > 0);
        Assert.Equal(DatabaseState.Online, database.State);
        Assert.Equal(acknowledged, Count(database));

        _disk.Left = long.MaxValue;
        Insert(database, ++acknowledged);
        Assert.Equal(acknowledged, Count(_lab.Kill(_instance).Find("Logs")!));
    }

    [Fact]
    public void A_data_file_that_cannot_grow_refuses_changes_with_1105_keeps_what_was_committed_and_goes_on_when_there_is_room()
    {
        LabDatabase database = Database("Pages");
        for (int id = 1; id <= 40; id++)
        {
            Insert(database, id);
        }

        _disk.Left = 0;
        Assert.Equal(1105, Assert.Throws<LabSqlException>(database.Checkpoint).Number);
        LabSqlException full = Assert.Throws<LabSqlException>(() => Insert(database, 41));
        Assert.Equal((1105, 17), (full.Number, full.Error.Class));
        Assert.Contains("'dbo.T' in database 'Pages'", full.Message, StringComparison.Ordinal);
        Assert.Equal(40, Count(database));
        Assert.Equal(40, Count(_lab.Kill(_instance).Find("Pages")!));

        _disk.Left = long.MaxValue;
        Insert(database, 41);
        database.Checkpoint();
        Assert.Equal(41, Count(_lab.Kill(_instance).Find("Pages")!));
    }

    [Fact]
    public void A_transaction_over_two_databases_is_refused_before_anybody_is_prepared_when_its_decision_has_no_room()
    {
        LabDatabase one = Database("One");
        LabDatabase two = Database("Two");
        _disk.Left = 0;
        LabTransaction transaction = _instance.Begin();
        one.FindTable("dbo", "T")!.Insert(transaction, Row(1, "x"));
        two.FindTable("dbo", "T")!.Insert(transaction, Row(1, "x"));
        Assert.Equal(9002, Assert.Throws<LabSqlException>(() => _instance.Commit(transaction)).Number);
        Assert.Equal(TransactionState.Aborted, transaction.State);
        _disk.Left = long.MaxValue;
        In(_instance, t =>
        {
            one.FindTable("dbo", "T")!.Insert(t, Row(2, "y"));
            two.FindTable("dbo", "T")!.Insert(t, Row(2, "y"));
        });
        LabInstance again = _lab.Kill(_instance);
        Assert.Equal(["2=y"], Content(again.Find("One")!));
        Assert.Equal(["2=y"], Content(again.Find("Two")!));
    }

    [Fact]
    public void A_database_that_cannot_be_created_leaves_nothing_and_the_instance_lives()
    {
        _disk.Left = 0;
        Assert.Equal(5123, Assert.Throws<LabSqlException>(() => _instance.CreateDatabase("None", "sa")).Number);
        _disk.Left = long.MaxValue;
        _disk.IsReadOnly = true;
        LabSqlException denied = Assert.Throws<LabSqlException>(() => _instance.CreateDatabase("None", "sa"));
        Assert.Contains("5(Access is denied.)", denied.Message, StringComparison.Ordinal);
        _disk.IsReadOnly = false;
        Assert.Null(_instance.Find("None"));
        _lab.CreateDatabase(_instance, "None", 1);
        Assert.Equal(["1=v1"], Content(_lab.Kill(_instance).Find("None")!));
    }

    [Fact]
    public void A_backup_the_disk_has_no_room_for_ends_with_3202_and_the_next_one_succeeds()
    {
        LabDatabase database = Database("Saved");
        Insert(database, 1);
        database.Checkpoint();
        BackupEngine engine = new(_instance);
        string path = System.IO.Path.Combine(_instance.BackupFolder, "saved.bak");
        BackupRequest request = new() { Database = "Saved", Disks = [path], Init = true };
        _disk.Left = 32_768;
        Messages messages = new();
        Assert.Equal(3013, Assert.Throws<LabSqlException>(() => engine.Backup(request, messages, default)).Number);
        Assert.Contains(messages.Numbers, n => n is 3202 or 1105);
        Assert.True(_disk.Refusals > 0);
        _disk.Left = long.MaxValue;
        engine.Backup(request, messages, default);
        Assert.Equal(1, Count(database));
    }

    private LabDatabase Database(string name)
    {
        LabDatabase database = _instance.CreateDatabase(name, "sa");
        In(_instance, t => database.CreateTable(t, Table()));
        return database;
    }

    private static TableDef Table()
    {
        TableDef table = Pairs();
        table.Columns[1].Type = SqlType.NVarChar(4000);
        return table;
    }

    private void Insert(LabDatabase database, int id) =>
        In(_instance, t =>
        {
            try
            {
                database.FindTable("dbo", "T")!.Insert(t, Row(id, new string('x', 4000)));
            }
            catch
            {
                _instance.Rollback(t);
                throw;
            }
        });

    private static int Count(LabDatabase database) => database.FindTable("dbo", "T")!.Scan(null).Count();

    private sealed class Messages : IMessageSink
    {
        public System.Collections.Generic.List<int> Numbers { get; } = [];

        public void Message(SqlMessage message) => Numbers.Add(message.Number);
    }
}
