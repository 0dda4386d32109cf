using BizTalkDR.BackupFiles.Format;
using BizTalkDR.BackupFiles.Log;

namespace BizTalkDR.BackupFiles.Verification;

/// <summary>Reads streams of log: the backup checksum over all of it, and each log block by its own.</summary>
internal sealed class LogStreamChecker(CoverageMap coverage, Tally blocks, FillingChecker filling)
{
    private LogBlockReader? _reader;
    private uint _sum;
    private bool _whole;

    public void BeginExtent(MtfWalker walker, bool striped)
    {
        _reader ??= new LogBlockReader(walker.Image, walker.Cancellation) { OnBytes = Feed };
        _reader.BeginExtent(LogExtent.Read(walker.Header, striped));
    }

    /// <summary>Reads the walker's current stream.</summary>
    /// <returns>The backup checksum of its data; none when it is no whole number of sectors.</returns>
    public uint? Check(MtfWalker walker)
    {
        MtfStream stream = walker.Stream;
        bool covered = (stream.Attributes & MtfStream.Checksummed) != 0;
        _sum = 0;
        _whole = true;
        LogBlockReader reader = _reader!;
        long at = stream.Start + 2;
        coverage.Image(stream.Start, 2, ByteProtection.Padding);
        reader.BeginStream(stream);
        while (reader.Next())
        {
            ByteProtection protection = ByteProtection.Checksum;
            if (reader.Piece == LogPiece.Damage)
            {
                blocks.Fail(walker.Image.ToFileOffset(reader.Offset), $"{reader.Size} bytes of log are not the log blocks that belong there");
            }
            else if (reader.IsChecksummed)
            {
                blocks.Pass();
            }
            else
            {
                blocks.Skip(1, "the log block carries no checksum");
                protection = ByteProtection.UncoveredData;
            }

            coverage.Image(reader.Offset, reader.Size, covered ? ByteProtection.Checksum : protection);
            at = reader.Offset + reader.Size;
        }

        coverage.Image(at, stream.End - at, covered ? ByteProtection.Checksum : ByteProtection.Padding);
        if (reader.RestIsZero is bool isZero && !coverage.IsCompressed)
            filling.Note(walker.Image, at, isZero);
        return _whole ? _sum : null;
    }

    public void EndExtent(MtfWalker walker)
    {
        if (_reader is { Started: true, MissingBytes: > 0 } reader)
            blocks.Fail(walker.Image.ToFileOffset(walker.BlockStart), $"{reader.MissingBytes} bytes of log that the block promises are missing");
    }

    private void Feed(byte[] bytes, int at, int count)
    {
        int sectors = count & ~(SectorChecksum.SectorBytes - 1);
        _whole &= sectors == count;
        _sum = SectorChecksum.Running(_sum, bytes, at, sectors);
    }
}
