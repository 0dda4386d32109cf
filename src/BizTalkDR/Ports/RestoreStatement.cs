using System.Collections.Generic;

namespace BizTalkDR.Ports;

/// <summary>What a restore statement does.</summary>
public enum RestoreAction
{
    /// <summary>RESTORE DATABASE from a full backup, NORECOVERY.</summary>
    Full,

    /// <summary>RESTORE LOG, NORECOVERY, with the stop mark wherever SQL Server takes one.</summary>
    Log,

    /// <summary>RESTORE DATABASE WITH STANDBY: opens it read-only without ending the restore.</summary>
    Standby,

    /// <summary>RESTORE DATABASE WITH NORECOVERY: back from standby.</summary>
    Resume,

    /// <summary>RESTORE DATABASE WITH RECOVERY, RESTRICTED_USER.</summary>
    Recover,

    /// <summary>RESTORE DATABASE from a differential backup, NORECOVERY.</summary>
    Differential,

    /// <summary>RESTORE DATABASE WITH RECOVERY of a database that the backup of its own tail left RESTORING: back to where it was.</summary>
    BringBack,
}

/// <summary>Where a file of the database goes.</summary>
public sealed record FileMove(string LogicalName, string PhysicalName);

/// <summary>One restore statement, in our words.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Database">Name at the destination.</param>
public sealed record RestoreStatement(RestoreAction Action, string Database)
{
    /// <summary>Backup file as the destination sees it; for Full, Differential and Log.</summary>
    public string? Path { get; init; }

    /// <summary>Further stripes of the same medium; empty for the usual single file.</summary>
    public IReadOnlyList<string> Stripes { get; init; } = [];

    /// <summary>Backup set in the file, from 1.</summary>
    public int Position { get; init; } = 1;

    public IReadOnlyList<FileMove> Moves { get; init; } = [];

    /// <summary>Overwrite an existing database of this name; only where the plan says so.</summary>
    public bool Replace { get; init; }

    /// <summary>STOPATMARK; for Log.</summary>
    public string? StopAtMark { get; init; }

    /// <summary>Undo file; for Standby.</summary>
    public string? StandbyFile { get; init; }

    /// <summary>BUFFERCOUNT and MAXTRANSFERSIZE; null when the server chooses.</summary>
    public Restore.TransferSize? Transfer { get; init; }

    /// <summary>Demand the backup's checksums; only where the header says that it has them.</summary>
    public bool Checksum { get; init; }
}
