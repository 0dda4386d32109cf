using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>The result sets of RESTORE HEADERONLY, FILELISTONLY and LABELONLY, columns and types as documented for SQL Server 2022.</summary>
internal static class HeaderTables
{
    private static readonly SqlType _name = SqlType.NVarChar(128);
    private static readonly SqlType _smallInt = new(SqlKind.SmallInt);
    private static readonly SqlType _number20 = SqlType.Decimal(20, 0);
    private static readonly SqlType _lsn = SqlType.LsnNumber;

    public static ResultTable Headers(IEnumerable<MediaSet> sets, MediaInfo media)
    {
        List<object?[]> rows = [];
        List<(string Name, SqlType Type)> columns = [];
        foreach (MediaSet set in sets)
        {
            List<(string Name, SqlType Type, object? Value)> header = Header(set, media);
            columns = [.. header.Select(h => (h.Name, h.Type))];
            rows.Add([.. header.Select(h => h.Value)]);
        }

        if (columns.Count == 0)
        {
            columns = [.. Header(new MediaSet { Info = new BackupSetInfo() }, media).Select(h => (h.Name, h.Type))];
        }

        return new ResultTable(columns, rows);
    }

    public static ResultTable Files(BackupSetInfo set)
    {
        List<(string Name, SqlType Type)> columns = [.. File(set, new BackupFileInfo()).Select(f => (f.Name, f.Type))];
        return new ResultTable(columns, [.. set.Files.Select(f => File(set, f).Select(c => c.Value).ToArray())]);
    }

    public static ResultTable Label(MediaInfo media)
    {
        (string Name, SqlType Type, object? Value)[] row =
        [
            ("MediaName", _name, media.Name),
            ("MediaSetId", SqlType.UniqueIdentifier, media.MediaSetId),
            ("FamilyCount", SqlType.Int, media.FamilyCount),
            ("FamilySequenceNumber", SqlType.Int, media.FamilyNumber),
            ("MediaFamilyId", SqlType.UniqueIdentifier, FamilyGuid(media.MediaFamilyId)),
            ("MediaSequenceNumber", SqlType.Int, 1),
            ("MediaLabelPresent", SqlType.TinyInt, (byte)0),
            ("MediaDescription", SqlType.NVarChar(255), media.Description),
            ("SoftwareName", _name, media.SoftwareName),
            ("SoftwareVendorId", SqlType.Int, media.VendorId),
            ("MediaDate", SqlType.DateTime, media.Date),
            ("MirrorCount", SqlType.Int, media.MirrorCount),
            ("IsCompressed", SqlType.Bit, media.IsCompressed),
        ];
        return new ResultTable([.. row.Select(c => (c.Name, c.Type))], [[.. row.Select(c => c.Value)]]);
    }

    /// <summary>Shows the 32-bit media family id as SQL Server does: as the first part of a GUID.</summary>
    public static Guid FamilyGuid(uint id)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, id);
        return new Guid(bytes);
    }

    public static string ModelName(RecoveryModel model) => model switch
    {
        RecoveryModel.Simple => "SIMPLE",
        RecoveryModel.BulkLogged => "BULK-LOGGED",
        _ => "FULL",
    };

    private static List<(string Name, SqlType Type, object? Value)> Header(MediaSet set, MediaInfo media)
    {
        BackupSetInfo i = set.Info;
        List<(string Name, SqlType Type, object? Value)> row =
        [
            ("BackupName", _name, set.IsComplete ? i.Name : "*** INCOMPLETE ***"),
            ("BackupDescription", SqlType.NVarChar(255), i.Description),
            ("BackupType", _smallInt, set.IsComplete ? i.TypeNumber : null),
            ("ExpirationDate", SqlType.DateTime, i.ExpirationDate),
            ("Compressed", SqlType.TinyInt, (byte)(media.IsCompressed ? 1 : 0)),
            ("Position", _smallInt, (short)i.Position),
            ("DeviceType", SqlType.TinyInt, (byte)2),
            ("UserName", _name, i.UserName),
            ("ServerName", _name, i.ServerName),
            ("DatabaseName", _name, i.DatabaseName),
            ("DatabaseVersion", SqlType.Int, i.DatabaseVersion),
            ("DatabaseCreationDate", SqlType.DateTime, i.DatabaseCreationDate),
            ("BackupSize", _number20, (decimal)i.BackupSize),
            ("FirstLSN", _lsn, i.FirstLsn.ToDecimal()),
            ("LastLSN", _lsn, i.LastLsn.ToDecimal()),
            ("CheckpointLSN", _lsn, i.CheckpointLsn.ToDecimal()),
            ("DatabaseBackupLSN", _lsn, i.DatabaseBackupLsn.ToDecimal()),
            ("BackupStartDate", SqlType.DateTime, i.StartDate == default ? null : i.StartDate),
            ("BackupFinishDate", SqlType.DateTime, i.FinishDate),
            ("SortOrder", _smallInt, (short)i.SortOrder),
            ("CodePage", _smallInt, (short)0),
            ("UnicodeLocaleId", SqlType.Int, i.UnicodeLocale),
            ("UnicodeComparisonStyle", SqlType.Int, i.UnicodeComparisonStyle),
            ("CompatibilityLevel", SqlType.TinyInt, i.CompatibilityLevel),
            ("SoftwareVendorId", SqlType.Int, media.VendorId),
            ("SoftwareVersionMajor", SqlType.Int, (int)i.SoftwareMajor),
            ("SoftwareVersionMinor", SqlType.Int, (int)i.SoftwareMinor),
            ("SoftwareVersionBuild", SqlType.Int, i.SoftwareBuild),
            ("MachineName", _name, i.MachineName),
            ("Flags", SqlType.Int, i.Flags),
            ("BindingID", SqlType.UniqueIdentifier, i.BindingId),
            ("RecoveryForkID", SqlType.UniqueIdentifier, i.RecoveryForkId),
            ("Collation", _name, i.Collation ?? CollationOf(i)),
            ("FamilyGUID", SqlType.UniqueIdentifier, i.FamilyId),
        ];
        row.AddRange(Flags(i));
        row.AddRange(
        [
            ("FirstRecoveryForkID", SqlType.UniqueIdentifier, i.FirstRecoveryForkId),
            ("ForkPointLSN", _lsn, i.FirstRecoveryForkId == i.RecoveryForkId ? null : i.ForkPointLsn.ToDecimal()),
            ("RecoveryModel", SqlType.NVarChar(60), ModelName(i.RecoveryModel)),
            ("DifferentialBaseLSN", _lsn, i.Type == 'I' ? i.DifferentialBaseLsn.ToDecimal() : null),
            ("DifferentialBaseGUID", SqlType.UniqueIdentifier, i.Type == 'I' ? i.DifferentialBaseGuid : null),
            ("BackupTypeDescription", _name, i.TypeDescription),
            ("BackupSetGUID", SqlType.UniqueIdentifier, i.SetGuid),
            ("CompressedBackupSize", SqlType.BigInt, i.CompressedBackupSize),
            ("containment", SqlType.TinyInt, (byte)0),
            ("KeyAlgorithm", SqlType.NVarChar(32), media.KeyAlgorithm),
            ("EncryptorThumbprint", new SqlType(SqlKind.VarBinary, 20), media.EncryptorThumbprint),
            ("EncryptorType", SqlType.NVarChar(32), media.EncryptorThumbprint is null ? null : "CERTIFICATE"),
            ("LastValidRestoreTime", SqlType.DateTime, null),
            ("TimeZone", SqlType.NVarChar(32), null),
            ("CompressionAlgorithm", SqlType.NVarChar(32), media.IsCompressed ? "MS_XPRESS" : null),
        ]);
        return row;
    }

    private static (string Name, SqlType Type, object? Value)[] Flags(BackupSetInfo i) =>
    [
        ("HasBulkLoggedData", SqlType.Bit, (i.Flags & BackupSetInfo.FlagBulkLogged) != 0),
        ("IsSnapshot", SqlType.Bit, (i.Flags & 0x2) != 0),
        ("IsReadOnly", SqlType.Bit, (i.Flags & BackupSetInfo.FlagReadOnly) != 0),
        ("IsSingleUser", SqlType.Bit, (i.Flags & BackupSetInfo.FlagSingleUser) != 0),
        ("HasBackupChecksums", SqlType.Bit, i.HasChecksums),
        ("IsDamaged", SqlType.Bit, (i.Flags & BackupSetInfo.FlagDamaged) != 0),
        ("BeginsLogChain", SqlType.Bit, i.BeginsLogChain),
        ("HasIncompleteMetaData", SqlType.Bit, (i.Flags & BackupSetInfo.FlagIncompleteMetadata) != 0),
        ("IsForceOffline", SqlType.Bit, (i.Flags & BackupSetInfo.FlagNoRecovery) != 0),
        ("IsCopyOnly", SqlType.Bit, i.IsCopyOnly),
    ];

    private static (string Name, SqlType Type, object? Value)[] File(BackupSetInfo set, BackupFileInfo file) =>
    [
        ("LogicalName", _name, file.LogicalName),
        ("PhysicalName", SqlType.NVarChar(260), file.PhysicalName),
        ("Type", new SqlType(SqlKind.Char, 1), file.IsLog ? "L" : "D"),
        ("FileGroupName", _name, set.GroupNameOf(file)),
        ("Size", _number20, (decimal)file.SizeBytes),
        ("MaxSize", _number20, (decimal)file.MaxSizeBytes),
        ("FileId", SqlType.BigInt, (long)file.FileId),
        ("CreateLSN", _lsn, 0m),
        ("DropLSN", _lsn, 0m),
        ("UniqueId", SqlType.UniqueIdentifier, file.UniqueId),
        ("ReadOnlyLSN", _lsn, 0m),
        ("ReadWriteLSN", _lsn, 0m),
        ("BackupSizeInBytes", SqlType.BigInt, file.BackupSizeBytes),
        ("SourceBlockSize", SqlType.Int, file.SourceBlockSize),
        ("FileGroupId", SqlType.Int, file.IsLog ? 0 : file.FileGroupId),
        ("LogGroupGUID", SqlType.UniqueIdentifier, null),
        ("DifferentialBaseLSN", _lsn, file.DifferentialBaseLsn.ToDecimal()),
        ("DifferentialBaseGUID", SqlType.UniqueIdentifier, file.DifferentialBaseGuid),
        ("IsReadOnly", SqlType.Bit, false),
        ("IsPresent", SqlType.Bit, file.IsLog || file.PagesInBackup > 0 || set.Type == 'L'),
        ("TDEThumbprint", new SqlType(SqlKind.VarBinary, 32), file.IsLog ? null : set.Encryption?.Thumbprint),
        ("SnapshotUrl", SqlType.NVarChar(360), null),
    ];

    /// <summary>Files of SQL Server hold no collation name, but its sort order.</summary>
    private static string? CollationOf(BackupSetInfo set) => set.SortOrder == 52 ? "SQL_Latin1_General_CP1_CI_AS" : null;
}
