using System.Collections.Generic;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Files;

/// <summary>Which backup files an operator means.</summary>
/// <param name="Paths">Full paths of files and folders, and URLs of blobs, containers and folders in them, without wildcards.</param>
public sealed record FileSelection(IReadOnlyList<string> Paths)
{
    /// <summary>Names to take from folders, with <c>*</c> and <c>?</c>; empty for <see cref="BackupFileFinder.UsualNames"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Lists what URLs lead to; null where no path is a URL.</summary>
    public IBlobStore? Blobs { get; init; }

    /// <summary>Looks into the folders of folders too. Default: false.</summary>
    public bool Recurse { get; init; }
}

/// <summary>What was found under the paths an operator named.</summary>
/// <param name="Files">Full paths of the files, each once, in the order to work in.</param>
/// <param name="Folders">The folders among the paths.</param>
/// <param name="Problems">Paths and folders that could not be looked into, or held nothing.</param>
/// <param name="Warnings">What was left out on purpose.</param>
public sealed record FoundFiles(
    IReadOnlyList<string> Files, IReadOnlyList<string> Folders, IReadOnlyList<RecoveryException> Problems, IReadOnlyList<string> Warnings);
