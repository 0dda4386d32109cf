using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue.History;

/// <summary>A backup that a history knows.</summary>
/// <param name="Source">Which history, for messages.</param>
/// <param name="Server">Instance that wrote it.</param>
/// <param name="Database">Whose backup it is.</param>
/// <param name="Kind">Full, log, …</param>
/// <param name="Path">File it was written to, as that instance saw it.</param>
public sealed record RecordedBackup(string Source, string Server, string Database, MediaBackupKind Kind, string Path)
{
    /// <summary>Identity of the backup set; empty where the history does not keep it (adm_BackupHistory): then file name, mark and database are all there is.</summary>
    public Guid BackupSetGuid { get; init; }

    public LogPosition FirstLsn { get; init; }

    public LogPosition LastLsn { get; init; }

    public bool IsCopyOnly { get; init; }

    /// <summary>Mark of its set; null where the history does not keep it.</summary>
    public string? Mark { get; init; }

    /// <summary>Whose it is.</summary>
    public MemberKey Member => new(Server, Database);
}

/// <summary>A mark that msdb knows.</summary>
/// <param name="Source">Which history, for messages.</param>
/// <param name="Member">In whose log it stands.</param>
/// <param name="Mark">Its name.</param>
/// <param name="Lsn">Where it stands.</param>
public sealed record RecordedMark(string Source, MemberKey Member, string Mark, LogPosition Lsn);

/// <summary>What histories know of a group's backups.</summary>
/// <param name="Backups">The backups.</param>
/// <param name="Marks">The marks.</param>
public sealed record BackupRecords(IReadOnlyList<RecordedBackup> Backups, IReadOnlyList<RecordedMark> Marks)
{
    /// <summary>No history was asked.</summary>
    public static readonly BackupRecords None = new([], []);

    /// <summary>Puts two together.</summary>
    public BackupRecords And(BackupRecords other) => new([.. Backups, .. other.Backups], [.. Marks, .. other.Marks]);
}
