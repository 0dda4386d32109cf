namespace BizTalkDR.BackupFiles.Verification;

/// <summary>Counts what one check examined and remembers the first failure.</summary>
internal sealed class Tally(BackupCheck check)
{
    private long _passed;
    private long _failed;
    private long _notChecked;
    private long? _offset;
    private string? _first;
    private string? _whyNot;

    public long Passed => _passed;

    public long Failed => _failed;

    /// <summary>True when there was anything to look at.</summary>
    public bool IsAsked => _passed + _failed + _notChecked > 0;

    public void Pass(long count = 1) => _passed += count;

    public void Fail(long offset, string message)
    {
        _failed++;
        if (_first is not null)
            return;
        _first = message;
        _offset = offset;
    }

    public void Skip(long count, string why)
    {
        _notChecked += count;
        _whyNot ??= why;
    }

    /// <summary>Turns the counts into an answer.</summary>
    /// <param name="things">What was counted, in the plural.</param>
    /// <param name="whyNothing">Why nothing was examined, when nothing was.</param>
    public CheckResult ToResult(string things, string whyNothing)
    {
        long examined = _passed + _failed;
        if (_failed > 0)
            return new CheckResult(check, CheckOutcome.Failed, _failed == 1 ? _first! : $"{_first} ({_failed} {things} in all)", examined, _failed, _notChecked, _offset);
        if (examined == 0)
            return new CheckResult(check, CheckOutcome.NotChecked, _whyNot ?? whyNothing, notChecked: _notChecked);
        string rest = _notChecked == 0 ? string.Empty : $"; {_notChecked} not checked: {_whyNot}";
        return new CheckResult(check, CheckOutcome.Passed, $"{examined} {things}{rest}", examined, 0, _notChecked);
    }
}
