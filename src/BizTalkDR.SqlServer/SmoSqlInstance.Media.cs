using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.Management.Common;
using Smo = Microsoft.SqlServer.Management.Smo;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    private const int InvalidObjectName = 208;

    /// <inheritdoc/>
    public ServerFolder ListFolder(string folder, CancellationToken cancellationToken = default)
    {
        string path = ServerPath.TrimEnd(folder);
        List<bool> isFolder = Query("Looking for a folder", SqlText.FolderExists, r => Convert.ToInt32(r.GetValue(1), CultureInfo.InvariantCulture) == 1, cancellationToken, ("@folder", path));
        if (isFolder.Count == 0 || !isFolder[0])
        {
            return new ServerFolder(false, []);
        }

        List<(string Name, bool IsFolder, long? Size)> entries;
        try
        {
            entries = Query("Listing a folder", SqlText.Folder, r => (Text(r, 0), r.GetBoolean(1), r.IsDBNull(2) ? (long?)null : Convert.ToInt64(r.GetValue(2), CultureInfo.InvariantCulture)), cancellationToken, ("@folder", path));
        }
        catch (RecoveryException error) when (error.InnerException is SqlException { Number: InvalidObjectName })
        {
            // Before SQL Server 2017.
            entries = Query("Listing a folder", SqlText.FolderOld, r => (Text(r, 0), Convert.ToInt32(r.GetValue(2), CultureInfo.InvariantCulture) != 1, (long?)null), cancellationToken, ("@folder", path));
        }

        entries.Sort((a, b) => StringComparer.OrdinalIgnoreCase.Compare(a.Name, b.Name));
        return new ServerFolder(true, [.. entries.Where(e => !e.IsFolder).Select(e => new FolderEntry(e.Name, ServerPath.Join(path, e.Name), e.Size))])
        {
            // The view is not documented: whether it names the folder itself and the one above it nobody says, and neither is in the folder.
            Folders = [.. entries.Where(e => e.IsFolder && e.Name is not ("." or "..")).Select(e => ServerPath.Join(path, e.Name))],
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<BackupHeader> ReadHeaders(string path, CancellationToken cancellationToken = default)
    {
        DataTable table = ReadMedia($"Reading the header of '{path}'", [path], restore => restore.ReadBackupHeader(Server), cancellationToken);
        return table.Rows.Cast<DataRow>().Select(HeaderOf).OrderBy(h => h.Position).ToList();
    }

    /// <inheritdoc/>
    public MediaLabel? ReadLabel(string path, CancellationToken cancellationToken = default)
    {
        DataTable table = ReadMedia($"Reading the label of '{path}'", [path], restore => restore.ReadMediaHeader(Server), cancellationToken);
        return table.Rows.Cast<DataRow>()
            .Select(r => new MediaLabel(Field(r, "MediaSetId", Guid.Empty), Math.Max(1, (int)Number(r, "FamilyCount")), Math.Max(1, (int)Number(r, "FamilySequenceNumber"))))
            .FirstOrDefault();
    }

    /// <inheritdoc/>
    public IReadOnlyList<BackupDataFile> ReadFileList(IReadOnlyList<string> paths, int position, CancellationToken cancellationToken = default)
    {
        DataTable table = ReadMedia(
            $"Reading the file list of '{paths[0]}'",
            paths,
            restore =>
            {
                restore.FileNumber = position;
                return restore.ReadFileList(Server);
            },
            cancellationToken);
        return table.Rows.Cast<DataRow>()
            .Select(r => new BackupDataFile(
                Field(r, "LogicalName", string.Empty),
                Field(r, "PhysicalName", string.Empty),
                Field(r, "Type", " ").PadRight(1)[0],
                (long)Number(r, "Size"),
                (long)Number(r, "FileId"))
            {
                TdeThumbprint = Thumbprint(r, "TDEThumbprint"),
            })
            .ToList();
    }

    /// <inheritdoc/>
    public StatementOutcome Verify(string path, int position, bool checksum, CancellationToken cancellationToken = default) =>
        Execute(SqlText.Verify(path, position, checksum), null, cancellationToken);

    private static BackupHeader HeaderOf(DataRow row)
    {
        int kind = (int)Number(row, "BackupType");
        return new BackupHeader(
            Math.Max(1, (int)Number(row, "Position")),
            Enum.IsDefined(typeof(MediaBackupKind), kind) ? (MediaBackupKind)kind : MediaBackupKind.Other,
            Field(row, "ServerName", string.Empty),
            Field(row, "DatabaseName", string.Empty))
        {
            Name = Field<string?>(row, "BackupName", null),
            FirstLsn = new LogPosition(Number(row, "FirstLSN")),
            LastLsn = new LogPosition(Number(row, "LastLSN")),
            CheckpointLsn = new LogPosition(Number(row, "CheckpointLSN")),
            DatabaseBackupLsn = new LogPosition(Number(row, "DatabaseBackupLSN")),
            DifferentialBaseLsn = new LogPosition(Number(row, "DifferentialBaseLSN")),
            DifferentialBaseGuid = Field(row, "DifferentialBaseGUID", Guid.Empty),
            ForkPointLsn = new LogPosition(Number(row, "ForkPointLSN")),
            BackupSetGuid = Field(row, "BackupSetGUID", Guid.Empty),
            FamilyGuid = Field(row, "FamilyGUID", Guid.Empty),
            RecoveryForkGuid = Field(row, "RecoveryForkID", Guid.Empty),
            FirstRecoveryForkGuid = Field(row, "FirstRecoveryForkID", Guid.Empty),
            BindingGuid = Field(row, "BindingID", Guid.Empty),
            StartedLocal = Field(row, "BackupStartDate", default(DateTime)),
            FinishedLocal = Field(row, "BackupFinishDate", default(DateTime)),
            BackupSizeBytes = (long)Number(row, "BackupSize"),
            CompressedSizeBytes = (long)Number(row, "CompressedBackupSize"),
            SoftwareVersion = new Version((int)Number(row, "SoftwareVersionMajor"), (int)Number(row, "SoftwareVersionMinor"), (int)Number(row, "SoftwareVersionBuild")),
            RecoveryModel = Field(row, "RecoveryModel", string.Empty),
            IsDamaged = Field(row, "IsDamaged", false),
            HasBackupChecksums = Field(row, "HasBackupChecksums", false),
            IsCopyOnly = Field(row, "IsCopyOnly", false),
            HasBulkLoggedData = Field(row, "HasBulkLoggedData", false),
            Collation = Field<string?>(row, "Collation", null),
            EncryptorThumbprint = Thumbprint(row, "EncryptorThumbprint"),
        };
    }

    // Older versions have fewer columns; a column that is not there counts as not said.
    private static T Field<T>(DataRow row, string column, T missing) => row.Table.Columns.Contains(column) && row[column] is T value ? value : missing;

    private static string? Thumbprint(DataRow row, string column) => Field<byte[]?>(row, column, null) is { Length: > 0 } bytes ? Hex(bytes) : null;

    private static decimal Number(DataRow row, string column) =>
        row.Table.Columns.Contains(column) && row[column] is not DBNull ? Convert.ToDecimal(row[column], CultureInfo.InvariantCulture) : 0;

    private DataTable ReadMedia(string what, IReadOnlyList<string> paths, Func<Smo.Restore, DataTable> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw SqlErrors.Cancelled(Address, what, null);
        }

        var restore = new Smo.Restore { RetryFailedQueries = false };
        foreach (string path in paths)
        {
            restore.Devices.AddDevice(path, SqlText.IsUrl(path) ? Smo.DeviceType.Url : Smo.DeviceType.File);
        }

        try
        {
            return read(restore);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            SqlException? sql = Find<SqlException>(error);
            RefuseLost(what, sql, error);
            SqlError? cause = sql?.Errors.Cast<SqlError>().FirstOrDefault(e => e.Class > 10 && !SqlErrorMap.OnlyAccompanies(e.Number));
            RecoveryError code = (cause is null ? null : SqlErrorMap.From(cause.Number)) ?? RecoveryError.BackupMediaUnreadable;
            string words = cause is null ? Innermost(error).Message : $"{cause.Number}, {cause.Message}";
            throw new RecoveryException(code, paths[0], $"{what} on '{Address.Name}' failed: {words}", cause: error);
        }
    }
}
