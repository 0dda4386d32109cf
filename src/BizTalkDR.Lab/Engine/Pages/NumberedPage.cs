using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>A page with its number, which names the file too.</summary>
public readonly record struct NumberedPage(int Number, ReadOnlyMemory<byte> Bytes);

/// <summary>Pages of one data file a backup stores.</summary>
/// <param name="FileId">The file.</param>
/// <param name="PageCount">How many pages follow: whole extents of eight.</param>
/// <param name="Pages">The pages in page order.</param>
public sealed record SnapshotFile(int FileId, long PageCount, IEnumerable<NumberedPage> Pages);

/// <summary>A page in use whose checksum or number is wrong.</summary>
/// <param name="Number">The page.</param>
/// <param name="ObjectId">Table its header names; 0 when the page belongs to the file itself or names none.</param>
/// <param name="Expected">Checksum the page carries.</param>
/// <param name="Actual">Checksum of its bytes.</param>
public sealed record DamagedPage(int Number, int ObjectId, uint Expected, uint Actual)
{
    /// <summary>(file:page).</summary>
    public string NumberText => PageFormat.NameOf(Number);

    internal static DamagedPage Of(int number, ReadOnlySpan<byte> page) =>
        new(number, PageFormat.ObjectIdOf(page), PageFormat.StoredChecksumOf(page), PageFormat.ChecksumOf(page));
}
