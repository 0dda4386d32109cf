using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.BackupFiles;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports;
using Finding = BizTalkDR.Reports.Finding;
using FindingLevel = BizTalkDR.Reports.FindingLevel;

namespace BizTalkDR.Catalogue.WithoutServer;

/// <summary>Reads the backups in containers of blob storage from here: their lists, and of each blob no more than its headers. Several at a time, since each waits for the network.</summary>
internal sealed class BlobFolderReader
{
    private const string Activity = "Reading backup files";
    private readonly IBlobStore _blobs;
    private readonly IRecoveryLog _log;
    private readonly WarmCatalogue? _warm;

    public BlobFolderReader(IBlobStore blobs, IRecoveryLog log, WarmCatalogue? warm = null)
    {
        _blobs = blobs;
        _log = log;
        _warm = warm;
    }

    /// <summary>Looks into the folders of folders too.</summary>
    public bool Recurse { get; init; }

    /// <summary>Blobs read at once.</summary>
    public int Parallelism { get; init; } = 8;

    /// <summary>Reads every blob that is a backup by its name.</summary>
    /// <param name="folders">URLs of containers and of folders in them.</param>
    /// <param name="findings">Takes what is wrong with a blob.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="RecoveryException">What ends the whole reading: no access, no such container, no answer, cancelled.</exception>
    public BlobReading Read(IReadOnlyList<string> folders, ICollection<Finding> findings, CancellationToken cancellationToken)
    {
        var entries = new List<BlobEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int leftOut = 0;
        foreach (string folder in folders)
        {
            BlobFolder listed = _blobs.List(folder, Recurse, cancellationToken);
            leftOut += listed.FoldersLeftOut;
            entries.AddRange(listed.Blobs.Where(b => seen.Add(b.Url)));
        }

        List<BlobEntry> files = entries.Where(e => BackupFileFinder.IsUsual(ServerPath.NameOf(e.Url))).OrderBy(e => e.Url, StringComparer.Ordinal).ToList();
        var reading = new BlobReading(files.ConvertAll(f => f.Url), entries.Select(e => e.Url).Where(BackupManifestFile.IsNamed).ToList(), leftOut);
        try
        {
            int done = 0;
            var unknown = new List<BlobEntry>();
            foreach (BlobEntry file in files)
            {
                if (_warm?.Find(FileOf(file)) is { } known)
                {
                    reading.Backups.AddRange(known);
                }
                else
                {
                    unknown.Add(file);
                }
            }

            reading.Opened = unknown.Count;
            foreach ((BlobEntry file, OneBlob one) in unknown.Zip(OrderedWork.Run(unknown, ReadOne, Parallelism, cancellationToken), (f, o) => (f, o)))
            {
                Take(file, one, reading, findings);
                _log.Progress(Activity, null, ServerPath.NameOf(file.Url), ++done * 100 / unknown.Count);
            }
        }
        catch (OperationCanceledException error)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, string.Join("; ", folders), "Reading the backup files was cancelled.", cause: error);
        }
        finally
        {
            _log.Progress(Activity, null, "Done", 100, completed: true);
        }

        return reading;
    }

    private void Take(BlobEntry file, OneBlob one, BlobReading reading, ICollection<Finding> findings)
    {
        reading.Backups.AddRange(one.Backups);
        if (one.Error is null)
        {
            _warm?.Add(FileOf(file), one.Backups);
        }

        if (one.Error is { Code: RecoveryError.BackupFormatUnknown or RecoveryError.BackupFormatUnreadable })
        {
            reading.ForServers.Add(file);
        }

        if (one.Error is { } error)
        {
            findings.Add(new Finding(FindingLevel.Error, file.Url, error.Message));
        }
    }

    private OneBlob ReadOne(BlobEntry file, CancellationToken cancellationToken)
    {
        try
        {
            return new OneBlob(OfflineBackups.Read(file.Url, _blobs, cancellationToken), null);
        }
        catch (BackupFileException error)
        {
            return new OneBlob([], FileErrors.From(error, file.Url));
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.BlobNotFound or RecoveryError.BackupFileInUse or RecoveryError.BackupFileEmpty)
        {
            return new OneBlob([], error);
        }
    }

    private static CatalogueFile FileOf(BlobEntry file) => new(file.Url, file.SizeBytes, file.WrittenUtc);

    private sealed record OneBlob(IReadOnlyList<MediaBackup> Backups, RecoveryException? Error);
}

/// <summary>What was read in containers.</summary>
/// <param name="Files">Every blob that is a backup by its name.</param>
/// <param name="Manifests">Every blob that is a manifest by its name.</param>
/// <param name="FoldersLeftOut">Folders that were not looked into.</param>
internal sealed record BlobReading(IReadOnlyList<string> Files, IReadOnlyList<string> Manifests, int FoldersLeftOut)
{
    /// <summary>What the blobs hold.</summary>
    public List<MediaBackup> Backups { get; } = [];

    /// <summary>Blobs that only a server can read: encrypted ones, and those of compressions that are not known here.</summary>
    public List<BlobEntry> ForServers { get; } = [];

    /// <summary>Blobs opened; the others were known.</summary>
    public int Opened { get; set; }
}
