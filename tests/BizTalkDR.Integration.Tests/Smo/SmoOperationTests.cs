using System;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Data;
using System.IO;
using System.Linq;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.Management.Common;
using Microsoft.SqlServer.Management.Smo;
using Xunit;
using SmoBackup = Microsoft.SqlServer.Management.Smo.Backup;
using SmoRestore = Microsoft.SqlServer.Management.Smo.Restore;

namespace BizTalkDR.Integration.Tests.RealClients;

/// <summary>Real SMO, unmodified, against the lab: the operations of smo-and-tds.md, appendix A.</summary>
[Collection("smo")]
public sealed class SmoOperationTests : IDisposable
{
    private readonly SmoLab _lab;
    private readonly SqlConnection _connection;
    private readonly Server _server;
    private readonly string _name = "d" + Guid.NewGuid().ToString("N")[..12];

    public SmoOperationTests(SmoLab lab)
    {
        _lab = lab;
        _connection = lab.Open();
        _server = new Server(new ServerConnection(_connection));
    }

    public void Dispose() => _connection.Dispose();

    [Fact]
    public void The_server_says_who_it_is()
    {
        ServerConnection connection = _server.ConnectionContext;
        Assert.Equal((16, DatabaseEngineType.Standalone, DatabaseEngineEdition.Enterprise), (connection.ServerVersion.Major, connection.DatabaseEngineType, connection.DatabaseEngineEdition));
        Assert.Equal("SMOSQL1", connection.TrueName);
        Assert.Equal("sa", connection.TrueLogin);
        Assert.Equal(16, _server.Version.Major);
        Assert.EndsWith(" Edition (64-bit)", _server.Edition, StringComparison.Ordinal);
        Assert.Equal("SQL_Latin1_General_CP1_CI_AS", _server.Collation);
        Assert.NotEmpty(_server.HostPlatform);
        Assert.Equal(Path.DirectorySeparatorChar.ToString(), _server.PathSeparator);
        Assert.False(_server.IsClustered);
        Assert.False(_server.IsHadrEnabled);
        Assert.True(Directory.Exists(_server.DefaultFile), _server.DefaultFile);
        Assert.True(Directory.Exists(_server.BackupDirectory), _server.BackupDirectory);
        Assert.Equal("", _server.InstanceName);
    }

    [Fact]
    public void A_database_tells_its_properties()
    {
        Database database = _server.Databases["practice"];
        Assert.Equal((RecoveryModel.Full, DatabaseStatus.Normal), (database.RecoveryModel, database.Status));
        Assert.True(database.Size > 0);
        Assert.Equal("sa", database.Owner);
        Assert.Equal(160, (int)database.CompatibilityLevel);
        Assert.True(database.ID > 4);
        Assert.True(database.CreateDate.Year >= 2020);
        Assert.Null(_server.Databases["nothing"]);
        Assert.True(_server.Databases.Contains("practice"));
        Assert.Contains("master", _server.Databases.Cast<Database>().Select(d => d.Name));
    }

    [Fact]
    public void All_databases_are_read_at_once_with_the_fields_asked_for()
    {
        _server.SetDefaultInitFields(typeof(Database), nameof(Database.Status), nameof(Database.RecoveryModel), nameof(Database.CreateDate));
        Dictionary<string, DatabaseStatus> seen = _server.Databases.Cast<Database>().ToDictionary(d => d.Name, d => d.Status);
        Assert.All(["master", "model", "msdb", "tempdb", "practice"], name => Assert.Equal(DatabaseStatus.Normal, seen[name]));
    }

    [Fact]
    public void Files_are_read_by_group()
    {
        Database database = _server.Databases["practice"];
        DataFile data = database.FileGroups["PRIMARY"].Files.Cast<DataFile>().Single();
        LogFile log = database.LogFiles.Cast<LogFile>().Single();
        Assert.True(File.Exists(data.FileName) && File.Exists(log.FileName));
        Assert.True(data.Size > 0 && log.Size > 0);
        Assert.True(data.IsPrimaryFile);
    }

    [Fact]
    public void Backup_restore_and_everything_read_from_the_media()
    {
        Database database = Create();
        string full = Path.Combine(_lab.Folder, _name + ".bak");
        string log = Path.Combine(_lab.Folder, _name + ".trn");
        List<int> percent = [];
        SmoBackup backup = Backup(BackupActionType.Database, full);
        backup.PercentComplete += (_, e) => percent.Add(e.Percent);
        backup.SqlBackup(_server);
        Assert.Equal(100, percent[^1]);
        Mark("SMO_MARK");
        Backup(BackupActionType.Log, log).SqlBackup(_server);
        database.Refresh();
        Assert.True(database.LastBackupDate.Year >= 2020 && database.LastLogBackupDate >= database.LastBackupDate);
        Assert.Equal(2, database.EnumBackupSets().Rows.Count);

        SmoRestore reader = From(full);
        Assert.True(reader.SqlVerify(_server, out string said), said);
        Assert.Equal(_name, reader.ReadBackupHeader(_server).Rows[0]["DatabaseName"]);
        DataTable files = reader.ReadFileList(_server);
        Assert.Equal(["D", "L"], files.Rows.Cast<DataRow>().Select(r => (string)r["Type"]).Order());
        Assert.Equal(1, reader.ReadMediaHeader(_server).Rows.Count);

        string copy = _name + "_copy";
        SmoRestore restore = From(full);
        restore.Database = copy;
        restore.NoRecovery = true;
        foreach (DataRow row in files.Rows)
            restore.RelocateFiles.Add(new RelocateFile((string)row["LogicalName"], Path.Combine(_lab.Folder, copy + (string)row["Type"])));
        restore.SqlRestore(_server);
        SmoRestore roll = From(log);
        roll.Action = RestoreActionType.Log;
        roll.Database = copy;
        roll.NoRecovery = true;
        roll.StopAtMarkName = "SMO_MARK";
        roll.SqlRestore(_server);
        _server.Databases.Refresh();
        Assert.True(_server.Databases[copy].Status.HasFlag(DatabaseStatus.Restoring));
        _server.ConnectionContext.ExecuteNonQuery($"RESTORE DATABASE [{copy}] WITH RECOVERY");
        Assert.Equal(1, _server.ConnectionContext.ExecuteScalar($"SELECT COUNT(*) FROM [{copy}].dbo.work;"));
        _server.KillDatabase(copy);
        Assert.Equal(DBNull.Value, _server.ConnectionContext.ExecuteScalar($"SELECT DB_ID(N'{copy}');"));
        _server.KillDatabase(_name);
    }

    [Fact]
    public void A_log_restored_to_standby_can_be_read()
    {
        Create();
        string full = Path.Combine(_lab.Folder, _name + ".bak");
        Backup(BackupActionType.Database, full).SqlBackup(_server);
        SmoRestore restore = From(full);
        restore.ReplaceDatabase = true;
        restore.StandbyFile = Path.Combine(_lab.Folder, _name + ".tuf");
        restore.SqlRestore(_server);
        Assert.Equal(true, _server.ConnectionContext.ExecuteScalar($"SELECT is_in_standby FROM sys.databases WHERE name = N'{_name}';"));
        SqlException refused = Assert.Throws<ExecutionFailureException>(() => _server.ConnectionContext.ExecuteNonQuery($"INSERT INTO [{_name}].dbo.work VALUES (2);")).InnerException as SqlException ?? throw new InvalidOperationException();
        Assert.Equal(3906, refused.Number);
        _server.KillDatabase(_name);
    }

    [Fact]
    public void A_backup_that_fails_throws_with_the_numbers()
    {
        SmoBackup backup = Backup(BackupActionType.Database, Path.Combine(_lab.Folder, "missing", "x.bak"));
        backup.Database = "practice";
        FailedOperationException failed = Assert.Throws<FailedOperationException>(() => backup.SqlBackup(_server));
        SqlException cause = Assert.IsType<SqlException>(failed.InnerException!.InnerException);
        Assert.Equal([3201, 3013], cause.Errors.Cast<SqlError>().Select(e => e.Number));
    }

    [Fact]
    public void A_database_changes_access_model_name_and_state()
    {
        Database database = Create();
        database.UserAccess = DatabaseUserAccess.Restricted;
        database.Alter(TerminationClause.RollbackTransactionsImmediately);
        Assert.Equal("RESTRICTED_USER", Scalar("user_access_desc"));
        database.UserAccess = DatabaseUserAccess.Multiple;
        database.Alter(TerminationClause.RollbackTransactionsImmediately);
        database.RecoveryModel = RecoveryModel.Simple;
        database.Alter();
        Assert.Equal("SIMPLE", Scalar("recovery_model_desc"));
        database.SetOffline();
        Assert.Equal("OFFLINE", Scalar("state_desc"));
        database.SetOnline();
        Assert.Equal("ONLINE", Scalar("state_desc"));
        database.Rename(_name + "r");
        Assert.True(_server.Databases.Contains(_name + "r"));
        _server.KillDatabase(_name + "r");
    }

    [Fact]
    public void Connections_are_killed_and_a_database_is_dropped()
    {
        Create();
        using SqlConnection other = _lab.Open(_name);
        _server.KillAllProcesses(_name);
        Assert.Throws<SqlException>(() => SmoLab.Execute(other, "SELECT 1;"));
        _server.Databases[_name].Drop();
        Assert.Equal(DBNull.Value, _server.ConnectionContext.ExecuteScalar($"SELECT DB_ID(N'{_name}');"));
    }

    [Fact]
    public void Statements_run_through_the_connection_and_the_database()
    {
        ServerConnection connection = _server.ConnectionContext;
        _server.Databases["practice"].ExecuteNonQuery("INSERT INTO dbo.t VALUES (100, N'smo');");
        Assert.Equal("smo", connection.ExecuteScalar("SELECT Name FROM practice.dbo.t WHERE Id = 100;"));
        DataSet results = connection.ExecuteWithResults("SELECT 1 AS a; SELECT 2 AS b, 3 AS c;");
        Assert.Equal([1, 2], results.Tables.Cast<DataTable>().Select(t => t.Columns.Count));
        using (SqlDataReader reader = connection.ExecuteReader("SELECT Id FROM practice.dbo.t WHERE Id = 100;"))
            Assert.True(reader.Read() && reader.GetInt32(0) == 100);
        connection.ExecuteNonQuery("DELETE FROM practice.dbo.t WHERE Id = 100;\nGO\nSELECT 1;\nGO 2\n");
        connection.ExecuteNonQuery(["SELECT 1;", "SELECT 2;"]);
        connection.BeginTransaction();
        connection.ExecuteNonQuery("INSERT INTO practice.dbo.t VALUES (101, N'undone');");
        Assert.Equal(1, connection.TransactionDepth);
        connection.RollBackTransaction();
        Assert.Equal(0, connection.ExecuteScalar("SELECT COUNT(*) FROM practice.dbo.t WHERE Id IN (100, 101);"));
    }

    [Fact]
    public void A_connection_from_properties_sets_its_lock_timeout()
    {
        SqlConnectionStringBuilder settings = new(_lab.ConnectionString);
        var connection = new ServerConnection { ServerInstance = settings.DataSource, LoginSecure = false, Login = "sa", Password = settings.Password, TrustServerCertificate = true, LockTimeout = 5, NonPooledConnection = true };
        try
        {
            connection.Connect();
            Assert.Equal(5000, connection.ExecuteScalar("SELECT @@LOCK_TIMEOUT;"));
        }
        finally
        {
            connection.Disconnect();
        }
    }

    [Fact]
    public void Nothing_is_sent_that_is_only_scripted()
    {
        StringCollection texts = new() { Backup(BackupActionType.Log, "/b/x.trn").Script(_server) };
        Assert.StartsWith("BACKUP LOG", texts[0], StringComparison.Ordinal);
        _server.ConnectionContext.SqlExecutionModes = SqlExecutionModes.CaptureSql;
        _server.ConnectionContext.ExecuteNonQuery("DROP DATABASE practice;");
        Assert.Equal("DROP DATABASE practice;", Assert.Single(_server.ConnectionContext.CapturedSql.Text.Cast<string>()));
        _server.ConnectionContext.SqlExecutionModes = SqlExecutionModes.ExecuteSql;
        Assert.NotEqual(DBNull.Value, _server.ConnectionContext.ExecuteScalar("SELECT DB_ID(N'practice');"));
    }

    [Fact]
    public void Files_of_the_server_are_seen_and_a_database_is_checked()
    {
        File.WriteAllText(Path.Combine(_lab.Folder, "seen.txt"), "x");
        Assert.True(_server.FileExists(Path.Combine(_lab.Folder, "seen.txt")));
        Assert.False(_server.FileExists(Path.Combine(_lab.Folder, "unseen.txt")));
        Assert.Contains("lab", _server.EnumDirectories(_lab.Folder).Rows.Cast<DataRow>().Select(r => (string)r[0]));
        _server.Databases["practice"].CheckTables(RepairType.None);
    }

    [Fact]
    public void A_restore_is_planned_from_the_history()
    {
        Create();
        Backup(BackupActionType.Database, Path.Combine(_lab.Folder, _name + ".bak")).SqlBackup(_server);
        Backup(BackupActionType.Log, Path.Combine(_lab.Folder, _name + ".trn")).SqlBackup(_server);
        var planner = new DatabaseRestorePlanner(_server, _name) { TailLogBackupFile = Path.Combine(_lab.Folder, _name + ".tail"), BackupTailLog = false };
        RestorePlan plan = planner.CreateRestorePlan();
        Assert.Equal([RestoreActionType.Database, RestoreActionType.Log], plan.RestoreOperations.Select(o => o.Action));
        _server.KillDatabase(_name);
    }

    private Database Create()
    {
        var database = new Database(_server, _name);
        database.Create();
        database.ExecuteNonQuery("CREATE TABLE dbo.work (Id int NOT NULL);");
        database.ExecuteNonQuery("ALTER DATABASE CURRENT SET RECOVERY FULL;");
        // The database's own statements leave the connection in it, where it would be in the way of a restore.
        _server.ConnectionContext.ExecuteNonQuery("USE master;");
        return database;
    }

    private void Mark(string mark) => _server.Databases[_name].ExecuteNonQuery($"BEGIN TRANSACTION {mark} WITH MARK; INSERT INTO dbo.work VALUES (1); COMMIT TRANSACTION {mark};");

    private string? Scalar(string column) => _server.ConnectionContext.ExecuteScalar($"SELECT {column} FROM sys.databases WHERE name = N'{_name}';") as string;

    private SmoBackup Backup(BackupActionType action, string path)
    {
        var backup = new SmoBackup { Action = action, Database = _name, Checksum = true, Initialize = true };
        backup.Devices.AddDevice(path, DeviceType.File);
        return backup;
    }

    private SmoRestore From(string path)
    {
        var restore = new SmoRestore { Action = RestoreActionType.Database, Database = _name };
        restore.Devices.AddDevice(path, DeviceType.File);
        return restore;
    }
}
