using System;
using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Log;

/// <summary>Reads the two kinds of log record that marks are made of (backup-file-format.md §9.3).</summary>
internal static class LogRecords
{
    private const int BeginTransaction = 0x80;
    private const int CommitTransaction = 0x81;
    private const int ElementsOfMarkedCommit = 4;
    private const int SmallestFixedPart = 0x18;

    /// <summary>The record in a slot of a block whose displaced bytes are back.</summary>
    /// <returns>False when the slot array does not describe a record.</returns>
    public static bool TrySlot(ByteView block, int count, int slot, out ByteView record)
    {
        int used = block.U16(4);
        int arrayStart = used - (2 * count);
        int start = block.U16(used - (2 * (slot + 1)));
        int end = slot + 1 < count ? block.U16(used - (2 * (slot + 2))) : arrayStart;
        record = default;
        if (start < 0x1C || end > arrayStart || end - start < SmallestFixedPart)
            return false;
        record = block.Slice(start, end - start);
        return true;
    }

    public static bool IsCommit(ByteView record) => record.U8(0x16) == CommitTransaction;

    /// <summary>True for the first record of a transaction that was begun WITH MARK.</summary>
    public static bool IsMarkedBegin(ByteView record) =>
        record.U8(0x16) == BeginTransaction && record.Has(0x1E, 2) && (record.U16(0x1E) & 0x4) != 0;

    public static bool TryBeginName(ByteView record, out string name)
    {
        name = string.Empty;
        return TryElement(record, element: 0, atLeast: 1, out name);
    }

    /// <summary>Reads a commit that carries a mark.</summary>
    /// <returns>False for the common commit without one.</returns>
    public static bool TryMark(ByteView record, out string name, out Lsn begin, out DateTime? time)
    {
        begin = default;
        time = null;
        if (!TryElement(record, element: 3, atLeast: ElementsOfMarkedCommit, out name) || name.Length == 0 || record.U16(2) < 0x2A)
            return false;
        begin = record.Lsn(0x20);
        time = Time(record.U32(0x18), record.U32(0x1C));
        return true;
    }

    /// <summary>A time of T-SQL's datetime: days since 1900 and three-hundredths of a second.</summary>
    private static DateTime? Time(uint ticks, uint days)
    {
        const uint lastDay = 2_958_463;
        if (days > lastDay || ticks >= 25_920_000)
            return null;
        return new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Unspecified).AddDays(days).AddMilliseconds(Math.Round(ticks * 10.0 / 3.0));
    }

    private static bool TryElement(ByteView record, int element, int atLeast, out string text)
    {
        text = string.Empty;
        int at = record.U16(2);
        if (!record.Has(at, 2))
            return false;
        int count = record.U16(at);
        if (count < atLeast || !record.Has(at + 2, 2 * count))
            return false;
        int data = at + 2 + (2 * count);
        for (int i = 0; i <= element; i++)
        {
            int size = record.U16(at + 2 + (2 * i));
            data = (data + 3) & ~3;
            if (!record.Has(data, size))
                return false;
            if (i == element)
                text = record.Text(data, size);
            data += size;
        }

        return true;
    }
}
