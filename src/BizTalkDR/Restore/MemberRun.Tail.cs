using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>The tail of the database that is replaced: backed up and read back before anything is restored, and taken back when that fails.</summary>
internal sealed partial class MemberRun
{
    private const int BackupIsValid = 3262;
    private const string LostHint = "Before this database is replaced, take BACKUP DATABASE … WITH COPY_ONLY of it: no later backup of its log holds what this file was to hold. Then plan again. Or see that the file can be read again, and go on.";
    private const string GapHint = "Take BACKUP DATABASE … WITH COPY_ONLY of this database first, then plan again. Or see that the earlier file can be read again, and go on.";

    private readonly List<TailResult> _tails = [];
    private int _tailAttempts;
    private LogPosition? _tailFrom;

    /// <summary>Whether the tail has to be backed up, or the database to be put under another name, or what an earlier run left of that to be looked at.</summary>
    public bool NeedsTail => Plan.TailSteps.Any() && Resume is null or { Kind: ResumeKind.Start or ResumeKind.ByTail or ResumeKind.Kept };

    /// <summary>Backups of the tail that were read back.</summary>
    public IReadOnlyList<TailResult> Tails => _tails;

    /// <summary>Whether nothing was restored over the database yet, so that it can be brought back as it was.</summary>
    public bool CanComeBack => Plan.Tail is { IsDamaged: false } && _tailAttempts > 0 && !_fullBegun;

    /// <summary>Whether nothing was restored over the database, but this restore may have left it in single user.</summary>
    public bool IsClosedOnly => _accessChanged && !_fullBegun;

    /// <summary>Backs up the tail. Ends with it read back whole, or with an error and the database open as it was.</summary>
    public void TakeTail(RestoreProgress progress, Func<bool> stop, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(Plan.Destination, cancellationToken);
        TakeStatementLock(instance, cancellationToken);
        if (Resume?.Kind == ResumeKind.ByTail)
        {
            if (FindTaken(instance, cancellationToken))
            {
                return;
            }

            BringBack(instance);
        }

        if (Resume?.Kind == ResumeKind.Kept)
        {
            GiveKeptAccess(instance);
            return;
        }

        RefuseChangedDestination(instance, cancellationToken);
        foreach (RestoreStep step in Plan.TailSteps)
        {
            if (stop())
            {
                GiveAccessBack(instance);
                _steps.Add(new StepResult(step.Text, StepOutcome.NotRun, TimeSpan.Zero, "another member failed"));
                return;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                GiveAccessBack(instance);
            }

            cancellationToken.ThrowIfCancelled(Plan.ToString(), $"The restore of {Plan}, before anything was restored,");
            if (step.Tail is { } tail)
            {
                RunTail(step, tail with { Path = PathOf(tail.Path, _tailAttempts) }, instance, progress.Activity, cancellationToken);
            }
            else if (step.KeepAs is not null)
            {
                Keep(step, instance, cancellationToken);
            }
            else if (IsOpen(instance, cancellationToken))
            {
                RunStep(step, instance, progress, cancellationToken);
            }
        }
    }

    private void GiveAccessBack(ISqlInstance instance)
    {
        if (_accessChanged)
        {
            BringBack(instance);
        }
    }

    /// <summary>Each attempt writes a file of its own: what an earlier one wrote may hold log that no later one does.</summary>
    private static string PathOf(string path, int attempts) => attempts == 0
        ? path
        : string.Format(CultureInfo.InvariantCulture, "{0}_{1}{2}", path.Substring(0, path.Length - 4), attempts + 1, path.Substring(path.Length - 4));

    private void RunTail(RestoreStep step, TailStatement tail, ISqlInstance instance, string activity, CancellationToken cancellationToken)
    {
        _ports.Log.Verbose($"{Plan}: {step.Text}");
        _tailFrom ??= Look(instance, cancellationToken)?.NextLogBackupLsn;
        _tailAttempts++;
        Note("start", step.Text, tail.Path, step.Number, ("from", _tailFrom?.ToString()));
        StatementOutcome outcome;
        try
        {
            outcome = instance.BackUpTail(tail, percent => _ports.Log.Progress(activity, Plan.Database, step.Text, percent), cancellationToken);
        }
        catch (RecoveryException error) when (error.Code == RecoveryError.OperationCancelled)
        {
            BringBack(instance);
            throw;
        }

        StepVerdict verdict = RestoreJudge.JudgeTail(outcome);
        bool confirmed = verdict.Outcome == StepOutcome.Done;
        string? hint = null;
        if (confirmed)
        {
            (TailResult? read, string? fault) = ReadTail(tail, instance, cancellationToken);
            if (read is not null)
            {
                fault = Keep(read, instance, cancellationToken);
                hint = fault is null ? null : GapHint;
            }
            else if (!tail.IsDamaged)
            {
                fault += ". The server had confirmed this backup, so the log it took is in no other file";
                hint = LostHint;
            }

            verdict = fault is null ? verdict : new StepVerdict(StepOutcome.Failed, RecoveryError.TailBackupFailed, fault);
        }

        Remember(step.Text, outcome, verdict, step.Number);
        if (verdict.Outcome == StepOutcome.Failed)
        {
            BringBack(instance);
            throw new RecoveryException(RecoveryError.TailBackupFailed, Plan.ToString(), $"The tail of the log of {Plan} could not be backed up to {tail.Path}: {verdict.Text}. Nothing was restored over any member.", hint);
        }
    }

    /// <summary>Keeps a tail that was read back, and says whether it and those kept before it are the whole tail.</summary>
    /// <returns>What is missing; null when nothing is.</returns>
    /// <remarks>
    /// A log backup that came to its end moves the point where the next one begins, also when its file cannot be read ("Transaction Log Backups (SQL Server)"):
    /// then a later attempt alone is not the tail. NO_TRUNCATE moves nothing.
    /// </remarks>
    private string? Keep(TailResult read, ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (Plan.Tail is { IsDamaged: false } first && _tailAttempts > 1 && !(read.FirstLsn <= SavedTo()))
        {
            for (int attempt = 0; attempt < _tailAttempts - 1; attempt++)
            {
                TailStatement earlier = first with { Path = PathOf(first.Path, attempt) };
                if (!_tails.Exists(t => string.Equals(t.Path, earlier.Path, StringComparison.Ordinal))
                    && ReadFile(earlier, instance, cancellationToken).Read is { } found)
                {
                    KeepTail(found);
                }
            }
        }

        LogPosition? saved = SavedTo();
        if (!_tails.Contains(read))
        {
            KeepTail(read);
        }

        return Plan.Tail is { IsDamaged: true } || _tailAttempts == 1 || read.FirstLsn <= saved
            ? null
            : $"it begins at LSN {read.FirstLsn}; the log {(saved is null ? "before it" : $"from LSN {saved} on")} was written by an earlier attempt, to a file that could not be read back";
    }

    /// <summary>Up to where the log is known to be in backups: those the group had when the first attempt began, and the tails that go on from them.</summary>
    private LogPosition? SavedTo()
    {
        LogPosition? saved = _tailFrom ?? Plan.Replaces?.NextLogBackupLsn;
        foreach (TailResult tail in _tails.OrderBy(t => t.FirstLsn))
        {
            saved = tail.FirstLsn <= saved && tail.LastLsn > saved ? tail.LastLsn : saved;
        }

        return saved;
    }

    private void KeepTail(TailResult read)
    {
        _tails.Add(read);
        _journal.Write("tail", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["member"] = Plan.Database,
            ["destination"] = Plan.DestinationServer,
            ["path"] = read.Path,
            ["position"] = read.Position.ToString(CultureInfo.InvariantCulture),
            ["set"] = read.BackupSetGuid.ToString(),
            ["firstLsn"] = read.FirstLsn.ToString(),
            ["lastLsn"] = read.LastLsn.ToString(),
        });
        _ports.Log.Information($"{Plan}: the tail of its log is in {read}.");
    }

    /// <summary>Whether the newest attempt of an earlier run, which alone can have left the database RESTORING, left a whole backup.</summary>
    private bool FindTaken(ISqlInstance instance, CancellationToken cancellationToken)
    {
        (TailResult? read, string? fault) = ReadTail(Plan.Tail! with { Path = PathOf(Plan.Tail.Path, _tailAttempts - 1) }, instance, cancellationToken);
        fault = read is null ? fault : Keep(read, instance, cancellationToken);
        _ports.Log.Verbose($"{Plan}: {fault ?? $"the tail of its log is in {read}"}");
        return fault is null;
    }

    /// <summary>Reads the newest backup of the tail back: its header tells whose log it holds, RESTORE VERIFYONLY WITH CHECKSUM that it is whole, the database that nothing can come after it.</summary>
    private (TailResult? Read, string? Fault) ReadTail(TailStatement tail, ISqlInstance instance, CancellationToken cancellationToken)
    {
        (TailResult? read, string? fault) = ReadFile(tail, instance, cancellationToken);
        return read is not null && !tail.IsDamaged && !ResumeDecision.IsLeftByTail(Plan, Look(instance, cancellationToken))
            ? (null, "the database is not RESTORING behind it, so more may be written")
            : (read, fault);
    }

    private (TailResult? Read, string? Fault) ReadFile(TailStatement tail, ISqlInstance instance, CancellationToken cancellationToken)
    {
        BackupHeader? header;
        try
        {
            header = instance.ReadHeaders(tail.Path, cancellationToken).LastOrDefault(h => h.Kind == MediaBackupKind.Log);
        }
        catch (RecoveryException error) when (error.Code is not (RecoveryError.OperationCancelled or RecoveryError.ConnectionLost))
        {
            return (null, error.Message);
        }

        if (header is null
            || !string.Equals(header.DatabaseName, Plan.Database, StringComparison.OrdinalIgnoreCase)
            || header.LastLsn < header.FirstLsn
            || (Plan.Replaces?.FamilyGuid is { } family && header.FamilyGuid != Guid.Empty && header.FamilyGuid != family))
        {
            return (null, $"the file {tail.Path} does not hold a log backup of this database");
        }

        if (header.IsDamaged && !tail.IsDamaged)
        {
            return (null, $"the server marked the backup in {tail.Path} as damaged");
        }

        StatementOutcome verified = instance.Verify(tail.Path, header.Position, header.HasBackupChecksums, cancellationToken);
        if (verified.Cause is { } cause)
        {
            return (null, $"the backup in {tail.Path} could not be verified: {cause.Number}, {cause.Text}");
        }

        if (!verified.Says(BackupIsValid))
        {
            return (null, $"the server did not confirm that the backup in {tail.Path} is valid ({BackupIsValid})");
        }

        return (new TailResult(tail.Path, header.Position, header.BackupSetGuid, header.FirstLsn, header.LastLsn), null);
    }

    /// <summary>Opens the database again as it was: nothing of it was replaced, and its tail is not saved.</summary>
    /// <remarks>RESTORE DATABASE … WITH RECOVERY without a backup: "Recover a Database Without Restoring Data". Not cancelled: half of it would help nobody.</remarks>
    private void BringBack(ISqlInstance instance)
    {
        if (Plan.Tail is { IsDamaged: true } || Look(instance, CancellationToken.None) is not { } database)
        {
            return;
        }

        if (database.IsRestoring)
        {
            RunStateChange("Bring back online", () => instance.Restore(new RestoreStatement(RestoreAction.BringBack, Plan.Database), null, CancellationToken.None));
        }

        if (Plan.Existing?.Access is { } access && Look(instance, CancellationToken.None) is { IsOnline: true } open && open.Access != access)
        {
            RunStateChange("Give access as it was", () => instance.SetAccess(Plan.Database, access, CancellationToken.None));
        }
    }

    /// <summary>Between the backup of its tail and its restore nobody may have opened the database.</summary>
    private void RefuseOpenedDestination(ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (!ResumeDecision.IsLeftByTail(Plan, Look(instance, cancellationToken)))
        {
            throw new RecoveryException(RecoveryError.DestinationChanged, Plan.ToString(), $"The database {Plan} is not RESTORING any more as the backup of its tail left it: what was written since is in no backup. It was not touched.");
        }
    }

    private DatabaseFacts? Look(ISqlInstance instance, CancellationToken cancellationToken) => LookAt(Plan.Database, instance, cancellationToken);
}
