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
    public const int Count = 6;

    private readonly DrillConsole _console;

    public DrillControls(DrillConsole console) => _console = console;

    /// <summary>Takes a row away, and adds one, behind the product's back; puts both right again.</summary>
    public async Task<IReadOnlyList<DrillControl>> SpoilRowsAsync(GroupDefinition group, LabEnvironment destination, IReadOnlyList<LedgerEntry> ledger, string mark, CancellationToken cancellation)
    {
        MemberDefinition member = group.Members[^1];
        using SqlConnection connection = new(new SqlConnectionStringBuilder(destination.ConnectionStrings[DrillRun.DestinationOf(member.Server)]) { InitialCatalog = member.Database, Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellation).ConfigureAwait(false);

        await ExecuteAsync(connection, "SELECT TOP (1) * INTO dbo.LabControl FROM dbo.LabWork ORDER BY Id; DELETE FROM dbo.LabWork WHERE Id = (SELECT Id FROM dbo.LabControl);", cancellation).ConfigureAwait(false);
        LedgerReport lost = await DrillRun.CompareAsync(group, destination, ledger, mark, cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, "INSERT INTO dbo.LabWork SELECT * FROM dbo.LabControl; UPDATE dbo.LabControl SET Id = 4000000000;", cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, "INSERT INTO dbo.LabWork SELECT * FROM dbo.LabControl;", cancellation).ConfigureAwait(false);
        LedgerReport added = await DrillRun.CompareAsync(group, destination, ledger, mark, cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, "DELETE FROM dbo.LabWork WHERE Id = 4000000000; DROP TABLE dbo.LabControl;", cancellation).ConfigureAwait(false);
        LedgerReport after = await DrillRun.CompareAsync(group, destination, ledger, mark, cancellation).ConfigureAwait(false);

        return
        [
            Row("a row lost", lost, r => r.Members.Count(m => m.Missing.Count > 0) == 1, after),
            Row("a row added", added, r => r.Members.Count(m => m.Unexpected.Count > 0) == 1, after),
        ];
    }

    /// <summary>Restores the group four times by spoilt plans over the databases that are there.</summary>
    public async Task<IReadOnlyList<DrillControl>> SpoilRestoresAsync(
        GroupDefinition group, LabEnvironment destination, string backupFolder, IReadOnlyList<LedgerEntry> ledger, string journals, CancellationToken cancellation)
    {
        Directory.CreateDirectory(journals);
        return
        [
            await SpoilAsync("no stop clause on the last log (gate alone)", Sabotage.WithoutStopOnTheLastLog, gateOnly: true).ConfigureAwait(false),
            await SpoilAsync("no stop clause at all", Sabotage.WithoutStop, gateOnly: false).ConfigureAwait(false),
            await SpoilAsync("two members' files swapped", Sabotage.WithSwappedFiles, gateOnly: false).ConfigureAwait(false),
            await SpoilAsync("a log skipped", Sabotage.WithSkippedLog, gateOnly: false).ConfigureAwait(false),
        ];

        async Task<DrillControl> SpoilAsync(string name, Func<RestorePlan, RestorePlan> spoil, bool gateOnly)
        {
            _console.Say("Control: " + name);
            RecoveryException? error = null;
            RestoreResult? restored = null;
            try
            {
                restored = await Task.Run(
                    () =>
                    {
                        RecoveryPorts ports = SqlServerPorts.Create(NullRecoveryLog.Instance);
                        RestorePlan plan = spoil(new RestorePreparer(ports).Prepare(DrillRun.RequestFor(destination, backupFolder, force: true), cancellation));
                        using RestoreJournalFile journal = new(Path.Combine(journals, Guid.NewGuid().ToString("N") + ".jsonl"), ports.Clock);
                        return new RestoreRunner(ports).Run(plan, journal, cancellation);
                    },
                    cancellation).ConfigureAwait(false);
            }
            catch (RecoveryException caught)
            {
                error = caught;
            }

            if (error is not null)
            {
                bool byGate = error.Code is RecoveryError.PastTheMark or RecoveryError.MarkNotReached or RecoveryError.ForkMismatch;
                string by = byGate ? $"the gate ({error.Code})" : $"the restore ({error.Code})";
                return new DrillControl(name, byGate || !gateOnly, by);
            }

            if (gateOnly)
                return new DrillControl(name, false, "nobody: the gate let it pass");
            LedgerReport report = await DrillRun.CompareAsync(group, destination, ledger, restored!.Mark, cancellation).ConfigureAwait(false);
            return new DrillControl(name, !report.Ok, report.Ok ? "nobody" : "the ledger");
        }
    }

    private static DrillControl Row(string name, LedgerReport spoilt, Func<LedgerReport, bool> tookEffect, LedgerReport after)
    {
        if (!after.Ok)
            return new DrillControl(name, false, "nobody: the rows could not be put right again");
        return tookEffect(spoilt) && !spoilt.Ok ? new DrillControl(name, true, "the ledger") : new DrillControl(name, false, "nobody");
    }

    private static async Task ExecuteAsync(SqlConnection connection, string text, CancellationToken cancellation)
    {
        using SqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
