using System;

namespace BizTalkDR.BackupFiles.Images;

/// <summary>Decompresses one chunk of the LZ77 + Huffman form of Xpress ([MS-XCA] 2.1 and 2.2), of at most 64 KB.</summary>
/// <remarks>An object keeps its tables for the next chunk and is for one thread. Wrong input yields <see langword="false"/>, whatever it is.</remarks>
internal sealed class XpressHuffman
{
    public const int LargestOutput = 64 * 1024;

    private const int Symbols = 512;
    private const int TableBytes = Symbols / 2;
    private const int LongestCode = 15;
    private const int SmallestMatch = 3;

    /// <summary>For every 15 bits the symbol they begin with and the length of its code: symbol × 16 + length; 0 for no code.</summary>
    private readonly ushort[] _decode = new ushort[1 << LongestCode];

    /// <summary>Decompresses a chunk to exactly the wanted size.</summary>
    public unsafe bool TryDecompress(byte[] source, int at, int count, byte[] target, int size)
    {
        if (at < 0 || count < TableBytes + 4 || at > source.Length - count || size < 0 || size > target.Length || size > LargestOutput)
            return false;
        fixed (byte* input = source)
        fixed (byte* output = target)
        fixed (ushort* decode = _decode)
        {
            return Build(input + at, decode) && Decode(input + at + TableBytes, input + at + count, output, size, decode);
        }
    }

    private static unsafe bool Build(byte* lengths, ushort* decode)
    {
        int next = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            int span = 1 << (LongestCode - length);
            for (int symbol = 0; symbol < Symbols; symbol++)
            {
                int nibble = (symbol & 1) == 0 ? lengths[symbol >> 1] & 0xF : lengths[symbol >> 1] >> 4;
                if (nibble != length)
                    continue;
                if (next + span > 1 << LongestCode)
                    return false;
                var entry = (ushort)((symbol << 4) | length);
                for (int i = 0; i < span; i++)
                    decode[next + i] = entry;
                next += span;
            }
        }

        for (; next < 1 << LongestCode; next++)
            decode[next] = 0;
        return true;
    }

    private static unsafe bool Decode(byte* input, byte* end, byte* output, int size, ushort* decode)
    {
        // Two 16-bit words are always ahead; length bytes stand between the words, where the reading position is.
        uint bits = ((uint)Word(ref input, end) << 16) | Word(ref input, end);
        int extra = 16;
        int done = 0;
        while (done < size)
        {
            uint entry = decode[bits >> (32 - LongestCode)];
            if (entry == 0 || input > end + 4)
                return false;
            int length = (int)entry & 0xF;
            bits <<= length;
            extra -= length;
            if (extra < 0)
            {
                bits |= (uint)Word(ref input, end) << -extra;
                extra += 16;
            }

            int symbol = (int)entry >> 4;
            if (symbol < 256)
            {
                output[done++] = (byte)symbol;
                continue;
            }

            symbol -= 256;
            int match = symbol & 0xF;
            int offsetBits = symbol >> 4;
            if (match == 15 && !LongMatch(ref input, end, out match))
                return false;
            match += SmallestMatch;
            int offset = (1 << offsetBits) + (offsetBits == 0 ? 0 : (int)(bits >> (32 - offsetBits)));
            bits <<= offsetBits;
            extra -= offsetBits;
            if (extra < 0)
            {
                bits |= (uint)Word(ref input, end) << -extra;
                extra += 16;
            }

            if (offset > done || match > size - done)
                return false;
            Copy(output + done, offset, match);
            done += match;
        }

        return true;
    }

    private static unsafe void Copy(byte* to, int offset, int count)
    {
        byte* from = to - offset;
        if (offset >= 8)
        {
            for (; count >= 8; count -= 8, to += 8, from += 8)
                *(ulong*)to = *(ulong*)from;
        }

        // Shorter distances repeat what is being written.
        for (; count > 0; count--)
            *to++ = *from++;
    }

    /// <summary>The next word; zeros behind the end, where the last codes of a chunk look ahead.</summary>
    private static unsafe ushort Word(ref byte* input, byte* end)
    {
        int word = input + 1 < end ? input[0] | (input[1] << 8) : input < end ? input[0] : 0;
        input += 2;
        return (ushort)word;
    }

    /// <summary>A match length of 15 or more: one byte more, then two, then four.</summary>
    private static unsafe bool LongMatch(ref byte* input, byte* end, out int match)
    {
        match = 0;
        if (end - input < 1)
            return false;
        int more = *input++;
        if (more < 255)
        {
            match = more + 15;
            return true;
        }

        if (end - input < 2)
            return false;
        long length = input[0] | (input[1] << 8);
        input += 2;
        if (length == 0)
        {
            if (end - input < 4)
                return false;
            length = (uint)(input[0] | (input[1] << 8) | (input[2] << 16) | (input[3] << 24));
            input += 4;
        }

        if (length is < 15 or > LargestOutput)
            return false;
        match = (int)length;
        return true;
    }
}
