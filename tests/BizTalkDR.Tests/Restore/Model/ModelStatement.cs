using System.Collections.Generic;

namespace BizTalkDR.Tests.Restore.Model;

/// <summary>What a statement does.</summary>
internal enum ModelAction
{
    RestoreDatabase,
    RestoreLog,

    /// <summary>BACKUP LOG … WITH NORECOVERY.</summary>
    BackupTail,
    Recover,
}

/// <summary>A statement on one database.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Paths">The files given, every stripe.</param>
/// <param name="Position">FILE =, from 1.</param>
internal sealed record ModelStatement(ModelAction Action, IReadOnlyList<string> Paths, int Position = 1)
{
    public string? StopAtMark { get; init; }

    public bool Replace { get; init; }
}

/// <summary>What the server answers.</summary>
/// <param name="Error">Number of the error; 0 when the statement succeeded.</param>
/// <param name="Database">The database afterwards; unchanged after an error, except where the rule says otherwise.</param>
/// <param name="StoppedAt">The mark at which roll-forward stopped; null when it ran to the end of the log (4329 for a log with a stop clause).</param>
internal sealed record ModelAnswer(int Error, ModelDatabase? Database, ModelMark? StoppedAt = null);

/// <summary>State of the one database.</summary>
internal enum ModelState
{
    Online,
    Restoring,
}

/// <summary>What a server keeps of a database with regard to restoring. A database that is not there is null.</summary>
/// <param name="State">ONLINE or RESTORING.</param>
/// <param name="Family">family_guid.</param>
/// <param name="Fork">redo_start_fork_guid.</param>
/// <param name="Redo">redo_start_lsn: where the next roll-forward begins.</param>
internal sealed record ModelDatabase(ModelState State, System.Guid Family, System.Guid Fork, long Redo)
{
    /// <summary>Set id of the full that a differential may be put on; empty for none.</summary>
    public System.Guid BaseId { get; init; }

    public long BaseLsn { get; init; }

    /// <summary>Whether a log was applied since the full.</summary>
    public bool IsRolledForward { get; init; }

    /// <summary>Whether the end of the log (the tail) is not in any backup.</summary>
    public bool HasTail { get; init; }
}
