using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Looks at each page a backup reads: WITH CHECKSUM a page in use that is damaged fails the backup (3043), unless it is to go on.</summary>
internal sealed class PageCheck(LabDatabase database, IDatabaseSnapshot snapshot, BackupRequest request)
{
    private readonly List<DamagedPage> _damage = [];

    public IReadOnlyList<DamagedPage> Damage => _damage;

    public IEnumerable<NumberedPage> Checked(IEnumerable<NumberedPage> pages)
    {
        foreach (NumberedPage page in pages)
        {
            if (request.Checksum && snapshot.IsUsed(page.Number) && !PageFormat.IsSound(page.Bytes.Span, page.Number))
            {
                _damage.Add(DamagedPage.Of(page.Number, page.Bytes.Span));
                if (!request.ContinueAfterError)
                {
                    int fileId = PageFormat.FileOf(page.Number);
                    string path = database.Files.First(f => f.FileId == fileId).PhysicalName;
                    throw new LabSqlException(
                        3043, 16, 1, $"BACKUP '{database.Name}' detected an error on page {PageFormat.NameOf(page.Number)} in file '{path}'.");
                }
            }

            yield return page;
        }
    }
}
