using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.RestoreProcess;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>What became of a restore that was killed and resumed.</summary>
internal sealed record SweepResult(int Kills, string Said, IReadOnlyList<string> Faults, IReadOnlyList<string> State, IReadOnlyList<string> RedoLsns, IReadOnlyList<string> Decisions, int Looks);

/// <summary>Two instances, restored to again and again by processes of their own.</summary>
internal sealed class SweepLab : IAsyncDisposable
{
    private readonly string _backups;

    private SweepLab(Destination destination, string backups)
    {
        Destination = destination;
        _backups = backups;
    }

    public Destination Destination { get; }

    public static Task<SweepLab> StartAsync(string backups) => StartAsync(backups, new LabEnvironmentOptions());

    public static async Task<SweepLab> StartAsync(string backups, LabEnvironmentOptions options, params string[] instances) =>
        new(await Destination.StartAsync(options, instances.Length > 0 ? instances : ["DR1", "DR2"]), backups);

    /// <summary>A plan on empty instances, with a login. Connecting may take long on a busy machine, which is not what is tested.</summary>
    public RestorePlan Plan(Func<RestoreRequest, RestoreRequest>? change = null)
    {
        RestoreRequest request = Destination.Request(_backups);
        request = request with { Destinations = [.. request.Destinations.Select(d => d with { ConnectTimeoutSeconds = 60 })] };
        return new RestorePreparer(FlowLab.Ports()).Prepare(change?.Invoke(request) ?? request);
    }

    /// <summary>A restore that nobody disturbs.</summary>
    public async Task<(RestoreEnd End, IReadOnlyList<string> State, IReadOnlyList<string> RedoLsns)> ReferenceAsync()
    {
        RestorePlan plan = Plan();
        string journal = NewFile("jsonl");
        RestoreEnd end = await RestoreChild.RunAsync(Destination["."], Order(plan, journal), Destination.Environment.Password);
        return (end, GroupState.Read(Destination, plan), GroupState.RedoLsns(await File.ReadAllTextAsync(journal)));
    }

    /// <summary>Kills a restore, perhaps kills the one that resumes it, resumes it, and compares.</summary>
    public async Task<SweepResult> RunAsync(EndPoint point, EndPoint? second)
    {
        Clean();
        RestorePlan plan = Plan();
        string journal = NewFile("jsonl");
        RestoreOrder order = Order(plan, journal);
        int kills = 0;
        string said;
        IReadOnlyList<string> seen;
        int looks;
        await using (MarkWatcher watcher = new(plan))
        {
            RestoreEnd end = await RestoreChild.RunAsync(Destination["."], order with { EndAtLine = point.Line, AfterWrite = point.AfterWrite, EndAtPercent = point.Percent }, Destination.Environment.Password);
            kills += end.WasKilled ? 1 : 0;
            said = end.Said;
            if (end.WasKilled && second is not null && HasPlan(journal))
            {
                RestoreEnd again = await RestoreChild.RunAsync(
                    Destination["."], order with { PlanFile = null, EndAtLine = second.Line, AfterWrite = second.AfterWrite, EndAtPercent = second.Percent }, Destination.Environment.Password);
                kills += again.WasKilled ? 1 : 0;
                said += again.Said;
            }

            try
            {
                GoOn(plan, journal);
                seen = watcher.Seen;
            }
            catch (RecoveryException error)
            {
                seen = [.. watcher.Seen, $"not resumed: {error.Code}: {error.Message}"];
            }

            looks = watcher.Looks;
        }

        string text = await File.ReadAllTextAsync(journal);
        string[] decisions = [.. text.Split('\n').Select(JournalText.Parse).Where(l => l?.GetValueOrDefault("event") == "resume").Select(l => l!["decision"]!)];
        return new SweepResult(kills, said, [.. seen], seen.Any(s => s.StartsWith("not resumed", StringComparison.Ordinal)) ? [] : GroupState.Read(Destination, plan), GroupState.RedoLsns(text), decisions, looks);
    }

    /// <summary>Resumes what the journal holds; where it holds nothing yet, runs the plan; where it is at its end, nothing.</summary>
    public void GoOn(RestorePlan plan, string journal, IRecoveryLog? log = null)
    {
        RecoveryPorts ports = FlowLab.Ports(log);
        if (!HasPlan(journal))
        {
            File.Delete(journal);
            using var fresh = new RestoreJournalFile(journal, ports.Clock);
            new RestoreRunner(ports).Run(plan, fresh);
            return;
        }

        RestoreJournalRecord record = RestoreJournalRecord.Read(journal);
        if (record.IsDone)
            return;
        using RestoreJournalFile again = RestoreJournalFile.Continue(journal, ports.Clock);
        new RestoreRunner(ports).Resume(record with { Plan = record.Plan.At(m => plan.Members.Single(p => p.ToString() == m.ToString()).Destination).AtReplicas(r => plan.Members.SelectMany(m => m.Availability?.Secondaries ?? []).First(s => s.Server == r.Server).Address) }, again);
    }

    public RestoreOrder Order(RestorePlan plan, string journal)
    {
        string file = NewFile("plan.json");
        RestorePlanFile.Write(plan, file);
        return new RestoreOrder { PlanFile = file, Journal = journal, User = "sa" };
    }

    /// <summary>Runs a plan in this process.</summary>
    public RestoreResult Run(RestorePlan plan, string journal, IRecoveryLog? log = null, CancellationToken cancellation = default)
    {
        RecoveryPorts ports = FlowLab.Ports(log);
        using var file = new RestoreJournalFile(journal, ports.Clock);
        return new RestoreRunner(ports) { LockWait = TimeSpan.FromMilliseconds(300) }.Run(plan, file, cancellation);
    }

    public string NewFile(string extension) => Destination[$"{Guid.NewGuid():N}.{extension}"];

    /// <summary>Takes all members away again.</summary>
    public void Clean()
    {
        foreach ((string server, string connection) in Destination.Environment.ConnectionStrings)
        {
            using SqlConnection open = new(connection + ";Pooling=false");
            open.Open();
            foreach (object?[] row in PracticeLab.Rows(open, "SELECT name, state_desc, is_in_standby FROM sys.databases WHERE database_id > 4;"))
            {
                string name = "[" + (string)row[0]! + "]";
                PracticeLab.Execute(open, ((string)row[1]! == "ONLINE" ? $"ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; " : string.Empty) + $"DROP DATABASE {name};");
            }
        }
    }

    public async ValueTask DisposeAsync() => await Destination.DisposeAsync();

    public static bool HasPlan(string journal)
    {
        try
        {
            return RestoreJournalRecord.Read(journal) is not null;
        }
        catch (RecoveryException error) when (error.Code == RecoveryError.JournalInvalid)
        {
            return false;
        }
    }
}
