using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.Tests.Interp;
using BizTalkDR.Lab.Tests.Tds;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.Management.Common;
using Microsoft.SqlServer.Management.Smo;
using SmoBackup = Microsoft.SqlServer.Management.Smo.Backup;
using SmoRestore = Microsoft.SqlServer.Management.Smo.Restore;

namespace BizTalkDR.Lab.Tests.Smo;

/// <summary>Does with real SMO what sends each of the texts smo-and-tds.md lists (appendix A); every text and its answer is recorded.</summary>
internal sealed class SmoSession : IDisposable
{
    private readonly InterpLab _lab = new("SMOSQL1");
    private readonly TdsListener _listener;
    private readonly string _file;

    public SmoSession(CertificateFolder certificate)
    {
        Recorder = new RecordingServer(_lab.Server);
        _listener = new TdsListener(Recorder, certificate.Certificate);
        _listener.Start();
        Directory.CreateDirectory(Path.Combine(_lab.Folder, "b"));
        Directory.CreateDirectory(Path.Combine(_lab.Folder, "d"));
        _file = Path.Combine(_lab.Folder, "b", "labdb.bak");
    }

    public RecordingServer Recorder { get; }

    /// <summary>The folder that stands for the root of the server's disk.</summary>
    public string Root => _lab.Folder;

    public void Dispose()
    {
        _listener.Dispose();
        _lab.Dispose();
    }

    public void Run()
    {
        _lab.Do("CREATE DATABASE labdb");
        _lab.Do("USE labdb; CREATE TABLE t (a int); USE master");
        Server server = Connect();
        AskTheServer(server);
        BackUp(server);
        ReadMedia(server);
        Restore(server);
        AskTheDatabase(server);
        ReadFiles(server);
        Execute(server);
        PlanARestore();
        ChangeDatabases();
        Limit();
    }

    private Server Connect(string database = "master")
    {
        SqlConnectionStringBuilder settings = new()
        {
            DataSource = $"tcp:127.0.0.1,{_listener.Port}", UserID = "sa", Password = "Passw0rd!", InitialCatalog = database, TrustServerCertificate = true, Pooling = false, ConnectRetryCount = 0,
        };
        return new Server(new ServerConnection(new SqlConnection(settings.ConnectionString)));
    }

    private static void AskTheServer(Server server)
    {
        ServerConnection connection = server.ConnectionContext;
        _ = (connection.ServerVersion, connection.DatabaseEngineType, connection.TrueName, connection.TrueLogin);
        _ = server.Version;
        _ = (server.Collation, server.HostPlatform, server.PathSeparator);
        _ = new ServerComparer(connection, "master");
    }

    private void BackUp(Server server)
    {
        Backup(BackupActionType.Database).SqlBackup(server);
        SmoBackup differential = Backup(BackupActionType.Database);
        differential.Incremental = true;
        differential.SqlBackup(server);
        Backup(BackupActionType.Log).SqlBackup(server);
        File.Delete(_file);
        SmoBackup stripes = Backup(BackupActionType.Log);
        stripes.Devices.AddDevice(Path.Combine(_lab.Folder, "b", "2.trn"), DeviceType.File);
        (stripes.BlockSize, stripes.BufferCount, stripes.MaxTransferSize) = (65536, 20, 4194304);
        (stripes.CopyOnly, stripes.NoRecovery) = (true, true);
        stripes.SqlBackup(server);
        _lab.Do("RESTORE DATABASE labdb WITH RECOVERY");
        SmoBackup url = Backup(BackupActionType.Database);
        url.Devices.Clear();
        url.Devices.AddDevice("https://a.blob/c/x.bak", DeviceType.Url);
        url.EncryptionOption = new BackupEncryptionOptions(BackupEncryptionAlgorithm.Aes256, BackupEncryptorType.ServerCertificate, "cert");
        Refused(() => url.SqlBackup(server));
        SmoBackup nowhere = Backup(BackupActionType.Database);
        nowhere.Devices.Clear();
        Directory.CreateDirectory(Path.Combine(_lab.Folder, "b", "FAILME.bak"));
        nowhere.Devices.AddDevice(Path.Combine(_lab.Folder, "b", "FAILME.bak"), DeviceType.File);
        Refused(() => nowhere.SqlBackup(server));
        File.Delete(_file);
        Backup(BackupActionType.Database).SqlBackup(server);
    }

    private void ReadMedia(Server server)
    {
        SmoRestore restore = From("labdb2");
        _ = restore.SqlVerify(server);
        SmoRestore first = From("labdb2");
        first.FileNumber = 1;
        _ = first.SqlVerify(server, loadHistory: true);
        _lab.Do($"CREATE DATABASE labdb2; BACKUP DATABASE labdb2 TO DISK = N'{_file}' WITH INIT; DROP DATABASE labdb2");
        _ = From("labdb2").SqlVerifyLatest(server, SqlVerifyAction.VerifyDatabase);
        Backup(BackupActionType.Database).SqlBackup(server);
        _ = restore.ReadBackupHeader(server);
        _ = restore.ReadFileList(server);
        _ = restore.ReadMediaHeader(server);
    }

    private void Restore(Server server)
    {
        SmoRestore full = From("labdb2");
        (full.FileNumber, full.NoRecovery, full.ReplaceDatabase) = (1, true, true);
        full.RelocateFiles.Add(new RelocateFile("labdb", Path.Combine(_lab.Folder, "d", "labdb2.mdf")));
        full.RelocateFiles.Add(new RelocateFile("labdb_log", Path.Combine(_lab.Folder, "d", "labdb2.ldf")));
        full.SqlRestore(server);
        server.ConnectionContext.ExecuteNonQuery("USE labdb; BEGIN TRAN m WITH MARK; INSERT t VALUES (7); COMMIT TRAN m; USE master");
        Backup(BackupActionType.Log).SqlBackup(server);
        SmoRestore time = Log();
        (time.StandbyFile, time.ToPointInTime) = (Path.Combine(_lab.Folder, "u"), "2026-01-01T00:00:00");
        Refused(() => time.SqlRestore(server));
        SmoRestore mark = Log();
        (mark.NoRecovery, mark.StopAtMarkName, mark.StopAtMarkAfterDate) = (true, "m", "2026-01-01T00:00:00");
        mark.SqlRestore(server);
        SmoRestore plain = Log();
        plain.NoRecovery = true;
        plain.SqlRestore(server);
        SmoRestore Log()
        {
            SmoRestore log = From("labdb2");
            log.Action = RestoreActionType.Log;
            return log;
        }
    }

    private static void AskTheDatabase(Server server)
    {
        Database database = server.Databases["labdb"];
        _ = database.RecoveryModel;
        _ = (database.Status, database.LastBackupDate, database.LastLogBackupDate);
        _ = (database.Size, database.Owner, database.CompatibilityLevel, database.ID, database.CreateDate);
        _ = server.Databases.Cast<Database>().Select(d => d.Name).Count();
        _ = database.EnumBackupSets();
    }

    private void ReadFiles(Server server)
    {
        Database database = server.Databases["labdb"];
        foreach (FileGroup group in database.FileGroups)
            _ = group.Files.Cast<DataFile>().Select(f => (f.FileName, f.Size)).ToArray();
        _ = database.LogFiles.Cast<LogFile>().Select(f => (f.FileName, f.Size)).ToArray();
        _ = server.FileExists(_file);
        _ = server.EnumDirectories(Path.Combine(_lab.Folder, "b"));
    }

    private void Execute(Server server)
    {
        Database database = server.Databases["labdb"];
        ServerConnection connection = server.ConnectionContext;
        database.ExecuteNonQuery("INSERT t VALUES(1)");
        connection.ExecuteNonQuery($"BACKUP LOG [labdb] TO DISK=N'{Path.Combine(_lab.Folder, "b", "x.trn")}'");
        _ = connection.ExecuteWithResults("SELECT 1 AS a");
        connection.ExecuteNonQuery("INSERT t VALUES(1)\nGO\nINSERT t VALUES(2)\nGO 2\n");
        connection.BeginTransaction();
        _ = connection.TransactionDepth;
        connection.CommitTransaction();
        connection.BeginTransaction();
        connection.RollBackTransaction();
        connection.ExecuteNonQuery("USE master");
    }

    private void PlanARestore()
    {
        Server server = Connect();
        server.SetDefaultInitFields(typeof(Database), nameof(Database.RecoveryModel), nameof(Database.Status), nameof(Database.IsSystemObject), nameof(Database.IsAccessible));
        _ = server.Databases.Cast<Database>().Select(d => d.Status).ToArray();
        Backup(BackupActionType.Database).SqlBackup(server);
        DatabaseRestorePlanner planner = new(server, "labdb") { BackupTailLog = false };
        _ = planner.CreateRestorePlan();
        Server second = Connect();
        second.SetDefaultInitFields(typeof(Database), nameof(Database.RecoveryModel), nameof(Database.Status), nameof(Database.IsSystemObject), nameof(Database.IsAccessible));
        _ = second.Databases["labdb"];
        second.SetDefaultInitFields(typeof(Server), nameof(Server.Edition), nameof(Server.VersionString));
        _ = (second.Edition, second.VersionString);
        Server third = Connect();
        third.SetDefaultInitFields(typeof(Server), nameof(Server.Edition), nameof(Server.VersionString));
        _ = (third.Edition, third.VersionString);
        _ = third.Information.Edition;
    }

    private void ChangeDatabases()
    {
        Server server = Connect();
        new Database(server, "newdb").Create();
        _lab.Do("CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'Pa55word!'; CREATE CERTIFICATE tde WITH SUBJECT = N'tde'");
        _lab.Do("USE labdb; CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE tde; USE master");
        Database database = server.Databases["labdb"];
        database.UserAccess = DatabaseUserAccess.Single;
        database.Alter(TerminationClause.RollbackTransactionsImmediately);
        database.UserAccess = DatabaseUserAccess.Multiple;
        database.Alter(TerminationClause.RollbackTransactionsImmediately);
        database.RecoveryModel = RecoveryModel.Simple;
        database.Alter();
        database.CheckTables(RepairType.None);
        database.SetOffline();
        database.SetOnline();
        Refused(() => server.DetachDatabase("labdb", updateStatistics: false));
        using (SqlConnection other = new(server.ConnectionContext.SqlConnectionObject.ConnectionString + ";Password=Passw0rd!"))
        {
            other.Open();
            other.ChangeDatabase("labdb");
            server.KillAllProcesses("labdb");
        }

        database.Rename("labdb9");
        server.Databases["labdb9"].Drop();
        _lab.Do("CREATE DATABASE labdb");
        server.Databases.Refresh();
        server.KillDatabase("labdb");
    }

    private void Limit()
    {
        ServerConnection connection = new() { ServerInstance = $"tcp:127.0.0.1,{_listener.Port}", LoginSecure = false, Login = "sa", Password = "Passw0rd!", TrustServerCertificate = true, LockTimeout = 5, NonPooledConnection = true };
        connection.Connect();
        connection.Disconnect();
        using SqlConnection plain = (SqlConnection)Connect().ConnectionContext.SqlConnectionObject;
        plain.Open();
        _lab.Do($"CREATE DATABASE x; BACKUP DATABASE x TO DISK = N'{_file}' WITH INIT");
        using SqlCommand command = new("BACKUP LOG x TO DISK='y'", plain);
        command.ExecuteNonQuery();
    }

    private SmoBackup Backup(BackupActionType action)
    {
        SmoBackup backup = new()
        {
            Action = action, Database = "labdb", BackupSetName = "n", Initialize = true, Checksum = true, CompressionOption = BackupCompressionOptions.On, SkipTapeHeader = false,
        };
        backup.Devices.AddDevice(_file, DeviceType.File);
        return backup;
    }

    private SmoRestore From(string database)
    {
        SmoRestore restore = new() { Action = RestoreActionType.Database, Database = database, Checksum = true };
        restore.Devices.AddDevice(_file, DeviceType.File);
        return restore;
    }

    /// <summary>Runs what a server refuses.</summary>
    private static void Refused(Action action)
    {
        try
        {
            action();
        }
        catch (SmoException)
        {
            // What was answered is in the record.
        }
    }
}
