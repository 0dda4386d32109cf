using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.WithoutServer;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>Restores of a whole group, wanted and interrupted.</summary>
[Collection("flows")]
public sealed class RestoreFlowTests(BackedUpGroup shared)
{
    [Fact]
    public async Task Everything_goes_to_one_instance()
    {
        await using Destination destination = await Destination.StartAsync("DR1");
        RestoreResult result = destination.Restore(destination.Request(shared.Lab.Backups));
        Assert.True(result.IsSuccess);
        Assert.Equal(shared.Sets[^1].Mark, result.Mark);
        Assert.All(result.Members, m => Assert.Equal(("DR1", true, result.Mark), (m.DestinationInstance, m.ReachedMark, m.NewestMark)));
        Assert.Equal(4, destination.States().Count);
        Assert.All(destination.States().Values, s => Assert.Equal("ONLINE MULTI_USER", s));
        Assert.Equal([MemberRole.Management, MemberRole.MessageBox, MemberRole.Tracking, MemberRole.Sso], result.Members.Select(m => m.Role).Order());

        // Its journal says how long the statements of the next one take.
        BackupCatalogue catalogue = new OfflineFolderReader(NullRecoveryLog.Instance).Read([shared.Lab.Backups]);
        Assert.Contains("s for each log assumed", RestoreRates.From(catalogue, []).Statement, StringComparison.Ordinal);
        Assert.Contains("s for each log measured", RestoreRates.From(catalogue, RestoreRates.ReadJournals(result.JournalPath!)).Statement, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public async Task An_older_mark_gives_the_group_as_it_was_then_on_two_instances(int set, int rows)
    {
        await using Destination destination = await Destination.StartAsync("DR1", "DR2");
        RestoreResult result = destination.Restore(destination.Request(shared.Lab.Backups) with { Mark = shared.Sets[set].Mark });
        Assert.True(result.IsSuccess);
        Assert.Equal(shared.Sets[set].Mark, result.Mark);
        Assert.Equal(["DR1", "DR1", "DR2", "DR2"], result.Members.Select(m => m.DestinationInstance).Order());
        using SqlConnection management = destination.Open("DR1", "BizTalkMgmtDb");
        Assert.Equal(rows, PracticeLab.Scalar<int>(management, "SELECT COUNT(*) FROM dbo.bas_Properties WHERE PropertyName LIKE N'Flow-%';"));
        Assert.Equal(result.Mark, PracticeLab.Scalar<string>(management, "SELECT MAX(MarkName) FROM dbo.MarkLog;"));
        Assert.Equal(set < 3 ? 1 : 0, result.Findings.Count(f => f.Text.StartsWith("This newer mark is not used", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Existing_databases_are_replaced_with_force_whoever_uses_them()
    {
        await using Destination destination = await Destination.StartAsync("DR1", "DR2");
        RestoreRequest request = destination.Request(shared.Lab.Backups);
        destination.Restore(request);
        using SqlConnection user = destination.Open("DR1", "BizTalkMsgBoxDb");
        PracticeLab.Execute(user, "CREATE TABLE dbo.Later (Id int);");
        RestoreResult again = destination.Restore(request with { Force = true });
        Assert.True(again.IsSuccess);
        Assert.Throws<SqlException>(() => PracticeLab.Execute(user, "SELECT 1;"));
        using SqlConnection after = destination.Open("DR1", "BizTalkMsgBoxDb");
        Assert.Equal(DBNull.Value, new SqlCommand("SELECT OBJECT_ID(N'dbo.Later');", after).ExecuteScalar());

        // A restore that was left in the middle is replaced as well.
        PracticeLab.Execute(destination.Open("DR2", "master"), $"ALTER DATABASE SSODB SET SINGLE_USER WITH ROLLBACK IMMEDIATE; RESTORE DATABASE SSODB FROM DISK = N'{File("SSODB")}' WITH NORECOVERY, REPLACE;");
        Assert.StartsWith("RESTORING", destination.States()["SSODB"], StringComparison.Ordinal);
        Assert.True(destination.Restore(request with { Force = true }).IsSuccess);
        Assert.All(destination.States().Values, s => Assert.Equal("ONLINE MULTI_USER", s));
    }

    [Fact]
    public async Task A_cancel_in_the_middle_leaves_all_restoring_and_says_so()
    {
        await using Destination destination = await Destination.StartAsync("DR1", "DR2");
        using var cancel = new CancellationTokenSource();
        var log = new Interrupter(e => e.Text.Contains("up to the mark", StringComparison.Ordinal), cancel.Cancel);
        RecoveryException error = Refused.With(RecoveryError.OperationCancelled, () => destination.Restore(destination.Request(shared.Lab.Backups), log, cancel.Token));
        Assert.Contains("RESTORING", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.All(destination.States().Values, s => Assert.StartsWith("RESTORING", s, StringComparison.Ordinal));
        Assert.False(((RestoreResult)error.PartialResult!).IsSuccess);
        CheckStates(error, destination);
        Assert.True(destination.Restore(destination.Request(shared.Lab.Backups) with { Force = true }).IsSuccess);
    }

    [Fact]
    public async Task A_cancel_at_the_gate_leaves_nothing_in_standby()
    {
        await using Destination destination = await Destination.StartAsync("DR1");
        using var cancel = new CancellationTokenSource();
        var log = new Interrupter(e => e.Text.StartsWith("Gate: ", StringComparison.Ordinal), cancel.Cancel);
        RecoveryException error = Refused.With(RecoveryError.OperationCancelled, () => destination.Restore(destination.Request(shared.Lab.Backups), log, cancel.Token));
        Assert.Contains("4 RESTORING", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.DoesNotContain(FlowLab.Databases(destination.Environment), l => l.Split('|')[4] == "True");
        Assert.All(destination.States().Values, s => Assert.StartsWith("RESTORING", s, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_instance_that_stops_in_the_middle_is_an_interrupted_restore()
    {
        await using Destination destination = await Destination.StartAsync("DR1", "DR2");
        var log = new Interrupter(
            e => e.Text.StartsWith("SSODB on DR2: Restore the log", StringComparison.Ordinal),
            () => destination.Environment.StopInstanceAsync("DR2").GetAwaiter().GetResult());
        RecoveryException error = Assert.Throws<RecoveryException>(() => destination.Restore(destination.Request(shared.Lab.Backups), log));
        Assert.True(error.Code is RecoveryError.RestoreInterrupted or RecoveryError.ConnectionLost or RecoveryError.InstanceUnreachable, $"{error.Code}: {error.Message}");
        Assert.Contains("SSODB: unknown", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.Contains("BizTalkMgmtDb: ", error.StateLeftBehind, StringComparison.Ordinal);
        await destination.Environment.StartInstanceAsync("DR2");
        Assert.All(destination.States().Values, s => Assert.StartsWith("RESTORING", s, StringComparison.Ordinal));
        Assert.True(destination.Restore(destination.Request(shared.Lab.Backups) with { Force = true }).IsSuccess);
    }

    [Fact]
    public async Task A_restored_group_is_backed_up_and_restored_again()
    {
        await using Destination second = await Destination.StartAsync("DR1", "DR2");
        Assert.True(second.Restore(second.Request(shared.Lab.Backups)).IsSuccess);
        Move(second, "LABSQL1", "DR1");
        Move(second, "LABSQL2", "DR2");
        string folder = Directory.CreateDirectory(second["backup2"]).FullName;
        IReadOnlyList<BackupSet> sets = BackUp(second, folder, BackupType.Log, fullFirst: true);
        using (SqlConnection sso = second.Open("DR2", "SSODB"))
            PracticeLab.Execute(sso, "CREATE TABLE dbo.SecondLife (Id int NOT NULL); INSERT INTO dbo.SecondLife VALUES (1);");
        string last = BackUp(second, folder, BackupType.Log, fullFirst: false).Single().Mark!;
        Assert.Equal([BackupSetKind.Full, BackupSetKind.Log], sets.Select(s => s.Kind));

        await using Destination third = await Destination.StartAsync("FAR1");
        RestoreResult result = third.Restore(third.Request(folder));
        Assert.True(result.IsSuccess);
        Assert.Equal(last, result.Mark);
        Assert.Equal(["DR1", "DR1", "DR2", "DR2"], result.Members.Select(m => m.SourceInstance).Order());
        using SqlConnection far = third.Open("FAR1", "SSODB");
        Assert.Equal(1, PracticeLab.Scalar<int>(far, "SELECT COUNT(*) FROM dbo.SecondLife;"));

    }

    private static IReadOnlyList<BackupSet> BackUp(Destination lab, string folder, BackupType type, bool fullFirst)
    {
        Dictionary<string, SqlInstanceAddress> known = lab.Environment.ConnectionStrings.ToDictionary(c => c.Key, c => FlowLab.At(c.Value), StringComparer.OrdinalIgnoreCase);
        BizTalkGroup group;
        using (ISqlInstance management = FlowLab.Ports().Sql.Open(known["DR1"]))
            group = GroupDiscovery.Read(management, "BizTalkMgmtDb");
        Assert.All(group.Members, m => Assert.StartsWith("DR", m.Server, StringComparison.Ordinal));
        var runner = new BackupRunner(FlowLab.Ports(), new InstanceDirectory(known["DR1"], known));
        return runner.Run(BackupPlanner.Plan(group, new BackupRequest(fullFirst ? BackupType.FullAndLog : type, folder)));
    }

    /// <summary>Does what an operator does after a restore: the group learns its instances' new names, and they learn to call each other.</summary>
    private static void Move(Destination lab, string from, string to)
    {
        using SqlConnection management = lab.Open("DR1", "BizTalkMgmtDb");
        PracticeLab.Execute(management, $"""
            UPDATE dbo.adm_Group SET TrackingDBServerName = REPLACE(TrackingDBServerName, N'{from}', N'{to}'), SubscriptionDBServerName = REPLACE(SubscriptionDBServerName, N'{from}', N'{to}');
            UPDATE dbo.adm_MessageBox SET DBServerName = N'{to}' WHERE DBServerName = N'{from}';
            UPDATE dbo.adm_OtherBackupDatabases SET ServerName = N'{to}', BTSServerName = N'{to}' WHERE ServerName = N'{from}';
            """);
        if (to == "DR1")
            return;
        using SqlConnection master = lab.Open("DR1", "master");
        PracticeLab.Execute(master, $"EXEC sp_addlinkedserver @server = N'{to}', @srvproduct = N'SQL Server'; EXEC sp_serveroption @server = N'{to}', @optname = 'rpc', @optvalue = 'true'; EXEC sp_serveroption @server = N'{to}', @optname = 'rpc out', @optvalue = 'true';");
        using SqlConnection back = lab.Open(to, "master");
        PracticeLab.Execute(back, "EXEC sp_addlinkedserver @server = N'DR1', @srvproduct = N'SQL Server'; EXEC sp_serveroption @server = N'DR1', @optname = 'rpc', @optvalue = 'true'; EXEC sp_serveroption @server = N'DR1', @optname = 'rpc out', @optvalue = 'true';");
    }

    private static void CheckStates(RecoveryException error, Destination destination)
    {
        foreach ((string name, string state) in destination.States())
            Assert.Contains($"{name}: {state.Split(' ')[0]}", error.StateLeftBehind, StringComparison.Ordinal);
    }

    private string File(string database) => shared.Sets[0].Files.Single(f => f.Database == database).Path;
}
