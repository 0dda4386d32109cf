using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>The disks of this computer.</summary>
internal sealed class WindowsFiles(string computer) : IComputerFiles
{
    public bool FileExists(string path) => File.Exists(Expand(path));

    public bool FolderExists(string path) => Directory.Exists(Expand(path));

    public IReadOnlyList<ComputerFile> List(string folder, string pattern = "*", bool recurse = false) => Named(folder, () =>
    {
        DirectoryInfo place = new(Expand(folder));
        return !place.Exists ? [] : place.GetFiles(pattern, recurse ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly).OrderBy(f => f.FullName, StringComparer.Ordinal)
            .Select(f => new ComputerFile(f.FullName, f.Length, f.LastWriteTimeUtc)).ToList();
    });

    public Stream Read(string path) => Named<Stream>(path, () => new FileStream(Expand(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    public void Write(string path, FileProtection protection, Action<Stream> content) => Named(path, () =>
    {
        SafeFile.Write(Expand(path), protection, content);
        return true;
    });

    public void Delete(string path) => Named(path, () =>
    {
        if (FileExists(path))
            File.Delete(Expand(path));
        return true;
    });

    public void Wipe(string path) => Named(path, () =>
    {
        SafeFile.Wipe(Expand(path));
        return true;
    });

    public string Expand(string path) => Environment.ExpandEnvironmentVariables(path);

    public string ToHostPath(string path) => Expand(path);

    public bool IsOwnDisk(string hostPath) => IsOwn(LinkPath.Real(hostPath), computer, root => new DriveInfo(root).DriveType);

    /// <summary>Whether a full path lies on a disk of a computer: not on a share of another one, nor on a medium that can be taken out.</summary>
    /// <remarks>Another name of this computer (an alias) is not known as its own.</remarks>
    internal static bool IsOwn(string path, string computer, Func<string, DriveType> driveType)
    {
        const string Long = @"\\?\", LongShare = @"\\?\UNC\", Device = @"\\.\";
        bool isShare = path.StartsWith(LongShare, StringComparison.OrdinalIgnoreCase), isLong = path.StartsWith(Long, StringComparison.Ordinal) || path.StartsWith(Device, StringComparison.Ordinal);
        string rest = isShare ? path.Substring(LongShare.Length) : isLong ? path.Substring(Long.Length) : path;
        if (isShare || (!isLong && path.StartsWith(@"\\", StringComparison.Ordinal)))
        {
            string server = rest.TrimStart('\\').Split('\\')[0];
            // A full name begins with the computer's; an address may be anybody's, so only the loopback's is this one.
            return string.Equals(server.Split('.')[0], computer, StringComparison.OrdinalIgnoreCase) || string.Equals(server, "localhost", StringComparison.OrdinalIgnoreCase) || server.StartsWith("127.", StringComparison.Ordinal);
        }

        return rest.Length < 2 || rest[1] != ':' || driveType(rest[0] + @":\") is not (DriveType.Network or DriveType.Removable or DriveType.CDRom);
    }

    private static T Named<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new RecoveryException(RecoveryError.PermissionDenied, path, $"{path} is closed to this account: {refused.Message}", null, refused);
        }
    }
}
