using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Drill;

/// <summary>Rehearses a recovery from a running group to the proof, with the product's own engine and a second opinion that shares no code with it.</summary>
/// <remarks>
/// The seed decides content, members and order of the transactions and what the controls do. What is in flight while a mark is placed may land on
/// either side of it in each run; the ledger's rule for it (all or nothing) is the same.
/// </remarks>
internal sealed class DrillRun
{
    private const int BusinessBeforeTheFull = 60;
    private const int BusinessDuringABackup = 90;
    private const int BusinessAfterTheLastMark = 40;
    private const int LogSets = 3;

    private static readonly string[] s_sources = ["LABSQL1", "LABSQL2"];
    private static readonly string[] s_destinations = ["DRSQL1", "DRSQL2"];

    private readonly int _seed;
    private readonly string _folder;
    private readonly DrillConsole _console;
    private readonly TimeProvider _clock;

    public DrillRun(int seed, string folder, DrillConsole console, TimeProvider clock)
    {
        _seed = seed;
        _folder = folder;
        _console = console;
        _clock = clock;
    }

    /// <summary>The group of a drill.</summary>
    internal static GroupDefinition Definition => GroupDefinition.Default(s_sources[0], s_sources[1]);

    private string BackupFolder => Path.Combine(_folder, "backup");

    private string LedgerFile => Path.Combine(_folder, "ledger.jsonl");

    /// <summary>Runs the whole drill. A fault of the group or the product is in the result; a fault of the lab itself is thrown.</summary>
    public async Task<DrillResult> RunAsync(CancellationToken cancellation) =>
        await RecoverAsync(await LiveAndDieAsync(cancellation).ConfigureAwait(false), "destination", null, cancellation).ConfigureAwait(false);

    /// <summary>Restores to two new instances what is left of the group, and proves it.</summary>
    /// <param name="lost">When the source instances were lost.</param>
    /// <param name="name">Folder of the new instances, inside the drill's.</param>
    /// <param name="mutation">A deliberate fault in this very restore: the drill has to turn red. Null for a real drill.</param>
    /// <param name="cancellation">Stops it.</param>
    internal async Task<DrillResult> RecoverAsync(DateTimeOffset lost, string name, DrillMutation? mutation, CancellationToken cancellation)
    {
        GroupDefinition group = Definition;
        IReadOnlyList<LedgerEntry> ledger = Ledger.Read(LedgerFile);
        LabFolder folder = LabFolder.Create(Path.Combine(_folder, name), s_destinations, _seed, null);
        LabEnvironment destination = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { Clock = _clock, Faulted = defect => _console.Say("Defect of the lab: " + defect) }, cancellation).ConfigureAwait(false);
        await using (destination.ConfigureAwait(false))
        {
            _console.Say($"Two new instances, {string.Join(" and ", s_destinations)}, know nothing but the backup folder.");
            DrillResult result = await RestoreAsync(group, destination, ledger, lost, mutation, cancellation).ConfigureAwait(false);
            List<DrillControl> controls = [];
            if (result.Faults.Count == 0)
            {
                controls.AddRange(await new DrillControls(_console).SpoilRowsAsync(group, destination, ledger, result.Mark!, cancellation).ConfigureAwait(false));
                controls.AddRange(await SpoilRestoresAsync(group, destination, ledger, cancellation).ConfigureAwait(false));
            }

            bool caught = controls.Count == DrillControls.Count && controls.All(control => control.Caught);
            return result with
            {
                Controls = controls,
                Control = new DrillControlSummary(caught),
                Ok = result.Faults.Count == 0 && caught && result.Members.All(m => m.ReachedMark),
            };
        }
    }

    /// <summary>Gives the address the product is told for an instance of the lab.</summary>
    internal static SqlInstanceAddress AddressOf(LabEnvironment environment, string name)
    {
        SqlConnectionStringBuilder builder = new(environment.ConnectionStrings[name]);
        System.Security.SecureString password = new();
        foreach (char c in builder.Password)
            password.AppendChar(c);
        return new SqlInstanceAddress(builder.DataSource) { Login = new SqlLogin(builder.UserID, password), TrustServerCertificate = true };
    }

    /// <summary>Gives what a restore of this drill's backups to an environment asks for.</summary>
    internal static RestoreRequest RequestFor(LabEnvironment destination, string backupFolder, bool force) => new(
        [backupFolder], s_destinations.Select(name => AddressOf(destination, name)).ToList())
    {
        InstanceMap = s_sources.Zip(s_destinations).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.OrdinalIgnoreCase),
        Force = force,
    };

    /// <summary>Reads every member where it lives now and compares it with the ledger.</summary>
    internal static async Task<LedgerReport> CompareAsync(GroupDefinition group, LabEnvironment destination, IReadOnlyList<LedgerEntry> ledger, string mark, CancellationToken cancellation)
    {
        Dictionary<string, IReadOnlySet<long>> found = new(StringComparer.Ordinal);
        foreach (MemberDefinition member in group.Members)
            found[member.Key] = await LedgerCheck.ReadAsync(destination.ConnectionStrings[DestinationOf(member.Server)], member.Database, cancellation).ConfigureAwait(false);
        return LedgerCheck.AtMark(ledger, mark, found);
    }

    internal static string DestinationOf(string source) => s_destinations[Array.IndexOf(s_sources, source)];

    /// <summary>Builds the group, does business, backs it up, and destroys both instances; gives the time of the loss.</summary>
    internal async Task<DateTimeOffset> LiveAndDieAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(BackupFolder);
        GroupDefinition group = Definition;
        LabFolder folder = LabFolder.Create(Path.Combine(_folder, "source"), s_sources, _seed, null);
        LabEnvironment source = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { Clock = _clock, Faulted = defect => _console.Say("Defect of the lab: " + defect) }, cancellation).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            _console.Say($"Building a group of {group.Members.Count} databases on {string.Join(" and ", s_sources)}");
            await new GroupBuilder(group, source.ConnectionStrings, _seed).BuildAsync(cancellation).ConfigureAwait(false);
            using Ledger ledger = new(LedgerFile, _clock);
            Workload workload = new(group, source.ConnectionStrings, ledger, new WorkloadOptions { Seed = _seed }, _clock);
            _console.Say("Doing business");
            await workload.RunAsync(BusinessBeforeTheFull, cancellation).ConfigureAwait(false);
            await BackUpAsync(source, workload, null, BackupType.Full, cancellation).ConfigureAwait(false);
            for (int i = 0; i < LogSets; i++)
                await BackUpAsync(source, workload, ledger, BackupType.Log, cancellation).ConfigureAwait(false);
            await workload.RunAsync(BusinessAfterTheLastMark, cancellation).ConfigureAwait(false);
            _console.Say(string.Create(CultureInfo.InvariantCulture, $"{workload.Acknowledged} business transactions acknowledged"));
            DateTimeOffset lost = _clock.GetUtcNow();
            await source.DestroyAsync().ConfigureAwait(false);
            _console.Say("Both instances and all their data are destroyed");
            return lost;
        }
    }

    /// <summary>Backs the group up while business goes on.</summary>
    private async Task BackUpAsync(LabEnvironment source, Workload workload, Ledger? ledger, BackupType type, CancellationToken cancellation)
    {
        RecoveryPorts ports = SqlServerPorts.Create(_console);
        InstanceDirectory directory = new(AddressOf(source, s_sources[0]), s_sources.ToDictionary(name => name, name => AddressOf(source, name), StringComparer.OrdinalIgnoreCase));
        Task<WorkloadResult> business = workload.RunAsync(BusinessDuringABackup, cancellation);
        try
        {
            int number = ledger?.MarkBegins() ?? 0;
            IReadOnlyList<BackupSet> sets = await Task.Run(
                () =>
                {
                    BizTalkGroup group;
                    using (ISqlInstance management = ports.Sql.Open(AddressOf(source, s_sources[0]), cancellation))
                        group = GroupDiscovery.Read(management, "BizTalkMgmtDb", cancellation);
                    BackupPlan plan = BackupPlanner.Plan(group, new BackupRequest(type, BackupFolder));
                    return new BackupRunner(ports, directory).Run(plan, cancellation);
                },
                cancellation).ConfigureAwait(false);
            ledger?.MarkReturned(number, sets.Single().Mark);
            foreach (BackupSet set in sets)
                _console.Say($"Backed up and confirmed: {set}");
        }
        finally
        {
            await business.ConfigureAwait(false);
        }
    }

    private async Task<DrillResult> RestoreAsync(GroupDefinition group, LabEnvironment destination, IReadOnlyList<LedgerEntry> ledger, DateTimeOffset lost, DrillMutation? mutation, CancellationToken cancellation)
    {
        long started = _clock.GetTimestamp();
        DrillResult result = new() { Seed = _seed };
        try
        {
            RestoreResult restored = await Task.Run(
                () =>
                {
                    RecoveryPorts ports = SqlServerPorts.Create(_console);
                    RestorePlan plan = new RestorePreparer(ports).Prepare(RequestFor(destination, BackupFolder, force: false), cancellation);
                    plan = mutation?.Plan?.Invoke(plan) ?? plan;
                    _console.Say(plan.Action);
                    using RestoreJournalFile journal = new(Path.Combine(destination.Folder.FullPath, "restore.jsonl"), ports.Clock);
                    return new RestoreRunner(ports).Run(plan, journal, cancellation);
                },
                cancellation).ConfigureAwait(false);
            double seconds = _clock.GetElapsedTime(started).TotalSeconds;
            if (mutation?.Rows is { } spoil)
                await DrillControls.SpoilAsync(group.Members[^1], destination, spoil, cancellation).ConfigureAwait(false);
            LedgerReport report = await CompareAsync(group, destination, ledger, restored.Mark, cancellation).ConfigureAwait(false);
            return Judge(result with { RtoSeconds = Math.Round(seconds, 3) }, group, restored, report, ledger, lost);
        }
        catch (RecoveryException error)
        {
            return result with { Faults = [$"{error.Code}: {error.Message} {error.StateLeftBehind}".TrimEnd()] };
        }
    }

    private DrillResult Judge(DrillResult result, GroupDefinition group, RestoreResult restored, LedgerReport report, IReadOnlyList<LedgerEntry> ledger, DateTimeOffset lost)
    {
        List<string> faults = [];
        List<DrillMember> members = [];
        foreach (MemberDefinition definition in group.Members)
        {
            MemberResult? member = restored.Members.SingleOrDefault(m => string.Equals(m.Name, definition.Database, StringComparison.OrdinalIgnoreCase));
            MemberComparison rows = report.Members.Single(c => string.Equals(c.Member, definition.Key, StringComparison.Ordinal));
            if (member is null)
                faults.Add($"{definition.Database} was not restored.");
            if (!rows.Ok)
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{definition.Database}: {rows.Missing.Count} rows are missing, {rows.Unexpected.Count} should not be there."));
            members.Add(new DrillMember
            {
                Name = definition.Database,
                Role = definition.Role.ToString(),
                SourceInstance = definition.Server,
                DestinationInstance = member?.DestinationInstance ?? string.Empty,
                NewestMark = member?.NewestMark,
                ReachedMark = member?.ReachedMark ?? false,
                RedoLsn = member?.RedoLsn?.ToString(),
                MarkLsn = member?.MarkLsn.ToString(),
                RowsExpected = rows.RowsExpected,
                RowsFound = rows.RowsFound,
            });
        }

        if (report.Halves.Count > 0)
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{report.Halves.Count} transactions are in some of their members only."));
        faults.AddRange(members.Where(m => !m.ReachedMark).Select(m => $"{m.Name} is not proven to be at the mark."));
        if (!restored.IsSuccess)
            faults.Add(restored.ToString());
        _console.Say(faults.Count == 0 ? "Every row the ledger asks for is there, and no other" : "The proof FAILED");
        return result with
        {
            Mark = restored.Mark,
            RpoSeconds = Math.Round((lost.UtcDateTime - restored.MarkTimeUtc).TotalSeconds, 3),
            Members = members,
            Faults = faults,
            Workload = new DrillWorkload(ledger.Count(e => e.Event == LedgerEvent.Sent), ledger.Count(e => e.Event == LedgerEvent.Acknowledged), report.Undecided),
        };
    }

    private async Task<IReadOnlyList<DrillControl>> SpoilRestoresAsync(GroupDefinition group, LabEnvironment destination, IReadOnlyList<LedgerEntry> ledger, CancellationToken cancellation) =>
        await new DrillControls(_console).SpoilRestoresAsync(group, destination, BackupFolder, ledger, Path.Combine(_folder, "controls"), cancellation).ConfigureAwait(false);
}
