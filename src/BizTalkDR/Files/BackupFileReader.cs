using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.BackupFiles;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Files;

/// <summary>What came of reading one file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Backups">The backups it holds, as far as it could be read.</param>
/// <param name="Error">Why there is nothing, or not all; null when all is well.</param>
public sealed record FileReading(string Path, IReadOnlyList<FileBackup> Backups, RecoveryException? Error);

/// <summary>Reads what backup files say of themselves: without a server, several at a time, in the order given.</summary>
public sealed class BackupFileReader
{
    private const string Activity = "Reading backup files";
    private readonly IRecoveryLog _log;

    /// <summary>Creates a reader.</summary>
    public BackupFileReader(IRecoveryLog log) => _log = log;

    /// <summary>Reads the marks of log backups too, which takes the whole log. Default: false.</summary>
    public bool IncludeMarks { get; init; }

    /// <summary>Reads what URLs lead to; null where no path is a URL.</summary>
    public IBlobStore? Blobs { get; init; }

    /// <summary>Files read at once. Default 4: reading waits for the disk or the share.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Names of databases, with <c>*</c> and <c>?</c>; a backup whose database is unknown is never left out. Default: all.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Reads the files. What cannot be read is a result, not an exception.</summary>
    /// <returns>First what is wrong with the paths, then each file in the order of <see cref="BackupFileFinder"/>.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<FileReading> Read(FileSelection selection, CancellationToken cancellationToken = default)
    {
        FoundFiles found = BackupFileFinder.Find(selection with { Blobs = Blobs }, cancellationToken);
        foreach (string warning in found.Warnings)
        {
            _log.Warning(warning);
        }

        return found.Problems.Select(p => new FileReading(p.Target?.ToString() ?? string.Empty, [], p)).Concat(Read(found.Files, cancellationToken));
    }

    /// <summary>Reads files. What cannot be read is a result, not an exception.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<FileReading> Read(IReadOnlyList<string> files, CancellationToken cancellationToken = default)
    {
        NamePattern[] databases = Databases.Select(d => new NamePattern(d)).ToArray();
        int done = 0;
        int shown = -1;
        try
        {
            foreach (FileReading reading in OrderedWork.Run(files, ReadOne, Parallelism, cancellationToken))
            {
                int percent = (int)(++done * 100L / files.Count);
                if (percent != shown)
                {
                    shown = percent;
                    _log.Progress(Activity, null, $"{done} of {files.Count} files", percent);
                }

                yield return databases.Length == 0
                    ? reading
                    : reading with { Backups = reading.Backups.Where(b => b.Database is null || databases.Any(d => d.Fits(b.Database))).ToList() };
            }
        }
        finally
        {
            _log.Progress(Activity, null, "Done", 100, completed: true);
        }
    }

    private FileReading ReadOne(string path, CancellationToken cancellationToken)
    {
        IReadOnlyList<FileBackup> backups = [];
        try
        {
            using Stream? blob = Blobs is not null && BlobUrl.Is(path) ? Blobs.Open(path, cancellationToken) : null;
            BackupFile file = blob is null ? BackupFile.Open(path, cancellation: cancellationToken) : BackupFile.Open(blob, path, cancellation: cancellationToken);
            if (file.Sets.Count == 0)
            {
                return new FileReading(path, [], FileErrors.NothingToTell(file, Worst(file)));
            }

            backups = file.Sets.Select(s => FileBackupBuilder.Build(s, path)).ToList();
            return new FileReading(path, IncludeMarks ? backups.Select(b => FileMarks.AddTo(b, cancellationToken)).ToList() : backups, null);
        }
        catch (BackupFileException error)
        {
            return new FileReading(path, backups, FileErrors.From(error, path));
        }
        catch (RecoveryException error)
        {
            return new FileReading(path, backups, FileErrors.OfBlob(error, cancellationToken));
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            return new FileReading(path, backups, FileErrors.Unexpected(path, error));
        }
    }

    private static string Worst(BackupFile file) =>
        file.Findings.OrderByDescending(f => f.Severity).FirstOrDefault()?.Message ?? "it ends before the first one.";
}
