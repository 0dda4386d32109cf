using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Xunit;
using static BizTalkDR.Lab.Tests.Store.StoreFixture;

namespace BizTalkDR.Lab.Tests.Store;

public sealed class CatalogueTests : IDisposable
{
    private readonly StoreFixture _lab = new();
    private readonly LabInstance _instance;

    public CatalogueTests() => _instance = _lab.Create();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Takes_definitions_back_with_the_transaction()
    {
        LabDatabase database = _lab.CreateDatabase(_instance, "Db", 1, 2);
        LabTransaction t = _instance.Begin();
        database.CreateTable(t, Pairs("New")).Insert(t, Row(1, "x"));
        database.CreateSchema(t, "extra");
        database.PutModule(t, new ModuleDef { Name = "P", Kind = ModuleKind.Procedure, Text = "CREATE PROCEDURE P AS" });
        TableDef wider = Pairs();
        wider.ObjectId = database.FindTable("dbo", "T")!.Def.ObjectId;
        wider.Columns.Add(new ColumnDef { Name = "Extra", Type = SqlType.Int });
        wider.Indexes.Add(new IndexDef { Name = "IX_Extra", IsUnique = true, Columns = [("Extra", false)] });
        database.AlterTable(t, wider, v => [.. v, (int)v[0]! * 10]);
        Assert.Equal(20, database.FindTable("dbo", "T")!.Seek(t, ["Extra"], [20])!.Single().Values[2]);
        database.DropTable(t, database.FindTable("dbo", "T")!);
        Assert.Null(database.FindTable("dbo", "T"));
        _instance.Rollback(t);
        Assert.Equal(["1=v1", "2=v2"], Content(database));
        Assert.Equal(2, database.FindTable("dbo", "T")!.Def.Columns.Count);
        Assert.Equal("v2", database.FindTable("dbo", "T")!.Seek(null, ["Id"], [2])!.Single().Values[1]);
        Assert.Null(database.FindTable("dbo", "New"));
        Assert.Null(database.FindModule("dbo", "P"));
        Assert.Equal(["dbo"], database.Schemas);
        Assert.Equal(["1=v1", "2=v2"], Content(_lab.Kill(_instance).Find("Db")!));
    }

    [Fact]
    public void Keeps_definitions_over_a_kill_and_a_restart()
    {
        LabDatabase database = _lab.CreateDatabase(_instance, "Db", 1, 2);
        _lab.CreateDatabase(_instance, "Other");
        In(_instance, t =>
        {
            TableDef table = Pairs();
            table.ObjectId = database.FindTable("dbo", "T")!.Def.ObjectId;
            table.Name = "Renamed";
            table.Columns.Add(new ColumnDef { Name = "Extra", Type = SqlType.Decimal(9, 2), DefaultName = "DF", DefaultText = "((1))" });
            table.Checks.Add(new CheckDef { Name = "CK", Text = "Id > 0" });
            table.ForeignKeys.Add(new ForeignKeyDef { Name = "FK", Columns = ["Id"], ReferencedSchema = "dbo", ReferencedTable = "X", ReferencedColumns = ["Y"] });
            database.AlterTable(t, table, v => [.. v, 1.5m]);
            database.CreateSchema(t, "s");
            database.PutModule(t, new ModuleDef { Schema = "s", Name = "P", Kind = ModuleKind.Procedure, Text = "text 1" });
            database.PutModule(t, new ModuleDef { Schema = "s", Name = "P", Kind = ModuleKind.Procedure, Text = "text 2", ObjectId = database.FindModule("s", "P")!.ObjectId });
            database.PutModule(t, new ModuleDef { Schema = "s", Name = "Gone", Kind = ModuleKind.View, Text = "x" });
            database.DropModule(t, database.FindModule("s", "Gone")!);
            database.DropTable(t, database.CreateTable(t, Pairs("Short")));
        });
        foreach (LabInstance other in (LabInstance[])[_lab.Kill(_instance), _lab.Reopen(_instance)])
        {
            LabDatabase found = other.Find("db")!;
            LabTable table = found.FindTable("dbo", "renamed")!;
            Assert.Equal(["1", "2"], table.Scan(null).Select(r => r.Values[0]!.ToString()));
            Assert.Equal(1.5m, table.Scan(null).First().Values[2]);
            Assert.Equal(("((1))", 3, "CK", "Y"), (table.Def.Columns[2].DefaultText, table.Def.Columns[2].ColumnId, table.Def.Checks[0].Name, table.Def.ForeignKeys[0].ReferencedColumns[0]));
            Assert.Equal("text 2", found.FindModule("S", "p")!.Text);
            Assert.Equal(["dbo", "s"], found.Schemas);
            Assert.Single(found.Tables);
            Assert.Single(found.Modules);
            Assert.NotEqual(table.Def.ObjectId, found.NewObjectId());
            Assert.NotNull(other.Find("Other")!.FindTable("dbo", "T"));
        }
    }

    [Fact]
    public void Others_wait_for_a_table_that_is_being_changed()
    {
        LabDatabase database = _lab.CreateDatabase(_instance, "Db", 1);
        LabTable table = database.FindTable("dbo", "T")!;
        LabTransaction writer = _instance.Begin();
        table.Insert(writer, Row(5, "w"));
        LabTransaction changer = _instance.Begin();
        Task drop = Task.Run(() => database.DropTable(changer, table));
        SpinWait.SpinUntil(() => changer.WaitingFor == writer);
        _instance.Commit(writer);
        drop.Wait();
        LabTransaction reader = _instance.Begin();
        Task<int> read = Task.Run(() => table.Scan(reader).Count());
        SpinWait.SpinUntil(() => reader.WaitingFor == changer);
        _instance.Rollback(changer);
        Assert.Equal(2, read.Result);
        In(_instance, t => database.DropTable(t, table));
        Assert.Equal(208, Assert.Throws<LabSqlException>(() => table.Scan(null).Count()).Number);
    }

    [Fact]
    public void Refuses_a_unique_index_over_duplicates_and_a_taken_name()
    {
        LabDatabase database = _lab.CreateDatabase(_instance, "Db", 1, 2);
        LabTable table = database.FindTable("dbo", "T")!;
        In(_instance, t => table.Update(t, 2, Row(2, "V1")));
        TableDef unique = Pairs();
        unique.ObjectId = table.Def.ObjectId;
        unique.Indexes.Add(new IndexDef { Name = "UX", IsUnique = true, Columns = [("Value", false)] });
        LabTransaction t = _instance.Begin();
        Assert.Equal(1505, Assert.Throws<LabSqlException>(() => database.AlterTable(t, unique)).Number);
        Assert.Equal(2714, Assert.Throws<LabSqlException>(() => database.CreateTable(t, Pairs("t"))).Number);
        table.Insert(t, Row(3, "v1"));
        _instance.Commit(t);
        Assert.Single(table.Def.Indexes);
        Assert.Equal(3, Content(database).Length);
    }

    [Fact]
    public void Identity_goes_on_behind_the_last_value_after_a_kill()
    {
        LabDatabase database = _instance.CreateDatabase("Db", "sa");
        TableDef counted = Pairs();
        counted.Columns[0].IsIdentity = true;
        counted.Columns[0].IdentitySeed = 10;
        counted.Columns[0].IdentityIncrement = 5;
        LabTable table = null!;
        In(_instance, t => table = database.CreateTable(t, counted));
        Assert.Null(table.CurrentIdentity);
        In(_instance, t => table.Insert(t, Row((int)table.NextIdentity(), "a")));
        LabTransaction undone = _instance.Begin();
        table.Insert(undone, Row((int)table.NextIdentity(), "b"));
        _instance.Rollback(undone);
        In(_instance, t => table.Insert(t, Row((int)table.NextIdentity(), "c")));
        In(_instance, t => table.Delete(t, 1));
        Assert.Equal(25, _lab.Kill(_instance).Find("Db")!.FindTable("dbo", "T")!.NextIdentity());
        database.Checkpoint();
        Assert.Equal(20, _lab.Kill(_instance).Find("Db")!.FindTable("dbo", "T")!.CurrentIdentity);
        table.SetIdentity(3);
        In(_instance, t => table.Update(t, 3, Row(20, "d")));
        Assert.Equal(3, _lab.Kill(_instance).Find("Db")!.FindTable("dbo", "T")!.CurrentIdentity);
        Assert.Equal(3, _lab.Reopen(_instance).Find("Db")!.FindTable("dbo", "T")!.CurrentIdentity);
    }

    [Fact]
    public void Has_the_system_databases_and_keeps_the_settings_of_others()
    {
        Assert.Equal(["master", "tempdb", "model", "msdb"], _instance.Databases.Select(d => d.Name));
        LabDatabase database = _instance.CreateDatabase("Db", "me");
        Assert.Equal((5, RecoveryModel.Full, "Db", "Db_log"), (database.Id, database.RecoveryModel, database.Files[0].LogicalName, database.Files[1].LogicalName));
        Assert.Equal(1801, Assert.Throws<LabSqlException>(() => _instance.CreateDatabase("dB", "sa")).Number);
        Assert.Equal(1834, Assert.Throws<LabSqlException>(() => _instance.CreateDatabase("X", "sa", dataPath: database.Files[0].PhysicalName)).Number);
        File.WriteAllText(Path.Combine(_instance.DataFolder, "Y.mdf"), "mine");
        Assert.Equal(5170, Assert.Throws<LabSqlException>(() => _instance.CreateDatabase("Y", "sa")).Number);
        Assert.Equal(5133, Assert.Throws<LabSqlException>(() => _instance.CreateDatabase("Z", "sa", logPath: "/no/such/folder/z.ldf")).Number);
        _instance.SetRecoveryModel(database, RecoveryModel.Simple);
        _instance.SetUserAccess(database, UserAccess.RestrictedUser);
        _instance.SetReadOnly(database, true);
        _instance.RenameDatabase(database, "Renamed");
        LabInstance again = _lab.Kill(_instance);
        LabDatabase found = again.Find("renamed")!;
        Assert.Equal((RecoveryModel.Simple, UserAccess.RestrictedUser, true, "me"), (found.RecoveryModel, found.UserAccess, found.IsReadOnly, found.Owner));
        Assert.Equal(3906, Assert.Throws<LabSqlException>(() => In(again, t => found.CreateSchema(t, "s"))).Number);
        again.SetReadOnly(found, false);
        again.SetOffline(found, true);
        Assert.Empty(found.Tables);
        Assert.Equal(DatabaseState.Offline, _lab.Kill(again).Find("Renamed")!.State);
        again.SetOffline(found, false);
        In(again, t => found.CreateSchema(t, "s"));
        string path = found.Files[0].PhysicalName;
        again.DropDatabase(found);
        Assert.False(File.Exists(path));
        Assert.Null(_lab.Kill(again).Find("Renamed"));
    }

    [Fact]
    public void Tempdb_rolls_back_and_is_empty_after_a_start()
    {
        LabDatabase tempdb = _instance.Find("tempdb")!;
        LabDatabase database = _lab.CreateDatabase(_instance, "Db");
        LabTable temp = null!;
        In(_instance, t => temp = tempdb.CreateTable(t, Pairs("#t")));
        LabTransaction undone = _instance.Begin();
        temp.Insert(undone, Row(1, "x"));
        Assert.True(undone.HasWrites);
        _instance.Rollback(undone);
        In(_instance, t =>
        {
            temp.Insert(t, Row(1, "x"));
            database.FindTable("dbo", "T")!.Insert(t, Row(1, "x"));
        });
        Assert.Equal(["1=x"], Content(tempdb, "#t"));
        LabTable hidden = database.SystemTable("lab_principals", () => Pairs("any"));
        Assert.Same(hidden, database.SystemTable("lab_principals", () => Pairs("any")));
        LabInstance killed = _lab.Kill(_instance);
        Assert.Empty(killed.Find("tempdb")!.Tables);
        Assert.Equal(["1=x"], Content(killed.Find("Db")!));
        Assert.True(killed.Find("Db")!.FindTable("sys", "lab_principals")!.Def.IsSystem);
    }
}
