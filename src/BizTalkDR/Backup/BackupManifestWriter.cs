using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;

namespace BizTalkDR.Backup;

/// <summary>Writes a manifest beside the files of a set that was confirmed.</summary>
/// <remarks>
/// Only where this computer sees the very files of the set: a path of a server may be another folder here. It is written at once without
/// hashes and again with them, so that a process that ends while files are read leaves one all the same. A manifest that cannot be written makes no
/// backup worse, so that is a warning.
/// </remarks>
internal sealed class BackupManifestWriter
{
    private const string Activity = "Hashing backup files";
    private readonly RecoveryPorts _ports;
    private readonly BizTalkGroup _group;
    private Quiescence? _seen;

    public BackupManifestWriter(RecoveryPorts ports, BizTalkGroup group)
    {
        _ports = ports;
        _group = group;
    }

    /// <summary>Files read at once. Default 2: reading is what the disk is busy with.</summary>
    public int Parallelism { get; init; } = 2;

    /// <summary>Why the full set is no quiesced recovery point; null when its manifest proves it, and before there is one.</summary>
    public string? WhyNotQuiesced { get; private set; }

    /// <summary>Writes the manifest of a set, without hashes.</summary>
    /// <param name="set">The set.</param>
    /// <param name="seen">What was seen of the group before and after a full set was written; null for a log set.</param>
    /// <returns>The set with the path of its manifest, or with why there is none.</returns>
    public BackupSet Write(BackupSet set, Quiescence? seen)
    {
        if (seen is null)
        {
            return Write(set);
        }

        _seen = seen;
        BackupSet written = Write(set);
        WhyNotQuiesced = QuiescenceJudge.WhyNot(ManifestOf(written, WithoutHashes(written))) ?? (written.ManifestPath is null ? "it has no manifest that could say so" : null);
        _ports.Log.Verbose(WhyNotQuiesced is { } why
            ? $"{written} is not proven to be a quiesced recovery point: {why}."
            : $"{written} is a quiesced recovery point: nothing was at work and nothing was committed while it was written.");
        return WhyNotQuiesced is null ? written with { Point = BackupFileName.TryParse(ServerPath.NameOf(written.Files[0].Path))?.Mark } : written;
    }

    private BackupSet Write(BackupSet set)
    {
        List<BackupSetFile> unseen = set.Files.Where(f => !IsSeen(f)).ToList();
        if (set.Files.Count == 0 || unseen.Count == set.Files.Count)
        {
            _ports.Log.Verbose($"No manifest is written: this computer does not see the files of {set}.");
            return set with { Findings = [.. set.Findings, new Finding(FindingLevel.Information, set.ToString(), "No manifest was written: this computer does not see the files.")] };
        }

        string main = (set.Files.FirstOrDefault(f => f.Role == MemberRole.Management) ?? set.Files[0]).Path;
        string path = (main.EndsWith(".bak", StringComparison.OrdinalIgnoreCase) ? main.Substring(0, main.Length - 4) : main) + BackupManifestFile.Extension;
        return Write(set, path, WithoutHashes(set)) ? set with { ManifestPath = path } : set;
    }

    /// <summary>Reads the files of a set and writes its manifest again with their hashes.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.OperationCancelled"/>: the manifest without hashes stays.</exception>
    public void AddHashes(BackupSet set, CancellationToken cancellationToken)
    {
        if (set.ManifestPath is null)
        {
            return;
        }

        var files = new ManifestFile[set.Files.Count];
        int done = 0;
        try
        {
            MemberPool.Run(set.Files, Parallelism, (file, i) =>
            {
                (string? hash, string? why) = HashOf(file, cancellationToken);
                files[i] = FileOf(file, hash, why);
                _ports.Log.Progress(Activity, null, ServerPath.NameOf(file.Path), Interlocked.Increment(ref done) * 100 / set.Files.Count);
            });
        }
        finally
        {
            _ports.Log.Progress(Activity, null, "Done", 100, completed: true);
        }

        foreach (ManifestFile file in files.Where(f => f.Sha256 is null))
        {
            _ports.Log.Verbose($"{file.Name} has no hash in the manifest: {file.WhyNoHash}");
        }

        Write(set, set.ManifestPath, files);
    }

    private static bool IsSeen(BackupSetFile file)
    {
        try
        {
            var here = new FileInfo(file.Path);
            return here.Exists && (file.SizeBytes is null || here.Length == file.SizeBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static (string? Hash, string? Why) HashOf(BackupSetFile file, CancellationToken cancellationToken)
    {
        if (!IsSeen(file))
        {
            return (null, "this computer does not see the file");
        }

        try
        {
            using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 20, FileOptions.SequentialScan);
            return (ContentHash.Of(stream, file.Path, cancellationToken).Sha256, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, error.Message);
        }
    }

    private static ManifestFile FileOf(BackupSetFile file, string? hash, string? why) => new(ServerPath.NameOf(file.Path), file.Server, file.Database)
    {
        SizeBytes = file.SizeBytes,
        Sha256 = hash,
        WhyNoHash = hash is null ? why : null,
        Header = file.Header,
        MarkLsn = file.MarkLsn,
    };

    private static IReadOnlyList<ManifestFile> WithoutHashes(BackupSet set) => [.. set.Files.Select(f => FileOf(f, null, "the file was not read"))];

    private BackupManifest ManifestOf(BackupSet set, IReadOnlyList<ManifestFile> files) => new(
        _ports.Clock.UtcNow,
        new ManifestGroup(_group.Name, _group.ManagementDatabase, _group.ManagementServer) { Id = _group.Id },
        new ManifestSet(set.Kind, set.Stamp) { Id = set.SetId, Mark = set.Mark, MarkTimeUtc = set.MarkTimeUtc, Quiescence = set.Kind == BackupSetKind.Full ? _seen : null },
        _group.Members,
        files);

    private bool Write(BackupSet set, string path, IReadOnlyList<ManifestFile> files)
    {
        try
        {
            BackupManifestFile.Write(ManifestOf(set, files), path);
            return true;
        }
        catch (RecoveryException error)
        {
            _ports.Log.Warning($"The backup is complete and confirmed, but its manifest was not written: {error.Message}");
            return false;
        }
    }
}
