using System;
using BizTalkDR.BackupFiles.Format;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles.Verification;

/// <summary>
/// Looks at the filling between the structures of a plain file. No checksum covers it and nothing in it is ever restored, but it is zero in every
/// backup seen, of each version from 2005 to 2025: what is not zero was changed after it was written.
/// </summary>
internal sealed class FillingChecker(Tally tally)
{
    private const int ChunkBytes = 64 * 1024;
    private const int FilemarkList = 0x48;

    private byte[]? _chunk;

    /// <summary>Looks at bytes of the image.</summary>
    public void Check(MtfWalker walker, long start, long length)
    {
        if (length <= 0)
            return;
        _chunk ??= new byte[ChunkBytes];
        for (long at = start; at < start + length;)
        {
            walker.Cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(ChunkBytes, start + length - at);
            int got = walker.Image.Read(at, _chunk, 0, count, walker.Cancellation);
            if (!SectorChecksum.IsZero(_chunk, 0, got))
            {
                Fail(walker.Image, at);
                return;
            }

            // What is missing here is missing at the end of the file, which the walk reports.
            if (got < count)
                return;
            at += count;
        }

        tally.Pass();
    }

    /// <summary>Looks behind the list of earlier filemarks.</summary>
    public void CheckFilemark(MtfWalker walker)
    {
        ByteView mark = walker.Header;
        if (mark.Length < FilemarkList || mark.U32(0x3C) != FilemarkList)
            return;
        long end = FilemarkList + (8L * mark.U32(0x38));
        if (end > mark.Length)
            Fail(walker.Image, walker.BlockStart);
        else
            Note(walker.Image, walker.BlockStart, mark.IsZero((int)end, mark.Length - (int)end));
    }

    /// <summary>Takes an answer that another reader of the same bytes has.</summary>
    public void Note(BackupImage image, long offset, bool isZero)
    {
        if (isZero)
            tally.Pass();
        else
            Fail(image, offset);
    }

    private void Fail(BackupImage image, long offset) =>
        tally.Fail(image.ToFileOffset(offset), "Filling that is zero in every known backup is not: the file was changed after it was written. Nothing of the database is in it");
}
