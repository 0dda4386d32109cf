using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using BizTalkDR.Lab.Engine;
using Xunit;
using Offline = BizTalkDR.BackupFiles;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>Compares what the reader of backup files gives with rows of msdb, and notices properties that nothing was compared with.</summary>
internal sealed class HistoryComparison(LabInstance instance)
{
    /// <summary>Properties that have no column in msdb.</summary>
    private static readonly string[] s_withoutColumn =
    [
        "BackupSet.File", "BackupSet.IsComplete", "BackupSet.LastFullBackupSetGuid", "BackupSet.LogChainStartLsn", "BackupSet.DatabaseStatus", "BackupSet.Files",
        "BackupSet.ChecksumStreams", "MediaHeader.MediaDateLocal", "MediaHeader.LogicalBlockBytes", "DatabaseFile.MaxSizeBytes", "DatabaseFile.Growth", "DatabaseFile.IsPercentGrowth",
    ];

    private readonly HashSet<string> _compared = [];
    private string _type = string.Empty;

    public static IEnumerable<Dictionary<string, object?>> Rows(LabInstance instance, string table)
    {
        LabTable rows = instance.Find("msdb")!.FindTable("dbo", table)!;
        return [.. rows.Scan(null).Select(r => rows.Def.Columns.Select((c, i) => (c.Name, Value: r.Values[i])).ToDictionary(c => c.Name, c => c.Value))];
    }

    public void Medium(Dictionary<string, object?> row, Dictionary<string, object?> family, Offline.BackupFile file)
    {
        _type = "MediaHeader";
        Offline.MediaHeader media = file.Media;
        Same("MediaSetId", row["media_uuid"], media.MediaSetId);
        Same("FamilyCount", (int)(byte)row["media_family_count"]!, media.FamilyCount);
        Same("MirrorCount", (int)(byte)row["mirror_count"]!, media.MirrorCount);
        Same("MediaName", row["name"] ?? string.Empty, media.MediaName);
        Same("MediaDescription", row["description"] ?? string.Empty, media.MediaDescription);
        Same("SoftwareName", row["software_name"], media.SoftwareName);
        Same("IsPasswordProtected", row["is_password_protected"], media.IsPasswordProtected);
        Assert.Equal((bool)row["is_compressed"]!, file.Container == Offline.BackupContainer.Compressed);
        Same("FamilyNumber", (int)(byte)family["family_sequence_number"]!, media.FamilyNumber);
        Same("MediaFamilyId", (long)BitConverter.ToUInt32(((Guid)family["media_family_id"]!).ToByteArray()), media.MediaFamilyId);
        Same("SectorBytes", family["physical_block_size"], media.SectorBytes);
    }

    public void Set(Dictionary<string, object?> row, Offline.BackupSet set)
    {
        _type = "BackupSet";
        Same("Position", row["position"], set.Position);
        Same("BackupSetGuid", row["backup_set_uuid"], set.BackupSetGuid);
        Same("BackupName", row["name"] ?? string.Empty, set.BackupName);
        Same("BackupDescription", row["description"] ?? string.Empty, set.BackupDescription);
        Same("UserName", row["user_name"] ?? string.Empty, set.UserName);
        Same("MachineName", row["machine_name"], set.MachineName);
        Same("ServerName", row["server_name"], set.ServerName);
        Same("DatabaseName", row["database_name"], set.DatabaseName);
        Same("SoftwareVersion", new Version((byte)row["software_major_version"]!, (byte)row["software_minor_version"]!, (short)row["software_build_version"]!), set.SoftwareVersion);
        Same("UtcOffset", TimeSpan.FromMinutes(15 * (short)row["time_zone"]!), set.UtcOffset);
        Same("Type", (string)row["type"]! == "L" ? Offline.BackupType.Log : Offline.BackupType.Database, set.Type);
        Same("SortOrder", (int)(short)row["sort_order"]!, set.SortOrder);
        Same("CompatibilityLevel", (int)(byte)row["compatibility_level"]!, set.CompatibilityLevel);
        Same("DatabaseVersion", row["database_version"], set.DatabaseVersion);
        Same("BackupSizeBytes", (long)(decimal)row["backup_size"]!, set.BackupSizeBytes);
        Same("CompressedBackupSizeBytes", (long)(decimal)row["compressed_backup_size"]!, set.CompressedBackupSizeBytes);
        Same("UnicodeLocaleId", row["unicode_locale"], set.UnicodeLocaleId);
        Same("UnicodeComparisonStyle", (long)(int)row["unicode_compare_style"]!, set.UnicodeComparisonStyle);
        Same("RecoveryModel", (string)row["recovery_model"]! == "SIMPLE" ? Offline.RecoveryModel.Simple : Offline.RecoveryModel.Full, set.RecoveryModel);
        Same("BindingId", row["database_guid"], set.BindingId);
        Same("FamilyGuid", row["family_guid"], set.FamilyGuid);
        Same("RecoveryForkId", row["last_recovery_fork_guid"], set.RecoveryForkId);
        Same("IsPasswordProtected", row["is_password_protected"], set.IsPasswordProtected);
        Lsns(row, set);
        Dates(row, set);
        Flags(row, set);
        NotTold(row, set);
    }

    public void File(Dictionary<string, object?> row, Offline.DatabaseFile file)
    {
        _type = "DatabaseFile";
        bool isLog = (string)row["file_type"]! == "L";
        Same("FileId", (int)(decimal)row["file_number"]!, file.FileId);
        Same("Type", isLog ? Offline.DatabaseFileType.Log : Offline.DatabaseFileType.Data, file.Type);
        Same("LogicalName", row["logical_name"], file.LogicalName);
        Assert.EndsWith((string)row["physical_name"]!, file.PhysicalName, StringComparison.Ordinal);
        Assert.StartsWith((string)row["physical_drive"]!, file.PhysicalName, StringComparison.Ordinal);
        _compared.Add("DatabaseFile.PhysicalName");
        Same("FileGroupName", row["filegroup_name"], file.FileGroupName);
        Same("FileGroupId", isLog ? 0 : 1, file.FileGroupId);
        Same("SizeBytes", (long)(decimal)row["file_size"]!, file.SizeBytes);
        Same("SourceBlockSize", (int)(decimal)row["source_file_block_size"]!, file.SourceBlockSize);
        Same("UniqueId", row["file_guid"], file.UniqueId);
        Same("BackupSizeBytes", (long)(decimal)row["backup_size"]!, file.BackupSizeBytes);
        if (!isLog)
            Assert.Equal((decimal)row["backed_up_page_count"]! * 8192, file.BackupSizeBytes.Value);

        // msdb has the base in rows of differentials only, which the lab refuses; the file always has the last full.
        Assert.Null(row["differential_base_lsn"]);
        Assert.True(isLog == file.DifferentialBaseLsn.Value.IsNone && isLog == (file.DifferentialBaseGuid.Value == Guid.Empty) || (string?)row["filegroup_name"] is not null);
        _compared.UnionWith(["DatabaseFile.DifferentialBaseLsn", "DatabaseFile.DifferentialBaseGuid"]);
    }

    /// <summary>Fails when the reader has a property that was neither compared nor is known to have no column.</summary>
    public void DemandAll()
    {
        IEnumerable<string> all = new[] { typeof(Offline.BackupSet), typeof(Offline.MediaHeader), typeof(Offline.DatabaseFile) }
            .SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => t.Name + "." + p.Name));
        Assert.Empty(all.Except(_compared).Except(s_withoutColumn));
    }

    private void Lsns(Dictionary<string, object?> row, Offline.BackupSet set)
    {
        Same("FirstLsn", row["first_lsn"], set.FirstLsn);
        Same("LastLsn", row["last_lsn"], set.LastLsn);
        Same("CheckpointLsn", row["checkpoint_lsn"], set.CheckpointLsn);
        Same("DatabaseBackupLsn", row["database_backup_lsn"], set.DatabaseBackupLsn);
        Same("BeginsLogChain", row["begins_log_chain"], set.BeginsLogChain);
        Same("DifferentialBaseLsn", row["differential_base_lsn"] ?? 0m, set.DifferentialBaseLsn);
        Same("DifferentialBaseGuid", row["differential_base_guid"] ?? Guid.Empty, set.DifferentialBaseGuid);

        // msdb has the fork point only in sets that begin on another fork than they end on.
        if (row["fork_point_lsn"] is not null)
            Same("ForkPointLsn", row["fork_point_lsn"], set.ForkPointLsn);
        Assert.Equal(instance.Find((string)row["database_name"]!)!.FamilyGuid == set.RecoveryForkId.Value, set.ForkPointLsn.Value.IsNone);
        _compared.Add("BackupSet.ForkPointLsn");
    }

    private void Dates(Dictionary<string, object?> row, Offline.BackupSet set)
    {
        // The file has no fraction of a second.
        Same("StartLocal", ToSecond(row["backup_start_date"]), set.StartLocal);
        Same("FinishLocal", ToSecond(row["backup_finish_date"]), set.FinishLocal);
        Same("DatabaseCreationDateLocal", ToSecond(row["database_creation_date"]), set.DatabaseCreationDateLocal);
    }

    private void Flags(Dictionary<string, object?> row, Offline.BackupSet set)
    {
        Same("Flags", (Offline.BackupSetFlags)(int)row["flags"]!, set.Flags);
        Same("HasBackupChecksums", row["has_backup_checksums"], set.HasBackupChecksums);
        foreach ((string column, Offline.BackupSetFlags flag) in new[]
        {
            ("has_bulk_logged_data", Offline.BackupSetFlags.HasBulkLoggedData), ("is_snapshot", Offline.BackupSetFlags.IsSnapshot), ("is_readonly", Offline.BackupSetFlags.IsReadOnly),
            ("is_single_user", Offline.BackupSetFlags.IsSingleUser), ("is_damaged", Offline.BackupSetFlags.IsDamaged), ("has_incomplete_metadata", Offline.BackupSetFlags.HasIncompleteMetadata),
            ("is_force_offline", Offline.BackupSetFlags.WithNoRecovery),
        })
        {
            Assert.Equal((bool)row[column]!, set.Flags.Value.HasFlag(flag));
        }
    }

    /// <summary>What msdb knows and no file is proven to tell must stay unknown.</summary>
    private void NotTold(Dictionary<string, object?> row, Offline.BackupSet set)
    {
        Assert.False(set.IsCopyOnly.IsKnown);
        Assert.Equal((bool)row["is_copy_only"]!, set.IsCopyOnly.Why!.Contains("is set", StringComparison.Ordinal) && !set.IsCopyOnly.Why.Contains("none", StringComparison.Ordinal));
        Assert.False(set.ExpirationDate.IsKnown);
        Assert.False(set.FirstRecoveryForkId.IsKnown);
        _compared.UnionWith(["BackupSet.IsCopyOnly", "BackupSet.ExpirationDate", "BackupSet.FirstRecoveryForkId"]);
    }

    private static DateTime ToSecond(object? date)
    {
        DateTime whole = (DateTime)date!;
        return new DateTime(whole.Ticks - (whole.Ticks % TimeSpan.TicksPerSecond), whole.Kind);
    }

    private void Same(string property, object? expected, Offline.Known<Offline.Lsn> actual)
    {
        _compared.Add(_type + "." + property);
        Assert.True(actual.IsKnown && (decimal)expected! == actual.Value.ToDecimal(), $"{_type}.{property}: msdb {expected}, file {actual}");
    }

    private void Same<T>(string property, object? expected, Offline.Known<T> actual)
    {
        _compared.Add(_type + "." + property);
        Assert.True(actual.IsKnown && Equals(expected, actual.Value), $"{_type}.{property}: msdb {expected}, file {actual}");
    }

    private void Same(string property, object? expected, object? actual)
    {
        _compared.Add(_type + "." + property);
        Assert.True(Equals(expected, actual), $"{_type}.{property}: msdb {expected}, file {actual}");
    }
}
