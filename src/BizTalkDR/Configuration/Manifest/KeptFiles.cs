using System;
using System.IO;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Writes the files of a backup and reads them, by size and hash as the disk gives them back.</summary>
public static class KeptFiles
{
    /// <summary>Writes a file to the backup.</summary>
    /// <param name="folder">The backup's folder.</param>
    /// <param name="name">Path below it, with forward slashes.</param>
    /// <param name="content">Writes the content.</param>
    /// <param name="source">Where it came from on the computer; null when it was made for the backup.</param>
    public static KeptFile Keep(this IBackupFolder folder, string name, Action<Stream> content, string? source = null)
    {
        folder.Write(name, content);
        using Stream written = folder.Read(name);
        (long size, string hash) = ContentHash.Of(written);
        return new KeptFile(name, size, hash, source);
    }

    /// <summary>Copies a file of the computer to the backup and compares what arrived.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.KeptFileChanged"/>: the copy is not what was read.</exception>
    public static KeptFile Keep(this IBackupFolder folder, string name, IComputerFiles files, string path)
    {
        KeptFile kept = folder.Keep(name, target => Copy(files, path, target), path);
        using Stream source = files.Read(path);
        return ContentHash.Of(source) == (kept.SizeBytes, kept.Sha256) ? kept : throw new RecoveryException(
            RecoveryError.KeptFileChanged, name, $"The copy of '{path}' in {folder.Path} is not what was read: the file changed meanwhile, or the disk does not keep what is written.",
            "Repeat the backup when nothing writes to the file.");
    }

    /// <summary>Opens a file of the backup, having compared its size and hash with the manifest.</summary>
    /// <exception cref="RecoveryException">KeptFileMissing, KeptFileChanged.</exception>
    public static Stream Open(this IBackupFolder folder, KeptFile file)
    {
        if (!folder.Exists(file.Name))
            throw new RecoveryException(RecoveryError.KeptFileMissing, file.Name, $"The file {file.Name} of the backup is not in {folder.Path}.");
        Stream stream = folder.Read(file.Name);
        try
        {
            if (ContentHash.Of(stream) != (file.SizeBytes, file.Sha256))
                throw new RecoveryException(RecoveryError.KeptFileChanged, file.Name, $"The file {file.Name} in {folder.Path} is not the one that was backed up: its size or SHA-256 differs from the manifest.");
            stream.Position = 0;
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Copies a file of the backup to the computer and compares what arrived with the manifest.</summary>
    /// <exception cref="RecoveryException">KeptFileMissing, KeptFileChanged; the computer's file is not there then.</exception>
    public static void CopyTo(this IBackupFolder folder, KeptFile file, IComputerFiles files, string path, FileProtection protection)
    {
        using (Stream source = folder.Open(file))
            files.Write(path, protection, source.CopyTo);
        using Stream arrived = files.Read(path);
        if (ContentHash.Of(arrived) == (file.SizeBytes, file.Sha256))
            return;
        arrived.Dispose();
        files.Delete(path);
        throw new RecoveryException(RecoveryError.KeptFileChanged, path, $"What arrived at '{path}' is not the file {file.Name} of the backup; it was deleted again.");
    }

    private static void Copy(IComputerFiles files, string path, Stream target)
    {
        using Stream source = files.Read(path);
        source.CopyTo(target);
    }
}
