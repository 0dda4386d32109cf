using System;
using System.Text;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>A bounded part of a buffer that reads the format's little-endian values; reading outside is reported as damage.</summary>
internal readonly struct ByteView
{
    private readonly byte[] _bytes;
    private readonly int _start;

    /// <param name="bytes">The buffer.</param>
    /// <param name="start">First byte of the view in the buffer.</param>
    /// <param name="length">Bytes in the view.</param>
    /// <param name="origin">Where the view lies in the image, for messages.</param>
    public ByteView(byte[] bytes, int start, int length, long origin)
    {
        if (start < 0 || length < 0 || start > bytes.Length - length)
            throw new DamageException(FindingKind.Malformed, origin, "A structure reaches beyond the bytes that hold it.");
        _bytes = bytes;
        _start = start;
        Length = length;
        Origin = origin;
    }

    public int Length { get; }

    public long Origin { get; }

    public bool Has(int at, int size) => at >= 0 && size >= 0 && at <= Length - size;

    public byte U8(int at) => _bytes[Check(at, 1)];

    public ushort U16(int at)
    {
        int i = Check(at, 2);
        return (ushort)(_bytes[i] | (_bytes[i + 1] << 8));
    }

    public uint U32(int at)
    {
        int i = Check(at, 4);
        return (uint)(_bytes[i] | (_bytes[i + 1] << 8) | (_bytes[i + 2] << 16) | (_bytes[i + 3] << 24));
    }

    public ulong U64(int at) => U32(at) | ((ulong)U32(at + 4) << 32);

    public Guid Guid(int at)
    {
        int i = Check(at, 16);
        return new Guid(
            (int)U32(at),
            (short)U16(at + 4),
            (short)U16(at + 6),
            _bytes[i + 8],
            _bytes[i + 9],
            _bytes[i + 10],
            _bytes[i + 11],
            _bytes[i + 12],
            _bytes[i + 13],
            _bytes[i + 14],
            _bytes[i + 15]);
    }

    public Lsn Lsn(int at) => new(U32(at), U32(at + 4), U16(at + 8));

    public ByteView Slice(int at, int length) => new(_bytes, Check(at, length), length, Origin + at);

    /// <summary>The four characters of a block, stream or chunk id; characters no id has become dots.</summary>
    public string Id(int at)
    {
        return FourCharacters.Text(U32(at));
    }

    /// <summary>Text in UTF-16, without the zeros that may trail it.</summary>
    public unsafe string Text(int at, int size)
    {
        int start = Check(at, size);
        int length = size / 2;
        fixed (byte* bytes = _bytes)
        {
            var characters = (char*)(bytes + start);
            while (length > 0 && characters[length - 1] == '\0')
                length--;
            if (length == 0)
                return string.Empty;
            for (int i = 0; i < length; i++)
            {
                // Halves of surrogate pairs that stand alone are replaced, which the encoding sees to.
                if (char.IsSurrogate(characters[i]))
                    return Encoding.Unicode.GetString(_bytes, start, 2 * length);
            }

            return new string(characters, 0, length);
        }
    }

    /// <summary>The text behind an MTF address field (u16 size, u16 offset from the start of this view); empty when absent.</summary>
    public string TextAt(int addressField)
    {
        int size = U16(addressField);
        return size == 0 ? string.Empty : Text(U16(addressField + 2), size);
    }

    /// <summary>A five-byte date; <see langword="null"/> for all zeros.</summary>
    /// <returns>False when the bits are no date.</returns>
    public bool TryDate(int at, out DateTime? date)
    {
        int i = Check(at, 5);
        ulong bits = ((ulong)_bytes[i] << 32) | ((ulong)_bytes[i + 1] << 24) | ((ulong)_bytes[i + 2] << 16) | ((ulong)_bytes[i + 3] << 8) | _bytes[i + 4];
        date = null;
        if (bits == 0)
            return true;
        int year = (int)(bits >> 26);
        int month = (int)(bits >> 22) & 0xF;
        int day = (int)(bits >> 17) & 0x1F;
        int hour = (int)(bits >> 12) & 0x1F;
        int minute = (int)(bits >> 6) & 0x3F;
        int second = (int)bits & 0x3F;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        date = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified);
        return true;
    }

    /// <summary>XOR of the 16-bit words before <paramref name="end"/>: the checksum of block and stream headers.</summary>
    public unsafe ushort WordChecksum(int end)
    {
        int from = Check(0, end);
        fixed (byte* bytes = _bytes)
        {
            byte* p = bytes + from;
            ulong sum = 0;
            int i = 0;
            for (; i <= end - 8; i += 8)
                sum ^= *(ulong*)(p + i);
            for (; i < end; i += 2)
                sum ^= *(ushort*)(p + i);
            sum ^= sum >> 32;
            return (ushort)(sum ^ (sum >> 16));
        }
    }

    public bool IsZero(int at, int size)
    {
        int i = Check(at, size);
        for (int k = 0; k < size; k++)
        {
            if (_bytes[i + k] != 0)
                return false;
        }

        return true;
    }

    private int Check(int at, int size)
    {
        if (!Has(at, size))
            throw new DamageException(FindingKind.Malformed, Origin, "A value lies outside the structure that should hold it.");
        return _start + at;
    }
}
