using System;
using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Verification;

/// <summary>Reads streams of data pages: the backup checksum and the page checksums come from the same sector sums.</summary>
internal sealed unsafe class DataStreamChecker(CoverageMap coverage, Tally pages, Action<long>? progress)
{
    private const int ChunkBytes = 512 * 1024;
    private const int ExtentBytes = PageChecker.PageBytes * PageChecker.PagesPerExtent;
    private const string NoChecksum = "pages without a checksum, or of which nothing in this file says that they are in use";

    private readonly byte[] _chunk = new byte[ChunkBytes];
    private readonly uint[] _folds = new uint[ChunkBytes / SectorChecksum.SectorBytes];
    private readonly PageChecker _checker = new();

    public bool PageChecksumsMeanNothing => _checker.Mismatches > 16 && _checker.Mismatches * 10 > _checker.Candidates * 9;

    public void BeginPass() => _checker.BeginPass();

    /// <summary>Reads the walker's current stream.</summary>
    /// <returns>The backup checksum of its data; none when it is no whole number of sectors.</returns>
    public uint? Check(MtfWalker walker)
    {
        MtfStream stream = walker.Stream;
        bool covered = (stream.Attributes & MtfStream.Checksummed) != 0;
        long at = Math.Min(stream.Start + 2, stream.End);
        coverage.Image(stream.Start, at - stream.Start, ByteProtection.Padding);
        uint sum = 0;
        bool whole = ((stream.End - at) & (SectorChecksum.SectorBytes - 1)) == 0;
        while (at < stream.End)
        {
            walker.Cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(ChunkBytes, stream.End - at);
            int got = walker.Image.Read(at, _chunk, 0, count, walker.Cancellation);
            if (got < count)
                throw new DamageException(FindingKind.Truncated, walker.Image.ToFileOffset(at + got), "The file ends inside its data.");
            sum = Fold(count / SectorChecksum.SectorBytes, sum);
            CheckPages(walker, at, count, covered);
            at += count;
            progress?.Invoke(at);
        }

        return whole ? sum : null;
    }

    private uint Fold(int sectors, uint sum)
    {
        fixed (byte* bytes = _chunk)
        fixed (uint* folds = _folds)
        {
            for (int i = 0; i < sectors; i++)
            {
                folds[i] = SectorChecksum.Fold(bytes + (i * SectorChecksum.SectorBytes));
                sum = SectorChecksum.RotateLeft(sum, 1) ^ folds[i];
            }
        }

        return sum;
    }

    private void CheckPages(MtfWalker walker, long imageOffset, int count, bool covered)
    {
        PageOutcome* outcomes = stackalloc PageOutcome[PageChecker.PagesPerExtent];
        fixed (byte* bytes = _chunk)
        fixed (uint* folds = _folds)
        {
            int at = 0;
            for (; at + PageChecker.PageBytes <= count; at += ExtentBytes)
            {
                int here = Math.Min(PageChecker.PagesPerExtent, (count - at) / PageChecker.PageBytes);
                _checker.Check(bytes + at, folds + (at / SectorChecksum.SectorBytes), here, outcomes);
                for (int i = 0; i < here; i++)
                    Count(walker, imageOffset + at + (i * PageChecker.PageBytes), outcomes[i], covered);
            }

            int rest = count % PageChecker.PageBytes;
            coverage.Image(imageOffset + count - rest, rest, covered ? ByteProtection.Checksum : ByteProtection.UncoveredData);
        }
    }

    private void Count(MtfWalker walker, long imageOffset, PageOutcome outcome, bool covered)
    {
        ByteProtection protection = ByteProtection.Checksum;
        switch (outcome)
        {
            case PageOutcome.Sound:
                pages.Pass();
                break;
            case PageOutcome.Damaged:
                pages.Fail(walker.Image.ToFileOffset(imageOffset), "A page that is in use does not match its checksum or its place");
                break;
            case PageOutcome.Unallocated:
                pages.Skip(1, NoChecksum);
                protection = ByteProtection.UnallocatedPages;
                break;
            default:
                pages.Skip(1, NoChecksum);
                protection = ByteProtection.UncoveredData;
                break;
        }

        coverage.Image(imageOffset, PageChecker.PageBytes, covered ? ByteProtection.Checksum : protection);
    }
}
