using System;
using System.IO;
using System.Security.AccessControl;
using System.Security.Principal;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>Writes files whole, with their protection from the moment of creation.</summary>
internal static class SafeFile
{
    /// <summary>Writes to a temporary name beside the file, flushes to disk, then renames.</summary>
    public static void Write(string path, FileProtection protection, Action<Stream> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = path + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            using (FileStream stream = protection == FileProtection.OwnerOnly ? CreateProtected(temporary) : new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                content(stream);
                stream.Flush(flushToDisk: true);
            }

            Replace(temporary, path, protection);
        }
        finally
        {
            if (protection == FileProtection.OwnerOnly)
                Wipe(temporary);
            else
                File.Delete(temporary);
        }
    }

    /// <summary>Overwrites what is in a file, then deletes it; nothing happens when it is not there.</summary>
    public static void Wipe(string path)
    {
        if (!File.Exists(path))
            return;
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            byte[] nothing = new byte[4096];
            for (long left = stream.Length; left > 0; left -= nothing.Length)
                stream.Write(nothing, 0, (int)Math.Min(left, nothing.Length));
            stream.Flush(flushToDisk: true);
        }

        File.Delete(path);
    }

#if NETFRAMEWORK
    /// <remarks>File.Replace gives the new file the old one's permissions: the old one is protected first, and there is no moment without a file.</remarks>
    private static void Replace(string temporary, string path, FileProtection protection)
    {
        if (!File.Exists(path))
        {
            File.Move(temporary, path);
            return;
        }

        if (protection == FileProtection.OwnerOnly)
            File.SetAccessControl(path, OwnersAlone());
        File.Replace(temporary, path, null);
    }

    private static FileStream CreateProtected(string path) =>
        new(path, FileMode.CreateNew, FileSystemRights.Write, FileShare.None, 4096, FileOptions.None, OwnersAlone());
#else
    private static void Replace(string temporary, string path, FileProtection protection) => File.Move(temporary, path, overwrite: true);

    private static FileStream CreateProtected(string path)
    {
        if (OperatingSystem.IsWindows())
            return new FileInfo(path).Create(FileMode.CreateNew, FileSystemRights.Write, FileShare.None, 4096, FileOptions.None, OwnersAlone());
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
#endif
    private static FileSecurity OwnersAlone()
    {
        FileSecurity security = new();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using WindowsIdentity owner = WindowsIdentity.GetCurrent();
        SecurityIdentifier[] allowed =
        [
            owner.User!, new SecurityIdentifier(WellKnownSidType.BuiltinAdministratorsSid, null), new SecurityIdentifier(WellKnownSidType.LocalSystemSid, null),
        ];
        foreach (SecurityIdentifier one in allowed)
            security.AddAccessRule(new FileSystemAccessRule(one, FileSystemRights.FullControl, AccessControlType.Allow));
        return security;
    }
}
