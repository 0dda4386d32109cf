using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Integration.Tests.Kill;
using BizTalkDR.Integration.Tests.Scripts;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.RestoreProcess;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Xunit;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>A practice group that was marked, worked on, and then backed up in full while nothing worked.</summary>
public sealed class RestedGroup : IAsyncLifetime
{
    internal FlowLab Lab { get; private set; } = null!;

    internal string Mark { get; private set; } = null!;

    internal BackupSet Full { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Lab = await FlowLab.StartAsync();
        Mark = Lab.BackUp(BackupType.FullAndLog)[1].Mark!;
        using (SqlConnection box = Open("LABSQL1", "BizTalkMsgBoxDb"))
            PracticeLab.Execute(box, "CREATE TABLE dbo.Later (Id int NOT NULL); INSERT INTO dbo.Later VALUES (1), (2), (3);");
        Full = Lab.BackUp(BackupType.Full, change: r => r with { RequireQuiesced = true })[0];
    }

    public async Task DisposeAsync() => await Lab.DisposeAsync();

    internal SqlConnection Open(string server, string database)
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(Lab.Lab.Environment.ConnectionStrings[server]) { InitialCatalog = database, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }
}

/// <summary>A group comes back from a full set alone, because its manifest proves that nothing worked while it was written.</summary>
public sealed class QuiescedRestoreTests(RestedGroup group) : IClassFixture<RestedGroup>
{
    [Fact]
    public async Task Every_member_holds_what_its_source_held_and_is_killed_without_harm()
    {
        await using SweepLab lab = await SweepLab.StartAsync(group.Lab.Backups);
        RestorePlan plan = lab.Plan();
        Assert.Equal((RecoveryPointKind.Quiesced, group.Full.Stamp), (plan.Kind, LogMark.TryParse(plan.Mark)!.Stamp));
        Assert.All(plan.Members, m => Assert.Equal((1, group.Mark), (m.Steps.Count, m.NewestMark)));
        (RestoreEnd whole, IReadOnlyList<string> state, IReadOnlyList<string> redo) = await lab.ReferenceAsync();
        int[] counted = [.. whole.Said.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        Assert.Equal(4, redo.Count);

        // The Management database alone goes on in its source: the procedure writes its history behind the backup.
        foreach (MemberPlan member in plan.Members.Where(m => m.Database != "BizTalkMgmtDb"))
        {
            using SqlConnection source = group.Open(member.Chain.Member.Server, member.Database);
            Assert.Contains(GroupState.Content(source), state.Single(s => s.StartsWith(member.ToString(), StringComparison.Ordinal)), StringComparison.Ordinal);
        }

        Random random = new(CommitKillTests.Seed);
        EndPoint[] points = CommitKillTests.IsFullSweep
            ? [.. Enumerable.Range(1, counted[0]).SelectMany(l => new[] { new EndPoint(l, false, 0), new EndPoint(l, true, 0) }), .. Enumerable.Range(1, counted[1]).Select(p => new EndPoint(0, false, p))]
            : [new EndPoint(random.Next(2, counted[0] + 1), false, 0), new EndPoint(random.Next(2, counted[0] + 1), true, 0), new EndPoint(0, false, random.Next(1, counted[1] + 1))];
        foreach (EndPoint point in points)
        {
            SweepResult result = await lab.RunAsync(point, random.Next(3) == 0 ? new EndPoint(random.Next(1, 20), random.Next(2) == 0, 0) : null);
            Assert.True(result.Kills > 0, $"{point}: nothing was killed: {result.Said}");
            Assert.True(result.Faults.Count == 0, $"{point}: {string.Join("; ", result.Faults)}");
            Assert.Equal(state, result.State);
            Assert.Equal(redo, result.RedoLsns);
        }
    }

    [Fact]
    public async Task The_scripts_restore_it_and_refuse_whatever_is_out_of_order()
    {
        await using SweepLab lab = await SweepLab.StartAsync(group.Lab.Backups);
        RestorePlan plan = lab.Plan();
        Dictionary<string, string> scripts = RestoreScript.Write(plan).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        Assert.Contains($"`{plan.Mark}`", scripts["restore-order.md"], StringComparison.Ordinal);
        foreach (KeyValuePair<string, string> file in scripts.Where(s => s.Key.EndsWith(".sql", StringComparison.Ordinal)))
        {
            new TSql150Parser(true).Parse(new StringReader(file.Value), out IList<ParseError> errors);
            Assert.True(errors.Count == 0, $"{file.Key}: {string.Join("; ", errors.Select(e => $"{e.Line}: {e.Message}"))}");
        }

        string Confirm(string file) => scripts[file].Replace("@OtherInstancesAreAt nvarchar(128) = N''", $"@OtherInstancesAreAt nvarchar(128) = N'{plan.Mark}'", StringComparison.Ordinal);
        string Open(string file) => Confirm(file).Replace("@OpenToUsers bit = 0", "@OpenToUsers bit = 1", StringComparison.Ordinal);
        Assert.Equal(["at the point", "at the point"], RestoreScriptTests.Run(lab, "DR1", scripts["DR1-1-to-mark.sql"]).Select(r => r[^1]));
        Assert.Equal(50005, RestoreScriptTests.Refused(lab, "DR1", scripts["DR1-2-recover.sql"]));
        Assert.Equal(50006, RestoreScriptTests.Refused(lab, "DR2", Confirm("DR2-2-recover.sql")));
        Assert.Equal(["at the point", "at the point"], RestoreScriptTests.Run(lab, "DR2", scripts["DR2-1-to-mark.sql"]).Select(r => r[^1]));
        Assert.Equal(2, RestoreScriptTests.Run(lab, "DR1", Confirm("DR1-2-recover.sql")).Count);
        Assert.Equal(2, RestoreScriptTests.Run(lab, "DR2", Confirm("DR2-2-recover.sql")).Count);
        RestoreScriptTests.Run(lab, "DR1", Open("DR1-2-recover.sql"));
        RestoreScriptTests.Run(lab, "DR2", Open("DR2-2-recover.sql"));
        IReadOnlyList<string> byScript = GroupState.Read(lab.Destination, plan);
        lab.Clean();
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        Assert.Equal(GroupState.Read(lab.Destination, plan), byScript);
    }

    [Fact]
    public async Task A_member_that_was_rolled_on_is_not_recovered_and_one_that_lives_is_saved_first()
    {
        await using SweepLab lab = await SweepLab.StartAsync(group.Lab.Backups);
        RestorePlan plan = lab.Plan();
        lab.Run(plan, lab.NewFile("jsonl"));

        // Over the group that lives: each tail is saved before.
        RestorePlan again = lab.Plan(r => r with { Force = true });
        Assert.Equal(RecoveryPointKind.Quiesced, again.Kind);
        Assert.True(lab.Run(again, lab.NewFile("jsonl")).IsSuccess);
        Assert.All(again.Members, m => Assert.True(File.Exists(m.Tail!.Path)));

        // A log of the source goes on behind the full: applied to one member, it is seen at the gate.
        lab.Clean();
        string folder = lab.NewFile("rolled");
        Directory.CreateDirectory(folder);
        using (SqlConnection sso = group.Open("LABSQL2", "SSODB"))
            PracticeLab.Execute(sso, $"CREATE TABLE dbo.Passing (Id int); DROP TABLE dbo.Passing; BACKUP LOG SSODB TO DISK = N'{folder}/sso.trn' WITH COPY_ONLY;");
        var log = new Interrupter(e => e.Text.Contains("Proving that every member stands", StringComparison.Ordinal), () =>
        {
            using SqlConnection master = lab.Destination.Open("DR2", "master");
            PracticeLab.Execute(master, $"RESTORE LOG SSODB FROM DISK = N'{folder}/sso.trn' WITH NORECOVERY;");
        });
        RecoveryException error = Assert.Throws<RecoveryException>(() => lab.Run(lab.Plan(), lab.NewFile("jsonl"), log));
        Assert.Equal(RecoveryError.PastTheMark, error.Code);
        Assert.All(lab.Destination.States().Values, s => Assert.StartsWith("RESTORING", s, StringComparison.Ordinal));
    }
}
