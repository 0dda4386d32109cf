using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabDatabase
{
    /// <summary>Reads every page in use from the data files and gives those that are damaged, each with the table it belongs to.</summary>
    /// <remarks>What is not yet on disk is written first, so that memory and disk say the same.</remarks>
    public IReadOnlyList<DamagedPage> CheckPages()
    {
        ThrowIfUnreadable();
        if (IsTemp)
        {
            return [];
        }

        if (!IsReadOnly)
        {
            Checkpoint();
        }

        lock (_checkpointGate)
        {
            Dictionary<int, int> owners = Owners();
            List<DamagedPage> damaged = [];
            byte[] buffer = new byte[PageFormat.PageSize];
            foreach (int fileId in _file!.FileIds)
            {
                int count = _file.PageCount(fileId);
                for (int page = 0; page < count; page++)
                {
                    int number = PageFormat.Number(fileId, page);
                    if (!_pages.Space.IsUsed(number))
                    {
                        continue;
                    }

                    _file.Read(number, buffer);
                    if (!PageFormat.IsSound(buffer, number))
                    {
                        DamagedPage found = DamagedPage.Of(number, buffer);
                        damaged.Add(found with { ObjectId = owners.GetValueOrDefault(number, page < PageFormat.FirstFreePage ? 0 : found.ObjectId) });
                    }
                }
            }

            return damaged;
        }
    }

    /// <summary>Tables of the pages that hold rows, by page.</summary>
    private Dictionary<int, int> Owners()
    {
        lock (Gate)
        {
            return _pages.Owners();
        }
    }
}
