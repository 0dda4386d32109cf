namespace BizTalkDR.Ports;

/// <summary>The group's own procedures that the product calls (facts: backup-job.md §3).</summary>
public enum GroupProcedure
{
    /// <summary>sp_SetBackupCompression.</summary>
    SetBackupCompression,

    /// <summary>sp_ForceFullBackup: the next schedule call makes a full.</summary>
    ForceFullBackup,

    /// <summary>sp_BackupAllFull_Schedule.</summary>
    BackupAllFull,

    /// <summary>sp_MarkAll: mark, then a log backup of every member.</summary>
    MarkAll,
}

/// <summary>A call of one of the group's procedures, in the Management database.</summary>
/// <param name="ManagementDatabase">Where the procedure lives.</param>
/// <param name="Procedure">Which one.</param>
public sealed record GroupProcedureCall(string ManagementDatabase, GroupProcedure Procedure)
{
    /// <summary>For SetBackupCompression.</summary>
    public bool Compression { get; init; }

    /// <summary>For BackupAllFull and MarkAll: at most 8 characters.</summary>
    public string MarkName { get; init; } = string.Empty;

    /// <summary>For BackupAllFull and MarkAll: at most 128 characters.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>For BackupAllFull and MarkAll: names and history in the server's local time instead of UTC.</summary>
    public bool UseLocalTime { get; init; }
}
