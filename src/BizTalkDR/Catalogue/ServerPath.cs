using System;

namespace BizTalkDR.Catalogue;

/// <summary>Works on paths of a server, which may be of another kind than ours: drive, UNC, unix or URL.</summary>
public static class ServerPath
{
    /// <summary>Joins folder and file name with the folder's own separator, which it may or may not end with.</summary>
    public static string Join(string folder, string name)
    {
        if (folder.EndsWith("\\", StringComparison.Ordinal) || folder.EndsWith("/", StringComparison.Ordinal))
        {
            return folder + name;
        }

        return folder + (UsesSlash(folder) ? '/' : '\\') + name;
    }

    /// <summary>Gives the last part.</summary>
    public static string NameOf(string path) => path.Substring(path.LastIndexOfAny(['\\', '/']) + 1);

    /// <summary>Gives all before the last part.</summary>
    public static string FolderOf(string path) => TrimEnd(path.Substring(0, path.Length - NameOf(path).Length));

    /// <summary>Cuts separators off the end; a root keeps its own.</summary>
    public static string TrimEnd(string folder)
    {
        string trimmed = folder.TrimEnd('\\', '/');
        return trimmed.Length == 0 || trimmed.EndsWith(":", StringComparison.Ordinal) ? folder : trimmed;
    }

    /// <summary>Compares two folders without regard to case and to a separator at the end.</summary>
    public static bool SameFolder(string left, string right) => string.Equals(TrimEnd(left), TrimEnd(right), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path says the same to every server: it begins at a root, a drive's root, a share or a URL.</summary>
    public static bool IsFull(string path) => path.Length > 0
        && (path[0] is '\\' or '/' || path.IndexOf("://", StringComparison.Ordinal) > 0 || (path.Length > 2 && path[1] == ':' && (path[2] is '\\' or '/')));

    /// <summary>Whether a file lies in a folder or in one under it, without regard to case.</summary>
    public static bool IsUnder(string file, string folder)
    {
        string root = TrimEnd(folder);
        return root.Length > 0
            && file.Length > root.Length
            && file.StartsWith(root, StringComparison.OrdinalIgnoreCase)
            && (file[root.Length] is '\\' or '/' || root[root.Length - 1] is '\\' or '/');
    }

    /// <summary>Whether the parts of a path are divided by slashes: a path of unix or a URL.</summary>
    public static bool UsesSlash(string folder) =>
        folder.IndexOf('\\') < 0 && (folder.StartsWith("/", StringComparison.Ordinal) || folder.IndexOf("://", StringComparison.Ordinal) > 0);
}
