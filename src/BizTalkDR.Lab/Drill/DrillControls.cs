using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Drill;

/// <summary>Controls: deliberate faults that must be noticed. A proof that passes with these is worth nothing.</summary>
internal sealed class DrillControls
{
    /// <summary>Number of controls of a drill.</summary>
    public static readonly int Count = DrillMutation.OfRows.Count + DrillMutation.OfRestores.Count;

    private readonly DrillConsole _console;

    public DrillControls(DrillConsole console) => _console = console;

    /// <summary>Takes a row away, and adds one, behind the product's back; puts both right again.</summary>
    public async Task<IReadOnlyList<DrillControl>> SpoilRowsAsync(GroupDefinition group, LabEnvironment destination, IReadOnlyList<LedgerEntry> ledger, string mark, CancellationToken cancellation)
    {
        MemberDefinition member = group.Members[^1];
        await SpoilAsync(member, destination, DrillMutation.LoseARow, cancellation).ConfigureAwait(false);
        LedgerReport lost = await DrillRun.CompareAsync(group, destination, ledger, mark, cancellation).ConfigureAwait(false);
        await SpoilAsync(member, destination, "INSERT INTO dbo.LabWork SELECT * FROM dbo.LabControl; DROP TABLE dbo.LabControl;", cancellation).ConfigureAwait(false);
        await SpoilAsync(member, destination, DrillMutation.AddARow, cancellation).ConfigureAwait(false);
        LedgerReport added = await DrillRun.CompareAsync(group, destination, ledger, mark, cancellation).ConfigureAwait(false);
        await SpoilAsync(member, destination, "DELETE FROM dbo.LabWork WHERE Id = 4000000000;", cancellation).ConfigureAwait(false);
        LedgerReport after = await DrillRun.CompareAsync(group, destination, ledger, mark, cancellation).ConfigureAwait(false);

        return
        [
            Row("a row lost", lost, r => r.Members.Count(m => m.Missing.Count > 0) == 1, after),
            Row("a row added", added, r => r.Members.Count(m => m.Unexpected.Count > 0) == 1, after),
        ];
    }

    /// <summary>Restores the group by spoilt plans over the databases that are there.</summary>
    public async Task<IReadOnlyList<DrillControl>> SpoilRestoresAsync(
        GroupDefinition group, LabEnvironment destination, string backupFolder, IReadOnlyList<LedgerEntry> ledger, string journals, CancellationToken cancellation)
    {
        Directory.CreateDirectory(journals);
        List<DrillControl> controls = [];
        foreach (DrillMutation mutation in DrillMutation.OfRestores)
        {
            _console.Say("Control: " + mutation.Name);
            controls.Add(await TryAsync(
                mutation,
                () => Restore(mutation, group, DrillRun.RequestFor(destination, backupFolder, force: true), journals, cancellation),
                mark => DrillRun.CompareAsync(group, destination, ledger, mark, cancellation)).ConfigureAwait(false));
        }

        return controls;
    }

    /// <summary>Judges one spoilt restore: who noticed, and was it the one who has to?</summary>
    /// <param name="mutation">The fault.</param>
    /// <param name="restore">Restores with the fault in it.</param>
    /// <param name="compare">Compares what came out with the ledger.</param>
    internal static async Task<DrillControl> TryAsync(DrillMutation mutation, Func<RestoreResult> restore, Func<string, Task<LedgerReport>> compare)
    {
        RestoreResult restored;
        try
        {
            restored = await Task.Run(restore).ConfigureAwait(false);
        }
        catch (RecoveryException error)
        {
            return Judge(mutation, error);
        }
        catch (NoEffectException none)
        {
            return new DrillControl(mutation.Name, false, "nobody: " + none.Message);
        }

        if (mutation.GateOnly)
            return new DrillControl(mutation.Name, false, "nobody: the gate let it pass");
        LedgerReport report = await compare(restored.Mark).ConfigureAwait(false);
        return new DrillControl(mutation.Name, !report.Ok, report.Ok ? "nobody" : "the ledger");
    }

    /// <summary>Changes the rows of a member behind the product's back.</summary>
    internal static async Task SpoilAsync(MemberDefinition member, LabEnvironment destination, string text, CancellationToken cancellation)
    {
        using SqlConnection connection = new(new SqlConnectionStringBuilder(destination.ConnectionStrings[DrillRun.DestinationOf(member.Server)]) { InitialCatalog = member.Database, Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        using SqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static RestoreResult Restore(DrillMutation mutation, GroupDefinition group, RestoreRequest request, string journals, CancellationToken cancellation)
    {
        RecoveryPorts ports = SqlServerPorts.Create(NullRecoveryLog.Instance);
        RestorePlan plan = new RestorePreparer(ports).Prepare(request with { WithoutTail = ClosedIn(ports, request, group, cancellation) }, cancellation);
        RestorePlan spoilt = mutation.Plan!(plan);
        if (plan.Members.SelectMany(member => member.Steps).SequenceEqual(spoilt.Members.SelectMany(member => member.Steps)))
            throw new NoEffectException("The fault leaves the plan as it is.");
        using RestoreJournalFile journal = new(Path.Combine(journals, Guid.NewGuid().ToString("N") + ".jsonl"), ports.Clock);
        return new RestoreRunner(ports).Run(spoilt, journal, cancellation);
    }

    /// <summary>What an earlier control has closed, perhaps by the backup of its tail, goes for good: it holds the drill's own work.</summary>
    private static List<string> ClosedIn(RecoveryPorts ports, RestoreRequest request, GroupDefinition group, CancellationToken cancellation)
    {
        List<string> closed = [];
        foreach (SqlInstanceAddress address in request.Destinations)
        {
            using ISqlInstance instance = ports.Sql.Open(address, cancellation);
            closed.AddRange(instance.ReadDatabases([.. group.Members.Select(m => m.Database).Distinct(StringComparer.OrdinalIgnoreCase)], cancellation).Where(d => d.IsRestoring || d.IsInStandby).Select(d => d.Name));
        }

        return closed;
    }

    // An instance that cannot be reached, or a full disk, catches nothing: only a refusal that is about the fault counts.
    private static DrillControl Judge(DrillMutation mutation, RecoveryException error)
    {
        bool ran = error.PartialResult is RestoreResult;
        bool byGate = error.PartialResult is RestoreResult { Members: var members } && members.All(member => member.Gate is not null)
            && error.Code is RecoveryError.PastTheMark or RecoveryError.MarkNotReached or RecoveryError.ForkMismatch or RecoveryError.BackupFileChanged;
        bool byRestore = ran && error.Code is RecoveryError.LogChainBroken or RecoveryError.MarkNotReached or RecoveryError.PastTheMark or RecoveryError.ForkMismatch or RecoveryError.BackupFileChanged;
        if (byGate || (byRestore && !mutation.GateOnly))
            return new DrillControl(mutation.Name, true, $"{(byGate ? "the gate" : "the restore")} ({error.Code})");
        return new DrillControl(mutation.Name, false, $"nobody: the restore ended for another reason ({error.Code}: {error.Message})");
    }

    private static DrillControl Row(string name, LedgerReport spoilt, Func<LedgerReport, bool> tookEffect, LedgerReport after)
    {
        if (!after.Ok)
            return new DrillControl(name, false, "nobody: the rows could not be put right again");
        return tookEffect(spoilt) && !spoilt.Ok ? new DrillControl(name, true, "the ledger") : new DrillControl(name, false, "nobody");
    }
}
