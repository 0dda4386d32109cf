using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue;

/// <summary>Whether a backup can be restored from, as far as that can be seen beforehand.</summary>
public enum BackupCondition
{
    Usable,

    /// <summary>Its server marked it as damaged, or reading showed damage.</summary>
    Damaged,

    /// <summary>The file ends before the backup does: it is still being written or copied, or was cut off.</summary>
    Unfinished,

    /// <summary>A stripe of its medium is not there.</summary>
    StripeMissing,
}

/// <summary>One backup set in one file, or in the stripes of one medium: what the header says, and what the name adds.</summary>
/// <param name="Path">The file as the server that read it sees it.</param>
/// <param name="Header">The authority.</param>
public sealed record MediaBackup(string Path, BackupHeader Header)
{
    private readonly BackupCondition _condition;

    /// <summary>Size of the file, or of all stripes; null when nobody could tell.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Which part of which medium the file is; null when it was not asked for, which counts as the whole medium.</summary>
    public MediaLabel? Label { get; init; }

    /// <summary>The further stripes; empty for the usual single file.</summary>
    public IReadOnlyList<string> Stripes { get; init; } = [];

    /// <summary>Every file a statement must name.</summary>
    public IReadOnlyList<string> Paths => [Path, .. Stripes];

    /// <summary>Whether it can be restored from.</summary>
    public BackupCondition Condition
    {
        get => _condition == BackupCondition.Usable && Header.IsDamaged ? BackupCondition.Damaged : _condition;
        init => _condition = value;
    }

    /// <summary>What is wrong with it, when something is.</summary>
    public string? ConditionText { get; init; }

    /// <summary>Whether it can be restored from.</summary>
    public bool IsUsable => Condition == BackupCondition.Usable;

    /// <summary>The parts of the name; null when it does not follow the rule.</summary>
    public BackupFileName? Name { get; init; } = BackupFileName.TryParse(ServerPath.NameOf(Path));

    /// <summary>Whose backup it is.</summary>
    public MemberKey Member { get; } = new(Header.ServerName, Header.DatabaseName);

    /// <summary>The mark that this log set was written for, by its name; null for fulls and strange names.</summary>
    public string? Mark => Header.Kind == MediaBackupKind.Log && Name is { Kind: BackupSetKind.Log } ? Name.Mark : null;

    /// <summary>Fork at the start of the backup.</summary>
    public Guid StartFork => Header.FirstRecoveryForkGuid == Guid.Empty ? Header.RecoveryForkGuid : Header.FirstRecoveryForkGuid;

    /// <summary>Whether two backups are of one database; a backup that does not name its family goes with any.</summary>
    public bool IsOfFamilyOf(MediaBackup other) =>
        Header.FamilyGuid == Guid.Empty || other.Header.FamilyGuid == Guid.Empty || Header.FamilyGuid == other.Header.FamilyGuid;

    /// <summary>Gives the path.</summary>
    public override string ToString()
    {
        string text = Header.Position == 1 ? Path : $"{Path} (position {Header.Position})";
        return Stripes.Count == 0 ? text : $"{text} and {string.Join(", ", Stripes.Select(ServerPath.NameOf))}";
    }
}
