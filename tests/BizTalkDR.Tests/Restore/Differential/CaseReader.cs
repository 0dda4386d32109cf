using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>Shows a case to the product: headers as HEADERONLY and LABELONLY give them, marks as the reader of logs does.</summary>
internal sealed class CaseReader(RestoreCase restoreCase) : IBackupMarkReader
{
    private readonly Dictionary<string, ModelFile> _files = restoreCase.ModelFiles.ToDictionary(f => f.Path, StringComparer.Ordinal);

    public BackupCatalogue Catalogue() => new(
        restoreCase.Files.Where(f => f.ShowsHeader).SelectMany(BackupsOf),
        null,
        restoreCase.Recipe.KnowsGroup ? [.. restoreCase.Members.Select(m => new GroupMember(MemberRole.Custom, m.Database, m.Server, m.Server))] : null,
        restoreCase.Manifests.Select(m => m.Found));

    public MarkPosition? Find(string path, int position, string markName, CancellationToken cancellationToken = default) =>
        Read(path, position, cancellationToken).Marks.Where(m => m.Name == markName).Select(m => m.Position).FirstOrDefault();

    public MarkReading Read(string path, int position, CancellationToken cancellationToken = default) => _files[path] is { IsReadable: true } file
        ? new MarkReading([.. file.Sets[position - 1].Marks.Select(m => (m.Name, PositionOf(m)))], null)
        : throw new RecoveryException(RecoveryError.BackupMediaUnreadable, path, $"The log in '{path}' could not be read.");

    private static MarkPosition PositionOf(ModelMark mark) => new(new LogPosition(mark.Lsn), new LogPosition(mark.NextLsn), MarkCertainty.Exact, "read from the log");

    private static IEnumerable<MediaBackup> BackupsOf(CaseFile file) => file.File.Sets.Select((set, i) => new MediaBackup(file.File.Path, HeaderOf(set, i + 1, file.Server, file.Database))
    {
        SizeBytes = file.SizeBytes,
        Label = new MediaLabel(file.File.MediaSet, file.File.Stripes, file.File.Stripe),
        Condition = file.File.IsReadable ? BackupCondition.Usable : file.IsUnfinished ? BackupCondition.Unfinished : BackupCondition.Damaged,
    });

    /// <summary>What HEADERONLY says of a set.</summary>
    public static BackupHeader HeaderOf(ModelSet set, int position, string server, string database) => new(
        position, set.Kind switch { ModelKind.Full => MediaBackupKind.Full, ModelKind.Differential => MediaBackupKind.Differential, _ => MediaBackupKind.Log }, server, database)
    {
        FirstLsn = new LogPosition(set.FirstLsn),
        LastLsn = new LogPosition(set.LastLsn),
        CheckpointLsn = new LogPosition(set.CheckpointLsn),
        DifferentialBaseGuid = set.BaseId,
        DifferentialBaseLsn = new LogPosition(set.BaseLsn),
        ForkPointLsn = new LogPosition(set.ForkPoint),
        BackupSetGuid = set.SetId,
        FamilyGuid = set.Family,
        RecoveryForkGuid = set.LastFork,
        FirstRecoveryForkGuid = set.FirstFork,
        IsCopyOnly = set.IsCopyOnly,
        HasBulkLoggedData = set.IsBulkLogged,
        BackupSizeBytes = set.LastLsn - set.FirstLsn,
        SoftwareVersion = new Version(16, 0, 4135),
    };
}
