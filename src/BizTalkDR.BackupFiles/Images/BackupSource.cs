using System;
using System.IO;
using System.Security;

namespace BizTalkDR.BackupFiles.Images;

/// <summary>A file that can be opened again, or a stream the caller lent; turns what the system reports into named outcomes.</summary>
internal sealed class BackupSource
{
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);
    private const int UnixWouldBlock = 11;
    private const int UnixLoop = 40;
    private const int LongestUnixPath = 4096;
    private const int GenericFailure = unchecked((int)0x80131620);

    private static readonly Func<FileSystemInfo, bool, FileSystemInfo?>? ResolveLink = FindResolveLink();
    private static readonly bool OnUnix = System.IO.Path.DirectorySeparatorChar == '/';

    private readonly string? _path;
    private readonly Stream? _lent;
    private readonly DateTime _writtenUtc;

    private BackupSource(string name, string? path, Stream? lent, long length, DateTime writtenUtc)
    {
        Name = name;
        _path = path;
        _lent = lent;
        Length = length;
        _writtenUtc = writtenUtc;
    }

    public string Name { get; }

    public string? Path => _path;

    public long Length { get; }

    public static BackupSource FromFile(string path)
    {
        string shown = path.Length > 300 ? path.Substring(0, 300) + "…" : path;
        try
        {
            return Look(path, shown);
        }
        catch (Exception e) when (IsOfTheSystem(e))
        {
            throw Named(shown, e);
        }
    }

    public static BackupSource FromStream(Stream stream, string name)
    {
        if (!stream.CanSeek || !stream.CanRead)
            throw new BackupFileException(BackupFileError.NotSeekable, name, $"'{name}' cannot be read at any place: a backup needs a stream that seeks.");
        return Guarded(name, () => stream.Length == 0
            ? throw new BackupFileException(BackupFileError.Empty, name, $"'{name}' is empty.")
            : new BackupSource(name, path: null, stream, stream.Length, default));
    }

    public Stream Open()
    {
        if (_lent is not null)
            return _lent;
        try
        {
            return OpenShared(_path!);
        }
        catch (Exception e) when (IsOfTheSystem(e))
        {
            throw Named(Name, e);
        }
    }

    public void Close(Stream stream)
    {
        if (_lent is null)
            stream.Dispose();
    }

    public int Read(Stream stream, long offset, byte[] target, int at, int count)
    {
        try
        {
            if (stream.Position != offset)
                stream.Position = offset;
            return stream.Read(target, at, count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException or SecurityException)
        {
            throw Named(Name, e);
        }
    }

    public long LengthOf(Stream stream) => Guarded(Name, () => stream.Length);

    /// <summary>Says whether the file still is what it was when it was first looked at.</summary>
    public bool HasChanged()
    {
        return Guarded(Name, () =>
        {
            if (_lent is not null)
                return _lent.Length != Length;
            using FileStream now = OpenShared(_path!);
            return now.Length != Length || (_writtenUtc != default && !IsLink() && File.GetLastWriteTimeUtc(_path!) != _writtenUtc);
        });
    }

    public void DemandUnchanged()
    {
        if (HasChanged())
            throw new BackupFileException(BackupFileError.Changed, Name, $"'{Name}' was changed since it was opened.");
    }

    /// <summary>One look at the file before it is opened. Without closures: over thousands of files they would be noticed.</summary>
    private static BackupSource Look(string path, string shown)
    {
        if (!OnUnix && path.StartsWith(@"\\.\", StringComparison.Ordinal))
            throw new BackupFileException(BackupFileError.NotAFile, shown, $"'{shown}' is a device, not a file.");
        var info = new FileInfo(path);
        if (!info.Exists && File.GetAttributes(path).HasFlag(FileAttributes.Directory))
            throw new BackupFileException(BackupFileError.IsDirectory, shown, $"'{shown}' is a directory, not a backup file.");
        long length = info.Length;
        if (MayBeLink(length) && info.Attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            DemandTargetWithLength(info, shown);

            // The length of a link is not the length of what it leads to.
            using FileStream target = OpenShared(path);
            length = target.Length;
        }

        // Also pipes and devices report no length, and are not opened: that could wait forever.
        if (length == 0)
            throw new BackupFileException(BackupFileError.Empty, shown, $"'{shown}' is empty{(OnUnix ? ", or a pipe or a device" : string.Empty)}.");
        return new BackupSource(shown, path, lent: null, length, info.LastWriteTimeUtc);
    }

    /// <summary>On Unix a link's length is that of the path it holds, and asking for the attributes of a file costs a call of the system.</summary>
    private static bool MayBeLink(long length) => !OnUnix || length <= LongestUnixPath;

    /// <summary>Refuses a link to a pipe or a device before it is opened; .NET Framework cannot ask, and has neither in its file systems.</summary>
    private static void DemandTargetWithLength(FileInfo link, string shown)
    {
        FileSystemInfo? target;
        try
        {
            target = ResolveLink?.Invoke(link, true);
        }
        catch (IOException e) when (e.HResult is GenericFailure or UnixLoop)
        {
            throw new BackupFileException(BackupFileError.LinkLoop, shown, $"'{shown}' leads through symbolic links that lead back to themselves.", e);
        }

        if (target is FileInfo { Exists: true, Length: 0 })
            throw new BackupFileException(BackupFileError.NotAFile, shown, $"'{shown}' is a link to something without a length: an empty file, a pipe or a device.");
    }

    /// <summary>FileSystemInfo.ResolveLinkTarget, which netstandard2.0 does not know and the runtime may.</summary>
    private static Func<FileSystemInfo, bool, FileSystemInfo?>? FindResolveLink()
    {
        System.Reflection.MethodInfo? method = typeof(FileSystemInfo).GetMethod("ResolveLinkTarget", [typeof(bool)]);
        return method is null ? null : (Func<FileSystemInfo, bool, FileSystemInfo?>)Delegate.CreateDelegate(typeof(Func<FileSystemInfo, bool, FileSystemInfo?>), method);
    }

    private static FileStream OpenShared(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.None);

    private static T Guarded<T>(string name, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsOfTheSystem(e))
        {
            throw Named(name, e);
        }
    }

    private static bool IsOfTheSystem(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or SecurityException or ObjectDisposedException;

    private static BackupFileException Named(string name, Exception cause)
    {
        (BackupFileError error, string text) = cause switch
        {
            FileNotFoundException or DirectoryNotFoundException or DriveNotFoundException => (BackupFileError.NotFound, "does not exist"),
            PathTooLongException or ArgumentException or NotSupportedException => (BackupFileError.InvalidPath, "is not a path that a file can have"),
            UnauthorizedAccessException or SecurityException => (BackupFileError.AccessDenied, "may not be read by this user"),
            _ when cause.HResult is SharingViolation or LockViolation or UnixWouldBlock => (BackupFileError.InUse, "is held by another process, for example the server that still writes it"),
            _ when cause.HResult == UnixLoop => (BackupFileError.LinkLoop, "leads through symbolic links that lead back to themselves"),
            _ => (BackupFileError.ReadFailed, "could not be read: " + cause.Message),
        };
        return new BackupFileException(error, name, $"'{name}' {text}.", cause);
    }

    private bool IsLink() => File.GetAttributes(_path!).HasFlag(FileAttributes.ReparsePoint);
}
