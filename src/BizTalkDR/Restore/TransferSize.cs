using System;
using System.Linq;
using BizTalkDR.Catalogue;

namespace BizTalkDR.Restore;

/// <summary>How much of a backup RESTORE reads at once: BUFFERCOUNT and MAXTRANSFERSIZE.</summary>
/// <param name="BufferCount">Number of buffers.</param>
/// <param name="MaxTransferBytes">Bytes of each.</param>
/// <remarks>
/// "RESTORE Statements - Arguments": the statement takes the product of both of the server's memory, and too many buffers end it for want of memory. "BACKUP": where a
/// database has FILESTREAM or memory-optimized data, MAXTRANSFERSIZE at the restore must not be smaller than at the backup; so it is the largest there is, or not given.
/// That larger transfers are faster is [inferred] and relied on nowhere; a resumed run leaves the sizes to the server.
/// </remarks>
public sealed record TransferSize(int BufferCount, int MaxTransferBytes)
{
    /// <summary>The largest that SQL Server takes: 4 MB.</summary>
    public const int LargestTransfer = 4 * 1024 * 1024;

    // Smaller backups are over before it matters, and the server's own choice is made for them.
    private const long SmallestBackup = 256L * 1024 * 1024;
    private const int MostBuffersOfFile = 16;
    private const int LeastBuffersOfFile = 4;

    // All restores of an instance together take no more than this part of the memory that its computer had free when the plan was made.
    private const int PartOfMemory = 8;

    /// <summary>Chooses for one backup. Pure.</summary>
    /// <param name="backup">What is restored.</param>
    /// <param name="freeMemory">Bytes of memory free on the destination's computer; null when nobody could tell.</param>
    /// <param name="limits">How many restores share it.</param>
    /// <returns>Null: the server chooses.</returns>
    public static TransferSize? Of(MediaBackup backup, long? freeMemory, RestoreLimits limits)
    {
        int files = backup.Paths.Count;
        if (freeMemory is null || backup.Header.BackupSizeBytes < SmallestBackup || backup.Paths.Any(p => p.IndexOf("://", StringComparison.Ordinal) > 0))
        {
            return null;
        }

        long share = freeMemory.Value / PartOfMemory / Math.Max(1, limits.PerInstance) / LargestTransfer;
        return share < (long)LeastBuffersOfFile * files ? null : new TransferSize((int)Math.Min(share, (long)MostBuffersOfFile * files), LargestTransfer);
    }

    /// <summary>Gives both.</summary>
    public override string ToString() => $"{BufferCount} buffers of {SizeText.Of(MaxTransferBytes)}";
}
