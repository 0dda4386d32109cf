using System.Globalization;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Errors of damaged pages, texts as on the page "MSSQLSERVER_824".</summary>
internal static class PageErrors
{
    /// <summary>Severity 24: it ends the connection.</summary>
    public static LabSqlException Inconsistent(LabDatabase database, DamagedPage page)
    {
        int fileId = PageFormat.FileOf(page.Number);
        string path = database.Files.First(f => f.FileId == fileId).PhysicalName;
        string reason = page.Expected != page.Actual
            ? string.Create(CultureInfo.InvariantCulture, $"incorrect checksum (expected: 0x{page.Expected:x8}; actual: 0x{page.Actual:x8})")
            : string.Create(CultureInfo.InvariantCulture, $"incorrect pageid (expected {PageFormat.NameOf(page.Number)[1..^1]}; actual 0:0)");
        long offset = (long)PageFormat.PageOf(page.Number) * PageFormat.PageSize;
        return new LabSqlException(824, 24, 2, string.Create(
            CultureInfo.InvariantCulture,
            $"SQL Server detected a logical consistency-based I/O error: {reason}. It occurred during a read of page {PageFormat.NameOf(page.Number)} in database ID {database.Id} at offset 0x{offset:x12} in file '{path}'.  Additional messages in the SQL Server error log or operating system error log may provide more detail. This is a severe error condition that threatens database integrity and must be corrected immediately. Complete a full database consistency check (DBCC CHECKDB). This error can be caused by many factors; for more information, see SQL Server Books Online."));
    }
}
