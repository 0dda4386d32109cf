using System.Collections.Generic;
using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Verification;

/// <summary>What became of one page.</summary>
internal enum PageOutcome
{
    /// <summary>Matches its checksum.</summary>
    Sound,

    /// <summary>Allocated and wrong.</summary>
    Damaged,

    /// <summary>Belongs to no table, or to an extent nobody can name.</summary>
    Unallocated,

    /// <summary>Carries no checksum, or does not match one but cannot be proven to be in use.</summary>
    Unproven,
}

/// <summary>
/// Checks pages an extent at a time. Extents are backed up whole, so only pages that the PFS page of their range calls allocated prove
/// anything (backup-file-format.md §8.2).
/// </summary>
internal sealed unsafe class PageChecker
{
    public const int PageBytes = 8192;
    public const int PagesPerExtent = 8;

    private const int SectorsPerPage = PageBytes / SectorChecksum.SectorBytes;
    private const int PagesPerPfs = 8088;
    private const int PfsType = 11;
    private const int PfsMapAt = 0x64;
    private const int AllocatedBit = 0x40;
    private const ushort ChecksumFlag = 0x200;
    private const int MostFiles = 512;

    private readonly Dictionary<int, (uint Interval, byte[] Map)> _allocation = [];

    /// <summary>Pages, allocated or not, that carry a checksum and stand where their header says.</summary>
    public long Candidates { get; private set; }

    /// <summary>Those of them that do not match.</summary>
    public long Mismatches { get; private set; }

    /// <summary>Begins a new pass over the database: what pages were allocated in the one before counts no longer.</summary>
    public void BeginPass() => _allocation.Clear();

    /// <summary>Checks up to eight pages that stand together.</summary>
    /// <param name="pages">The first page.</param>
    /// <param name="folds">XOR of each 512-byte sector.</param>
    /// <param name="count">Pages.</param>
    /// <param name="outcomes">Takes one outcome per page.</param>
    public void Check(byte* pages, uint* folds, int count, PageOutcome* outcomes)
    {
        if (!TryName(pages, count, out int file, out uint first, out int votes))
        {
            for (int i = 0; i < count; i++)
                outcomes[i] = PageOutcome.Unallocated;
            return;
        }

        TakePfs(pages, folds, count, file, first);
        bool hasMap = _allocation.TryGetValue(file, out (uint Interval, byte[] Map) pfs) && pfs.Interval == first / PagesPerPfs;
        for (int i = 0; i < count; i++)
        {
            uint number = first + (uint)i;
            bool? allocated = i == PfsPlace(first) ? true : hasMap ? (pfs.Map[number % PagesPerPfs] & AllocatedBit) != 0 : null;
            outcomes[i] = CheckPage(pages + (i * PageBytes), folds + (i * SectorsPerPage), file, number, allocated, certain: votes > 1);
        }
    }

    private static uint Stored(byte* page) => *(uint*)(page + 0x3C);

    private static uint PageId(byte* page) => *(uint*)(page + 0x20);

    private static ushort FileId(byte* page) => *(ushort*)(page + 0x24);

    private static bool HasChecksum(byte* page) => (*(ushort*)(page + 4) & ChecksumFlag) != 0;

    private static bool Matches(byte* page, uint* folds)
    {
        uint stored = Stored(page);
        uint sum = 0;
        for (int s = 0; s < SectorsPerPage; s++)
        {
            uint fold = s == 0 ? folds[0] ^ stored : folds[s];
            int turns = SectorsPerPage - 1 - s;
            sum ^= turns == 0 ? fold : SectorChecksum.RotateLeft(fold, turns);
        }

        return sum == stored;
    }

    /// <summary>Tells which extent this is by the page headers that agree: pages stand together in order.</summary>
    private static bool TryName(byte* pages, int count, out int file, out uint first, out int best)
    {
        file = 0;
        first = 0;
        best = 0;
        for (int i = 0; i < count; i++)
        {
            byte* page = pages + (i * PageBytes);
            if (!IsPlausible(page, i))
                continue;
            uint start = PageId(page) - (uint)i;
            int votes = 0;
            for (int k = 0; k < count; k++)
            {
                byte* other = pages + (k * PageBytes);
                if (IsPlausible(other, k) && PageId(other) - (uint)k == start && FileId(other) == FileId(page))
                    votes++;
            }

            if (votes > best)
            {
                best = votes;
                file = FileId(page);
                first = start;
            }
        }

        return best > 0;
    }

    private static bool IsPlausible(byte* page, int place) =>
        page[0] == 1 && page[1] is >= 1 and <= 20 && FileId(page) != 0 && PageId(page) % PagesPerExtent == place;

    private static bool IsZero(byte* page)
    {
        for (int i = 0; i < PageBytes / 8; i++)
        {
            if (((ulong*)page)[i] != 0)
                return false;
        }

        return true;
    }

    /// <summary>Where in the extent a PFS page must stand; -1 for the many extents without one.</summary>
    private static int PfsPlace(uint first) => first == 0 ? 1 : first % PagesPerPfs == 0 ? 0 : -1;

    private void TakePfs(byte* pages, uint* folds, int count, int file, uint first)
    {
        int place = PfsPlace(first);
        if (place < 0 || place >= count)
            return;
        byte* page = pages + (place * PageBytes);
        _allocation.Remove(file);
        bool isPfs = page[1] == PfsType && PageId(page) == first + (uint)place && FileId(page) == file;
        if (!isPfs || _allocation.Count >= MostFiles || (HasChecksum(page) && !Matches(page, folds + (place * SectorsPerPage))))
            return;
        var map = new byte[PagesPerPfs];
        fixed (byte* to = map)
        {
            for (int i = 0; i < PagesPerPfs; i++)
                to[i] = page[PfsMapAt + i];
        }

        _allocation[file] = (first / PagesPerPfs, map);
    }

    private PageOutcome CheckPage(byte* page, uint* folds, int file, uint number, bool? allocated, bool certain)
    {
        bool stands = PageId(page) == number && FileId(page) == file;
        bool matches = false;
        if (stands && HasChecksum(page))
        {
            matches = Matches(page, folds);
            Candidates++;
            if (!matches)
                Mismatches++;
        }


        // Without a PFS page (in differentials and stripes) a page counts when it and a neighbour say where they stand: leftovers of other files do not.
        if (allocated is null)
            return matches ? PageOutcome.Sound : stands && certain && HasChecksum(page) ? PageOutcome.Damaged : PageOutcome.Unproven;
        if (allocated == false)
            return PageOutcome.Unallocated;
        if (stands)
            return matches ? PageOutcome.Sound : HasChecksum(page) ? PageOutcome.Damaged : PageOutcome.Unproven;

        // Allocated after the last checkpoint and not yet written to disk: the log has it.
        return IsZero(page) ? PageOutcome.Unproven : PageOutcome.Damaged;
    }
}
