using System;
using System.Collections.Generic;

namespace BizTalkDR.Ports;

/// <summary>A database by the server name someone wrote down for it.</summary>
public sealed record DatabaseAddress(string Server, string Database);

/// <summary>A row of adm_MessageBox.</summary>
public sealed record MessageBoxRecord(string Server, string Database, bool IsMaster);

/// <summary>A row of adm_OtherBackupDatabases.</summary>
/// <param name="Key">DefaultDatabaseName, a friendly key such as <c>SSO</c>.</param>
/// <param name="Database">DatabaseName.</param>
/// <param name="Server">ServerName as configured.</param>
public sealed record OtherDatabaseRecord(string Key, string Database, string Server);

/// <summary>The Management database's own tables about its group (facts: biztalk-databases.md §3).</summary>
/// <param name="DatabaseExists">Whether there is such a database on the instance.</param>
/// <param name="HasBackupView">Whether it has dbo.admv_BackupDatabases; without it everything below is empty.</param>
public sealed record GroupRecords(bool DatabaseExists, bool HasBackupView)
{
    public string GroupName { get; init; } = string.Empty;

    public Guid? GroupId { get; init; }

    /// <summary>The SSO server (not the SQL Server).</summary>
    public string? SsoServer { get; init; }

    /// <summary>Rows of admv_BackupDatabases: exactly what a complete set must hold.</summary>
    public IReadOnlyList<DatabaseAddress> BackupDatabases { get; init; } = [];

    public DatabaseAddress? Tracking { get; init; }

    public DatabaseAddress? RuleEngine { get; init; }

    public DatabaseAddress? BamPrimaryImport { get; init; }

    public IReadOnlyList<MessageBoxRecord> MessageBoxes { get; init; } = [];

    public IReadOnlyList<OtherDatabaseRecord> Others { get; init; } = [];
}

/// <summary>A row of adm_BackupHistory (facts: backup-job.md §5).</summary>
public sealed record HistoryRow(
    long SetId, string? MarkName, string Database, string Server, string FileName, string Location, bool IsLog, DateTime BackupTime, bool SetComplete);
