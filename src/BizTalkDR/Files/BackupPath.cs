using System.IO;
using BizTalkDR.Catalogue;

namespace BizTalkDR.Files;

/// <summary>The parts of the path of a backup file on this computer, or of the URL of a blob.</summary>
internal static class BackupPath
{
    /// <summary>Gives the name without the folder.</summary>
    public static string NameOf(string path) => BlobUrl.Is(path) ? BlobUrl.NameOf(path) : Path.GetFileName(path);

    /// <summary>Gives the folder; null when there is none.</summary>
    public static string? FolderOf(string path) => BlobUrl.Is(path) ? path.Substring(0, path.LastIndexOf('/')) : Path.GetDirectoryName(path);
}
