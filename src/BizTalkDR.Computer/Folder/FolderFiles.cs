using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>The disks of a simulated computer: <c>files/C/…</c>, and shares in a folder of their own; names are looked up without regard to case.</summary>
/// <remarks>A path that is rooted on this machine and is no path of Windows (<c>/srv/backup</c>) stands for itself.</remarks>
internal sealed class FolderFiles(string folder, string shares, IReadOnlyDictionary<string, string> environment) : IComputerFiles
{
    public bool FileExists(string path) => File.Exists(ToHostPath(path));

    public bool FolderExists(string path) => Directory.Exists(ToHostPath(path));

    public IReadOnlyList<ComputerFile> List(string folder, string pattern = "*", bool recurse = false)
    {
        string host = ToHostPath(folder);
        if (!Directory.Exists(host))
            return [];
        return Below(host, pattern, recurse)
            .OrderBy(f => f.FullName, StringComparer.Ordinal)
            .Select(f => new ComputerFile(Below(folder, f.FullName.Substring(host.Length)), f.Length, f.LastWriteTimeUtc)).ToList();
    }

    public Stream Read(string path) => new FileStream(ToHostPath(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public void Write(string path, FileProtection protection, Action<Stream> content) => SafeFile.Write(ToHostPath(path), protection, content);

    public void Delete(string path)
    {
        string host = ToHostPath(path);
        if (File.Exists(host))
            File.Delete(host);
    }

    public void Wipe(string path) => SafeFile.Wipe(ToHostPath(path));

    public string Expand(string path) => Regex.Replace(
        path, "%([^%]+)%", m => environment.FirstOrDefault(e => string.Equals(e.Key, m.Groups[1].Value, StringComparison.OrdinalIgnoreCase)).Value ?? m.Value,
        RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    public string ToHostPath(string path)
    {
        string expanded = Expand(path);
        bool onDrive = expanded.Length >= 2 && expanded[1] == ':' && char.IsLetter(expanded[0]);
        bool onShare = expanded.StartsWith(@"\\", StringComparison.Ordinal);
        if (!onDrive && !onShare)
            return expanded;
        if (onDrive && expanded.StartsWith(folder, StringComparison.OrdinalIgnoreCase))
            return expanded;
        string[] names = expanded.Substring(2).Split(['\\', '/'], StringSplitOptions.RemoveEmptyEntries);
        if (names.Contains("..", StringComparer.Ordinal))
            throw new RecoveryException(RecoveryError.BackupPathInvalid, path, $"The path '{path}' leads out of the simulated computer ('..' is not allowed in it).");
        return names.Aggregate(onDrive ? Path.Combine(folder, "files", expanded.Substring(0, 1).ToUpperInvariant()) : shares, Step);
    }

    /// <summary>What lies in the computer's folder is lost with it, the shares that it sees excepted.</summary>
    public bool IsOwnDisk(string hostPath)
    {
        string full = LinkPath.Real(hostPath);
        string own = LinkPath.Real(folder) + Path.DirectorySeparatorChar, others = LinkPath.Real(shares) + Path.DirectorySeparatorChar;
        return full.StartsWith(own, StringComparison.OrdinalIgnoreCase) && !full.StartsWith(others, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Goes one name down: to the entry of that name in whatever case, else to the name as it is written.</summary>
    private static string Step(string at, string name)
    {
        string exact = Path.Combine(at, name);
        if (File.Exists(exact) || Directory.Exists(exact) || !Directory.Exists(at))
            return exact;
        return Directory.EnumerateFileSystemEntries(at).FirstOrDefault(e => string.Equals(Path.GetFileName(e), name, StringComparison.OrdinalIgnoreCase)) ?? exact;
    }

    /// <summary>Finds files without regard to case, as Windows does.</summary>
    private static FileInfo[] Below(string host, string pattern, bool recurse) =>
#if NETFRAMEWORK
        new DirectoryInfo(host).GetFiles(pattern, recurse ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly);
#else
        new DirectoryInfo(host).GetFiles(pattern, new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive, RecurseSubdirectories = recurse, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false });
#endif

    private static string Below(string folder, string rest) =>
        folder.Length > 0 && folder[0] == '/' ? folder.TrimEnd('/') + rest.Replace('\\', '/') : folder.TrimEnd('\\') + rest.Replace('/', '\\');
}
