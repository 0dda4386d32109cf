using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Text.RegularExpressions;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;

namespace BizTalkDR.Files;

/// <summary>A list of files with the SHA-256 that each should have.</summary>
/// <remarks>
/// Reads what sha256sum writes, plain (<c>hash  name</c>, <c>hash *name</c>, escaped names with a leading backslash) and with --tag
/// (<c>SHA256 (name) = hash</c>), and what <c>Get-FileHash | Export-Csv</c> writes. Lines that begin with # are comments.
/// Of a manifest that Backup-BizTalkGroup wrote it takes the hashes.
/// </remarks>
public sealed class HashManifest
{
    private const long LargestBytes = 64L << 20;
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);
    private static readonly Regex s_plain = new(@"^(?<escaped>\\)?(?<hash>[0-9a-f]{64})[ \t][ *\t]?(?<name>.+)$", Options, s_limit);
    private static readonly Regex s_tagged = new(@"^(?<escaped>\\)?SHA256 \((?<name>.+)\) = (?<hash>[0-9a-f]{64})$", Options, s_limit);
    private static readonly Regex s_csv = new(@"^""?SHA256""?[,;]""?(?<hash>[0-9a-f]{64})""?[,;](""(?<quoted>([^""]|"""")+)""|(?<name>[^""].*))$", Options, s_limit);
    private static readonly Regex s_csvHead = new(@"^(#TYPE .*|""?Algorithm""?[,;]""?Hash""?[,;]""?Path""?)$", Options, s_limit);

    private readonly Dictionary<string, ManifestEntry> _byPath = new(BackupFileFinder.PathComparer);
    private ILookup<string, ManifestEntry> _byName = Array.Empty<ManifestEntry>().ToLookup(e => e.Name);

    private HashManifest(string path) => Path = path;

    /// <summary>Full path of the list.</summary>
    public string Path { get; }

    /// <summary>Its entries.</summary>
    public IReadOnlyCollection<ManifestEntry> Entries => _byPath.Values;

    /// <summary>Reads a list.</summary>
    /// <param name="path">Full path. Names in the list are relative to its folder, or full paths.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.ManifestInvalid"/>.</exception>
    public static HashManifest Read(string path)
    {
        var manifest = new HashManifest(path);
        if (BlobUrl.Is(path))
        {
            // A query may hold a secret, and is not repeated.
            throw Invalid(path.Split('?')[0], "it is a URL, and lists of hashes are read from files");
        }

        try
        {
            // Also a pipe or a device has no length; they are not opened.
            long length = new FileInfo(path).Length;
            if (length == 0 || length > LargestBytes)
            {
                throw Invalid(path, length == 0 ? "it is empty" : $"it has {length} bytes; a list of hashes is smaller");
            }

            if (BackupManifestFile.IsNamed(path))
            {
                manifest.TakeAll(BackupManifestFile.Read(path));
            }
            else
            {
                manifest.TakeLines();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException)
        {
            throw Invalid(path, e.Message, e);
        }

        if (manifest._byPath.Count == 0)
        {
            throw Invalid(path, "it names no file with a hash");
        }

        manifest._byName = manifest._byPath.Values.ToLookup(e => e.Name, BackupFileFinder.PathComparer);
        return manifest;
    }

    /// <summary>Gives the entry of a file: by its path, or by its name where the list was made elsewhere and the name is in it once.</summary>
    public ManifestEntry? EntryOf(string path)
    {
        if (_byPath.TryGetValue(path, out ManifestEntry? entry))
        {
            return entry;
        }

        // The file of the list may be here as well as in a container: the blob should be the same.
        ManifestEntry[] named = _byName[BackupPath.NameOf(path)].ToArray();
        return named.Length == 1 && (BlobUrl.Is(path) || !File.Exists(named[0].FullName)) ? named[0] : null;
    }

    private static RecoveryException Invalid(string path, string why, Exception? cause = null) =>
        new(RecoveryError.ManifestInvalid, FileErrors.Shown(path), $"The list of hashes '{FileErrors.Shown(path)}' cannot be used: {why}{(why.EndsWith(".", StringComparison.Ordinal) ? string.Empty : ".")}", cause: cause);

    private static string Unescape(string name) =>
        name.Replace(@"\\", "\0").Replace(@"\n", "\n").Replace(@"\r", "\r").Replace('\0', '\\');

    private void TakeLines()
    {
        using var reader = new StreamReader(new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            Take(line, number);
        }
    }

    private void TakeAll(BackupManifest manifest)
    {
        int number = 0;
        foreach (ManifestFile file in manifest.Files)
        {
            number++;
            if (file.Sha256 is { } hash)
            {
                Add(file.Name, hash, number);
            }
        }
    }

    private void Take(string line, int number)
    {
        line = line.TrimEnd();
        if (line.Length == 0 || line[0] == '#' || s_csvHead.IsMatch(line))
        {
            return;
        }

        Match match = s_plain.Match(line);
        match = match.Success ? match : s_tagged.Match(line);
        match = match.Success ? match : s_csv.Match(line);
        if (!match.Success)
        {
            throw Invalid(Path, $"line {number} is neither a SHA-256 with a file name nor a comment");
        }

        string name = match.Groups["quoted"].Success ? match.Groups["quoted"].Value.Replace("\"\"", "\"") : match.Groups["name"].Value;
        name = match.Groups["escaped"].Success ? Unescape(name) : name;
        Add(name, match.Groups["hash"].Value.ToLowerInvariant(), number);
    }

    private void Add(string name, string hash, int number)
    {
        // A list that was made on Windows has backslashes; on Unix they would be part of a name.
        string path = System.IO.Path.DirectorySeparatorChar == '/' && !name.Contains('/') ? name.Replace('\\', '/') : name;
        string full = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path) ?? string.Empty, path));
        if (_byPath.TryGetValue(full, out ManifestEntry? other) && other.Sha256 != hash)
        {
            throw Invalid(Path, $"lines {other.Line} and {number} give '{name}' two different hashes");
        }

        _byPath[full] = new ManifestEntry(full, hash, number);
    }
}

/// <summary>A file in a list of hashes.</summary>
/// <param name="FullName">Where the file should be.</param>
/// <param name="Sha256">Its hash in hexadecimal, in small letters.</param>
/// <param name="Line">Line of the list, from 1.</param>
public sealed record ManifestEntry(string FullName, string Sha256, int Line)
{
    /// <summary>Name of the file without its folder.</summary>
    public string Name => Path.GetFileName(FullName);
}
