using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Keeps msdb's list of pages that could not be read, one row a page (documented: suspect_pages, at most 1,000 rows).</summary>
internal static class SuspectPages
{
    private const int MostRows = 1000;

    /// <summary>Event type of a page with a wrong checksum.</summary>
    private const int BadChecksum = 2;

    /// <summary>Adds pages, or counts them once more.</summary>
    public static void Note(LabDatabase database, IEnumerable<DamagedPage> pages)
    {
        LabInstance instance = database.Instance;
        HistoryTables.Ensure(instance);
        LabDatabase msdb = instance.Find("msdb")!;
        LabTable table = msdb.FindTable("dbo", HistoryTables.SuspectPages)!;
        LabTransaction transaction = instance.Begin();
        try
        {
            foreach (DamagedPage page in pages)
            {
                Note(database, table, transaction, page);
            }

            instance.Commit(transaction);
        }
        catch
        {
            instance.Rollback(transaction);
            throw;
        }
    }

    private static void Note(LabDatabase database, LabTable table, LabTransaction transaction, DamagedPage page)
    {
        int file = PageFormat.FileOf(page.Number);
        long number = PageFormat.PageOf(page.Number);
        List<LabRow> rows = [.. table.Scan(transaction)];
        LabRow known = rows.FirstOrDefault(r => database.Id.Equals(r.Values[0]) && file.Equals(r.Values[1]) && number.Equals(r.Values[2]));
        object?[] values = [database.Id, file, number, BadChecksum, known.Values is null ? 1 : (int)known.Values[4]! + 1, database.Instance.Now];
        if (known.Values is not null)
        {
            table.Update(transaction, known.RowId, values);
        }
        else if (rows.Count < MostRows)
        {
            table.Insert(transaction, values);
        }
    }
}
