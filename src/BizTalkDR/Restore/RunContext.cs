using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>One run of a plan: its members, its journal, its locks, and what is said of it when it ends.</summary>
internal sealed class RunContext
{
    /// <summary>What the plan itself does not fit: it would be refused again.</summary>
    private static readonly RecoveryError[] NeedsNewPlan = [RecoveryError.DestinationChanged, RecoveryError.MemberMissing, RecoveryError.ProofFailed, RecoveryError.BackupFileChanged];

    private const int StateConnectSeconds = 5;

    private readonly RestoreRunner _runner;
    private readonly IRestoreJournal _journal;
    private readonly DateTime _started;

    public RunContext(RecoveryPorts ports, RestoreRunner runner, RestorePlan plan, IRestoreJournal journal, IReadOnlyList<DisabledJob> jobsOff)
    {
        Ports = ports;
        _runner = runner;
        Plan = plan;
        _journal = journal;
        Members = plan.Members.Select(m => new MemberRun(ports, journal, m, plan.Mark) { StatementWait = runner.StatementWait }).ToList();
        Jobs = new JobSwitch(ports, journal, plan, jobsOff);
        Progress = new RestoreProgress(ports, $"Restoring {plan.Members.Count} databases to {plan.Mark}", plan.Members, plan.Limits, runner.Parallelism);
        _started = ports.Clock.UtcNow;
    }

    public RecoveryPorts Ports { get; }

    public RestorePlan Plan { get; }

    /// <summary>What an earlier run wrote down; null in a run from the start.</summary>
    public RestoreJournalRecord? Record { get; init; }

    public IReadOnlyList<MemberRun> Members { get; }

    public JobSwitch Jobs { get; }

    public RestoreProgress Progress { get; }

    public string Activity => Progress.Activity;

    /// <summary>How many members the gate looks at together.</summary>
    public int Parallelism => Math.Min(_runner.Parallelism, Plan.Limits.PerInstance);

    public TimeSpan StatementWait => _runner.StatementWait;

    public TimeSpan SynchronizationWait => _runner.SynchronizationWait;

    /// <summary>Runs the work under the destination's locks; whatever ends it, the operator and the journal hear how every member was left.</summary>
    public RestoreResult Guard(Func<DestinationLock, bool> work, CancellationToken cancellationToken)
    {
        try
        {
            using var locks = DestinationLock.Take(Ports, Plan, _runner.LockWait, cancellationToken);
            bool success;
            try
            {
                success = work(locks);
                Note("run-done", ("mark", Plan.Mark));
            }
            catch (Exception error)
            {
                throw Failed(error);
            }

            return Result(success);
        }
        finally
        {
            Ports.Log.Progress(Activity, null, "Done", 100, completed: true);
        }
    }

    public void Note(string what, params (string Key, string? Value)[] details) => _journal.Write(what, details.ToDictionary(d => d.Key, d => d.Value, StringComparer.Ordinal));

    /// <summary>Says and writes down how each member goes on.</summary>
    public void Log(IReadOnlyList<MemberRun> members)
    {
        foreach (MemberRun member in members)
        {
            Note("resume", ("member", member.Plan.Database), ("destination", member.Plan.DestinationServer), ("decision", member.Resume!.Kind.ToString()), ("detail", member.Resume.Text));
            Ports.Log.Verbose($"{member.Plan}: {member.Resume.Text}");
        }
    }

    /// <summary>Works on members at once, in the order given, as their instances and volumes have room.</summary>
    public void Each(IReadOnlyList<MemberRun> members, Action<MemberRun, int> work) => MemberPool.Run(members, m => m.Plan, Plan.Limits, _runner.Parallelism, work);

    /// <summary>Looks how every member is left. An instance that does not answer soon is not waited for: whoever waits here wants to know what happened.</summary>
    public void ReadStates() => Each(Members, (run, _) =>
    {
        try
        {
            SqlInstanceAddress address = run.Plan.Destination;
            using ISqlInstance instance = Ports.Sql.Open(address with { ConnectTimeoutSeconds = Math.Min(address.ConnectTimeoutSeconds, StateConnectSeconds) }, CancellationToken.None);
            IReadOnlyList<DatabaseFacts> databases = instance.ReadDatabases([run.Plan.Database], CancellationToken.None);
            run.State = databases.Count == 0 ? null : Describe(databases[0]);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            run.State = "unknown";
        }
    });

    private static string Describe(DatabaseFacts database) => database switch
    {
        { IsInStandby: true } => database.State + " (standby)",
        { IsOnline: true, Access: DatabaseAccess.SingleUser } => database.State + " (single user)",
        { IsOnline: true, Access: DatabaseAccess.RestrictedUser } => database.State + " (restricted user)",
        _ => database.State,
    };

    private RecoveryException Failed(Exception error)
    {
        ReadStates();
        RestoreResult result = Result(success: false);
        string states = string.Join(", ", Members.GroupBy(r => r.State ?? "not there").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"));
        string left = $"Members: {states} ({string.Join(", ", Members.Select(r => $"{r.Plan.Database}: {r.State ?? "not there"}"))}).";
        if (Jobs.Off.Count > 0)
        {
            left += $" Jobs left disabled: {string.Join(", ", Jobs.Off.Select(j => $"{j.Name} on {j.Server}"))}.";
        }

        if (Members.Where(m => m.Plan.Availability is not null).ToList() is { Count: > 0 } joined)
        {
            left += $" Availability groups to look at: {string.Join(", ", joined.Select(m => $"'{m.Plan.Availability!.Group}' of {m.Plan.Database}"))}.";
        }

        if (Members.Any(m => m.Tails.Count > 0))
        {
            left += $" Tails are kept: {string.Join(", ", Members.SelectMany(m => m.Tails.Select(t => $"{m.Plan.Database} in {t}")))}.";
        }

        if (result.Members.Any(m => m.KeptAs is not null))
        {
            left += $" Kept under another name: {string.Join(", ", result.Members.Where(m => m.KeptAs is not null).Select(m => $"{m.Name} as {m.KeptAs}"))}.";
        }

        RecoveryException? known = error as RecoveryException;
        RecoveryError code = known?.Code switch
        {
            null => error is OperationCanceledException ? RecoveryError.OperationCancelled : RecoveryError.RestoreFailed,
            RecoveryError.ConnectionLost => RecoveryError.RestoreInterrupted,
            _ => known.Code,
        };
        string message = known?.Message ?? (error is OperationCanceledException ? $"The restore to '{Plan.Mark}' was cancelled." : $"The restore to '{Plan.Mark}' failed: {error.Message}");
        try
        {
            Note("run-failed", ("mark", Plan.Mark), ("error", code.ToString()), ("detail", message), ("state", left));
        }
        catch (RecoveryException lost) when (lost.Code == RecoveryError.JournalNotWritable)
        {
            Ports.Log.Warning(lost.Message);
        }

        return new RecoveryException(code, known?.Target ?? Plan.Target, $"{message} {left}", HintFor(code, known), error) { StateLeftBehind = left, PartialResult = result };
    }

    /// <summary>The error's own next step, and the command to type then.</summary>
    private string? HintFor(RecoveryError code, RecoveryException? known)
    {
        string? own = code == known?.Code ? known?.Hint : null;
        string back = HowBack();
        if (_journal.Path is not { } path || NeedsNewPlan.Contains(code))
        {
            return back.Length > 0 ? (own ?? ErrorCatalogue.HintOf(code)) + back : own;
        }

        string command = $"Restore-BizTalkDatabases -Resume -JournalPath '{path.Replace("'", "''")}'";
        return code == RecoveryError.OperationCancelled
            ? $"Go on with {command} when you are ready; nothing goes on in the background.{back}"
            : $"{own ?? ErrorCatalogue.HintOf(code)} Then type: {command}{(back.Length > 0 ? "." : string.Empty)}{back}";
    }

    /// <summary>How databases that only the backup of their tail has closed are opened again instead; empty when there are none.</summary>
    private string HowBack()
    {
        List<MemberRun> closed = Members.Where(m => m.CanComeBack && string.Equals(m.State, "RESTORING", StringComparison.OrdinalIgnoreCase)).ToList();
        List<MemberRun> single = Members.Where(m => m.IsClosedOnly && m.Plan.Existing?.Access != DatabaseAccess.SingleUser && m.State?.EndsWith("(single user)", StringComparison.Ordinal) == true).ToList();
        string back = closed.Count == 0
            ? string.Empty
            : $" Or, instead, open {(closed.Count == 1 ? "the database" : "each database")} that only the backup of its tail has closed, as it was. Its log backups then go on from its tail: put the tails among the group's backup files, or take a new full backup of the group; "
                + $"without either, no later mark of the group can be reached. {string.Join(" ", closed.Select(m => BackBy(m.Plan, "RESTORE DATABASE {0} WITH RECOVERY; ")))}";
        foreach (MemberPlan kept in Members.Where(m => m.IsKeptOnly && m.State is null).Select(m => m.Plan))
        {
            back += $" Or, instead, put {kept.Keeps!.As} back: (on {kept.DestinationServer}) ALTER DATABASE {SqlNames.Quote(kept.Keeps.As)} MODIFY NAME = {SqlNames.Quote(kept.Database)};";
        }

        return single.Count == 0
            ? back
            : $"{back} In single user, with nothing restored over {(single.Count == 1 ? "it" : "them")}; to open instead: {string.Join(" ", single.Select(m => BackBy(m.Plan, string.Empty)))}";
    }

    private static string BackBy(MemberPlan member, string first)
    {
        string name = SqlNames.Quote(member.Database);
        string access = member.Existing!.Access switch { DatabaseAccess.SingleUser => "SINGLE_USER", DatabaseAccess.RestrictedUser => "RESTRICTED_USER", _ => "MULTI_USER" };
        return $"(on {member.DestinationServer}) {first.Replace("{0}", name)}ALTER DATABASE {name} SET {access};";
    }

    private RestoreResult Result(bool success) =>
        new(Plan.Mark, Plan.MarkTimeUtc, success, Members.Select(r => r.ToResult()).ToList())
        {
            Kind = Plan.Kind,
            StartedUtc = _started,
            FinishedUtc = Ports.Clock.UtcNow,
            JournalPath = _journal.Path,
            Findings = Plan.Findings,
        };
}
