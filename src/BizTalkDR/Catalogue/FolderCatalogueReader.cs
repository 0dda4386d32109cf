using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Catalogue.WithoutServer;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue;

/// <summary>Reads the backup files of a folder through a SQL Server that can see it.</summary>
public sealed class FolderCatalogueReader
{
    private const string Activity = "Reading backup files";
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a reader.</summary>
    public FolderCatalogueReader(RecoveryPorts ports) => _ports = ports;

    /// <summary>Connections used at once. Default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Looks into the folders of folders too. Default: false.</summary>
    public bool Recurse { get; init; }

    /// <summary>Where this computer sees what the server sees; manifests are read here.</summary>
    public PathMap PathMap { get; init; } = PathMap.None;

    /// <summary>Reads the headers of every backup file in the folders.</summary>
    /// <param name="folders">Folders as the server sees them; URLs of containers and of folders in them.</param>
    /// <param name="address">The server that reads.</param>
    /// <param name="expectedMembers">The members, when a group is known.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.FolderNotVisibleToServer"/>, <see cref="RecoveryError.FolderEmpty"/>, <see cref="RecoveryError.NoBackupsFound"/>.
    /// </exception>
    public BackupCatalogue Read(
        IReadOnlyList<string> folders, SqlInstanceAddress address, IReadOnlyList<GroupMember>? expectedMembers = null, CancellationToken cancellationToken = default)
    {
        var manifests = new List<string>();
        var listed = new List<Finding>();
        List<string> urls = folders.Where(f => _ports.Blobs is not null && BlobUrl.Is(f)).ToList();
        List<FolderEntry> files = urls.Count == folders.Count ? [] : ListFiles(folders.Except(urls).ToList(), address, manifests, listed, cancellationToken);
        BlobReading? blobs = urls.Count == 0 ? null : ReadBlobs(urls, files, manifests, listed, cancellationToken);
        var backups = new ConcurrentBag<MediaBackup>(blobs?.Backups ?? []);
        var findings = new ConcurrentBag<Finding>();
        ReadAll(files, address, backups, findings, cancellationToken);
        if (backups.IsEmpty)
        {
            Finding? first = findings.Concat(listed).OrderBy(f => f.Subject, StringComparer.OrdinalIgnoreCase).FirstOrDefault();
            throw new RecoveryException(
                RecoveryError.NoBackupsFound,
                string.Join("; ", folders),
                $"None of the {files.Count + (blobs?.Files.Count ?? 0) - (blobs?.ForServers.Count ?? 0)} files in '{string.Join("; ", folders)}' is a backup that '{address.Name}' can read{(first is null ? "." : $": {first.Text}")}",
                Recurse || blobs is not { FoldersLeftOut: > 0 } ? null : "Pass -Recurse to look into the folders of this one, or pass the folder that holds the backup files.");
        }

        List<Finding> notes = [.. listed, .. findings];
        IReadOnlyList<FoundManifest> found = BackupManifestFile.ReadAll(manifests, notes, PathMap, _ports.Blobs, cancellationToken);
        return new BackupCatalogue(backups, notes.OrderBy(f => f.Subject, StringComparer.OrdinalIgnoreCase), expectedMembers, found);
    }

    /// <summary>Blobs are listed and read from here; those that only a server can read go to the server with the files.</summary>
    private BlobReading ReadBlobs(List<string> urls, List<FolderEntry> files, List<string> manifests, List<Finding> findings, CancellationToken cancellationToken)
    {
        var notes = new List<Finding>();
        BlobReading reading = new BlobFolderReader(_ports.Blobs!, _ports.Log) { Recurse = Recurse }.Read(urls, notes, cancellationToken);
        findings.AddRange(notes.Where(n => !reading.ForServers.Exists(f => f.Url == n.Subject)));
        files.AddRange(reading.ForServers.Select(f => new FolderEntry(ServerPath.NameOf(f.Url), f.Url, f.SizeBytes)));
        manifests.AddRange(reading.Manifests);
        return reading;
    }

    private List<FolderEntry> ListFiles(IReadOnlyList<string> folders, SqlInstanceAddress address, ICollection<string> manifests, ICollection<Finding> findings, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
        var tree = new ServerFolderTree(instance, Recurse, folder => _ports.Files.ListFiles(folder) is not null);
        foreach (string folder in folders)
        {
            tree.Take(folder, findings, cancellationToken);
        }

        List<FolderEntry> files = tree.Files.Where(f => BackupFileFinder.IsUsual(f.Name)).ToList();
        if (files.Count == 0)
        {
            throw new RecoveryException(
                RecoveryError.NoBackupsFound,
                string.Join("; ", folders),
                $"The folder '{string.Join("; ", folders)}' {(Recurse ? "and the folders in it hold" : "holds")} no backup files ({string.Join(", ", BackupFileFinder.UsualNames)}).",
                Recurse || tree.FoldersLeftOut == 0 ? null : "Pass -Recurse to look into the folders of this one, or pass the folder that holds the backup files.");
        }

        foreach (string manifest in tree.Files.Select(f => f.Path).Where(BackupManifestFile.IsNamed))
        {
            manifests.Add(manifest);
        }

        return files;
    }

    private void ReadAll(
        List<FolderEntry> files, SqlInstanceAddress address, ConcurrentBag<MediaBackup> backups, ConcurrentBag<Finding> findings, CancellationToken cancellationToken)
    {
        var queue = new ConcurrentQueue<FolderEntry>(files);
        int done = 0;
        void Work()
        {
            using ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
            while (queue.TryDequeue(out FolderEntry? file))
            {
                cancellationToken.ThrowIfCancelled(file.Path, "Reading the backup files");
                ReadFile(file, instance, backups, findings, cancellationToken);
                int now = Interlocked.Increment(ref done);
                _ports.Log.Progress(Activity, null, file.Name, now * 100 / files.Count);
            }
        }

        try
        {
            Task[] workers = Enumerable.Range(0, Math.Max(1, Math.Min(Parallelism, files.Count))).Select(_ => Task.Run(Work, cancellationToken)).ToArray();
            Task.WhenAll(workers).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException error)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, address.Name, "Reading the backup files was cancelled.", cause: error);
        }
        finally
        {
            _ports.Log.Progress(Activity, null, "Done", 100, completed: true);
        }
    }

    private static void ReadFile(
        FolderEntry file, ISqlInstance instance, ConcurrentBag<MediaBackup> backups, ConcurrentBag<Finding> findings, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<BackupHeader> headers = instance.ReadHeaders(file.Path, cancellationToken);
            MediaLabel? label = headers.Count == 0 ? null : ReadLabel(file.Path, instance, findings, cancellationToken);
            foreach (BackupHeader header in headers)
            {
                backups.Add(new MediaBackup(file.Path, header) { SizeBytes = file.SizeBytes, Label = label });
            }
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.BackupMediaUnreadable or RecoveryError.ChecksumMismatch)
        {
            findings.Add(new Finding(FindingLevel.Error, file.Path, error.Message));
        }
    }

    /// <summary>Only the label tells a whole medium, or a copy of it, from one stripe of several: no header says how many there are.</summary>
    private static MediaLabel? ReadLabel(string path, ISqlInstance instance, ConcurrentBag<Finding> findings, CancellationToken cancellationToken)
    {
        try
        {
            return instance.ReadLabel(path, cancellationToken);
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.BackupMediaUnreadable)
        {
            findings.Add(new Finding(FindingLevel.Warning, path, $"Whether it is a whole backup, a copy or a stripe is not known: {error.Message}"));
            return null;
        }
    }
}
