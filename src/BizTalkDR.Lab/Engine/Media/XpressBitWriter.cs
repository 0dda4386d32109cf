using System;
using System.Buffers.Binary;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes codes into 16-bit words, and bytes between the words, in the places where a decoder looks for them ([MS-XCA] 2.1.4.3).</summary>
internal ref struct XpressBitWriter
{
    private readonly Span<byte> _target;
    private int _word;
    private int _nextWord;
    private int _end;
    private int _free = 16;
    private uint _bits;

    public XpressBitWriter(Span<byte> target, int start)
    {
        _target = target;
        _word = start;
        _nextWord = start + 2;
        _end = start + 4;
    }

    public void Write(int count, int value)
    {
        if (_free >= count)
        {
            _free -= count;
            _bits = (_bits << count) | (uint)value;
            return;
        }

        int rest = count - _free;
        BinaryPrimitives.WriteUInt16LittleEndian(_target[_word..], (ushort)((_bits << _free) | ((uint)value >> rest)));
        _word = _nextWord;
        _nextWord = _end;
        _end += 2;
        _free = 16 - rest;
        _bits = (uint)value & ((1u << rest) - 1);
    }

    public void Byte(byte value) => _target[_end++] = value;

    /// <summary>Writes what is left.</summary>
    /// <returns>Bytes from the start of the target on.</returns>
    public int Flush()
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_target[_word..], (ushort)(_bits << _free));
        BinaryPrimitives.WriteUInt16LittleEndian(_target[_nextWord..], 0);
        return _end;
    }
}
