using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>One file of a database, as sys.master_files shows it.</summary>
public sealed class DatabaseFile
{
    /// <summary>1 = primary data file, 2 = log file.</summary>
    public int FileId { get; set; }

    public bool IsLog { get; set; }

    public required string LogicalName { get; set; }

    public required string PhysicalName { get; set; }

    public Guid FileGuid { get; set; }

    public long SizeBytes { get; set; }
}

/// <summary>A database: tables, modules, state. Row changes are logged; committed changes survive SIGKILL.</summary>
public sealed class LabDatabase
{
    public int Id => throw new NotImplementedException();

    public string Name => throw new NotImplementedException();

    public LabInstance Instance => throw new NotImplementedException();

    public DatabaseState State => throw new NotImplementedException();

    public bool IsInStandby => throw new NotImplementedException();

    public bool IsReadOnly => throw new NotImplementedException();

    public RecoveryModel RecoveryModel => throw new NotImplementedException();

    public UserAccess UserAccess => throw new NotImplementedException();

    public string Collation => throw new NotImplementedException();

    public DateTime CreateDate => throw new NotImplementedException();

    public byte CompatibilityLevel => throw new NotImplementedException();

    public IReadOnlyList<DatabaseFile> Files => throw new NotImplementedException();

    public Guid DatabaseGuid => throw new NotImplementedException();

    public Guid FamilyGuid => throw new NotImplementedException();

    public Guid RecoveryForkGuid => throw new NotImplementedException();

    /// <summary>Where roll-forward stands while RESTORING (sys.master_files.redo_start_lsn); null otherwise.</summary>
    public Lsn? RedoStartLsn => throw new NotImplementedException();

    public Guid? RedoStartForkGuid => throw new NotImplementedException();

    public Lsn LastLogBackupLsn => throw new NotImplementedException();

    public LabLog Log => throw new NotImplementedException();

    /// <summary>Name of the owner login.</summary>
    public string Owner { get; set; } = "sa";

    /// <summary>The steps BACKUP and RESTORE are made of.</summary>
    public IRestorePrimitives Restore => throw new NotImplementedException();

    /// <summary>CheckpointLSN and set GUID of the last full backup (not copy-only); zero and empty before the first.</summary>
    public Lsn LastFullCheckpointLsn => throw new NotImplementedException();

    public Guid LastFullBackupGuid => throw new NotImplementedException();

    /// <summary>First LSN of the current log chain (first log backup possible from here); zero when there is none (SIMPLE, or no full backup yet).</summary>
    public Lsn LogChainStartLsn => throw new NotImplementedException();

    /// <summary>LSN at which the current recovery fork began, and the fork it came from; zero and empty when never restored.</summary>
    public Lsn ForkPointLsn => throw new NotImplementedException();

    public Guid FirstRecoveryForkGuid => throw new NotImplementedException();

    // --- catalogue (transactional; stored as rows of hidden tables, so it is logged, backed up and restored like data)
    public IReadOnlyCollection<LabTable> Tables => throw new NotImplementedException();

    public IReadOnlyCollection<ModuleDef> Modules => throw new NotImplementedException();

    public IReadOnlyCollection<string> Schemas => throw new NotImplementedException();

    /// <summary>Finds a table by schema and name (case-insensitive); null when there is none.</summary>
    public LabTable? FindTable(string schema, string name) => throw new NotImplementedException();

    public ModuleDef? FindModule(string schema, string name) => throw new NotImplementedException();

    public int NewObjectId() => throw new NotImplementedException();

    public LabTable CreateTable(LabTransaction transaction, TableDef definition) => throw new NotImplementedException();

    /// <summary>Replaces a table's definition (columns added or dropped: <paramref name="rewrite"/> maps each old row to a new one).</summary>
    public void AlterTable(LabTransaction transaction, TableDef definition, Func<object?[], object?[]>? rewrite = null) => throw new NotImplementedException();

    public void DropTable(LabTransaction transaction, LabTable table) => throw new NotImplementedException();

    /// <summary>Creates or replaces (same object id) a module.</summary>
    public void PutModule(LabTransaction transaction, ModuleDef module) => throw new NotImplementedException();

    public void DropModule(LabTransaction transaction, ModuleDef module) => throw new NotImplementedException();

    public void CreateSchema(LabTransaction transaction, string name) => throw new NotImplementedException();

    /// <summary>Gets a hidden system table by name, creating it when missing (principals, role members, permissions).</summary>
    public LabTable SystemTable(string name, Func<TableDef> definition) => throw new NotImplementedException();

    /// <summary>Writes changed pages and a checkpoint record; frees log that is neither needed nor waiting for a log backup.</summary>
    public void Checkpoint() => throw new NotImplementedException();
}
