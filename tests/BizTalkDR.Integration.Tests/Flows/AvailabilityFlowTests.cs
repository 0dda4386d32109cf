using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>Members in availability groups on two instances of the lab: one group seeds by itself, the other does not.</summary>
[Collection("flows")]
public sealed class AvailabilityFlowTests(BackedUpGroup shared)
{
    [Fact]
    public async Task A_group_with_two_members_in_availability_groups_is_restored_and_comes_back_to_them()
    {
        await using Destination lab = await Destination.StartAsync("DR1", "DR2");
        RestoreRequest request = JoinedGroup.Create(lab, shared.Lab.Backups);

        // Without the switch nothing is planned, with it the plan says every step.
        RecoveryException error = Refused.With(RecoveryError.MemberInAvailabilityGroup, () => Plan(request with { RemoveFromAvailabilityGroup = false }));
        Assert.EndsWith("-RemoveFromAvailabilityGroup does all of this as part of the restore.", error.Hint, StringComparison.Ordinal);
        Refused.With(RecoveryError.MemberInAvailabilityGroup, () => Plan(request with { Destinations = [JoinedGroup.Address(lab, "DR2")], Replicas = new Dictionary<string, SqlInstanceAddress> { ["DR1"] = JoinedGroup.Address(lab, "DR1") } }));
        Refused.With(RecoveryError.FolderNotVisibleToServer, () => Plan(request with { SeedFolder = lab["nowhere"] }));
        error = Refused.With(RecoveryError.DestinationChanged, () => Plan(request with { Replicas = new Dictionary<string, SqlInstanceAddress> { ["DR2"] = JoinedGroup.Address(lab, "DR1") } }));
        Assert.Contains("leads to 'DR1'", error.Message, StringComparison.Ordinal);
        RestorePlan plan = Plan(request);
        Assert.Contains("2 of them in an availability group that they leave and come back to", plan.Action, StringComparison.Ordinal);
        Assert.Contains("before all: take SSODB out of the availability group 'AG [1]'", plan.ToString(), StringComparison.Ordinal);
        Assert.Contains("after that: on DR2: restore both backups WITH NORECOVERY and join BizTalkMsgBoxDb to the group", plan.ToString(), StringComparison.Ordinal);
        Assert.Equal(plan.ToString(), RestorePlanFile.FromJson(RestorePlanFile.ToJson(plan), "plan").ToString());
        File.WriteAllText(lab["seed/notes.txt"], "tells that it is one and the same folder");
        PlanTestResult[] tests = [.. new RestorePlanTester(FlowLab.Ports()).Test(plan).Where(r => r.Check == PlanCheck.AvailabilityGroup)];
        Assert.Equal(["'AG 2' on DR1", "'AG 2' on DR2", "'AG [1]' on DR1", "BizTalkMsgBoxDb on DR2", "DR1", "SSODB on DR2"], tests.Select(t => t.Subject).Order(StringComparer.Ordinal));
        Assert.All(tests, t => Assert.Equal(BizTalkDR.Backup.BackupTestOutcome.Passed, t.Outcome));

        // The scripts do the same on the servers; without the restore between them, the groups are as they were.
        RestoreScriptFile[] scripts = [.. RestoreScript.Write(plan)];
        RestoreScriptFile[] groups = [.. scripts.Where(s => s.Name.EndsWith("-group.sql", StringComparison.Ordinal) || s.Name.EndsWith("-copies.sql", StringComparison.Ordinal))];
        Assert.Equal(["DR1-0-leave-group.sql", "DR2-3-drop-copies.sql", "DR1-4-add-to-group.sql", "DR2-5-join-group.sql"], groups.Select(s => s.Name));
        Assert.All(groups, s => Assert.Contains($"On **{s.Instance}**: `{s.Name}`", scripts[^1].Text, StringComparison.Ordinal));
        Assert.Throws<SqlException>(() => PracticeLab.Execute(lab.Open("DR2", "master"), groups[1].Text));
        foreach (RestoreScriptFile script in groups[..^1])
            PracticeLab.Execute(lab.Open(script.Instance!, "master"), script.Text);

        // Nobody writes to these databases, so the full backup holds all that the log backup does.
        Assert.Equal(4326, Assert.Throws<SqlException>(() => PracticeLab.Execute(lab.Open("DR2", "master"), groups[^1].Text)).Errors[0].Number);
        Assert.Equal(JoinedGroup.InStep, JoinedGroup.States(lab));
        Assert.Equal("SSODB on DR1", Refused.With(RecoveryError.DestinationChanged, () => Run(lab, plan)).Target!.ToString()!.Replace("BizTalkMsgBoxDb", "SSODB", StringComparison.Ordinal));
        plan = Plan(request);
        int copies = Copies(lab, "SSODB");

        RestoreResult result = Run(lab, plan);
        Assert.True(result.IsSuccess);
        Assert.Equal(JoinedGroup.InStep, JoinedGroup.States(lab));
        Assert.Equal(copies + 1, Copies(lab, "SSODB"));
        using (SqlConnection primary = lab.Open("DR1", "BizTalkMgmtDb"))
            Assert.Equal(2, PracticeLab.Scalar<int>(primary, "SELECT COUNT(*) FROM dbo.bas_Properties WHERE PropertyName LIKE N'Flow-%';"));
        Assert.Equal(["MULTI_USER"], JoinedGroup.Rows(lab, "DR1", "SELECT DISTINCT user_access_desc FROM sys.databases WHERE database_id > 4;"));

        // It can be done again, by a plan that went through a file.
        plan = RestorePlanFile.FromJson(RestorePlanFile.ToJson(Plan(request)), "plan").At(_ => JoinedGroup.Address(lab, "DR1")).AtReplicas(r => JoinedGroup.Address(lab, r.Server));
        Assert.True(Run(lab, plan).IsSuccess);
        Assert.Equal(JoinedGroup.InStep, JoinedGroup.States(lab));
    }

    [Fact]
    public async Task A_secondary_with_another_database_of_the_name_is_refused_and_nothing_is_changed()
    {
        await using Destination lab = await Destination.StartAsync("DR1", "DR2");
        RestoreRequest request = JoinedGroup.Create(lab, shared.Lab.Backups);
        RestorePlan plan = Plan(request);
        RefusesWeakLogin(lab, plan);
        PracticeLab.Execute(lab.Open("DR2", "master"), "ALTER DATABASE SSODB SET HADR OFF; DROP DATABASE SSODB; CREATE DATABASE SSODB;");
        string before = lab.State();
        string[] groups = JoinedGroup.States(lab);
        Assert.Equal("SSODB on DR1", Refused.With(RecoveryError.DestinationChanged, () => Run(lab, plan)).Target);
        Assert.Equal("SSODB on DR2", Refused.With(RecoveryError.DestinationChanged, () => new RestorePlanTester(FlowLab.Ports()).RefuseChanges(plan)).Target);
        RecoveryException error = Refused.With(RecoveryError.DestinationChanged, () => Plan(request));
        Assert.Contains("it is ONLINE and in no group", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, lab.State());
        Assert.Equal(groups, JoinedGroup.States(lab));
    }

    [Fact]
    public async Task A_replica_that_goes_away_is_named_and_the_resumed_run_comes_to_its_end()
    {
        await using Destination lab = await Destination.StartAsync("DR1", "DR2");
        RestoreRequest request = JoinedGroup.Create(lab, shared.Lab.Backups);

        // The replica goes away when the group is open: the restore is done, and says what is missing; then the replica is back.
        RestorePlan last = Plan(request);
        string path = lab[Guid.NewGuid().ToString("N") + ".jsonl"];
        var away = new Interrupter(e => e.Progress?.Status.StartsWith("Opening every member", StringComparison.Ordinal) == true, () => lab.Environment.StopInstanceAsync("DR2").GetAwaiter().GetResult());
        using (var journal = new RestoreJournalFile(path, FlowLab.Ports().Clock))
        {
            RecoveryException error = Refused.With(RecoveryError.AvailabilityGroupIncomplete, () => new RestoreRunner(FlowLab.Ports(away)).Run(last, journal));
            Assert.Contains("is restored, proven and open to users", error.Message, StringComparison.Ordinal);
            Assert.Contains("-Resume -JournalPath", error.Hint, StringComparison.Ordinal);
        }

        // A plan is refused while the replica is away, and every other check is made.
        IReadOnlyList<PlanTestResult> results = new RestorePlanTester(FlowLab.Ports()).Test(last.AtReplicas(r => r.Address with { ConnectTimeoutSeconds = 2 }));
        Assert.Equal(["'AG 2' on DR2", "'AG [1]' on DR2", "BizTalkMsgBoxDb on DR2", "SSODB on DR2"], results.Where(r => r.Code == RecoveryError.InstanceUnreachable).Select(r => r.Subject).Order(StringComparer.Ordinal));
        Assert.Contains(results, r => r.Check == PlanCheck.File && r.Outcome == BizTalkDR.Backup.BackupTestOutcome.Passed);

        await lab.Environment.StartInstanceAsync("DR2");
        Resume(last.AtReplicas(r => JoinedGroup.Address(lab, r.Server)), path);
        Assert.Equal(JoinedGroup.InStep, JoinedGroup.States(lab));

        // Rows that a statement tells nobody about: a secondary takes no ADD, and a copy in the group is not to be dropped or restored.
        Assert.Equal([41190, 3752, 3104, 1468], new[] { "ALTER AVAILABILITY GROUP [AG 2] ADD DATABASE model;", "DROP DATABASE SSODB;", $"RESTORE DATABASE SSODB FROM DISK = N'{lab["x.bak"]}';", "ALTER DATABASE SSODB SET RESTRICTED_USER;" }
            .Select(t => Assert.Throws<SqlException>(() => PracticeLab.Execute(lab.Open("DR2", "master"), t)).Errors[0].Number));
    }

    /// <summary>A login of the secondary replica is told each right it lacks, one by one, before anything is touched; with all of them it passes.</summary>
    private static void RefusesWeakLogin(Destination lab, RestorePlan plan)
    {
        PracticeLab.Execute(lab.Open("DR2", "master"), "CREATE LOGIN replica WITH PASSWORD = 'Practice-1';");
        var password = new SecureString();
        foreach (char c in "Practice-1")
            password.AppendChar(c);
        RestorePlan weak = plan.AtReplicas(r => JoinedGroup.Address(lab, r.Server) with { Login = new SqlLogin("replica", password) });
        string before = lab.State();
        var tester = new RestorePlanTester(FlowLab.Ports());
        Assert.Equal("'AG 2' on DR2", Refused.With(RecoveryError.PermissionDenied, () => tester.RefuseChanges(weak)).Target);
        foreach ((string right, string grant) in ((string, string)[])
        [
            ("ALTER on the group", "GRANT ALTER ON AVAILABILITY GROUP::[AG [1]]] TO replica;"), ("ALTER ANY DATABASE", "GRANT ALTER ANY DATABASE TO replica;"),
            ("CREATE ANY DATABASE", "GRANT CREATE ANY DATABASE TO replica;"), ("VIEW SERVER STATE", "GRANT VIEW SERVER STATE TO replica; GRANT VIEW ANY DEFINITION TO replica;"),
        ])
        {
            Assert.Contains(tester.Test(weak), r => r is { Check: PlanCheck.Permission, Code: RecoveryError.PermissionDenied } && r.Reason.EndsWith($"it lacks {right}", StringComparison.Ordinal));
            PracticeLab.Execute(lab.Open("DR2", "master"), grant);
            Assert.DoesNotContain(tester.Test(weak), r => r.Reason.EndsWith($"it lacks {right}", StringComparison.Ordinal));
        }

        Assert.True(tester.RefuseChanges(weak));
        Assert.Equal(before, lab.State());
        PracticeLab.Execute(lab.Open("DR2", "master"), "REVOKE ALTER ANY DATABASE TO replica; ALTER SERVER ROLE dbcreator ADD MEMBER replica;");
        Assert.True(tester.RefuseChanges(weak));
    }

    private static void Resume(RestorePlan plan, string path)
    {
        RestoreJournalRecord record = RestoreJournalRecord.Read(path);
        using RestoreJournalFile journal = RestoreJournalFile.Continue(path, FlowLab.Ports().Clock);
        Assert.True(new RestoreRunner(FlowLab.Ports()).Resume(record with { Plan = plan }, journal).IsSuccess);
    }

    private static RestorePlan Plan(RestoreRequest request) => new RestorePreparer(FlowLab.Ports()).Prepare(request);

    private static RestoreResult Run(Destination lab, RestorePlan plan)
    {
        using var journal = new RestoreJournalFile(lab[Guid.NewGuid().ToString("N") + ".jsonl"], FlowLab.Ports().Clock);
        return new RestoreRunner(FlowLab.Ports()).Run(plan, journal);
    }

    private static int Copies(Destination lab, string database)
    {
        using SqlConnection secondary = lab.Open("DR2", "master");
        return PracticeLab.Scalar<int>(secondary, $"SELECT COUNT(*) FROM msdb.dbo.restorehistory WHERE destination_database_name = N'{database}';");
    }
}
