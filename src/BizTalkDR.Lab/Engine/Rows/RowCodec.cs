using System;
using System.Buffers;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes and reads row values: a tag per value, then its bytes. Needs no table definition, so old rows stay readable after ALTER TABLE.</summary>
internal static class RowCodec
{
    private enum Tag : byte
    {
        Null, False, True, Byte, Int16, Int32, Int64, Decimal, Single, Double, DateTime, TimeSpan, DateTimeOffset,
        Utf8, Utf16, Binary, Guid, Variant,
    }

    /// <summary>Writes the values of one row.</summary>
    public static void Write(ArrayBufferWriter<byte> target, object?[] values)
    {
        WriteNumber(target, (ulong)values.Length);
        foreach (object? value in values)
        {
            WriteValue(target, value);
        }
    }

    public static byte[] Encode(object?[] values)
    {
        ArrayBufferWriter<byte> writer = new(64);
        Write(writer, values);
        return writer.WrittenSpan.ToArray();
    }

    public static object?[] Decode(ReadOnlySpan<byte> source) => Read(ref source);

    /// <summary>Reads the values of one row and moves the span behind them.</summary>
    /// <exception cref="InvalidDataException">The bytes are no row.</exception>
    public static object?[] Read(ref ReadOnlySpan<byte> source)
    {
        ulong count = ReadNumber(ref source);
        if (count > (ulong)source.Length)
        {
            throw new InvalidDataException("A stored row is damaged: more columns than bytes.");
        }

        object?[] values = new object?[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ReadValue(ref source);
        }

        return values;
    }

    public static void WriteNumber(ArrayBufferWriter<byte> target, ulong value)
    {
        Span<byte> span = target.GetSpan(10);
        int length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        target.Advance(length);
    }

    public static ulong ReadNumber(ref ReadOnlySpan<byte> source)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(ref source, 1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A stored row is damaged: a number without end.");
    }

    private static void WriteValue(ArrayBufferWriter<byte> target, object? value)
    {
        switch (value)
        {
            case null: Put(target, Tag.Null); break;
            case bool v: Put(target, v ? Tag.True : Tag.False); break;
            case byte v: Put(target, Tag.Byte, 1)[0] = v; Done(target, 1); break;
            case short v: BinaryPrimitives.WriteInt16LittleEndian(Put(target, Tag.Int16, 2), v); Done(target, 2); break;
            case int v: Put(target, Tag.Int32); WriteNumber(target, ZigZag(v)); break;
            case long v: Put(target, Tag.Int64); WriteNumber(target, ZigZag(v)); break;
            case decimal v: WriteDecimal(target, v); break;
            case float v: BinaryPrimitives.WriteSingleLittleEndian(Put(target, Tag.Single, 4), v); Done(target, 4); break;
            case double v: BinaryPrimitives.WriteDoubleLittleEndian(Put(target, Tag.Double, 8), v); Done(target, 8); break;
            case DateTime v: BinaryPrimitives.WriteInt64LittleEndian(Put(target, Tag.DateTime, 8), v.Ticks); Done(target, 8); break;
            case TimeSpan v: BinaryPrimitives.WriteInt64LittleEndian(Put(target, Tag.TimeSpan, 8), v.Ticks); Done(target, 8); break;
            case DateTimeOffset v:
                Span<byte> span = Put(target, Tag.DateTimeOffset, 10);
                BinaryPrimitives.WriteInt64LittleEndian(span, v.Ticks);
                BinaryPrimitives.WriteInt16LittleEndian(span[8..], (short)v.Offset.TotalMinutes);
                Done(target, 10);
                break;
            case string v: WriteString(target, v); break;
            case byte[] v: Put(target, Tag.Binary); WriteNumber(target, (ulong)v.Length); target.Write(v); break;
            case Guid v: v.TryWriteBytes(Put(target, Tag.Guid, 16)); Done(target, 16); break;
            case SqlVariant v:
                Span<byte> type = Put(target, Tag.Variant, 7);
                type[0] = (byte)v.Type.Kind;
                BinaryPrimitives.WriteInt32LittleEndian(type[1..], v.Type.Length);
                type[5] = v.Type.Precision;
                type[6] = v.Type.Scale;
                Done(target, 7);
                WriteValue(target, v.Value);
                break;
            default: throw new ArgumentException($"A column cannot hold a {value.GetType()}.", nameof(value));
        }
    }

    private static object? ReadValue(ref ReadOnlySpan<byte> source)
    {
        Tag tag = (Tag)Take(ref source, 1)[0];
        switch (tag)
        {
            case Tag.Null: return null;
            case Tag.False: return false;
            case Tag.True: return true;
            case Tag.Byte: return Take(ref source, 1)[0];
            case Tag.Int16: return BinaryPrimitives.ReadInt16LittleEndian(Take(ref source, 2));
            case Tag.Int32: return (int)UnZigZag(ReadNumber(ref source));
            case Tag.Int64: return UnZigZag(ReadNumber(ref source));
            case Tag.Decimal: return ReadDecimal(Take(ref source, 16));
            case Tag.Single: return BinaryPrimitives.ReadSingleLittleEndian(Take(ref source, 4));
            case Tag.Double: return BinaryPrimitives.ReadDoubleLittleEndian(Take(ref source, 8));
            case Tag.DateTime: return new DateTime(BinaryPrimitives.ReadInt64LittleEndian(Take(ref source, 8)));
            case Tag.TimeSpan: return new TimeSpan(BinaryPrimitives.ReadInt64LittleEndian(Take(ref source, 8)));
            case Tag.DateTimeOffset:
                ReadOnlySpan<byte> span = Take(ref source, 10);
                return new DateTimeOffset(
                    BinaryPrimitives.ReadInt64LittleEndian(span), TimeSpan.FromMinutes(BinaryPrimitives.ReadInt16LittleEndian(span[8..])));
            case Tag.Utf8: return Encoding.UTF8.GetString(Take(ref source, (int)ReadNumber(ref source)));
            case Tag.Utf16: return new string(MemoryMarshal.Cast<byte, char>(Take(ref source, (int)ReadNumber(ref source))));
            case Tag.Binary: return Take(ref source, (int)ReadNumber(ref source)).ToArray();
            case Tag.Guid: return new Guid(Take(ref source, 16));
            case Tag.Variant:
                ReadOnlySpan<byte> type = Take(ref source, 7);
                SqlType sqlType = new((SqlKind)type[0], BinaryPrimitives.ReadInt32LittleEndian(type[1..]), type[5], type[6]);
                return new SqlVariant(sqlType, ReadValue(ref source) ?? throw new InvalidDataException("A stored sql_variant has no value."));
            default: throw new InvalidDataException($"A stored row is damaged: unknown kind of value {(byte)tag}.");
        }
    }

    /// <summary>Writes UTF-8; UTF-16 for text with lone surrogates, which UTF-8 cannot hold and nvarchar can.</summary>
    private static void WriteString(ArrayBufferWriter<byte> target, string value)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent((value.Length * 3) + 1);
        OperationStatus status = Utf8.FromUtf16(value, rented, out _, out int written, replaceInvalidSequences: false);
        if (status == OperationStatus.Done)
        {
            Put(target, Tag.Utf8);
            WriteNumber(target, (ulong)written);
            target.Write(rented.AsSpan(0, written));
        }
        else
        {
            Put(target, Tag.Utf16);
            WriteNumber(target, (ulong)value.Length * 2);
            target.Write(MemoryMarshal.AsBytes(value.AsSpan()));
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void WriteDecimal(ArrayBufferWriter<byte> target, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        Span<byte> span = Put(target, Tag.Decimal, 16);
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(span[(4 * i)..], bits[i]);
        }

        Done(target, 16);
    }

    private static decimal ReadDecimal(ReadOnlySpan<byte> source)
    {
        Span<int> bits = stackalloc int[4];
        for (int i = 0; i < 4; i++)
        {
            bits[i] = BinaryPrimitives.ReadInt32LittleEndian(source[(4 * i)..]);
        }

        return new decimal(bits);
    }

    private static void Put(ArrayBufferWriter<byte> target, Tag tag)
    {
        target.GetSpan(1)[0] = (byte)tag;
        target.Advance(1);
    }

    private static Span<byte> Put(ArrayBufferWriter<byte> target, Tag tag, int size)
    {
        Put(target, tag);
        return target.GetSpan(size);
    }

    private static void Done(ArrayBufferWriter<byte> target, int size) => target.Advance(size);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> source, int length)
    {
        if (length < 0 || length > source.Length)
        {
            throw new InvalidDataException("A stored row is damaged: it ends too early.");
        }

        ReadOnlySpan<byte> taken = source[..length];
        source = source[length..];
        return taken;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
