using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using BizTalkDR.BackupFiles.Format;
using BizTalkDR.BackupFiles.Images;
using BizTalkDR.BackupFiles.Verification;

namespace BizTalkDR.BackupFiles;

/// <summary>Verifies a backup file without a server: an answer for each check, never one word for all.</summary>
/// <remarks>What passes here is whole and undamaged as far as its own checksums reach; that it restores is proven by a restore only.</remarks>
public static class BackupVerification
{
    private const int HashChunkBytes = 512 * 1024;

    /// <summary>Verifies a file. A file that cannot be read or is no backup is an answer, not an exception.</summary>
    /// <exception cref="OperationCanceledException">The verification was ended early.</exception>
    public static VerificationResult Run(string path, VerificationOptions? options = null, CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(path))
            return Unreadable(path ?? string.Empty, new BackupFileException(BackupFileError.InvalidPath, path ?? string.Empty, "An empty path names no backup file."));
        try
        {
            return Run(BackupSource.FromFile(path), options ?? new VerificationOptions(), cancellation);
        }
        catch (BackupFileException e)
        {
            return Unreadable(path, e);
        }
    }

    /// <summary>Verifies a backup in a stream that seeks.</summary>
    /// <exception cref="OperationCanceledException">The verification was ended early.</exception>
    public static VerificationResult Run(Stream stream, string name, VerificationOptions? options = null, CancellationToken cancellation = default)
    {
        if (stream is null)
            throw new ArgumentNullException(nameof(stream));
        try
        {
            return Run(BackupSource.FromStream(stream, name), options ?? new VerificationOptions(), cancellation);
        }
        catch (BackupFileException e)
        {
            return Unreadable(name, e);
        }
    }

    private static VerificationResult Unreadable(string name, BackupFileException error) =>
        new(name, file: null, error.Error, [new CheckResult(BackupCheck.Readable, CheckOutcome.Failed, error.Message)]);

    private static VerificationResult Run(BackupSource source, VerificationOptions options, CancellationToken cancellation)
    {
        bool content = options.Level.HasFlag(VerificationLevel.Content);
        bool hash = options.Level.HasFlag(VerificationLevel.Hash);
        var progress = new ProgressSteps(source, options, passes: hash ? 2 : 1);
        using var window = new FileWindow(source, reading: content);
        BackupContainer container = Recognition.Recognise(source, window, cancellation);
        bool compressed = container == BackupContainer.Compressed;
        var coverage = new CoverageMap(compressed, options.OnRegion);
        StructureChecker checker = content ? new ContentChecker(coverage, progress.At) : new StructureChecker();
        BackupImage image = compressed ? new CompressedImage(window) { OnRecord = checker is ContentChecker listener ? listener.OnRecord : null } : new PlainImage(window);
        coverage.Begin();
        BackupFile file = BackupFile.Walk(source, container, image, new BackupFileOptions(), checker, cancellation, out FileReader reader);
        var checks = new List<CheckResult> { new(BackupCheck.Readable, CheckOutcome.Passed, $"{container.ToString().ToLowerInvariant()} backup of {source.Length} bytes") };
        AddStructure(checks, file, reader, checker, options);
        if (checker is ContentChecker all)
            AddContent(checks, all);
        var result = new VerificationResult(source.Name, file, error: null, checks) { Coverage = content ? coverage.ToDictionary() : new Dictionary<ByteProtection, long>() };
        long hashed = hash ? AddHash(checks, result, source, options, progress, cancellation) : 0;
        bool changed = source.HasChanged();
        checks.Insert(1, new CheckResult(BackupCheck.Unchanged, changed ? CheckOutcome.Failed : CheckOutcome.Passed, changed ? "the file changed while it was read: still being written or copied" : source.Path is null ? "same size before and after" : "same size and time before and after"));
        result.BytesRead = window.BytesRead + hashed;
        progress.Done();
        return result;
    }

    private static void AddStructure(List<CheckResult> checks, BackupFile file, FileReader reader, StructureChecker checker, VerificationOptions options)
    {
        Finding? damage = file.Findings.FirstOrDefault(f => f.Severity == FindingSeverity.Damage && f.Kind is not (FindingKind.Truncated or FindingKind.Unfinished));
        checks.Add(damage is null
            ? checker.Blocks.ToResult("blocks", "the file has no block")
            : new CheckResult(BackupCheck.Structure, CheckOutcome.Failed, damage.Message, checker.Blocks.Passed, 1, 0, damage.Offset));
        bool complete = file.IsComplete && file.Sets.All(s => s.IsComplete);
        Finding? cut = file.Findings.FirstOrDefault(f => f.Kind is FindingKind.Truncated or FindingKind.Unfinished or FindingKind.TrailingBytes) ?? damage;
        checks.Add(complete
            ? new CheckResult(BackupCheck.Completeness, CheckOutcome.Passed, $"{file.Sets.Count} sets to their end", file.Sets.Count)
            : new CheckResult(BackupCheck.Completeness, CheckOutcome.Failed, cut?.Message ?? "the file does not end with a whole set", file.Sets.Count, 1, 0, cut?.Offset));
        checks.Add(StripeCheck.Of(file, options.MediaFiles));
        checks.Add(reader.SetMapAgrees switch
        {
            true => new CheckResult(BackupCheck.SetMap, CheckOutcome.Passed, "lists the sets that are there", file.Sets.Count),
            false => new CheckResult(BackupCheck.SetMap, CheckOutcome.Failed, "the set map lists other sets than are there", file.Sets.Count, 1),
            null => new CheckResult(BackupCheck.SetMap, CheckOutcome.NotChecked, "the file could not be read to its set map"),
        });
        checks.Add(checker.Copies.ToResult("headers compared", "no set with both headers was found"));
        checks.Add(checker.Lsns.ToResult("places compared", "no set with a closing header was found"));
    }

    private static void AddContent(List<CheckResult> checks, ContentChecker checker)
    {
        // A check that the file gives no occasion for is not asked: an answer "not checked" would sound like a gap.
        void Ask(Tally tally, string things)
        {
            if (tally.IsAsked)
                checks.Add(tally.ToResult(things, "nothing to check was found"));
        }

        Ask(checker.Records, "records");
        Ask(checker.Streams, "checksum streams");
        Ask(checker.LogBlocks, "log blocks");
        Ask(checker.Filling, "fillings");
        if (!checker.Pages.IsAsked)
            return;
        CheckResult pages = checker.Pages.ToResult("pages", "nothing to check was found");
        if (checker.PageChecksumsMeanNothing)
            pages = new CheckResult(BackupCheck.PageChecksums, CheckOutcome.NotChecked, "nearly all page checksums disagree: the database may be encrypted, then they cannot be used", 0, 0, pages.Examined + pages.NotChecked);
        checks.Add(pages);
    }

    private static long AddHash(List<CheckResult> checks, VerificationResult result, BackupSource source, VerificationOptions options, ProgressSteps progress, CancellationToken cancellation)
    {
        using var window = new FileWindow(source, reading: true);
        using var sha = SHA256.Create();
        var chunk = new byte[HashChunkBytes];
        progress.NextPass();
        for (long at = 0; at < source.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            int got = window.Copy(at, chunk, 0, chunk.Length, cancellation);
            if (got == 0)
                break;
            sha.TransformBlock(chunk, 0, got, chunk, 0);
            at += got;
            progress.At(at);
        }

        sha.TransformFinalBlock(chunk, 0, 0);
        string actual = string.Concat(sha.Hash.Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
        result.Sha256 = actual;
        string? expected = options.ExpectedSha256;
        checks.Add(expected is null
            ? new CheckResult(BackupCheck.Hash, CheckOutcome.NotChecked, $"no manifest names a hash; it is {actual}")
            : string.Equals(expected.Trim(), actual, StringComparison.OrdinalIgnoreCase)
                ? new CheckResult(BackupCheck.Hash, CheckOutcome.Passed, $"SHA-256 {actual}", 1)
                : new CheckResult(BackupCheck.Hash, CheckOutcome.Failed, $"SHA-256 is {actual}, the manifest says {expected}", 1, 1));
        return window.BytesRead;
    }

    /// <summary>Reports progress about every megabyte.</summary>
    private sealed class ProgressSteps(BackupSource source, VerificationOptions options, int passes)
    {
        private const long Step = 1 << 20;

        private long _reported;
        private long _before;

        public void At(long offset)
        {
            long done = _before + Math.Min(offset, source.Length);
            if (options.Progress is null || done - _reported < Step)
                return;
            _reported = done;
            options.Progress.Report(new VerificationProgress(source.Name, done, source.Length * passes));
        }

        public void NextPass() => _before = source.Length;

        public void Done() => options.Progress?.Report(new VerificationProgress(source.Name, source.Length * passes, source.Length * passes));
    }
}
