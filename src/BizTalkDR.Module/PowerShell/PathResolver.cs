using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Files;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Turns the paths that operators type into paths of the file system.</summary>
/// <remarks>Wildcards are PowerShell's; what is found in folders is the domain's (<see cref="BackupFileFinder"/>).</remarks>
internal sealed class PathResolver
{
    private readonly PSCmdlet _cmdlet;

    public PathResolver(PSCmdlet cmdlet) => _cmdlet = cmdlet;

    /// <summary>Full paths so far, in the order given.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>Takes paths.</summary>
    /// <param name="paths">As typed, or as they came through the pipeline.</param>
    /// <param name="literal">Takes brackets and stars for what they are.</param>
    /// <param name="refuse">Told of paths that are none of a file system, and of wildcards that fit nothing.</param>
    public void Add(IEnumerable<string> paths, bool literal, Action<RecoveryException> refuse)
    {
        foreach (string path in paths)
        {
            try
            {
                if (BlobUrl.Is(path))
                {
                    AddUrl(path, literal);
                }
                else if (literal || !WildcardPattern.ContainsWildcardCharacters(path))
                {
                    Paths.Add(Literal(path));
                }
                else if (!TryAddWildcard(path))
                {
                    refuse(new RecoveryException(
                        RecoveryError.NoBackupsFound, FileErrors.Shown(path), $"Nothing fits '{FileErrors.Shown(path)}'.", "Check the wildcard, or name the folder itself: its backup files are found by their names."));
                }
            }
            catch (RecoveryException error)
            {
                refuse(error);
            }
            catch (Exception e) when (e is RuntimeException or ArgumentException or NotSupportedException or IOException or UnauthorizedAccessException)
            {
                refuse(new RecoveryException(RecoveryError.BackupPathInvalid, FileErrors.Shown(path), $"'{FileErrors.Shown(path)}' is no path of a file system: {e.Message}", cause: e));
            }
        }
    }

    /// <summary>A URL is taken as it is; one with a query, which may hold a secret, is refused without repeating it.</summary>
    private void AddUrl(string url, bool literal)
    {
        BlobUrl.Parse(url);
        if (!literal && WildcardPattern.ContainsWildcardCharacters(url))
        {
            throw new RecoveryException(RecoveryError.BackupPathInvalid, FileErrors.Shown(url), $"'{FileErrors.Shown(url)}' has wildcards, which are not resolved in URLs.", "Pass the URL of the container or of a folder in it, and choose among its blobs with -Include; a name that has such characters goes to -LiteralPath.");
        }

        Paths.Add(url);
    }

    private bool TryAddWildcard(string path)
    {
        List<string> found = [];
        try
        {
            foreach (string one in _cmdlet.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider))
            {
                found.Add(InFileSystem(one, provider));
            }
        }
        catch (ItemNotFoundException)
        {
            found.Clear();
        }

        // A name with brackets in it, typed or completed without escapes, is that file when it exists.
        string literal = Literal(path);
        if (found.Count == 0 && (File.Exists(literal) || Directory.Exists(literal)))
        {
            found.Add(literal);
        }

        Paths.AddRange(found);
        return found.Count > 0;
    }

    private string Literal(string path) => InFileSystem(_cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _), provider);

    private static string InFileSystem(string path, ProviderInfo provider) =>
        provider.Name == "FileSystem" ? path : throw new ArgumentException($"the provider {provider.Name} has no files");
}
