using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Files;
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

    /// <summary>Reads containers of blob storage; null when a URL is no folder.</summary>
    public IBlobStore? Blobs { get; init; }

    /// <summary>Looks into the folders of folders too; links to folders that are met on the way are not followed. Default: false.</summary>
    public bool Recurse { get; init; }

    /// <summary>Files opened by the last reading; the others were known.</summary>
    public int Opened { get; private set; }

    /// <summary>Reads the headers of every backup file.</summary>
    /// <param name="folders">Full paths of folders; URLs of containers and of folders in them.</param>
    /// <param name="expectedMembers">The members, when a group is known.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.FolderNotVisible"/>, <see cref="RecoveryError.NoBackupsFound"/>.</exception>
    public BackupCatalogue Read(IReadOnlyList<string> folders, IReadOnlyList<GroupMember>? expectedMembers = null, CancellationToken cancellationToken = default)
    {
        var backups = new List<MediaBackup>();
        var findings = new List<Finding>();
        List<string> urls = folders.Where(f => Blobs is not null && BlobUrl.Is(f)).ToList();
        IReadOnlyList<string> all = urls.Count == folders.Count ? [] : FilesOf(folders.Except(urls).ToList(), findings, cancellationToken);
        List<CatalogueFile> files = all.Where(f => !BackupManifestFile.IsNamed(f)).OrderBy(f => f, StringComparer.Ordinal).Select(f => new FileInfo(f)).Select(f => new CatalogueFile(f.FullName, f.Length, f.LastWriteTimeUtc)).ToList();
        BlobReading? blobs = urls.Count == 0 ? null : new BlobFolderReader(Blobs!, _log, _warm) { Recurse = Recurse }.Read(urls, findings, cancellationToken);
        Opened = blobs?.Opened ?? 0;
        try
        {
            for (int i = 0; i < files.Count; i++)
            {
                cancellationToken.ThrowIfCancelled(files[i].Path, "Reading the backup files");
                ReadFile(files[i], backups, findings, cancellationToken);
                _log.Progress(Activity, null, ServerPath.NameOf(files[i].Path), (i + 1) * 100 / files.Count);
            }
        }
        finally
        {
            _log.Progress(Activity, null, "Done", 100, completed: true);
        }

        backups.AddRange(blobs?.Backups ?? []);
        List<string> names = [.. files.Select(f => f.Path), .. blobs?.Files ?? []];
        if (backups.Count == 0)
        {
            string places = string.Join("; ", folders);
            throw new RecoveryException(
                RecoveryError.NoBackupsFound,
                places,
                $"None of the {names.Count} backup files ({string.Join(", ", BackupFileFinder.UsualNames)}) in '{places}' can be read{(findings.Count > 0 ? $": {findings[0].Text}" : ".")}",
                Recurse || names.Count > 0 ? null : "Pass the folder that the Backup BizTalk Server job writes to, or -Recurse to look into the folders of this one.");
        }

        _warm?.Keep(names);
        IReadOnlyList<FoundManifest> manifests = BackupManifestFile.ReadAll([.. all, .. blobs?.Manifests ?? []], findings, blobs: Blobs, cancellationToken: cancellationToken);
        return new BackupCatalogue(backups, findings, expectedMembers, manifests);
    }

    private IReadOnlyList<string> FilesOf(IReadOnlyList<string> folders, List<Finding> findings, CancellationToken cancellationToken)
    {
        try
        {
            if (folders.FirstOrDefault(f => !Directory.Exists(f)) is { } gone)
            {
                throw new RecoveryException(RecoveryError.FolderNotVisible, gone, $"This computer cannot list the folder '{gone}': there is no such folder, or this account cannot see it.");
            }

            FoundFiles found = BackupFileFinder.Find(new FileSelection(folders) { Names = [.. BackupFileFinder.UsualNames, "*" + BackupManifestFile.Extension], Recurse = Recurse }, cancellationToken);
            foreach (RecoveryException problem in found.Problems.Where(p => p.Code != RecoveryError.NoBackupsFound))
            {
                if (folders.Contains(problem.Target as string))
                {
                    throw new RecoveryException(RecoveryError.FolderNotVisible, problem.Target, $"This computer cannot list the folder '{problem.Target}': {problem.Message}", cause: problem);
                }

                findings.Add(new Finding(FindingLevel.Warning, (string)problem.Target!, $"{problem.Message} Backups in this folder are not known."));
            }

            findings.AddRange(found.Warnings.Select(w => new Finding(FindingLevel.Warning, string.Join("; ", folders), w)));
            return found.Files;
        }
        catch (OperationCanceledException error)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, string.Join("; ", folders), "Listing the backup folders was cancelled.", cause: error);
        }
    }

    private void ReadFile(CatalogueFile file, List<MediaBackup> backups, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (_warm?.Find(file) is { } known)
        {
            backups.AddRange(known);
            return;
        }

        try
        {
            Opened++;
            IReadOnlyList<MediaBackup> read = OfflineBackups.Read(file.Path, cancellationToken);
            backups.AddRange(read);
            _warm?.Add(file, read);
        }
        catch (Exception error) when (error is BizTalkDR.BackupFiles.BackupFileException or IOException or UnauthorizedAccessException)
        {
            findings.Add(new Finding(FindingLevel.Error, file.Path, error.Message));
        }
        catch (OperationCanceledException error)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, file.Path, "Reading the backup files was cancelled.", cause: error);
        }
    }
}
