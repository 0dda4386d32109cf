using System;
using System.Collections.Generic;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>What happens to files: lost, damaged, cut off, copied, renamed, mixed up.</summary>
internal sealed class FolderDamage(List<CaseFile> files, IStage stage, Func<Guid> newId)
{
    private int _names;

    public void Happen(int number)
    {
        if (files.Count == 0)
        {
            return;
        }

        int at = number / 100 % files.Count;
        CaseFile file = files[at];
        switch (number % 100)
        {
            case < 30:
                files.RemoveAt(at);
                break;
            case < 42:
                files[at] = file with { File = file.File with { IsReadable = false }, ShowsHeader = number % 2 == 0 };
                break;
            case < 50:
                files[at] = file with { File = file.File with { IsReadable = false }, IsUnfinished = true };
                break;
            case < 65:
                files.Add(file with { File = file.File with { Path = $"{stage.Root}/c{Number()}/" + file.File.Path[(file.File.Path.LastIndexOf('/') + 1)..] } });
                break;
            case < 75:
                files[at] = file with { File = file.File with { Path = $"{stage.Root}/b/renamed{Number()}.bak" } };
                break;
            case < 90:
                Swap(at, number / 7 % files.Count);
                break;
            default:
                Merge(at, number / 7 % files.Count);
                break;
        }
    }

    private string Number() => (++_names).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void Swap(int left, int right)
    {
        string path = files[left].File.Path;
        files[left] = files[left] with { File = files[left].File with { Path = files[right].File.Path } };
        files[right] = files[right] with { File = files[right].File with { Path = path } };
    }

    /// <summary>Two backups of one database put into one file, as an operator does who appends by hand.</summary>
    private void Merge(int into, int from)
    {
        CaseFile left = files[into];
        CaseFile right = files[from];
        bool fits = stage.HasEverything && into != from && left.File.Stripes == 1 && right.File.Stripes == 1 && left.File.IsReadable && right.File.IsReadable && left.Server == right.Server && left.Database == right.Database;
        if (fits)
        {
            files[into] = left with { File = left.File with { MediaSet = newId(), Sets = [.. left.File.Sets, .. right.File.Sets] }, SizeBytes = left.SizeBytes + right.SizeBytes };
            files.RemoveAt(from);
        }
    }
}
