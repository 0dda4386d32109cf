using System;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Ports.Computers;

/// <summary>Who may read a file that is written.</summary>
public enum FileProtection
{
    /// <summary>Whatever the folder gives.</summary>
    Inherited,

    /// <summary>Only the account that writes it (and, on Windows, Administrators and SYSTEM), from the moment of its creation.</summary>
    OwnerOnly,
}

/// <summary>A file as a listing shows it.</summary>
public sealed record ComputerFile(string Path, long SizeBytes, DateTime WrittenUtc);

/// <summary>Files and folders of a computer.</summary>
public interface IComputerFiles
{
    bool FileExists(string path);

    bool FolderExists(string path);

    /// <summary>Lists files; empty when the folder is not there.</summary>
    IReadOnlyList<ComputerFile> List(string folder, string pattern = "*", bool recurse = false);

    /// <summary>Opens a file to read.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    Stream Read(string path);

    /// <summary>Writes a file whole: to a temporary name, flushed, then renamed. Its folders are made.</summary>
    void Write(string path, FileProtection protection, Action<Stream> content);

    /// <summary>Deletes a file; nothing happens when it is not there.</summary>
    void Delete(string path);

    /// <summary>Overwrites what is in a file, flushes, then deletes it; nothing happens when it is not there.</summary>
    /// <remarks>A disk that remaps blocks (SSD, snapshots) may keep older ones: what was in it should be changed when the disk leaves the house.</remarks>
    void Wipe(string path);

    /// <summary>Replaces environment variables in a path (<c>%CommonProgramFiles%</c>), as this computer has them.</summary>
    string Expand(string path);

    /// <summary>Gives a path that tools started on this computer and this process both understand.</summary>
    /// <remarks>On a simulated computer the place below its folder; on a real one the path itself.</remarks>
    string ToHostPath(string path);

    /// <summary>Whether a path of this process lies on a disk of this computer, so that it is lost when the computer is.</summary>
    bool IsOwnDisk(string hostPath);
}
