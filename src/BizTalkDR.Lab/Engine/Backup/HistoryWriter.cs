using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes the backup and restore history of msdb, each operation in a transaction of its own.</summary>
internal sealed class HistoryWriter
{
    private readonly LabInstance _instance;

    public HistoryWriter(LabInstance instance) => _instance = instance;

    /// <summary>Records a backup that succeeded.</summary>
    public void Backup(IReadOnlyList<(MediaInfo Media, string Path)> media, BackupSetInfo set) => InTransaction((msdb, transaction) => BackupSet(msdb, transaction, media, set));

    /// <summary>Records a restore that succeeded; a backup set this server does not know yet is recorded with it.</summary>
    public void Restore(IReadOnlyList<(MediaInfo Media, string Path)> media, BackupSetInfo set, RestoreRequest request, bool recovered, IReadOnlyList<DatabaseFile> files) =>
        InTransaction((msdb, transaction) =>
        {
            int setId = FindSet(msdb, transaction, set.SetGuid) ?? BackupSet(msdb, transaction, media, set);
            int id = Insert(msdb, transaction, HistoryTables.RestoreHistory, new()
            {
                ["restore_date"] = _instance.Now,
                ["destination_database_name"] = request.Database,
                ["user_name"] = request.UserName,
                ["backup_set_id"] = setId,
                ["restore_type"] = set.Type switch { 'L' => "L", 'I' => "I", _ => "D" },
                ["replace"] = request.Replace,
                ["recovery"] = recovered,
                ["restart"] = false,
                ["stop_at"] = request.Stop?.At ?? request.Stop?.After,
                ["device_count"] = (byte)media.Count,
                ["stop_at_mark_name"] = request.Stop?.Mark,

                // Documented as 0 = halted before the marked transaction, 1 = included it.
                ["stop_before"] = request.Stop?.Mark is null ? null : !request.Stop.Before,
            })!.Value;
            if (set.Type == 'L')
            {
                return;
            }

            foreach (DatabaseFile file in files)
            {
                (string drive, string name) = Split(file.PhysicalName);
                Insert(msdb, transaction, HistoryTables.RestoreFile, new()
                {
                    ["restore_history_id"] = id,
                    ["file_number"] = (decimal)file.FileId,
                    ["destination_phys_drive"] = drive,
                    ["destination_phys_name"] = name,
                });
            }

            foreach (FileGroupEntry group in set.FileGroups)
            {
                Insert(msdb, transaction, HistoryTables.RestoreFileGroup, new() { ["restore_history_id"] = id, ["filegroup_name"] = group.Name });
            }
        });

    /// <summary>Records a backup set read from a medium (LOADHISTORY), unless it is known.</summary>
    public void Load(IReadOnlyList<(MediaInfo Media, string Path)> media, BackupSetInfo set) => InTransaction((msdb, transaction) =>
    {
        if (FindSet(msdb, transaction, set.SetGuid) is null)
        {
            BackupSet(msdb, transaction, media, set);
        }
    });

    /// <summary>Records a mark.</summary>
    public void Mark(LabDatabase database, string name, string? description, Lsn lsn, DateTime time) => InTransaction((msdb, transaction) =>
        Insert(msdb, transaction, HistoryTables.LogMarkHistory, new()
        {
            ["database_name"] = database.Name,
            ["mark_name"] = name,
            ["description"] = description,
            ["lsn"] = lsn.ToDecimal(),
            ["mark_time"] = time,
        }));

    private void InTransaction(Action<LabDatabase, LabTransaction> action)
    {
        HistoryTables.Ensure(_instance);
        LabDatabase msdb = _instance.Find("msdb")!;
        LabTransaction transaction = _instance.Begin();
        try
        {
            action(msdb, transaction);
            _instance.Commit(transaction);
        }
        catch
        {
            _instance.Rollback(transaction);
            throw;
        }
    }

    private static int? FindSet(LabDatabase msdb, LabTransaction transaction, Guid id) => Find(msdb, transaction, HistoryTables.BackupSet, "backup_set_uuid", "backup_set_id", id);

    private static int? Find(LabDatabase msdb, LabTransaction transaction, string tableName, string column, string idColumn, Guid value)
    {
        LabTable table = msdb.FindTable("dbo", tableName)!;
        int at = Ordinal(table, column);
        int id = Ordinal(table, idColumn);
        foreach (LabRow row in table.Scan(transaction))
        {
            if (value.Equals(row.Values[at]))
            {
                return (int)row.Values[id]!;
            }
        }

        return null;
    }

    private static int BackupSet(LabDatabase msdb, LabTransaction transaction, IReadOnlyList<(MediaInfo Media, string Path)> media, BackupSetInfo set)
    {
        int mediaId = Find(msdb, transaction, HistoryTables.MediaSet, "media_uuid", "media_set_id", media[0].Media.MediaSetId)
            ?? MediaSet(msdb, transaction, media);
        int id = Insert(msdb, transaction, HistoryTables.BackupSet, HistoryRows.BackupSet(mediaId, media[0].Media, set))!.Value;
        foreach (FileGroupEntry group in set.FileGroups)
        {
            Insert(msdb, transaction, HistoryTables.BackupFileGroup, new()
            {
                ["backup_set_id"] = id,
                ["name"] = group.Name,
                ["filegroup_id"] = group.Id,
                ["filegroup_guid"] = group.Guid,
                ["type"] = "FG",
                ["type_desc"] = "ROWS_FILEGROUP",
                ["is_default"] = group.IsDefault,
                ["is_readonly"] = false,
            });
        }

        foreach (BackupFileInfo file in set.Files)
        {
            Insert(msdb, transaction, HistoryTables.BackupFile, HistoryRows.BackupFile(id, set, file, Split(file.PhysicalName)));
        }

        return id;
    }

    private static int MediaSet(LabDatabase msdb, LabTransaction transaction, IReadOnlyList<(MediaInfo Media, string Path)> files)
    {
        MediaInfo first = files[0].Media;
        int id = Insert(msdb, transaction, HistoryTables.MediaSet, new()
        {
            ["media_uuid"] = first.MediaSetId,
            ["media_family_count"] = (byte)first.FamilyCount,
            ["name"] = first.Name,
            ["description"] = first.Description,
            ["software_name"] = first.SoftwareName,
            ["software_vendor_id"] = first.VendorId,
            ["MTF_major_version"] = (byte)1,
            ["mirror_count"] = (byte)first.MirrorCount,
            ["is_password_protected"] = false,
            ["is_compressed"] = first.IsCompressed,
            ["is_encrypted"] = first.EncryptorThumbprint is not null,
        })!.Value;
        foreach ((MediaInfo media, string path) in files)
        {
            Insert(msdb, transaction, HistoryTables.MediaFamily, new()
            {
                ["media_set_id"] = id,
                ["family_sequence_number"] = (byte)media.FamilyNumber,
                ["media_family_id"] = HeaderTables.FamilyGuid(media.MediaFamilyId),
                ["media_count"] = 1,
                ["physical_device_name"] = path,
                ["device_type"] = (byte)(UrlDevice.Is(path) ? 9 : 2),
                ["physical_block_size"] = media.FilemarkSize,
                ["mirror"] = (byte)0,
            });
        }

        return id;
    }

    /// <summary>Inserts a row given by column names.</summary>
    /// <returns>The identity value, if the table has one.</returns>
    private static int? Insert(LabDatabase msdb, LabTransaction transaction, string tableName, Dictionary<string, object?> values)
    {
        LabTable table = msdb.FindTable("dbo", tableName)
            ?? throw new LabSqlException(208, 16, 1, string.Create(CultureInfo.InvariantCulture, $"Invalid object name 'msdb.dbo.{tableName}'."));
        object?[] row = new object?[table.Def.Columns.Count];
        int? identity = null;
        for (int i = 0; i < row.Length; i++)
        {
            ColumnDef column = table.Def.Columns[i];
            if (column.IsIdentity)
            {
                identity = (int)table.NextIdentity();
                row[i] = identity;
            }
            else
            {
                row[i] = values.GetValueOrDefault(column.Name);
            }
        }

        table.Insert(transaction, row);
        return identity;
    }

    private static int Ordinal(LabTable table, string column) => table.Def.Columns.FindIndex(c => c.Name == column);

    /// <summary>Splits a path into what msdb keeps apart: drive and the rest.</summary>
    private static (string Drive, string Name) Split(string path) =>
        path.Length > 1 && path[1] == ':' ? (path[..2], path[2..]) : (Path.GetPathRoot(path) ?? string.Empty, path);
}
