using System.Collections.Generic;
using System.Linq;
using BizTalkDR.BackupFiles;

namespace BizTalkDR.Files;

/// <summary>Counts the results of a test while they pass by.</summary>
internal sealed class FileTestTally(VerificationLevel level, int problems)
{
    private const int MostFailures = 1000;

    private readonly List<string> _failures = [];
    private int _problems = problems;
    private int _passed;
    private int _failed;
    private int _notChecked;
    private long _size;

    public void Take(FileTestStep step)
    {
        if (step.Problem is not null)
        {
            _problems++;
        }

        if (step.Result is not { } result)
        {
            return;
        }

        _size += result.SizeBytes ?? 0;
        switch (result.Outcome)
        {
            case CheckOutcome.Passed:
                _passed++;
                break;
            case CheckOutcome.NotChecked:
                _notChecked++;
                break;
            default:
                _failed++;
                if (_failures.Count < MostFailures)
                {
                    _failures.Add($"{FileErrors.Shown(result.FullName)}: {string.Join("; ", result.Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Reason))}");
                }

                break;
        }
    }

    public FileTestSummary ToSummary()
    {
        int files = _passed + _failed + _notChecked;
        CheckOutcome outcome = _failed + _problems > 0 ? CheckOutcome.Failed : files == 0 || _notChecked > 0 ? CheckOutcome.NotChecked : CheckOutcome.Passed;
        return new FileTestSummary(outcome, level, files, _passed, _failed, _notChecked, _problems, _size, _failures);
    }
}
