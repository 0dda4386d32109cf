using System;
using System.Buffers.Binary;
using System.Text;

namespace BizTalkDR.Lab.Tds;

/// <summary>Reads the fields of a message; every length is checked against what is there.</summary>
internal sealed class TdsReader
{
    private readonly ReadOnlyMemory<byte> _data;

    public TdsReader(ReadOnlyMemory<byte> data) => _data = data;

    public int Position { get; private set; }

    public int Remaining => _data.Length - Position;

    public bool AtEnd => Remaining == 0;

    public byte Byte() => Take(1)[0];

    public byte PeekByte() => Remaining > 0 ? _data.Span[Position] : throw TdsProtocolException.Truncated();

    public short Int16() => BinaryPrimitives.ReadInt16LittleEndian(Take(2));

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public ushort UInt16BigEndian() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>Takes bytes; the span is only good until the message ends.</summary>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > Remaining)
            throw TdsProtocolException.Truncated();
        ReadOnlySpan<byte> span = _data.Span.Slice(Position, (int)count);
        Position += (int)count;
        return span;
    }

    public void Skip(long count) => Take(count);

    /// <summary>UTF-16 text of so many bytes.</summary>
    public string Unicode(long bytes)
    {
        if (bytes % 2 != 0)
            throw new TdsProtocolException("Unicode text has an odd number of bytes.");
        return Encoding.Unicode.GetString(Take(bytes));
    }

    /// <summary>B_VARCHAR: a byte with the count of characters, then UTF-16.</summary>
    public string ByteText() => Unicode(Byte() * 2L);

    /// <summary>US_VARCHAR: two bytes with the count of characters, then UTF-16.</summary>
    public string ShortText() => Unicode(UInt16() * 2L);

    /// <summary>Reads a part of the message that a table of offsets points to.</summary>
    public TdsReader At(int offset, int length)
    {
        if (offset < 0 || length < 0 || offset > _data.Length - length)
            throw TdsProtocolException.Truncated();
        return new TdsReader(_data.Slice(offset, length));
    }

    /// <summary>The transaction descriptor of ALL_HEADERS (2.2.5.3), which starts every request; 0 when there is none.</summary>
    public long AllHeaders()
    {
        int start = Position;
        uint total = UInt32();
        if (total < 4 || total > Remaining + 4)
            throw new TdsProtocolException("The headers of a request have an impossible length.");
        int end = start + (int)total;
        long descriptor = 0;
        while (Position < end)
        {
            int headerStart = Position;
            uint length = UInt32();
            ushort type = UInt16();
            if (length < 6 || length > end - headerStart)
                throw new TdsProtocolException("A header of a request has an impossible length.");
            if (type == 2)
            {
                if (length != 18)
                    throw new TdsProtocolException("The transaction header has an impossible length.");
                descriptor = Int64();
            }

            Position = headerStart + (int)length;
        }

        return descriptor;
    }
}
