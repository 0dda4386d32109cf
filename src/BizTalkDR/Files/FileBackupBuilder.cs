using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.BackupFiles;
using BizTalkDR.Ports;
using Finding = BizTalkDR.Reports.Finding;
using FindingLevel = BizTalkDR.Reports.FindingLevel;
using Offline = BizTalkDR.BackupFiles;

namespace BizTalkDR.Files;

/// <summary>Puts what a header says into a record that a shell can sort and filter, and keeps apart what is known and what is not.</summary>
internal sealed class FileBackupBuilder
{
    private readonly BackupFile _file;
    private readonly Offline.BackupSet _set;
    private readonly Dictionary<string, string> _unknown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unproven = new(StringComparer.Ordinal);

    private FileBackupBuilder(Offline.BackupSet set)
    {
        _set = set;
        _file = set.File;
    }

    public static FileBackup Build(Offline.BackupSet set, string path) => new FileBackupBuilder(set).Build(path);

    private FileBackup Build(string path)
    {
        MediaHeader media = _file.Media;
        return new FileBackup(path, _set.Position)
        {
            Database = Text(nameof(FileBackup.Database), _set.DatabaseName),
            Server = Text(nameof(FileBackup.Server), _set.ServerName),
            Type = Value(nameof(FileBackup.Type), _set.Type) is { } type ? KindOf(type) : null,
            State = StateOf(_set),
            StartLocal = Value(nameof(FileBackup.StartLocal), _set.StartLocal),
            FinishLocal = Value(nameof(FileBackup.FinishLocal), _set.FinishLocal),
            UtcOffset = Value(nameof(FileBackup.UtcOffset), _set.UtcOffset),
            FirstLsn = Number(nameof(FileBackup.FirstLsn), _set.FirstLsn),
            LastLsn = Number(nameof(FileBackup.LastLsn), _set.LastLsn),
            CheckpointLsn = Number(nameof(FileBackup.CheckpointLsn), _set.CheckpointLsn),
            DatabaseBackupLsn = Number(nameof(FileBackup.DatabaseBackupLsn), _set.DatabaseBackupLsn),
            DifferentialBaseLsn = Number(nameof(FileBackup.DifferentialBaseLsn), _set.DifferentialBaseLsn),
            BackupSetGuid = Value(nameof(FileBackup.BackupSetGuid), _set.BackupSetGuid),
            DifferentialBaseGuid = Value(nameof(FileBackup.DifferentialBaseGuid), _set.DifferentialBaseGuid),
            RecoveryForkId = Value(nameof(FileBackup.RecoveryForkId), _set.RecoveryForkId),
            FamilyGuid = Value(nameof(FileBackup.FamilyGuid), _set.FamilyGuid),
            BindingId = Value(nameof(FileBackup.BindingId), _set.BindingId),
            Container = _file.Container,
            FileSizeBytes = _file.LengthBytes,
            BackupSizeBytes = Value(nameof(FileBackup.BackupSizeBytes), _set.BackupSizeBytes),
            HasBackupChecksums = Value(nameof(FileBackup.HasBackupChecksums), _set.HasBackupChecksums),
            IsPasswordProtected = HasPassword(media),
            IsCopyOnly = Value(nameof(FileBackup.IsCopyOnly), _set.IsCopyOnly),
            RecoveryModel = Value(nameof(FileBackup.RecoveryModel), _set.RecoveryModel),
            SoftwareVersion = Text(nameof(FileBackup.SoftwareVersion), _set.SoftwareVersion),
            DatabaseVersion = Value(nameof(FileBackup.DatabaseVersion), _set.DatabaseVersion),
            MachineName = Text(nameof(FileBackup.MachineName), _set.MachineName),
            MediaSetId = Value(nameof(FileBackup.MediaSetId), media.MediaSetId),
            StripeCount = Value(nameof(FileBackup.StripeCount), media.FamilyCount),
            StripeNumber = Value(nameof(FileBackup.StripeNumber), media.FamilyNumber),
            Files = _set.Files,
            ClaimedMark = _file.BizTalkName?.Mark,
            Support = BackupFileSupport.Of(_set, BackupFileFeature.Headers),
            MarkSupport = BackupFileSupport.Of(_set, BackupFileFeature.Marks),
            Findings = FindingsOf(path),
            Unknown = _unknown,
            Unproven = _unproven,
            Header = _set,
        };
    }

    internal static Finding Translate(Offline.Finding finding, string subject)
    {
        FindingLevel level = finding.Severity switch
        {
            FindingSeverity.Damage => FindingLevel.Error,
            FindingSeverity.Warning => FindingLevel.Warning,
            _ => FindingLevel.Information,
        };
        string place = finding.Offset is long at ? string.Format(CultureInfo.InvariantCulture, " (at byte {0})", at) : string.Empty;
        return new Finding(level, subject, finding.Message + place);
    }

    private static FileBackupState StateOf(Offline.BackupSet set)
    {
        BackupFile file = set.File;
        List<Offline.Finding> damage = file.Findings.Where(f => f.Severity == FindingSeverity.Damage && (f.Position is null || f.Position == set.Position)).ToList();
        if (damage.Any(f => f.Kind == FindingKind.ChangedWhileRead))
        {
            return FileBackupState.Growing;
        }

        if (set.IsComplete)
        {
            return damage.Any(f => f.Position == set.Position) ? FileBackupState.Damaged : FileBackupState.Complete;
        }

        bool onlyCut = damage.TrueForAll(f => f.Kind is FindingKind.Truncated or FindingKind.Unfinished);
        return onlyCut ? FileBackupState.Incomplete : FileBackupState.Damaged;
    }

    private static MediaBackupKind KindOf(Offline.BackupType type) => type switch
    {
        Offline.BackupType.Database => MediaBackupKind.Full,
        Offline.BackupType.Log => MediaBackupKind.Log,
        Offline.BackupType.Differential => MediaBackupKind.Differential,
        _ => MediaBackupKind.Other,
    };

    private List<Finding> FindingsOf(string path) => _file.Findings
        .Where(f => f.Position is null || f.Position == _set.Position)
        .OrderByDescending(f => f.Severity)
        .Select(f => Translate(f, BackupPath.NameOf(path)))
        .ToList();

    private bool? HasPassword(MediaHeader media)
    {
        bool? medium = Value(nameof(FileBackup.IsPasswordProtected), media.IsPasswordProtected);
        bool? set = Value(nameof(FileBackup.IsPasswordProtected), _set.IsPasswordProtected);
        return medium is true || set is true ? true : medium is null || set is null ? null : false;
    }

    private decimal? Number(string field, Known<Lsn> known) => Value(field, known) is { } lsn ? lsn.ToDecimal() : null;

    private T? Value<T>(string field, Known<T> known)
        where T : struct => Note(field, known) ? known.Value : null;

    private T? Text<T>(string field, Known<T> known)
        where T : class => Note(field, known) ? known.Value : null;

    private bool Note<T>(string field, Known<T> known)
    {
        if (!known.IsKnown)
        {
            _unknown[field] = known.Why ?? "the file does not tell";
        }
        else if (known.Certainty != Certainty.Verified)
        {
            _unproven[field] = $"{known.Certainty.ToString().ToLowerInvariant()}: {known.Why}";
        }

        return known.IsKnown;
    }
}
