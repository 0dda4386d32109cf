using System;
using System.Buffers.Binary;
using System.Text;

namespace BizTalkDR.Lab.Tds;

/// <summary>Holds one token while it is built, so that a value that cannot be encoded never leaves half a token on the wire.</summary>
internal sealed class TokenBuffer
{
    private const int KeepBytes = 256 * 1024;
    private byte[] _data = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _data.AsSpan(0, Length);

    public void Clear()
    {
        Length = 0;
        if (_data.Length > KeepBytes)
            _data = new byte[1024];
    }

    /// <summary>Hands out the next bytes to fill in.</summary>
    public Span<byte> Span(int count)
    {
        if (_data.Length - Length < count)
            Array.Resize(ref _data, (int)Math.Min(Array.MaxLength, Math.Max(_data.Length * 2L, (long)Length + count)));
        Span<byte> span = _data.AsSpan(Length, count);
        Length += count;
        return span;
    }

    public void Byte(byte value) => Span(1)[0] = value;

    public void Token(Token value) => Byte((byte)value);

    public void Int16(short value) => BinaryPrimitives.WriteInt16LittleEndian(Span(2), value);

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Span(2), value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Span(4), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Span(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Span(8), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Span(8), value);

    public void Single(float value) => BinaryPrimitives.WriteSingleLittleEndian(Span(4), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Span(8), value);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Span(value.Length));

    public void Unicode(ReadOnlySpan<char> value) => Encoding.Unicode.GetBytes(value, Span(value.Length * 2));

    /// <summary>B_VARCHAR, cut to what a byte can count.</summary>
    public void ByteText(string? value, int maxChars = 255)
    {
        ReadOnlySpan<char> text = Cut(value, maxChars);
        Byte((byte)text.Length);
        Unicode(text);
    }

    /// <summary>US_VARCHAR, cut to so many characters.</summary>
    public void ShortText(string? value, int maxChars)
    {
        ReadOnlySpan<char> text = Cut(value, maxChars);
        UInt16((ushort)text.Length);
        Unicode(text);
    }

    /// <summary>Leaves room for a USHORT length that <see cref="SetLength"/> fills in.</summary>
    public int ReserveLength()
    {
        UInt16(0);
        return Length;
    }

    public void SetLength(int after) => BinaryPrimitives.WriteUInt16LittleEndian(_data.AsSpan(after - 2), (ushort)(Length - after));

    public void SetLength32(int after) => BinaryPrimitives.WriteInt32LittleEndian(_data.AsSpan(after - 4), Length - after);

    public Span<byte> Rewrite(int at, int count) => _data.AsSpan(at, count);

    private static ReadOnlySpan<char> Cut(string? value, int maxChars) =>
        value is null ? default : value.AsSpan(0, Math.Min(value.Length, maxChars));
}
