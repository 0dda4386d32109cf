using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;

namespace BizTalkDR.Catalogue.Manifests;

/// <summary>Writes a manifest as JSON and reads it back. It holds no secret.</summary>
public static class BackupManifestFile
{
    /// <summary>End of a manifest's name.</summary>
    public const string Extension = ".biztalkdr.json";

    /// <summary>Version of the file's form.</summary>
    public const int SchemaVersion = 1;

    private const string Kind = "BizTalkDR backup manifest";
    private const long LargestBytes = 16L << 20;
    private static readonly JsonSerializerOptions Indented = new(PlanJson.Options) { WriteIndented = true };

    /// <summary>Whether a file is a manifest by its name.</summary>
    public static bool IsNamed(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gives a manifest as JSON.</summary>
    public static string ToJson(BackupManifest manifest) => JsonSerializer.Serialize(new Envelope(Kind, SchemaVersion, manifest), Indented);

    /// <summary>Writes a manifest: under a temporary name first, flushed, then renamed.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.PlanNotWritable"/>.</exception>
    public static void Write(BackupManifest manifest, string path) => WholeFile.Write(path, ToJson(manifest));

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.ManifestInvalid"/>: no manifest, another version, or not to be read.</exception>
    public static BackupManifest Read(string path)
    {
        try
        {
            // Also a pipe or a device has no length; they are not opened.
            long length = new FileInfo(path).Length;
            return length is > 0 and <= LargestBytes ? FromJson(File.ReadAllText(path, Encoding.UTF8), path) : throw Invalid(path, $"it has {length} bytes", null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Invalid(path, error.Message, error);
        }
    }

    private static BackupManifest Read(string url, IBlobStore blobs, CancellationToken cancellationToken)
    {
        using Stream stream = blobs.Open(url, cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return stream.Length <= LargestBytes ? FromJson(reader.ReadToEnd(), url) : throw Invalid(url, $"it has {stream.Length} bytes", null);
    }

    /// <summary>Reads those files of a folder that are manifests by their names; one that cannot be read is a finding.</summary>
    /// <param name="paths">The files of a folder.</param>
    /// <param name="findings">Takes what is wrong.</param>
    /// <param name="map">Where this computer sees the files; null for the same paths.</param>
    /// <param name="blobs">Opens what a URL names; null when URLs are not read.</param>
    /// <param name="cancellationToken">Stops the reading of a blob.</param>
    public static IReadOnlyList<FoundManifest> ReadAll(IEnumerable<string> paths, ICollection<Finding> findings, PathMap? map = null, IBlobStore? blobs = null, CancellationToken cancellationToken = default)
    {
        var found = new List<FoundManifest>();
        foreach (string path in paths.Where(IsNamed).OrderBy(p => p, StringComparer.Ordinal))
        {
            try
            {
                string here = (map ?? PathMap.None).Here(path);
                found.Add(new FoundManifest(path, blobs is not null && BlobUrl.Is(here) ? Read(here, blobs, cancellationToken) : Read(here)));
            }
            catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
            {
                findings.Add(new Finding(FindingLevel.Warning, path, $"{error.Message} What it says of the group's members and of the files is not known."));
            }
        }

        return found;
    }

    private static BackupManifest FromJson(string text, string path)
    {
        try
        {
            Head head = JsonSerializer.Deserialize<Head>(text, JsonSerializerOptions.Web) ?? throw Invalid(path, "it is empty", null);
            if (head.Kind != Kind)
            {
                throw Invalid(path, "it is no backup manifest", null);
            }

            if (head.SchemaVersion != SchemaVersion)
            {
                throw Invalid(path, $"it has schema version {head.SchemaVersion}; this version reads {SchemaVersion}", null);
            }

            BackupManifest manifest = JsonSerializer.Deserialize<Envelope>(text, PlanJson.Options)!.Manifest;
            return Fault(manifest) is { } fault ? throw Invalid(path, fault, null) : manifest;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw Invalid(path, error.Message, error);
        }
    }

    private static string? Fault(BackupManifest manifest) => manifest switch
    {
        _ when manifest.Members.Any(m => m is null) || manifest.Files.Any(f => f is null) || manifest.Set.Quiescence?.Members.Any(m => m is null) == true => "a member or a file in it is empty",
        { Members.Count: 0 } => "it names no member",
        { Set.Kind: BackupSetKind.Log, Set.Mark: null } => "its log set has no mark",
        { Set.Kind: not BackupSetKind.Log } when manifest.Files.Any(f => f.MarkLsn is not null) => "its full set has marks",
        { Set: { Kind: BackupSetKind.Log, Quiescence: not null } } => "its log set tells of a stop of processing, which only a full set can",
        _ when LogMark.TimeOf(manifest.Set.Stamp) is null => "its set has no stamp",
        _ when manifest.Files.Any(f => f.Name.Length == 0 || f.Name != ServerPath.NameOf(f.Name)) => "one of its files is not in its folder",
        _ => null,
    };

    private static RecoveryException Invalid(string path, string why, Exception? cause) =>
        new(RecoveryError.ManifestInvalid, path, $"The manifest '{path}' cannot be used: {why}{(why.EndsWith(".", StringComparison.Ordinal) ? string.Empty : ".")}", cause: cause);

    internal sealed record Head(string? Kind, int SchemaVersion);

    internal sealed record Envelope(string Kind, int SchemaVersion, BackupManifest Manifest);
}
