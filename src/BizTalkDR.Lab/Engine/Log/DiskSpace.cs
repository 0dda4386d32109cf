using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BizTalkDR.Lab.Engine;

/// <summary>Takes room on the disk before it is needed: a file that was only made longer has none on Unix, and the write that needs it fails.</summary>
internal static partial class DiskSpace
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Whether an error says that the disk is full.</summary>
    public static bool IsFull(IOException error) => error.HResult is NoSpace or QuotaExceeded or WindowsDiskFull;

    public static IOException Full(string path) => new($"There is not enough space on the disk for '{path}'.", NoSpace);

    /// <summary>Makes a file as long as that, with room for every byte. A file that is longer stays so.</summary>
    /// <exception cref="IOException">There is no room; the file is as long as it was.</exception>
    public static void Take(SafeFileHandle handle, string path, long length)
    {
        long before = RandomAccess.GetLength(handle);
        if (length <= before)
        {
            return;
        }

        if (System.OperatingSystem.IsLinux())
        {
            int error = Allocate(handle, before, length - before);
            if (error is NoSpace or QuotaExceeded)
            {
                RandomAccess.SetLength(handle, before);
                throw Full(path);
            }
        }

        // File systems that cannot take room ahead, and other systems, get the length alone.
        if (RandomAccess.GetLength(handle) < length)
        {
            RandomAccess.SetLength(handle, length);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Allocate(SafeFileHandle descriptor, long offset, long length);
}
