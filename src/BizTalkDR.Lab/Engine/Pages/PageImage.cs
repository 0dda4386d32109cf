using System;
using System.Buffers.Binary;

namespace BizTalkDR.Lab.Engine;

/// <summary>A page of rows a checkpoint is changing.</summary>
/// <remarks>
/// Row after row: u16 length, row id, values. A row longer than a page has length FFFF, row id, the first of its overflow pages and its true
/// length.
/// </remarks>
internal sealed class PageImage(int number, int objectId, byte[] bytes)
{
    public const ushort IsOverflow = ushort.MaxValue;

    public int Number { get; } = number;

    public int ObjectId { get; } = objectId;

    public byte[] Bytes { get; } = bytes;

    public int Rows { get; private set; }

    /// <summary>Bytes taken by rows.</summary>
    public int Used { get; private set; }

    public static PageImage New(int number, int objectId) => new(number, objectId, new byte[PageFormat.PageSize]);

    public static PageImage Of(int number, byte[] page) => new(number, PageFormat.ObjectIdOf(page), page)
    {
        Rows = PageFormat.RowsOf(page),
        Used = PageFormat.UsedOf(page),
    };

    /// <summary>Puts a row behind the others; the caller knows that there is room.</summary>
    public void Add(ReadOnlySpan<byte> row)
    {
        row.CopyTo(Bytes.AsSpan(PageFormat.HeaderSize + Used));
        Used += row.Length;
        Rows++;
    }

    /// <summary>Takes a row off.</summary>
    /// <returns>The first of its overflow pages; 0 when it has none.</returns>
    public int Remove(long id)
    {
        int at = PageFormat.HeaderSize;
        for (int i = 0; i < Rows; i++)
        {
            StoredRow row = StoredRow.At(Bytes, at);
            if (row.Id != id)
            {
                at += row.Size;
                continue;
            }

            int end = PageFormat.HeaderSize + Used;
            Bytes.AsSpan(at + row.Size, end - at - row.Size).CopyTo(Bytes.AsSpan(at));
            Bytes.AsSpan(end - row.Size, row.Size).Clear();
            Used -= row.Size;
            Rows--;
            return row.OverflowPage;
        }

        return 0;
    }

    /// <summary>Makes the page ready to be written.</summary>
    public byte[] Seal()
    {
        PageFormat.Seal(Bytes, PageType.Rows, Number, ObjectId, Rows, Used);
        return Bytes;
    }
}

/// <summary>Says where the parts of a row are on a page.</summary>
/// <param name="Id">Row id.</param>
/// <param name="Size">Bytes it takes on the page.</param>
/// <param name="ValuesAt">Where its values begin; for a row with overflow pages, where the page number is.</param>
/// <param name="OverflowPage">First overflow page; 0 = the values are here.</param>
/// <param name="OverflowLength">Bytes of values on overflow pages.</param>
internal readonly record struct StoredRow(long Id, int Size, int ValuesAt, int OverflowPage, int OverflowLength)
{
    public static StoredRow At(ReadOnlySpan<byte> page, int offset)
    {
        ushort length = BinaryPrimitives.ReadUInt16LittleEndian(page[offset..]);
        ReadOnlySpan<byte> rest = page[(offset + 2)..];
        long id = (long)RowCodec.ReadNumber(ref rest);
        int valuesAt = page.Length - rest.Length;
        return length == PageImage.IsOverflow
            ? new StoredRow(id, valuesAt + 8 - offset, valuesAt, BinaryPrimitives.ReadInt32LittleEndian(rest), BinaryPrimitives.ReadInt32LittleEndian(rest[4..]))
            : new StoredRow(id, 2 + length, valuesAt, 0, 0);
    }
}
