using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Resolves the device names of BACKUP and RESTORE statements and keeps two statements from writing the same file.</summary>
internal sealed class BackupDevices
{
    private const int MostDevices = 64;
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

    /// <summary>The devices of a statement: full path and the name given.</summary>
    public IReadOnlyList<(string Path, string Device)> All(IReadOnlyList<string> disks, bool forRestore)
    {
        if (disks.Count == 0)
        {
            throw new LabSqlException(3207, 16, 1, "Backup or restore requires at least one backup device. Rerun your statement specifying a backup device.");
        }

        return disks.Count > MostDevices
            ? throw new LabSqlException(3205, 16, 1, $"Too many backup devices specified for backup or restore; only {MostDevices} are allowed.")
            : [.. disks.Select(d => (PathOf(d, forRestore), d))];
    }

    /// <summary>Opens the media of a RESTORE statement. What a URL names is fetched first; the copy is gone when the medium is closed.</summary>
    public BackupMedium OpenForRestore(IReadOnlyList<string> disks, bool whole, Func<byte[], ServerCertificate?>? certificates)
    {
        if (!disks.Any(UrlDevice.Is))
        {
            return BackupMedium.Open(All(disks, forRestore: true), whole, certificates);
        }

        List<string> copies = [];
        try
        {
            List<(string Path, string Device)> devices = [];
            foreach (string device in disks)
            {
                if (UrlDevice.Is(device))
                {
                    copies.Add(UrlDevice.Fetch(_instance, device));
                    devices.Add((copies[^1], device));
                }
                else
                {
                    devices.Add((PathOf(device, forRestore: true), device));
                }
            }

            return BackupMedium.Open(devices, whole, certificates);
        }
        finally
        {
            // An open file lives on until it is closed.
            copies.ForEach(File.Delete);
        }
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
