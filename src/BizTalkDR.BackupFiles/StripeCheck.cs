using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace BizTalkDR.BackupFiles;

/// <summary>Says whether the files of a striped medium are all there and belong together (backup-file-format.md §3.2, §10).</summary>
public static class StripeCheck
{
    /// <summary>Checks the medium of one file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="others">Files among which its stripes are looked for; files of other media are passed over.</param>
    public static CheckResult Of(BackupFile file, IEnumerable<BackupFile>? others)
    {
        if (file is null)
            throw new ArgumentNullException(nameof(file));
        if (!file.Media.FamilyCount.TryGet(out int count) || !file.Media.FamilyNumber.TryGet(out int number))
            return new CheckResult(BackupCheck.Stripes, CheckOutcome.NotChecked, "the file does not say how many stripes its medium has");
        if (count == 1)
            return new CheckResult(BackupCheck.Stripes, CheckOutcome.Passed, "the medium is this one file", 1);
        if (others is null)
            return new CheckResult(BackupCheck.Stripes, CheckOutcome.NotChecked, $"the file is stripe {number} of {count}; the others were not given");
        Guid medium = file.Media.MediaSetId.Value;
        List<BackupFile> stripes = [file];
        stripes.AddRange(others.Where(o => !ReferenceEquals(o, file) && !string.Equals(o.Name, file.Name, StringComparison.Ordinal) && o.Media.MediaSetId.TryGet(out Guid id) && id == medium));
        string? wrong = WhatIsWrong(stripes, count);
        return wrong is null
            ? new CheckResult(BackupCheck.Stripes, CheckOutcome.Passed, $"all {count} stripes are there and belong together", count)
            : new CheckResult(BackupCheck.Stripes, CheckOutcome.Failed, wrong, stripes.Count, 1);
    }

    private static string? WhatIsWrong(List<BackupFile> stripes, int count)
    {
        BackupFile first = stripes[0];
        if (stripes.Any(s => s.Media.FamilyCount.ValueOr(0) != count))
            return "the files do not agree how many stripes the medium has";
        int[] numbers = [.. stripes.Select(s => s.Media.FamilyNumber.ValueOr(0))];
        int twice = numbers.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key).FirstOrDefault();
        if (twice != 0)
            return $"stripe {twice} is there more than once";
        int[] missing = [.. Enumerable.Range(1, count).Except(numbers)];
        if (missing.Length > 0)
            return $"of {count} stripes these are missing: {string.Join(", ", missing.Select(m => m.ToString(CultureInfo.InvariantCulture)))}";
        foreach (BackupFile stripe in stripes)
        {
            if (stripe.Sets.Count != first.Sets.Count)
                return "the stripes do not hold the same number of sets";
            for (int i = 0; i < first.Sets.Count; i++)
            {
                BackupSet a = first.Sets[i];
                BackupSet b = stripe.Sets[i];
                if (a.BackupSetGuid != b.BackupSetGuid || a.FirstLsn != b.FirstLsn || a.LastLsn != b.LastLsn || a.BackupSizeBytes != b.BackupSizeBytes)
                    return $"the stripes do not hold the same set at position {i + 1}";
            }
        }

        return null;
    }
}
