using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>Settings of an instance, fixed when its folder is created.</summary>
public sealed class InstanceOptions
{
    /// <summary>Network name: SERVERPROPERTY('ServerName') and the name linked servers use, for example LABSQL1 or LABSQL1\BTS.</summary>
    public required string ServerName { get; init; }

    /// <summary>Folder that holds everything of the instance (sub-folders: data, log, backup, coordinator).</summary>
    public required string Folder { get; init; }

    public string Collation { get; init; } = "SQL_Latin1_General_CP1_CI_AS";

    /// <summary>Injected clock: server time. Local = UTC plus <see cref="UtcOffset"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Difference between server local time and UTC.</summary>
    public TimeSpan UtcOffset { get; init; } = TimeSpan.Zero;

    public LabStorage? Storage { get; init; }
}

/// <summary>Outcome of a distributed transaction as its coordinator knows it.</summary>
public enum TransactionOutcome : byte
{
    /// <summary>Not decided yet: ask again.</summary>
    Active,
    Committed,

    /// <summary>Presumed abort: nothing known of it.</summary>
    Aborted,
}

/// <summary>An instance: a folder with databases, a durable commit record for transactions over several of them.</summary>
public sealed class LabInstance : IDisposable
{
    public InstanceOptions Options => throw new NotImplementedException();

    public string DataFolder => throw new NotImplementedException();

    public string LogFolder => throw new NotImplementedException();

    public string BackupFolder => throw new NotImplementedException();

    /// <summary>Server local time, 1/300 s.</summary>
    public DateTime Now => throw new NotImplementedException();

    public DateTime UtcNow => throw new NotImplementedException();

    public IReadOnlyList<LabDatabase> Databases => throw new NotImplementedException();

    /// <summary>Whether a global transaction of another coordinator is still in doubt here.</summary>
    public IReadOnlyList<(Guid GlobalId, string Coordinator)> InDoubt => throw new NotImplementedException();

    /// <summary>Creates the folder with master, model, msdb, tempdb.</summary>
    public static LabInstance Create(InstanceOptions options) => throw new NotImplementedException();

    /// <summary>Starts an existing instance: recovery of every database; transactions in doubt stay so until resolved.</summary>
    public static LabInstance Open(InstanceOptions options) => throw new NotImplementedException();

    public static bool Exists(string folder) => throw new NotImplementedException();

    public LabDatabase? Find(string name) => throw new NotImplementedException();

    public LabDatabase CreateDatabase(string name, string owner, string? collation = null, string? dataPath = null, string? logPath = null) => throw new NotImplementedException();

    /// <summary>Makes (or, when it exists, takes over and replaces) a database in state RESTORING with these files and identity; content follows by LoadPages.</summary>
    public LabDatabase CreateForRestore(string name, IReadOnlyList<DatabaseFile> files, RestoredIdentity identity) => throw new NotImplementedException();

    public void DropDatabase(LabDatabase database) => throw new NotImplementedException();

    public void RenameDatabase(LabDatabase database, string name) => throw new NotImplementedException();

    public void SetRecoveryModel(LabDatabase database, RecoveryModel model) => throw new NotImplementedException();

    public void SetUserAccess(LabDatabase database, UserAccess access) => throw new NotImplementedException();

    public void SetReadOnly(LabDatabase database, bool value) => throw new NotImplementedException();

    public void SetOffline(LabDatabase database, bool offline) => throw new NotImplementedException();

    public LabTransaction Begin(string? name = null) => throw new NotImplementedException();

    /// <summary>Starts the local branch of a transaction another instance coordinates.</summary>
    public LabTransaction BeginBranch(Guid globalId, string coordinator) => throw new NotImplementedException();

    /// <summary>Commits: one database, one log flush; several, prepare in each log, one synced decision, commit in each; with participants, theirs too.</summary>
    public void Commit(LabTransaction transaction) => throw new NotImplementedException();

    public void Rollback(LabTransaction transaction) => throw new NotImplementedException();

    // --- the side of a participant, called by the linked-server layer of the coordinator
    public void AcquireBarrier(Guid globalId, bool exclusive, TimeSpan timeout) => throw new NotImplementedException();

    public void ReleaseBarrier(Guid globalId) => throw new NotImplementedException();

    public void Prepare(LabTransaction branch) => throw new NotImplementedException();

    public void CommitPrepared(Guid globalId) => throw new NotImplementedException();

    public void AbortPrepared(Guid globalId) => throw new NotImplementedException();

    /// <summary>Answers a participant that restarted.</summary>
    public TransactionOutcome QueryOutcome(Guid globalId) => throw new NotImplementedException();

    /// <summary>Raised on commit of a marked transaction, once per database it wrote, after the commit is durable (for msdb.dbo.logmarkhistory).</summary>
    public event Action<LabDatabase, string, string?, Lsn, DateTime>? Marked;

    public void Dispose() => Marked = null;
}
