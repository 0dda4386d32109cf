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

/// <summary>Tests backup files without a server: several at a time, the stripes of a medium together, in the order given.</summary>
public sealed class BackupFileTester
{
    private readonly IRecoveryLog _log;

    /// <summary>Creates a tester.</summary>
    public BackupFileTester(IRecoveryLog log) => _log = log;

    /// <summary>How deep; structure is always tested. Default: structure and content, and the hash when there is a manifest.</summary>
    public VerificationLevel Level { get; init; } = VerificationLevel.Structure | VerificationLevel.Content;

    /// <summary>The hashes the files should have; null for none.</summary>
    public HashManifest? Manifest { get; init; }

    /// <summary>Reads what URLs lead to; null where no path is a URL.</summary>
    public IBlobStore? Blobs { get; init; }

    /// <summary>Files tested at once. Default 2: content keeps a processor busy.</summary>
    public int Parallelism { get; init; } = 2;

    /// <summary>Paths that were refused before; they count against the summary.</summary>
    public int RefusedPaths { get; init; }

    private VerificationLevel Effective =>
        VerificationLevel.Structure | Level | (Manifest is null ? VerificationLevel.Structure : VerificationLevel.Hash);

    /// <summary>Tests the files. What is wrong with a file is a result, not an exception.</summary>
    /// <returns>What is wrong with the paths, then each file, then what the manifest names in vain, then the summary.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<FileTestStep> Test(FileSelection selection, CancellationToken cancellationToken = default)
    {
        var tally = new FileTestTally(Effective, RefusedPaths);
        FoundFiles found = BackupFileFinder.Find(selection with { Blobs = Blobs }, cancellationToken);
        foreach (string warning in found.Warnings)
        {
            _log.Warning(warning);
        }

        foreach (FileTestStep step in found.Problems.Select(p => new FileTestStep(Problem: p)).Concat(TestFiles(found, cancellationToken)))
        {
            tally.Take(step);
            if (step.Result is { } result)
            {
                _log.Verbose(result.ToString());
            }

            yield return step;
        }

        yield return new FileTestStep(Summary: tally.ToSummary());
    }

    private IEnumerable<FileTestStep> TestFiles(FoundFiles found, CancellationToken cancellationToken)
    {
        using var progress = new ByteProgress(_log, Effective.HasFlag(VerificationLevel.Hash) ? 2 : 1);
        var media = new MediaSets(OrderedWork.Run(found.Files, (path, stop) => OpenStripe(path, progress, stop), 4, cancellationToken).OfType<BackupFile>());
        progress.Begin(found.Files.Count);
        foreach (FileTestResult result in OrderedWork.Run(found.Files, (path, stop) => TestOne(path, media, progress, stop), Parallelism, cancellationToken))
        {
            yield return new FileTestStep(result);
        }

        foreach (ManifestEntry missing in Missing(found))
        {
            string reason = $"line {missing.Line} of the manifest names this file, and it is not there";
            yield return new FileTestStep(new FileTestResult(missing.FullName, Effective, [new FileCheck(nameof(BackupCheck.Readable), CheckOutcome.Failed, reason)]));
        }
    }

    /// <summary>Looks at a file's medium. Only stripes are kept: a folder may hold thousands of other files.</summary>
    private BackupFile? OpenStripe(string path, ByteProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            using Stream? blob = OpenBlob(path, cancellationToken);
            BackupFile file = blob is null ? BackupFile.Open(path, cancellation: cancellationToken) : BackupFile.Open(blob, path, cancellation: cancellationToken);
            progress.Expect(file.LengthBytes);
            return file.Media.FamilyCount.ValueOr(1) > 1 ? file : null;
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            // Testing the file meets the same and says it.
            return null;
        }
    }

    private FileTestResult TestOne(string path, MediaSets media, ByteProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            var options = new VerificationOptions
            {
                Level = Effective,
                ExpectedSha256 = Manifest?.EntryOf(path)?.Sha256,
                MediaFiles = media.OthersOf(path),
                Progress = progress.Of(path),
            };
            using Stream? blob = OpenBlob(path, cancellationToken);
            VerificationResult verified = blob is null ? BackupVerification.Run(path, options, cancellationToken) : BackupVerification.Run(blob, path, options, cancellationToken);
            return FileTestJudge.Judge(path, Effective, verified);
        }
        catch (BackupFileException error)
        {
            return FileTestJudge.Refused(path, Effective, error);
        }
        catch (RecoveryException error)
        {
            return FileTestJudge.Refused(path, Effective, FileErrors.OfBlob(error, cancellationToken));
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            return new FileTestResult(path, Effective, [new FileCheck(nameof(BackupCheck.Readable), CheckOutcome.Failed, FileErrors.Unexpected(path, error).Message)]);
        }
        finally
        {
            progress.Finish(path);
        }
    }

    private Stream? OpenBlob(string path, CancellationToken cancellationToken) => Blobs is not null && BlobUrl.Is(path) ? Blobs.Open(path, cancellationToken) : null;

    /// <summary>Files that should be in a folder that was named, by the manifest, and are not.</summary>
    private IEnumerable<ManifestEntry> Missing(FoundFiles found)
    {
        if (Manifest is null || found.Folders.Count == 0)
        {
            return [];
        }

        HashSet<string> tested = [.. found.Files.Select(f => Manifest.EntryOf(f)?.FullName ?? string.Empty)];
        return Manifest.Entries.Where(e => !tested.Contains(e.FullName) && !File.Exists(e.FullName)).OrderBy(e => e.Line);
    }
}
