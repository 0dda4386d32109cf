using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Ports;
using Reader = BizTalkDR.BackupFiles;

namespace BizTalkDR.Catalogue.WithoutServer;

/// <summary>Puts what the reader of backup files sees into the catalogue's words.</summary>
internal static class OfflineBackups
{
    /// <summary>Reads one file.</summary>
    public static IReadOnlyList<MediaBackup> Read(string path, CancellationToken cancellationToken) => Read(Reader.BackupFile.Open(path, cancellation: cancellationToken), path);

    /// <summary>Reads one blob.</summary>
    public static IReadOnlyList<MediaBackup> Read(string url, IBlobStore blobs, CancellationToken cancellationToken)
    {
        using Stream stream = blobs.Open(url, cancellationToken);
        return Read(Reader.BackupFile.Open(stream, url, cancellation: cancellationToken), url);
    }

    private static List<MediaBackup> Read(Reader.BackupFile file, string path)
    {
        var label = new MediaLabel(file.Media.MediaSetId.ValueOr(Guid.Empty), Math.Max(1, file.Media.FamilyCount.ValueOr(1)), Math.Max(1, file.Media.FamilyNumber.ValueOr(1)));
        Reader.Finding? damage = file.Findings.FirstOrDefault(f => f.Severity == Reader.FindingSeverity.Damage);
        return file.Sets.Where(s => s.Type.IsKnown).Select(set => new MediaBackup(path, HeaderOf(set))
        {
            SizeBytes = file.LengthBytes,
            Label = label,
            Condition = set.IsComplete ? BackupCondition.Usable : ConditionOf(damage),
            ConditionText = set.IsComplete ? null : damage?.Message ?? "its end is missing",
        }).ToList();
    }

    private static BackupCondition ConditionOf(Reader.Finding? damage) =>
        damage is null || damage.Kind is Reader.FindingKind.ChangedWhileRead or Reader.FindingKind.Truncated or Reader.FindingKind.Unfinished ? BackupCondition.Unfinished : BackupCondition.Damaged;

    private static BackupHeader HeaderOf(Reader.BackupSet set)
    {
        Reader.BackupSetFlags flags = set.Flags.ValueOr(Reader.BackupSetFlags.None);
        return new BackupHeader(set.Position, KindOf(set.Type.Value), set.ServerName.ValueOr(string.Empty), set.DatabaseName.ValueOr(string.Empty))
        {
            Name = set.BackupName,
            FirstLsn = Position(set.FirstLsn),
            LastLsn = Position(set.LastLsn),
            CheckpointLsn = Position(set.CheckpointLsn),
            DatabaseBackupLsn = Position(set.DatabaseBackupLsn),
            DifferentialBaseLsn = Position(set.DifferentialBaseLsn),
            DifferentialBaseGuid = set.DifferentialBaseGuid.ValueOr(Guid.Empty),
            ForkPointLsn = Position(set.ForkPointLsn),
            BackupSetGuid = set.BackupSetGuid.ValueOr(Guid.Empty),
            FamilyGuid = set.FamilyGuid.ValueOr(Guid.Empty),
            RecoveryForkGuid = set.RecoveryForkId.ValueOr(Guid.Empty),
            FirstRecoveryForkGuid = set.FirstRecoveryForkId.ValueOr(Guid.Empty),
            BindingGuid = set.BindingId.ValueOr(Guid.Empty),
            StartedLocal = set.StartLocal.ValueOr(default),
            FinishedLocal = set.FinishLocal.ValueOr(default),
            BackupSizeBytes = set.BackupSizeBytes.ValueOr(0),
            CompressedSizeBytes = set.CompressedBackupSizeBytes.TryGet(out long compressed) ? compressed : null,
            SoftwareVersion = set.SoftwareVersion.ValueOr(new Version(0, 0)),
            RecoveryModel = set.RecoveryModel.TryGet(out Reader.RecoveryModel model) ? model.ToString() : string.Empty,
            IsDamaged = flags.HasFlag(Reader.BackupSetFlags.IsDamaged),
            HasBackupChecksums = set.HasBackupChecksums.ValueOr(false),
            IsCopyOnly = set.IsCopyOnly.ValueOr(false),
            HasBulkLoggedData = flags.HasFlag(Reader.BackupSetFlags.HasBulkLoggedData),
        };
    }

    private static LogPosition Position(Reader.Known<Reader.Lsn> lsn) => new(lsn.ValueOr(Reader.Lsn.None).ToDecimal());

    private static MediaBackupKind KindOf(Reader.BackupType type) => type switch
    {
        Reader.BackupType.Database => MediaBackupKind.Full,
        Reader.BackupType.Log => MediaBackupKind.Log,
        Reader.BackupType.Differential => MediaBackupKind.Differential,
        _ => MediaBackupKind.Other,
    };
}
