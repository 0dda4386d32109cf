using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace BizTalkDR.Lab.Engine;

/// <summary>Lists the kinds of pages a lab data file has (numbers as in SQL Server).</summary>
internal enum PageType : byte
{
    Unused = 0, Rows = 1, Overflow = 3, Map = 11, Boot = 13, FileHeader = 15,
}

/// <summary>Writes and checks page headers (facts: backup-file-format.md §8.2).</summary>
internal static class PageFormat
{
    public const int PageSize = 8192;
    public const int HeaderSize = 96;
    public const int Capacity = PageSize - HeaderSize;
    public const int BootPage = 9;

    /// <summary>First page that can hold rows; those before are the file's own.</summary>
    public const int FirstFreePage = 16;

    /// <summary>Pages described by one allocation map: PFS pages are 1, 8088, 16176 …</summary>
    public const int MapInterval = 8088;
    public const int MapOffset = 0x64;
    public const byte Allocated = 0x40;

    private const int Type = 0x01;
    private const int Flags = 0x04;
    private const int Next = 0x10;
    private const int ObjectId = 0x18;
    private const int RowCount = 0x16;
    private const int FreeData = 0x1E;
    private const int PageId = 0x20;
    private const int FileId = 0x24;
    private const int PageLsn = 0x28;
    private const int Checksum = 0x3C;
    private const ushort HasChecksum = 0x200;

    /// <summary>A page number of the lab holds the file in its upper bits: 64 million pages in each of up to 31 data files.</summary>
    private const int FileShift = 26;

    /// <summary>Highest file id a page number can name.</summary>
    public const int MostFiles = 31;

    /// <summary>Page of a file as one number; the pages of file 1 have their own.</summary>
    public static int Number(int fileId, int page) => ((fileId - 1) << FileShift) | page;

    public static int FileOf(int number) => (number >> FileShift) + 1;

    public static int PageOf(int number) => number & ((1 << FileShift) - 1);

    /// <summary>Words a page as SQL Server does: (file:page).</summary>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"({FileOf(number)}:{PageOf(number)})");

    public static bool IsMap(int page) => page == 1 || (page > 0 && page % MapInterval == 0);

    public static int MapOf(int page) => page < MapInterval ? 1 : page - (page % MapInterval);

    /// <summary>Fills in the header and, last, the checksum.</summary>
    public static void Seal(Span<byte> page, PageType type, int number, int objectId = 0, int rows = 0, int used = 0, int next = 0)
    {
        page[..HeaderSize].Clear();
        page[0] = 1;
        page[Type] = (byte)type;
        BinaryPrimitives.WriteUInt16LittleEndian(page[Flags..], HasChecksum);
        BinaryPrimitives.WriteInt32LittleEndian(page[Next..], next);
        BinaryPrimitives.WriteUInt16LittleEndian(page[RowCount..], (ushort)rows);
        BinaryPrimitives.WriteInt32LittleEndian(page[ObjectId..], objectId);
        BinaryPrimitives.WriteUInt16LittleEndian(page[FreeData..], (ushort)(HeaderSize + used));
        BinaryPrimitives.WriteInt32LittleEndian(page[PageId..], PageOf(number));
        BinaryPrimitives.WriteUInt16LittleEndian(page[FileId..], (ushort)FileOf(number));
        BinaryPrimitives.WriteUInt32LittleEndian(page[Checksum..], ChecksumOf(page));
    }

    /// <summary>Notes which checkpoint wrote the page, where SQL Server has the LSN of its last change.</summary>
    public static void Stamp(Span<byte> page, Lsn lsn)
    {
        lsn.Write(page[PageLsn..]);
        BinaryPrimitives.WriteUInt32LittleEndian(page[Checksum..], ChecksumOf(page));
    }

    public static Lsn LsnOf(ReadOnlySpan<byte> page) => Lsn.Read(page[PageLsn..]);

    public static uint StoredChecksumOf(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadUInt32LittleEndian(page[Checksum..]);

    public static PageType TypeOf(ReadOnlySpan<byte> page) => (PageType)page[Type];

    public static int ObjectIdOf(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadInt32LittleEndian(page[ObjectId..]);

    public static int RowsOf(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadUInt16LittleEndian(page[RowCount..]);

    public static int NextOf(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadInt32LittleEndian(page[Next..]);

    public static int UsedOf(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadUInt16LittleEndian(page[FreeData..]) - HeaderSize;

    public static int NumberOf(ReadOnlySpan<byte> page) =>
        Number(Math.Max((ushort)1, BinaryPrimitives.ReadUInt16LittleEndian(page[FileId..])), BinaryPrimitives.ReadInt32LittleEndian(page[PageId..]));

    /// <summary>Checks number and checksum.</summary>
    /// <exception cref="DamagedPageException">The page is damaged.</exception>
    public static void Verify(ReadOnlySpan<byte> page, int number)
    {
        if (!IsSound(page, number))
        {
            throw new DamagedPageException(DamagedPage.Of(number, page) with { ObjectId = 0 });
        }
    }

    /// <summary>Whether the page has its number and its checksum.</summary>
    public static bool IsSound(ReadOnlySpan<byte> page, int number) => IsIntact(page) && NumberOf(page) == number;

    public static bool IsIntact(ReadOnlySpan<byte> page) =>
        (BinaryPrimitives.ReadUInt16LittleEndian(page[Flags..]) & HasChecksum) != 0
        && BinaryPrimitives.ReadUInt32LittleEndian(page[Checksum..]) == ChecksumOf(page);

    /// <summary>Computes the page checksum, the stored one taken as 0.</summary>
    public static uint ChecksumOf(ReadOnlySpan<byte> page)
    {
        uint result = 0;
        for (int sector = 0; sector < 16; sector++)
        {
            uint sum = 0;
            ReadOnlySpan<byte> bytes = page.Slice(sector * 512, 512);
            for (int i = 0; i < 512; i += 4)
            {
                sum ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..]);
            }

            if (sector == 0)
            {
                sum ^= BinaryPrimitives.ReadUInt32LittleEndian(page[Checksum..]);
            }

            result ^= BitOperations.RotateLeft(sum, 15 - sector);
        }

        return result;
    }
}
