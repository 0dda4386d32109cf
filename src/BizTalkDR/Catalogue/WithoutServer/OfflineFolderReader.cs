using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue.WithoutServer;

/// <summary>Reads the backup files of folders that this computer sees, without a server.</summary>
public sealed class OfflineFolderReader
{
    private const string Activity = "Reading backup files";
    private readonly IRecoveryLog _log;
    private readonly WarmCatalogue? _warm;

    /// <summary>Creates a reader.</summary>
    /// <param name="log">Hears about progress.</param>
    /// <param name="warm">What earlier readings found; null opens every file.</param>
    public OfflineFolderReader(IRecoveryLog log, WarmCatalogue? warm = null)
    {
        _log = log;
        _warm = warm;
    }

    /// <summary>Files opened by the last reading; the others were known.</summary>
    public int Opened { get; private set; }

    /// <summary>Reads the headers of every backup file.</summary>
    /// <param name="folders">Full paths of folders.</param>
    /// <param name="expectedMembers">The members, when a group is known.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.FolderNotVisible"/>, <see cref="RecoveryError.NoBackupsFound"/>.</exception>
    public BackupCatalogue Read(IReadOnlyList<string> folders, IReadOnlyList<GroupMember>? expectedMembers = null, CancellationToken cancellationToken = default)
    {
        List<FileInfo> all = folders.SelectMany(FilesOf).ToList();
        List<FileInfo> files = all.Where(f => LooksLikeBackup(f.Name)).OrderBy(f => f.FullName, StringComparer.Ordinal).ToList();
        var backups = new List<MediaBackup>();
        var findings = new List<Finding>();
        Opened = 0;
        try
        {
            for (int i = 0; i < files.Count; i++)
            {
                cancellationToken.ThrowIfCancelled(files[i].FullName, "Reading the backup files");
                ReadFile(files[i], backups, findings, cancellationToken);
                _log.Progress(Activity, null, files[i].Name, (i + 1) * 100 / files.Count);
            }
        }
        finally
        {
            _log.Progress(Activity, null, "Done", 100, completed: true);
        }

        if (backups.Count == 0)
        {
            string places = string.Join("; ", folders);
            throw new RecoveryException(RecoveryError.NoBackupsFound, places, $"None of the {files.Count} backup files (.bak, .trn) in '{places}' can be read{(findings.Count > 0 ? $": {findings[0].Text}" : ".")}");
        }

        _warm?.Keep([.. files.Select(f => f.FullName)]);
        IReadOnlyList<FoundManifest> manifests = BackupManifestFile.ReadAll(all.Select(f => f.FullName), findings);
        return new BackupCatalogue(backups, findings, expectedMembers, manifests);
    }

    private static bool LooksLikeBackup(string name) => name.EndsWith(".bak", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".trn", StringComparison.OrdinalIgnoreCase);

    private static FileInfo[] FilesOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).GetFiles();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RecoveryException(RecoveryError.FolderNotVisible, folder, $"This computer cannot list the folder '{folder}': {error.Message}", cause: error);
        }
    }

    private void ReadFile(FileInfo file, List<MediaBackup> backups, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (_warm?.Find(file) is { } known)
        {
            backups.AddRange(known);
            return;
        }

        try
        {
            Opened++;
            IReadOnlyList<MediaBackup> read = OfflineBackups.Read(file.FullName, cancellationToken);
            backups.AddRange(read);
            _warm?.Add(file, read);
        }
        catch (Exception error) when (error is BizTalkDR.BackupFiles.BackupFileException or IOException or UnauthorizedAccessException)
        {
            findings.Add(new Finding(FindingLevel.Error, file.FullName, error.Message));
        }
        catch (OperationCanceledException error)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, file.FullName, "Reading the backup files was cancelled.", cause: error);
        }
    }
}
