using System.IO;

namespace BizTalkDR.Computer;

/// <summary>Follows links: a folder that seems to lie elsewhere may be a link to where it must not be.</summary>
internal static class LinkPath
{
    /// <summary>Gives the full path with every link in it followed; parts that do not exist stay as they are. .NET Framework cannot tell: there the full path.</summary>
    public static string Real(string path)
    {
        string full = Path.GetFullPath(path);
#if NETFRAMEWORK
        return full.TrimEnd(Path.DirectorySeparatorChar);
#else
        if (Path.GetDirectoryName(full.TrimEnd(Path.DirectorySeparatorChar)) is not { Length: > 0 } parent)
            return full;
        string here = Path.Combine(Real(parent), Path.GetFileName(full.TrimEnd(Path.DirectorySeparatorChar)));
        return new DirectoryInfo(here) is { Exists: true } folder && folder.ResolveLinkTarget(returnFinalTarget: true) is { } target ? Real(target.FullName) : here;
#endif
    }
}
