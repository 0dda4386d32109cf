using System.Threading;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>Tells by the first bytes whether a file is a backup at all (backup-file-format.md §1).</summary>
internal static class Recognition
{
    private const int SmallestFile = 64;

    /// <exception cref="BackupFileException">It is none, or one this reader cannot read.</exception>
    public static BackupContainer Recognise(BackupSource source, FileWindow window, CancellationToken cancellation)
    {
        int got = window.Get(0, SmallestFile, out byte[] bytes, out int at, cancellation);
        var head = new ByteView(bytes, at, got, 0);
        bool plain = got >= 4 && head.Id(0) == "TAPE";
        bool compressed = got >= 8 && head.Id(0) == "MSSQ" && head.Id(4) == "LBAK";
        if (!plain && !compressed)
            throw new BackupFileException(BackupFileError.UnknownFormat, source.Name, $"'{source.Name}' is not a readable SQL Server backup: {Guess(head)}.");
        if (got < SmallestFile)
            throw new BackupFileException(BackupFileError.TooShort, source.Name, $"'{source.Name}' begins like a backup and ends after {got} bytes.");
        if (compressed && head.U32(8) < 2)
            throw new BackupFileException(BackupFileError.UnreadableCompression, source.Name, $"'{source.Name}' was compressed by an old version of SQL Server in a form that is not readable offline.");
        if (compressed)
            DemandReadableRecords(source, window, cancellation);
        return plain ? BackupContainer.Plain : BackupContainer.Compressed;
    }

    /// <summary>The first record must be one of data: whatever else stands there is encrypted, or written by a version nobody has looked at.</summary>
    private static void DemandReadableRecords(BackupSource source, FileWindow window, CancellationToken cancellation)
    {
        int got = window.Get(CompressedRecord.First, CompressedRecord.DataHeaderBytes, out byte[] bytes, out int at, cancellation);
        if (got < CompressedRecord.DataHeaderBytes)
            throw new BackupFileException(BackupFileError.TooShort, source.Name, $"'{source.Name}' begins like a compressed backup and ends before its first record.");
        if (bytes[at] != (byte)RecordKind.Data)
            throw new BackupFileException(BackupFileError.UnreadableCompression, source.Name, $"'{source.Name}' is a compressed backup whose records are of no known form: encrypted, or written by a version that this reader does not know.");
    }

    private static string Guess(ByteView head)
    {
        if (head.IsZero(0, head.Length))
            return "it begins with nothing but zeros (never written, or wiped)";
        if (head.Length < 8)
            return "it is too short to be one";
        return (head.U8(0), head.U8(1), head.U8(2), head.U8(3)) switch
        {
            (0x50, 0x4B, _, _) => "it looks like a ZIP archive",
            (0x1F, 0x8B, _, _) => "it looks like a gzip file",
            (0x37, 0x7A, 0xBC, 0xAF) => "it looks like a 7-Zip archive",
            (0x52, 0x61, 0x72, 0x21) => "it looks like a RAR archive",
            (0x4D, 0x5A, _, _) => "it looks like a Windows program",
            (0x01, 0x0F, 0x00, 0x00) => "it looks like a database file (MDF or LDF), not a backup",
            _ => "its first bytes are those of another product, of an encrypted file or of something else",
        };
    }
}
