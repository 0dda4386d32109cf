using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Files;

/// <summary>Finds the backup files that an operator named by file and folder. Opens none of them.</summary>
/// <remarks>
/// A folder's files are taken by name, a file that was named itself is taken whatever it is called. Links to folders that are met on the way are not
/// followed, so no circle of links can be entered; a warning says so. A URL that ends like a backup is a blob; any other is a folder when there is something in it, and else a blob too.
/// </remarks>
public sealed class BackupFileFinder
{
    private static readonly NamePattern[] UsualPatterns = [new("*.bak"), new("*.trn"), new("*.dif")];
    private readonly NamePattern[] _names;
    private readonly bool _recurse;
    private readonly List<string> _files = [];
    private readonly List<RecoveryException> _problems = [];
    private readonly List<string> _links = [];
    private readonly List<string> _folders = [];
    private readonly HashSet<string> _seen = new(PathComparer);

    // Names of blobs that differ by capitals are different ones.
    private readonly HashSet<string> _seenUrls = new(StringComparer.Ordinal);
    private readonly IBlobStore? _blobs;

    private BackupFileFinder(FileSelection selection)
    {
        _names = (selection.Names.Count == 0 ? UsualNames : selection.Names).Select(n => new NamePattern(n)).ToArray();
        _recurse = selection.Recurse;
        _blobs = selection.Blobs;
    }

    /// <summary>Names of files that are taken from a folder unless told otherwise: those that BizTalk's job, maintenance plans and the common tools write.</summary>
    public static IReadOnlyList<string> UsualNames { get; } = [.. UsualPatterns.Select(p => p.Text)];

    /// <summary>Whether a file is a backup by its name.</summary>
    internal static bool IsUsual(string name) => UsualPatterns.Any(p => p.Fits(name));

    /// <summary>Compares paths as this computer's file systems usually do.</summary>
    internal static StringComparer PathComparer { get; } = Path.DirectorySeparatorChar == '\\' ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>Lists the files.</summary>
    /// <param name="selection">Paths, and what to take from folders.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>Every file once: in the order of the paths, and within a folder by name, its own files before those of its folders.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FoundFiles Find(FileSelection selection, CancellationToken cancellationToken = default)
    {
        var finder = new BackupFileFinder(selection);
        foreach (string path in selection.Paths)
        {
            if (selection.Blobs is not null && BlobUrl.Is(path))
            {
                finder.TakeUrl(path, cancellationToken);
            }
            else
            {
                finder.Take(path, cancellationToken);
            }
        }

        return new FoundFiles(finder._files, finder._folders, finder._problems, finder.Warnings());
    }

    private List<string> Warnings()
    {
        const int Shown = 3;
        string names = string.Join(", ", _links.Take(Shown).Select(l => $"'{FileErrors.Shown(l)}'"));
        string more = _links.Count > Shown ? $" and {_links.Count - Shown} more" : string.Empty;
        return _links.Count == 0 ? [] : [$"Links to folders were not entered: {names}{more}. Name one in -Path to look into it."];
    }

    private void Take(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
        {
            // Whatever is wrong with it, the one who opens it will say.
            Add(path);
            return;
        }

        _folders.Add(path);
        int files = _files.Count;
        int problems = _problems.Count;
        int known = TakeFolder(path, cancellationToken);
        if (_files.Count == files && known == 0 && _problems.Count == problems)
        {
            _problems.Add(Nothing(path));
        }
    }

    private RecoveryException Nothing(string path) => new(
        RecoveryError.NoBackupsFound,
        path,
        $"The folder '{path}' {(_recurse ? "and the folders in it hold" : "holds")} no file named {string.Join(", ", _names.Select(n => n.Text))}.",
        _recurse ? "Pass the folder that holds the backup files, or name other files with -Include." : "Pass -Recurse to look into the folders of this one, or name other files with -Include.");

    private void TakeUrl(string url, CancellationToken cancellationToken)
    {
        try
        {
            string name = BlobUrl.Parse(url).Name;
            if (IsUsual(BlobUrl.NameOf(name)))
            {
                AddUrl(url);
                return;
            }

            BlobFolder listed = _blobs!.List(url, _recurse, cancellationToken);
            if (listed.Blobs.Count == 0 && listed.FoldersLeftOut == 0 && name.Length > 0 && !name.EndsWith("/", StringComparison.Ordinal))
            {
                // Whatever is wrong with it, the one who opens it will say.
                AddUrl(url);
                return;
            }

            _folders.Add(url);
            List<BlobEntry> wanted = listed.Blobs.Where(b => _names.Any(n => n.Fits(BlobUrl.NameOf(b.Url)))).ToList();
            wanted.Sort((a, b) => ByName(a.Url, b.Url));
            wanted.ForEach(b => AddUrl(b.Url));
            if (wanted.Count == 0)
            {
                _problems.Add(Nothing(url));
            }
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.OperationCancelled)
        {
            throw new OperationCanceledException(error.Message, error, cancellationToken);
        }
        catch (RecoveryException error)
        {
            _problems.Add(error);
        }
    }

    private void AddUrl(string url)
    {
        if (_seenUrls.Add(url))
        {
            _files.Add(url);
        }
    }

    /// <returns>How many of the files had been found before.</returns>
    private int TakeFolder(string root, CancellationToken cancellationToken)
    {
        int known = 0;
        var waiting = new Stack<string>();
        waiting.Push(root);
        while (waiting.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Entries(waiting.Pop()) is not { } entries)
            {
                continue;
            }

            foreach (FileSystemInfo file in entries.Where(e => e is not DirectoryInfo && _names.Any(n => n.Fits(e.Name))))
            {
                known += Add(file.FullName) ? 0 : 1;
            }

            if (_recurse)
            {
                // The stack gives them back in the order of their names.
                foreach (FileSystemInfo folder in entries.Where(e => e is DirectoryInfo).Reverse())
                {
                    Enter((DirectoryInfo)folder, waiting);
                }
            }
        }

        return known;
    }

    private bool Add(string file)
    {
        bool isNew = _seen.Add(file);
        if (isNew)
        {
            _files.Add(file);
        }

        return isNew;
    }

    private void Enter(DirectoryInfo folder, Stack<string> waiting)
    {
        if (folder.Attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            _links.Add(folder.FullName);
            return;
        }

        waiting.Push(folder.FullName);
    }

    private List<FileSystemInfo>? Entries(string folder)
    {
        try
        {
            var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos().ToList();
            entries.Sort((a, b) => ByName(a.Name, b.Name));
            return entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException)
        {
            _problems.Add(FileErrors.OfFolder(folder, e));
            return null;
        }
    }

    private static int ByName(string a, string b)
    {
        int byLetters = StringComparer.OrdinalIgnoreCase.Compare(a, b);
        return byLetters != 0 ? byLetters : StringComparer.Ordinal.Compare(a, b);
    }
}
