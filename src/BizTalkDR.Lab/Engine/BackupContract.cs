using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

// CONTRACT (owner: backup helper).

public enum BackupKind : byte
{
    Database, Differential, Log,
}

/// <summary>A BACKUP statement.</summary>
public sealed class BackupRequest
{
    public required string Database { get; init; }

    public BackupKind Kind { get; init; }

    public required IReadOnlyList<string> Disks { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public bool CopyOnly { get; init; }

    public bool Init { get; init; }

    public bool Format { get; init; }

    public bool Checksum { get; init; }

    /// <summary>null = not said: as the medium is, or as the server's default says for a new one.</summary>
    public bool? Compression { get; init; }

    /// <summary>Server option "backup compression default".</summary>
    public bool CompressionDefault { get; init; }

    public bool ContinueAfterError { get; init; }

    /// <summary>EXPIREDATE, or RETAINDAYS from now on: until then INIT does not overwrite the medium.</summary>
    public DateTime? ExpirationDate { get; init; }

    /// <summary>Overwrites a medium that has not expired.</summary>
    public bool Skip { get; init; }

    public string? MediaDescription { get; init; }

    /// <summary>ENCRYPTION: the certificate and the bits of the AES key; null = not encrypted.</summary>
    public (ServerCertificate Certificate, int KeyBits)? Encryption { get; init; }

    /// <summary>Log only: leaves the log as it is, and is possible when the data files are damaged.</summary>
    public bool NoTruncate { get; init; }

    public bool NoRecovery { get; init; }

    public string? MediaName { get; init; }

    /// <summary>STATS = n; 0 = only at 100.</summary>
    public int Stats { get; init; } = 10;

    public string UserName { get; init; } = "sa";
}

public enum RestoreKind : byte
{
    Database, Log,
}

public enum RecoveryOption : byte
{
    Recovery, NoRecovery, Standby,
}

/// <summary>Where to stop rolling forward.</summary>
/// <param name="Mark">Mark name, or <c>lsn:…</c>.</param>
/// <param name="Before">STOPBEFOREMARK.</param>
/// <param name="After">AFTER 'time'.</param>
/// <param name="At">STOPAT time.</param>
public sealed record StopPoint(string? Mark, bool Before, DateTime? After, DateTime? At);

/// <summary>A RESTORE DATABASE or RESTORE LOG statement. No disks = RESTORE DATABASE x WITH RECOVERY (or STANDBY).</summary>
public sealed class RestoreRequest
{
    public required string Database { get; init; }

    public RestoreKind Kind { get; init; }

    public IReadOnlyList<string> Disks { get; init; } = [];

    public int File { get; init; } = 1;

    public IReadOnlyList<(string Logical, string Physical)> Moves { get; init; } = [];

    public bool Replace { get; init; }

    public RecoveryOption Recovery { get; init; } = RecoveryOption.Recovery;

    public string? StandbyFile { get; init; }

    public StopPoint? Stop { get; init; }

    public bool Checksum { get; init; }

    /// <summary>Backup checksums are not looked at.</summary>
    public bool NoChecksum { get; init; }

    public bool ContinueAfterError { get; init; }

    /// <summary>RESTART: there is never a file that says where an interrupted restore stood (3018).</summary>
    public bool Restart { get; init; }

    public string? MediaName { get; init; }

    public bool RestrictedUser { get; init; }

    public int Stats { get; init; } = 10;

    public string UserName { get; init; } = "sa";

    /// <summary>Whether other sessions use the database (3101), or the session itself does (3102): asked just before it is needed.</summary>
    public Func<LabDatabase, int>? InUseError { get; init; }
}

/// <summary>A result set computed in memory.</summary>
public sealed record ResultTable(IReadOnlyList<(string Name, SqlType Type)> Columns, IReadOnlyList<object?[]> Rows);
