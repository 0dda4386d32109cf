using System;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>Resolves the device names of BACKUP and RESTORE statements and keeps two statements from writing the same file.</summary>
internal sealed class BackupDevices
{
    private static readonly HashSet<string> _inUse = new(StringComparer.Ordinal);
    private readonly LabInstance _instance;

    public BackupDevices(LabInstance instance) => _instance = instance;

    /// <summary>Gives the full path: a name without a path stands for a file in the instance's backup folder.</summary>
    public string PathOf(string device, bool forRestore)
    {
        if (string.IsNullOrWhiteSpace(device))
        {
            throw new LabSqlException(3044, 16, 1, "Invalid zero-length device name. Reissue the BACKUP statement with a valid device name.");
        }

        if (device.Length > 259)
        {
            throw new LabSqlException(
                3057, 16, 1, "Invalid device name. The length of the device name provided exceeds supported limit (maximum length is:259). Reissue the BACKUP statement with a valid device name.");
        }

        // A Windows path means nothing on another system; taken as a name it would make an odd file in the backup folder.
        bool isWindowsPath = device.StartsWith(@"\\", StringComparison.Ordinal) || (device.Length > 1 && device[1] == ':');
        if (isWindowsPath && !OperatingSystem.IsWindows())
        {
            throw MediaErrors.CannotOpen(device, new DirectoryNotFoundException(), forRestore);
        }

        string path = Path.GetFullPath(device, _instance.BackupFolder);
        return Directory.Exists(path) ? throw MediaErrors.CannotOpen(device, new UnauthorizedAccessException(), forRestore) : path;
    }

    /// <summary>The one device of a statement.</summary>
    /// <remarks>The lab writes no striped media; a statement with several devices is refused, not half done.</remarks>
    public static string Single(IReadOnlyList<string> disks)
    {
        if (disks.Count == 0)
        {
            throw new LabSqlException(3207, 16, 1, "Backup or restore requires at least one backup device. Rerun your statement specifying a backup device.");
        }

        return disks.Count == 1
            ? disks[0]
            : throw new LabSqlException(
                3032, 16, 2, "One or more of the options (multiple backup devices) are not supported for this statement. Review the documentation for supported options.");
    }

    /// <summary>Takes a file for writing until the result is disposed.</summary>
    public static IDisposable Take(string path, string device)
    {
        lock (_inUse)
        {
            if (!_inUse.Add(path))
            {
                throw new LabSqlException(
                    3201, 16, 1, $"Cannot open backup device '{device}'. Operating system error 32(The process cannot access the file because it is being used by another process.).");
            }
        }

        return new Lease(path);
    }

    private sealed class Lease(string path) : IDisposable
    {
        public void Dispose()
        {
            lock (_inUse)
            {
                _inUse.Remove(path);
            }
        }
    }
}
