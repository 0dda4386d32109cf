using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>What the instance's catalogue file remembers of a database. Immutable: a change is a new entry, saved before it counts.</summary>
internal sealed record DatabaseEntry
{
    public int Id { get; init; }

    public required string Name { get; init; }

    public string Owner { get; init; } = "sa";

    public required string Collation { get; init; }

    public DateTime CreateDate { get; init; }

    public byte CompatibilityLevel { get; init; } = 160;

    public RecoveryModel RecoveryModel { get; init; } = RecoveryModel.Full;

    public UserAccess UserAccess { get; init; }

    public bool IsReadOnly { get; init; }

    public DatabaseState State { get; init; }

    public bool IsInStandby { get; init; }

    public string? StandbyFile { get; init; }

    public Guid DatabaseGuid { get; init; }

    public Guid FamilyGuid { get; init; }

    public Guid RecoveryForkGuid { get; init; }

    public Guid FirstRecoveryForkGuid { get; init; }

    public Lsn ForkPointLsn { get; init; }

    /// <summary>Whether it is RESTORING for the length of a backup of its tail only: whatever ends that leaves the database open, with its log.</summary>
    public bool IsClosing { get; init; }

    /// <summary>Where roll-forward stands; null = the content is unknown or the database is online.</summary>
    public Lsn? RedoLsn { get; init; }

    /// <summary>Time of the last commit rolled forward; null when none was, or the database is online.</summary>
    public DateTime? RedoTime { get; init; }

    /// <summary>Whether a step of the restore went on after an error.</summary>
    public bool HasAcceptedDamage { get; init; }

    /// <summary>Virtual log file a recovery that has begun goes on in (state RECOVERING).</summary>
    public uint NextVlf { get; init; }

    public Lsn LastLogBackupLsn { get; init; }

    public Lsn LastFullCheckpointLsn { get; init; }

    public Guid LastFullBackupGuid { get; init; }

    public Lsn LogChainStartLsn { get; init; }

    public IReadOnlyList<DatabaseFile> Files { get; init; } = [];

    public DatabaseEncryption? Encryption { get; init; }

    public IReadOnlyList<FileGroupEntry> FileGroups { get; init; } = [FileGroupEntry.PrimaryGroup];
}

/// <summary>Transparent data encryption of a database: its encryption key, protected by a certificate of master.</summary>
/// <param name="Algorithm">AES or TRIPLE_DES_3KEY.</param>
/// <param name="KeyLength">Bits.</param>
/// <param name="Thumbprint">The certificate.</param>
/// <param name="Created">When the key was made.</param>
/// <param name="IsOn">Whether the database counts as encrypted.</param>
public sealed record DatabaseEncryption(string Algorithm, int KeyLength, byte[] Thumbprint, DateTime Created, bool IsOn);

/// <summary>A file group.</summary>
/// <param name="Id">data_space_id; 1 = PRIMARY.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsDefault">Whether tables go there when none is named.</param>
/// <param name="Guid">filegroup_guid; empty for PRIMARY, as SQL Server shows NULL there.</param>
public sealed record FileGroupEntry(int Id, string Name, bool IsDefault, Guid Guid)
{
    public const int Primary = 1;

    public static FileGroupEntry PrimaryGroup { get; } = new(Primary, "PRIMARY", true, Guid.Empty);
}

/// <summary>The instance's catalogue file.</summary>
internal sealed record InstanceEntry
{
    public required string ServerName { get; init; }

    public required string Collation { get; init; }

    public IReadOnlyList<DatabaseEntry> Databases { get; init; } = [];

    public IReadOnlyList<AvailabilityGroup> AvailabilityGroups { get; init; } = [];
}
