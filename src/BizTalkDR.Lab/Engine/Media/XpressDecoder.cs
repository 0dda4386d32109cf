using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>Decompresses one chunk in the LZ77 + Huffman form of Xpress ([MS-XCA] 2.2).</summary>
/// <remarks>Keeps its table for the next chunk; for one thread. Wrong input gives false, whatever it is.</remarks>
internal sealed class XpressDecoder
{
    private const int LongestCode = 15;
    private const int SmallestMatch = 3;

    /// <summary>For every 15 bits: the symbol they begin with × 16, and the length of its code; 0 = none.</summary>
    private readonly ushort[] _table = new ushort[1 << LongestCode];

    /// <summary>Decompresses a chunk that gives exactly as many bytes as the target has.</summary>
    public bool TryDecode(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (source.Length < XpressCodes.TableBytes + 4 || !TryTable(source))
        {
            return false;
        }

        Input input = new(source, XpressCodes.TableBytes);
        int done = 0;
        while (done < target.Length)
        {
            int entry = _table[input.Peek(LongestCode)];
            if (entry == 0 || input.IsBehindEnd)
            {
                return false;
            }

            input.Skip(entry & 0xF);
            int symbol = entry >> 4;
            if (symbol < 256)
            {
                target[done++] = (byte)symbol;
                continue;
            }

            if (!TryLength(ref input, symbol & 0xF, out int length))
            {
                return false;
            }

            int distanceBits = (symbol - 256) >> 4;
            int distance = (1 << distanceBits) + input.Peek(distanceBits);
            input.Skip(distanceBits);
            if (distance > done || length > target.Length - done)
            {
                return false;
            }

            for (int end = done + length; done < end; done++)
            {
                target[done] = target[done - distance];
            }
        }

        return true;
    }

    private static bool TryLength(ref Input input, int code, out int length)
    {
        length = code;
        if (code == 15)
        {
            length = input.Byte();
            if (length < 255)
            {
                length += 15;
            }
            else
            {
                length = input.Byte() | (input.Byte() << 8);
                if (length == 0)
                {
                    length = input.Byte() | (input.Byte() << 8) | (input.Byte() << 16);
                    input.Byte();
                }

                if (length < 15)
                {
                    return false;
                }
            }
        }

        length += SmallestMatch;
        return !input.IsBehindEnd;
    }

    private bool TryTable(ReadOnlySpan<byte> lengths)
    {
        int next = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            int span = 1 << (LongestCode - length);
            for (int symbol = 0; symbol < 2 * XpressCodes.TableBytes; symbol++)
            {
                int nibble = (symbol & 1) == 0 ? lengths[symbol >> 1] & 0xF : lengths[symbol >> 1] >> 4;
                if (nibble != length)
                {
                    continue;
                }

                if (next + span > _table.Length)
                {
                    return false;
                }

                _table.AsSpan(next, span).Fill((ushort)((symbol << 4) | length));
                next += span;
            }
        }

        _table.AsSpan(next).Clear();
        return true;
    }

    /// <summary>Reads bits from words and bytes from between them. Two words are always ahead; behind the end there are zeros.</summary>
    private ref struct Input
    {
        private readonly ReadOnlySpan<byte> _source;
        private int _at;
        private uint _bits;
        private int _extra;

        public Input(ReadOnlySpan<byte> source, int start)
        {
            _source = source;
            _at = start;
            _bits = (uint)Word() << 16;
            _bits |= Word();
            _extra = 16;
        }

        public readonly bool IsBehindEnd => _at > _source.Length + 4;

        public readonly int Peek(int count) => count == 0 ? 0 : (int)(_bits >> (32 - count));

        public void Skip(int count)
        {
            _bits <<= count;
            _extra -= count;
            if (_extra < 0)
            {
                _bits |= (uint)Word() << -_extra;
                _extra += 16;
            }
        }

        public int Byte()
        {
            int value = _at < _source.Length ? _source[_at] : 0;
            _at++;
            return value;
        }

        private ushort Word() => (ushort)(Byte() | (Byte() << 8));
    }
}
