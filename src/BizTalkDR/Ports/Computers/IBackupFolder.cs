using System;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Ports.Computers;

/// <summary>Folder that holds the backup of a computer, as this process sees it.</summary>
/// <remarks>Names are paths below it with forward slashes; one that leads out of it is <see cref="Errors.RecoveryError.BackupPathInvalid"/>.</remarks>
public interface IBackupFolder
{
    /// <summary>Its full path.</summary>
    string Path { get; }

    /// <summary>Whether a file is there.</summary>
    bool Exists(string name);

    /// <summary>Names of the folders in it that hold a file of that name; empty when it is not there.</summary>
    IReadOnlyList<string> FoldersWith(string name);

    /// <summary>Opens a file to read.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    Stream Read(string name);

    /// <summary>Writes a file whole, readable by this account alone from its creation: to a temporary name, flushed, then renamed.</summary>
    void Write(string name, Action<Stream> content);

    /// <summary>Gives a folder below it.</summary>
    IBackupFolder Below(string name);
}
