using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
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

    /// <summary>Where this computer sees what the server sees; manifests are read here.</summary>
    public PathMap PathMap { get; init; } = PathMap.None;

    /// <summary>Reads the headers of every backup file in the folders.</summary>
    /// <param name="folders">Folders as the server sees them.</param>
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
        List<FolderEntry> files = ListFiles(folders, address, manifests, cancellationToken);
        var backups = new ConcurrentBag<MediaBackup>();
        var findings = new ConcurrentBag<Finding>();
        ReadAll(files, address, backups, findings, cancellationToken);
        if (backups.IsEmpty)
        {
            Finding? first = findings.OrderBy(f => f.Subject, StringComparer.OrdinalIgnoreCase).FirstOrDefault();
            throw new RecoveryException(
                RecoveryError.NoBackupsFound,
                string.Join("; ", folders),
                $"None of the {files.Count} files in '{string.Join("; ", folders)}' is a backup that '{address.Name}' can read{(first is null ? "." : $": {first.Text}")}");
        }

        List<Finding> notes = [.. findings];
        IReadOnlyList<FoundManifest> found = BackupManifestFile.ReadAll(manifests, notes, PathMap);
        return new BackupCatalogue(backups, notes.OrderBy(f => f.Subject, StringComparer.OrdinalIgnoreCase), expectedMembers, found);
    }

    private static bool LooksLikeBackup(FolderEntry file) =>
        file.Name.EndsWith(".bak", StringComparison.OrdinalIgnoreCase) || file.Name.EndsWith(".trn", StringComparison.OrdinalIgnoreCase);

    private List<FolderEntry> ListFiles(IReadOnlyList<string> folders, SqlInstanceAddress address, List<string> manifests, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
        var files = new List<FolderEntry>();
        foreach (string folder in folders)
        {
            CheckFolder(folder);
            ServerFolder seen = instance.ListFolder(folder, cancellationToken);
            if (!seen.IsVisible)
            {
                bool here = _ports.Files.ListFiles(folder) is not null;
                throw new RecoveryException(
                    RecoveryError.FolderNotVisibleToServer, folder, $"The instance '{address.Name}' cannot see the folder '{folder}'{(here ? ", though this computer can" : string.Empty)}.");
            }

            if (seen.Files.Count == 0)
            {
                throw new RecoveryException(RecoveryError.FolderEmpty, folder, $"The folder '{folder}' holds no file that '{address.Name}' can see.");
            }

            files.AddRange(seen.Files.Where(LooksLikeBackup));
            manifests.AddRange(seen.Files.Select(f => f.Path).Where(BackupManifestFile.IsNamed));
        }

        if (files.Count == 0)
        {
            throw new RecoveryException(RecoveryError.NoBackupsFound, string.Join("; ", folders), $"The folder '{string.Join("; ", folders)}' holds no backup files (.bak).");
        }

        return files;
    }

    private static void CheckFolder(string folder)
    {
        if (string.IsNullOrWhiteSpace(folder) || folder.Any(char.IsControl))
        {
            throw new RecoveryException(RecoveryError.FolderNotVisibleToServer, folder, "The backup folder's path is empty or holds a control character.");
        }

        if (!ServerPath.IsFull(folder))
        {
            throw new RecoveryException(RecoveryError.FolderNotVisibleToServer, folder, $"The path '{folder}' is not a full one, so each SQL Server would take it for another folder.");
        }
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
            foreach (BackupHeader header in instance.ReadHeaders(file.Path, cancellationToken))
            {
                backups.Add(new MediaBackup(file.Path, header) { SizeBytes = file.SizeBytes });
            }
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.BackupMediaUnreadable or RecoveryError.ChecksumMismatch)
        {
            findings.Add(new Finding(FindingLevel.Error, file.Path, error.Message));
        }
    }
}
