using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes and reads log records: a fixed part, then length-counted elements (facts: backup-file-format.md §9.3).</summary>
/// <remarks>
/// Begin and commit records have SQL Server's own layout (fixed parts of 2016 and later), so that any reader of log backups finds
/// transactions and marks. Row operations use the same frame with a layout of the lab's own.
/// </remarks>
internal static class LogRecordFormat
{
    private const int PreviousLsn = 0x04;

    /// <summary>Number of Continuation records right before this one that carry the beginning of its payload.</summary>
    private const int Parts = 0x0E;
    private const int Transaction = 0x10;
    private const int Operation = 0x16;
    private const int FrameSize = 0x18;

    private static readonly byte[] _administratorSid = [0x01];

    /// <summary>Encodes a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="payload">Its payload, or what is left of it after the continuations.</param>
    /// <param name="previous">LSN of the transaction's record before.</param>
    /// <param name="parts">Number of continuations written right before.</param>
    public static byte[] Encode(LogRecord record, ReadOnlyMemory<byte> payload, Lsn previous, int parts)
    {
        List<ReadOnlyMemory<byte>> elements = Elements(record, payload);
        int fixedLength = FixedLength(record.Op);
        byte[] bytes = new byte[Length(fixedLength, elements)];
        Span<byte> span = bytes;
        BinaryPrimitives.WriteUInt16LittleEndian(span[0x02..], (ushort)fixedLength);
        previous.Write(span[PreviousLsn..]);
        BinaryPrimitives.WriteUInt16LittleEndian(span[Parts..], (ushort)parts);
        BinaryPrimitives.WriteUInt32LittleEndian(span[Transaction..], (uint)record.TransactionId);
        BinaryPrimitives.WriteUInt16LittleEndian(span[(Transaction + 4)..], (ushort)(record.TransactionId >> 32));
        span[Operation] = (byte)record.Op;
        WriteFixedPart(record, span);
        WriteElements(elements, span, fixedLength);
        return bytes;
    }

    /// <summary>Encodes the beginning of a payload that is too long for one block.</summary>
    public static byte[] EncodeContinuation(long transactionId, ReadOnlyMemory<byte> chunk, int index) => Encode(
        new LogRecord { Op = LogOp.Continuation, TransactionId = transactionId }, chunk, Lsn.Zero, index);

    /// <summary>Decodes a record of this lab or of a SQL Server; operations without a layout known here keep their number and have no payload.</summary>
    /// <param name="bytes">The record, displaced bytes put back.</param>
    /// <param name="lsn">Its LSN.</param>
    /// <param name="parts">Number of continuations right before that belong to it.</param>
    public static LogRecord? Decode(ReadOnlyMemory<byte> bytes, Lsn lsn, out int parts)
    {
        parts = 0;
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < FrameSize)
        {
            return null;
        }

        int fixedLength = BinaryPrimitives.ReadUInt16LittleEndian(span[0x02..]);
        if (fixedLength < FrameSize || fixedLength > span.Length)
        {
            return null;
        }

        parts = BinaryPrimitives.ReadUInt16LittleEndian(span[Parts..]);
        long transaction = BinaryPrimitives.ReadUInt32LittleEndian(span[Transaction..])
            | ((long)BinaryPrimitives.ReadUInt16LittleEndian(span[(Transaction + 4)..]) << 32);
        List<ReadOnlyMemory<byte>> elements = ReadElements(bytes, fixedLength);
        return DecodeBody((LogOp)span[Operation], transaction, lsn, span[..fixedLength], elements);
    }

    private static LogRecord DecodeBody(LogOp op, long transaction, Lsn lsn, ReadOnlySpan<byte> body, List<ReadOnlyMemory<byte>> elements)
    {
        switch (op)
        {
            case LogOp.BeginTransaction when body.Length >= 0x30:
                return new LogRecord
                {
                    Op = op,
                    TransactionId = transaction,
                    Lsn = lsn,
                    IsMarked = (BinaryPrimitives.ReadUInt16LittleEndian(body[0x1E..]) & 0x4) != 0,
                    Time = ReadTime(body[0x28..]),
                    Name = Text(elements, 0),
                    Payload = Element(elements, 2),
                };
            case LogOp.Commit or LogOp.Abort when body.Length >= 0x2A:
                bool marked = op == LogOp.Commit && elements.Count == 4;
                return new LogRecord
                {
                    Op = op,
                    TransactionId = transaction,
                    Lsn = lsn,
                    Time = ReadTime(body[0x18..]),
                    BeginLsn = Lsn.Read(body[0x20..]),
                    IsMarked = marked,
                    Name = marked ? Text(elements, 3) : null,
                    Description = marked ? Text(elements, 1) : null,
                    Payload = Element(elements, marked ? 2 : 0),
                };
            case LogOp.Prepare when body.Length >= 0x3A:
                return new LogRecord
                {
                    Op = op,
                    TransactionId = transaction,
                    Lsn = lsn,
                    Time = ReadTime(body[0x18..]),
                    BeginLsn = Lsn.Read(body[0x20..]),
                    GlobalId = new Guid(body.Slice(0x2A, 16)),
                    Coordinator = Text(elements, 0),
                    Payload = Element(elements, 1),
                };
            case LogOp.InsertRow or LogOp.DeleteRow or LogOp.UpdateRow when body.Length >= 0x28:
                return new LogRecord
                {
                    Op = op,
                    TransactionId = transaction,
                    Lsn = lsn,
                    ObjectId = BinaryPrimitives.ReadInt32LittleEndian(body[0x18..]),
                    RowId = BinaryPrimitives.ReadInt64LittleEndian(body[0x20..]),
                    Payload = Element(elements, 0),
                };
            default:
                return new LogRecord
                {
                    Op = op,
                    TransactionId = transaction,
                    Lsn = lsn,
                    Time = body.Length >= 0x20 && op is LogOp.BeginCheckpoint or LogOp.EndCheckpoint ? ReadTime(body[0x18..]) : default,
                    Payload = Element(elements, 0),
                };
        }
    }

    private static int FixedLength(LogOp op) => op switch
    {
        LogOp.BeginTransaction => 76,
        LogOp.Commit or LogOp.Abort => 80,
        LogOp.Prepare => 0x40,
        LogOp.InsertRow or LogOp.DeleteRow or LogOp.UpdateRow => 0x28,
        _ => 0x20,
    };

    private static void WriteFixedPart(LogRecord record, Span<byte> span)
    {
        switch (record.Op)
        {
            case LogOp.BeginTransaction:
                BinaryPrimitives.WriteUInt16LittleEndian(span[0x1E..], (ushort)(record.IsMarked ? 0x4 : 0));
                WriteTime(record.Time, span[0x28..]);
                break;
            case LogOp.Commit or LogOp.Abort:
                WriteTime(record.Time, span[0x18..]);
                record.BeginLsn.Write(span[0x20..]);
                break;
            case LogOp.Prepare:
                WriteTime(record.Time, span[0x18..]);
                record.BeginLsn.Write(span[0x20..]);
                record.GlobalId.TryWriteBytes(span[0x2A..]);
                break;
            case LogOp.InsertRow or LogOp.DeleteRow or LogOp.UpdateRow:
                BinaryPrimitives.WriteInt32LittleEndian(span[0x18..], record.ObjectId);
                BinaryPrimitives.WriteInt64LittleEndian(span[0x20..], record.RowId);
                break;
            case LogOp.BeginCheckpoint or LogOp.EndCheckpoint:
                WriteTime(record.Time, span[0x18..]);
                break;
        }
    }

    /// <summary>Lists the elements. Exactly four on a marked commit, none or one on others: that is how readers tell them apart.</summary>
    private static List<ReadOnlyMemory<byte>> Elements(LogRecord record, ReadOnlyMemory<byte> payload)
    {
        switch (record.Op)
        {
            case LogOp.BeginTransaction:
                List<ReadOnlyMemory<byte>> begin = [Utf16(record.Name), _administratorSid];
                if (!payload.IsEmpty)
                {
                    begin.Add(payload);
                }

                return begin;
            case LogOp.Commit when record.IsMarked:
                return [ReadOnlyMemory<byte>.Empty, Utf16(record.Description), payload, Utf16(record.Name)];
            case LogOp.Prepare:
                return [Utf16(record.Coordinator), payload];
            default:
                return payload.IsEmpty ? [] : [payload];
        }
    }

    private static int Length(int fixedLength, List<ReadOnlyMemory<byte>> elements)
    {
        int end = fixedLength + 2 + (2 * elements.Count);
        foreach (ReadOnlyMemory<byte> element in elements)
        {
            end = Align(end) + element.Length;
        }

        return end;
    }

    private static void WriteElements(List<ReadOnlyMemory<byte>> elements, Span<byte> span, int fixedLength)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(span[fixedLength..], (ushort)elements.Count);
        int end = fixedLength + 2 + (2 * elements.Count);
        for (int i = 0; i < elements.Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(span[(fixedLength + 2 + (2 * i))..], (ushort)elements[i].Length);
            end = Align(end);
            elements[i].Span.CopyTo(span[end..]);
            end += elements[i].Length;
        }
    }

    private static List<ReadOnlyMemory<byte>> ReadElements(ReadOnlyMemory<byte> bytes, int fixedLength)
    {
        List<ReadOnlyMemory<byte>> elements = [];
        if (fixedLength + 2 > bytes.Length)
        {
            return elements;
        }

        ReadOnlySpan<byte> span = bytes.Span;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(span[fixedLength..]);
        int end = fixedLength + 2 + (2 * count);
        for (int i = 0; i < count && end <= bytes.Length; i++)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(span[(fixedLength + 2 + (2 * i))..]);
            int start = length == 0 ? Math.Min(Align(end), bytes.Length) : Align(end);
            if (start + length > bytes.Length)
            {
                break;
            }

            elements.Add(bytes.Slice(start, length));
            end = start + length;
        }

        return elements;
    }

    private static ReadOnlyMemory<byte> Element(List<ReadOnlyMemory<byte>> elements, int index) =>
        index < elements.Count ? elements[index] : ReadOnlyMemory<byte>.Empty;

    private static string? Text(List<ReadOnlyMemory<byte>> elements, int index) =>
        index < elements.Count && elements[index].Length > 0 ? Encoding.Unicode.GetString(elements[index].Span) : null;

    private static byte[] Utf16(string? text) => text is null ? [] : Encoding.Unicode.GetBytes(text);

    private static int Align(int value) => (value + 3) & ~3;

    /// <summary>Writes a datetime as log records hold it: 1/300 s of the day, then days since 1900.</summary>
    private static void WriteTime(DateTime time, Span<byte> target)
    {
        if (time == default)
        {
            return;
        }

        int days = (time.Date - _epoch).Days;
        long parts = ((time.TimeOfDay.Ticks * 300) + (TimeSpan.TicksPerSecond / 2)) / TimeSpan.TicksPerSecond;
        if (parts == PartsPerDay)
        {
            parts = 0;
            days++;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)parts);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], days);
    }

    private static DateTime ReadTime(ReadOnlySpan<byte> source)
    {
        uint parts = BinaryPrimitives.ReadUInt32LittleEndian(source);
        int days = BinaryPrimitives.ReadInt32LittleEndian(source[4..]);
        if ((parts == 0 && days == 0) || days is < 0 or > 2_958_463 || parts >= PartsPerDay)
        {
            return default;
        }

        // Milliseconds as SQL Server shows them: .000, .003, .007.
        long milliseconds = ((parts * 20L) + 3) / 6;
        return _epoch.AddDays(days).AddMilliseconds(milliseconds);
    }

    private const long PartsPerDay = 300L * 86400;

    private static readonly DateTime _epoch = new(1900, 1, 1);
}
