using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>Compresses one chunk in the LZ77 + Huffman form of Xpress ([MS-XCA] 2.1), as SQL Server's compressed backups hold it.</summary>
/// <remarks>Keeps its tables for the next chunk; for one thread.</remarks>
internal sealed class XpressEncoder
{
    /// <summary>Largest chunk taken.</summary>
    public const int LargestInput = 32 * 1024;

    /// <summary>No chunk gets longer than this: a code has at most 15 bits, a match of three bytes 30.</summary>
    public const int LargestOutput = XpressCodes.TableBytes + (LargestInput * 15 / 8) + 64;

    private const int HashBits = 14;
    private const int LongestSearch = 16;
    private const int SmallestMatch = 3;
    private const int EndOfChunk = 256;

    private readonly int[] _newest = new int[1 << HashBits];
    private readonly int[] _before = new int[LargestInput];

    /// <summary>Literals below 256; otherwise 256 + the length code, with distance and length beside it.</summary>
    private readonly ushort[] _symbols = new ushort[LargestInput + 1];
    private readonly ushort[] _distances = new ushort[LargestInput + 1];
    private readonly ushort[] _lengths = new ushort[LargestInput + 1];
    private readonly XpressCodes _codes = new();

    /// <summary>Compresses a chunk.</summary>
    /// <returns>Bytes written.</returns>
    public int Encode(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, LargestInput);
        int count = FindMatches(source);
        _codes.Build(_symbols.AsSpan(0, count));
        _codes.WriteTable(target);
        XpressBitWriter bits = new(target, XpressCodes.TableBytes);
        for (int i = 0; i < count; i++)
        {
            int symbol = _symbols[i];
            bits.Write(_codes.LengthOf(symbol), _codes.CodeOf(symbol));
            if (symbol >= 256 && i < count - 1)
            {
                WriteMatch(ref bits, symbol - 256, _lengths[i], _distances[i]);
            }
        }

        return bits.Flush();
    }

    private static void WriteMatch(ref XpressBitWriter bits, int symbol, int length, int distance)
    {
        if ((symbol & 0xF) == 15)
        {
            int more = length - SmallestMatch - 15;
            bits.Byte((byte)Math.Min(more, 255));
            if (more >= 255)
            {
                bits.Byte((byte)(length - SmallestMatch));
                bits.Byte((byte)((length - SmallestMatch) >> 8));
            }
        }

        int distanceBits = symbol >> 4;
        bits.Write(distanceBits, distance - (1 << distanceBits));
    }

    /// <summary>Cuts the chunk into literals and matches, greedily.</summary>
    /// <returns>Number of symbols, the end of the chunk included.</returns>
    private int FindMatches(ReadOnlySpan<byte> source)
    {
        _newest.AsSpan().Fill(-1);
        int count = 0;
        int at = 0;
        while (at < source.Length)
        {
            int length = 0;
            int distance = 0;
            if (at + SmallestMatch <= source.Length)
            {
                (length, distance) = Longest(source, at);
            }

            if (length < SmallestMatch)
            {
                _symbols[count++] = source[at];
                Remember(source, at++);
                continue;
            }

            int distanceBits = 31 - int.LeadingZeroCount(distance);
            _lengths[count] = (ushort)length;
            _distances[count] = (ushort)distance;
            _symbols[count++] = (ushort)(256 + (distanceBits << 4) + Math.Min(length - SmallestMatch, 15));
            for (int end = at + length; at < end; at++)
            {
                Remember(source, at);
            }
        }

        _symbols[count++] = EndOfChunk;
        return count;
    }

    private (int Length, int Distance) Longest(ReadOnlySpan<byte> source, int at)
    {
        int best = 0;
        int distance = 0;
        int candidate = _newest[HashOf(source, at)];
        for (int i = 0; i < LongestSearch && candidate >= 0; i++)
        {
            int length = source[candidate..].CommonPrefixLength(source[at..]);
            if (length > best)
            {
                best = length;
                distance = at - candidate;
                if (at + best == source.Length)
                {
                    break;
                }
            }

            candidate = _before[candidate];
        }

        // The end symbol is also the shortest match at distance one; a longer or farther one is never mistaken for it.
        return best == SmallestMatch && distance == 1 ? (0, 0) : (best, distance);
    }

    private void Remember(ReadOnlySpan<byte> source, int at)
    {
        if (at + SmallestMatch <= source.Length)
        {
            int hash = HashOf(source, at);
            _before[at] = _newest[hash];
            _newest[hash] = at;
        }
    }

    private static int HashOf(ReadOnlySpan<byte> source, int at) =>
        (int)(((uint)(source[at] | (source[at + 1] << 8) | (source[at + 2] << 16)) * 2654435761u) >> (32 - HashBits));
}
