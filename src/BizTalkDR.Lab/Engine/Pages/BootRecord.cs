using System;
using System.Buffers.Binary;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>What the boot page says of the data file it is in.</summary>
/// <param name="CheckpointLsn">All transactions committed before are in the pages, none committed behind.</param>
/// <param name="RedoStartLsn">Oldest begin of a transaction open at the checkpoint, or the checkpoint itself.</param>
/// <param name="NextObjectId">Object id to give next.</param>
/// <param name="LastTransactionId">Highest transaction id given so far.</param>
/// <param name="RowVersion">Last rowversion value.</param>
/// <param name="Stamp">Tells this checkpoint from all others, whatever their LSN; 0 = it has none.</param>
internal sealed record BootRecord(Lsn CheckpointLsn, Lsn RedoStartLsn, int NextObjectId, long LastTransactionId, ulong RowVersion, ulong Stamp)
{
    private const ulong Signature = 0x31_54_4F_4F_42_42_41_4C; // "LABBOOT1"

    public byte[] ToPage()
    {
        byte[] page = new byte[PageFormat.PageSize];
        Span<byte> body = page.AsSpan(PageFormat.HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(body, Signature);
        CheckpointLsn.Write(body[8..]);
        RedoStartLsn.Write(body[18..]);
        BinaryPrimitives.WriteInt32LittleEndian(body[28..], NextObjectId);
        BinaryPrimitives.WriteInt64LittleEndian(body[32..], LastTransactionId);
        BinaryPrimitives.WriteUInt64LittleEndian(body[40..], RowVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(body[48..], Stamp);
        PageFormat.Seal(page, PageType.Boot, PageFormat.BootPage, used: 56);
        return page;
    }

    public static BootRecord Read(ReadOnlySpan<byte> page)
    {
        PageFormat.Verify(page, PageFormat.BootPage);
        ReadOnlySpan<byte> body = page[PageFormat.HeaderSize..];
        if (BinaryPrimitives.ReadUInt64LittleEndian(body) != Signature)
        {
            throw new InvalidDataException("The boot page is not the lab's: the pages are of another server.");
        }

        return new BootRecord(
            Lsn.Read(body[8..]),
            Lsn.Read(body[18..]),
            BinaryPrimitives.ReadInt32LittleEndian(body[28..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[48..]));
    }
}
