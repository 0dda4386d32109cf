using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>What a backup set says of its database.</summary>
internal static class BackupHeaders
{
    private const long UnlimitedData = 35184372080640;
    private const long UnlimitedLog = 2199023255552;

    /// <summary>The header as it is at the start of a backup.</summary>
    public static BackupSetInfo Start(LabDatabase database, BackupRequest request)
    {
        LabInstance instance = database.Instance;
        bool isDifferential = request.Kind == BackupKind.Differential;
        BackupSetInfo info = new()
        {
            Name = request.Name,
            Description = request.Description,
            UserName = request.UserName,
            Type = request.Kind switch { BackupKind.Log => 'L', BackupKind.Differential => 'I', _ => 'D' },
            Flags = Flags(database, request),
            SetGuid = Guid.NewGuid(),
            StartDate = instance.Now,
            TimeZoneQuarters = (sbyte)(instance.Options.UtcOffset.TotalMinutes / 15),
            ExpirationDate = request.ExpirationDate,
            DatabaseBackupLsn = database.LastFullCheckpointLsn,
            LastFullSetGuid = database.LastFullBackupGuid,
            DifferentialBaseLsn = isDifferential ? database.LastFullCheckpointLsn : Lsn.Zero,
            DifferentialBaseGuid = isDifferential ? database.LastFullBackupGuid : Guid.Empty,
            DatabaseCreationDate = database.CreateDate,
            DatabaseName = database.Name,
            ServerName = instance.Options.ServerName,
            MachineName = instance.Options.ServerName.Split('\\')[0],
            Collation = database.Collation,
            DatabaseId = database.Id,
            CompatibilityLevel = database.CompatibilityLevel,
            BindingId = database.DatabaseGuid,
            RecoveryForkId = database.RecoveryForkGuid,
            FirstRecoveryForkId = database.RecoveryForkGuid,
            ForkPointLsn = database.ForkPointLsn,
            ParentForkId = database.FirstRecoveryForkGuid,
            FamilyId = database.FamilyGuid,
            RecoveryModel = database.RecoveryModel,
            LogChainStartLsn = database.LogChainStartLsn,
            FileGroups = database.FileGroups,
            Encryption = database.Encryption is { IsOn: true } encryption ? encryption : null,
        };
        return info with { Files = Files(database, info, [], 0) };
    }

    /// <summary>The file list.</summary>
    /// <param name="database">The database.</param>
    /// <param name="info">The header, for the differential base.</param>
    /// <param name="pages">Pages of each data file in the set, by file id.</param>
    /// <param name="logBytes">Bytes of log in the set.</param>
    public static BackupFileInfo[] Files(LabDatabase database, BackupSetInfo info, Dictionary<int, long> pages, long logBytes) =>
    [
        .. database.Files.Select(f => new BackupFileInfo
        {
            FileId = f.FileId,
            IsLog = f.IsLog,
            FileGroupId = f.IsLog ? 0 : f.FileGroupId,
            LogicalName = f.LogicalName,
            PhysicalName = f.PhysicalName,
            UniqueId = f.FileGuid,
            SizeBytes = f.SizeBytes,
            MaxSizeBytes = f.IsLog ? UnlimitedLog : UnlimitedData,
            PagesInBackup = f.IsLog ? 0 : (int)pages.GetValueOrDefault(f.FileId),
            BackupSizeBytes = f.IsLog ? logBytes : pages.GetValueOrDefault(f.FileId) * PageFormat.PageSize,
            DifferentialBaseLsn = f.IsLog ? Lsn.Zero : info.Type == 'D' ? info.CheckpointLsn : database.LastFullCheckpointLsn,
            DifferentialBaseGuid = f.IsLog ? Guid.Empty : info.Type == 'D' ? info.SetGuid : database.LastFullBackupGuid,
        }),
    ];

    private static int Flags(LabDatabase database, BackupRequest request)
    {
        int flags = BackupSetInfo.FlagAlways;
        flags |= database.IsReadOnly ? BackupSetInfo.FlagReadOnly : 0;
        flags |= database.UserAccess == UserAccess.SingleUser ? BackupSetInfo.FlagSingleUser : 0;
        flags |= request.Checksum ? BackupSetInfo.FlagChecksums : 0;
        flags |= request.NoRecovery ? BackupSetInfo.FlagNoRecovery | BackupSetInfo.FlagTailLog : 0;
        flags |= request is { Kind: BackupKind.Log, NoTruncate: true } ? BackupSetInfo.FlagCopyOnly : 0;
        flags |= request.CopyOnly ? BackupSetInfo.FlagCopyOnly : 0;
        flags |= request.Kind == BackupKind.Differential ? BackupSetInfo.FlagDifferential : 0;
        return flags;
    }
}
