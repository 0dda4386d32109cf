using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Repair;
using Xunit;

namespace BizTalkDR.Tests.Repair;

public sealed class RepairPlannerTests
{
    private const string JobName = "Backup BizTalk Server (Mgmt)";
    private static readonly DateTime Restored = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Unspecified);

    private static readonly AgentJob Job = new(JobName, true, [new AgentJobStep(3, "exec dbo.sp_MarkAll 'BTS', '/b'")]);

    private static readonly DatabaseUpkeep Sound = new(new DatabaseFacts("x", "ONLINE"), "FULL", "sa") { DboIsOwner = true, HasBackupRole = true, RestoredLocal = Restored, FullBackupLocal = Restored.AddHours(1) };

    [Fact]
    public void A_sound_group_passes_everything_that_can_be_seen_from_here()
    {
        IReadOnlyList<RepairItem> items = Plan(new InstanceUpkeep([new LinkedServer("DR2", true)], [Job]), Sound, Sound);
        Assert.DoesNotContain(items, i => i.Result.Outcome == RepairOutcome.Failed || i.Fix is not null);
        Assert.Equal([RepairCheck.Consistency, RepairCheck.Computers], items.Where(i => i.Result.Outcome == RepairOutcome.NotChecked).Select(i => i.Result.Check));
    }

    public static TheoryData<string, RepairCheck, UpkeepAction?> Faults => new()
    {
        { "single user", RepairCheck.State, null },
        { "restoring", RepairCheck.State, null },
        { "simple", RepairCheck.RecoveryModel, null },
        { "orphan with namesake", RepairCheck.Users, UpkeepAction.MapUser },
        { "orphan without login", RepairCheck.Users, null },
        { "Windows orphan with namesake", RepairCheck.Users, null },
        { "unknown owner", RepairCheck.Owner, UpkeepAction.SetOwner },
        { "dbo is another", RepairCheck.Owner, UpkeepAction.SetOwner },
        { "no role", RepairCheck.BackupRole, null },
        { "no full since", RepairCheck.FullBackup, UpkeepAction.ForceFullBackup },
        { "never a full", RepairCheck.FullBackup, UpkeepAction.ForceFullBackup },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_of_one_member_is_the_only_one_and_is_mended_only_where_that_is_safe(string fault, RepairCheck check, UpkeepAction? action)
    {
        DatabaseUpkeep faulty = fault switch
        {
            "single user" => Sound with { State = new DatabaseFacts("x", "ONLINE") { Access = DatabaseAccess.SingleUser } },
            "restoring" => Sound with { State = new DatabaseFacts("x", "RESTORING") },
            "simple" => Sound with { RecoveryModel = "SIMPLE" },
            "orphan with namesake" => Sound with { OrphanedUsers = [new OrphanedUser("u", true, true)] },
            "orphan without login" => Sound with { OrphanedUsers = [new OrphanedUser("u", true, false)] },
            "Windows orphan with namesake" => Sound with { OrphanedUsers = [new OrphanedUser("D\\u", false, true)] },
            "unknown owner" => Sound with { Owner = null, DboIsOwner = false },
            "dbo is another" => Sound with { DboIsOwner = false },
            "no role" => Sound with { HasBackupRole = false },
            "no full since" => Sound with { FullBackupLocal = Restored.AddMinutes(-1) },
            _ => Sound with { FullBackupLocal = null },
        };
        RepairItem failed = Assert.Single(Plan(new InstanceUpkeep([new LinkedServer("DR2", true)], [Job]), Sound, faulty), i => i.Result.Outcome == RepairOutcome.Failed);
        Assert.Equal(check, failed.Result.Check);
        Assert.NotNull(failed.Result.Remedy);
        Assert.Equal(action, failed.Fix?.Statements.Single().Action);
    }

    [Fact]
    public void A_member_on_no_instance_or_on_two_is_not_guessed()
    {
        foreach (MemberHome[] homes in (MemberHome[][])[[], [Home("DR1", Sound), Home("DR2", Sound)]])
        {
            RepairFacts facts = Facts(new InstanceUpkeep([], [Job]), homes);
            RepairItem item = Assert.Single(RepairPlanner.Plan(facts, Request()), i => i.Result.Outcome == RepairOutcome.Failed);
            Assert.Equal(RepairCheck.State, item.Result.Check);
            Assert.Null(item.Fix);
        }
    }

    [Fact]
    public void An_old_reference_is_reported_and_the_link_is_made_to_where_the_member_is()
    {
        IReadOnlyList<RepairItem> items = Plan(new InstanceUpkeep([], [Job]), Sound, Sound, configured: "OLD2", real: null);
        RepairItem reference = Assert.Single(items, i => i.Result is { Check: RepairCheck.Reference, Outcome: RepairOutcome.Failed });
        Assert.Contains("OLD2", reference.Result.Reason, StringComparison.Ordinal);
        Assert.Null(reference.Fix);
        RepairItem link = Assert.Single(items, i => i.Result is { Check: RepairCheck.LinkedServer, Outcome: RepairOutcome.Failed });
        Assert.Equal([(UpkeepAction.AddLinkedServer, "DR2"), (UpkeepAction.AllowRpcOut, "DR2")], link.Fix!.Statements.Select(s => (s.Action, s.Name)));
    }

    [Fact]
    public void A_link_is_called_what_the_group_calls_it()
    {
        IReadOnlyList<RepairItem> items = Plan(new InstanceUpkeep([new LinkedServer("listener,1433", false)], [Job]), Sound, Sound, configured: "LISTENER,1433", real: "DR2");
        Assert.DoesNotContain(items, i => i.Result is { Check: RepairCheck.Reference, Outcome: RepairOutcome.Failed });
        RepairItem link = Assert.Single(items, i => i.Result is { Check: RepairCheck.LinkedServer, Outcome: RepairOutcome.Failed });
        Assert.Equal([UpkeepAction.AllowRpcOut], link.Fix!.Statements.Select(s => s.Action));
    }

    [Theory]
    [InlineData("<destination path>", true, null, false, false)]
    [InlineData("<destination path>", false, "/new", true, false)]
    [InlineData("/b", false, null, false, true)]
    [InlineData("/new", false, "/new", false, true)]
    [InlineData("/b", false, "/new", true, false)]
    public void The_job_is_enabled_only_when_its_folder_is_right(string path, bool enabled, string? wanted, bool fixesFolder, bool enables)
    {
        AgentJob job = Job with { IsEnabled = enabled, Steps = [new AgentJobStep(3, $"exec dbo.sp_MarkAll 'BTS', '{path}'")] };
        List<UpkeepStatement> fixes = Plan(new InstanceUpkeep([new LinkedServer("DR2", true)], [job]), Sound, Sound, wanted: wanted).Where(i => i.Fix is not null).SelectMany(i => i.Fix!.Statements).ToList();
        Assert.Equal(fixesFolder, fixes.Any(f => f.Action == UpkeepAction.SetJobStep && f.Text!.Contains("'/new'", StringComparison.Ordinal)));
        Assert.Equal(enables, fixes.Any(f => f.Action == UpkeepAction.EnableJob));
    }

    [Fact]
    public void What_may_not_be_read_is_not_checked()
    {
        IReadOnlyList<RepairItem> items = Plan(null, Sound, Sound);
        Assert.Equal(
            [RepairCheck.LinkedServer, RepairCheck.BackupJob, RepairCheck.Consistency, RepairCheck.Computers],
            items.Where(i => i.Result.Outcome == RepairOutcome.NotChecked).Select(i => i.Result.Check));
    }

    [Fact]
    public void A_missing_job_is_not_made_up()
    {
        RepairItem job = Assert.Single(Plan(new InstanceUpkeep([new LinkedServer("DR2", true)], []), Sound, Sound), i => i.Result.Outcome == RepairOutcome.Failed);
        Assert.Equal(RepairCheck.BackupJob, job.Result.Check);
        Assert.Null(job.Fix);
    }

    // "Description of the SQL Server Agent jobs in BizTalk Server": which there are, and which are enabled by default.
    [Fact]
    public void The_jobs_that_BizTalk_enables_are_enabled_and_others_are_left_alone()
    {
        string[] names = ["MessageBox_DeadProcesses_Cleanup_x", "MessageBox_Message_ManageRefCountLog_x", "MessageBox_Parts_Cleanup_x", "MessageBox_UpdateStats_x", "PurgeSubscriptionsJob_x", "TrackedMessages_Copy_x"];
        List<AgentJob> all = [.. names.Select(n => Step(n, true)), Step("MessageBox_Message_Cleanup_x", false), Step("Backup BizTalk Server (x)", false)];
        Assert.Equal(RepairOutcome.Passed, Assert.Single(Jobs(MemberRole.MessageBox, all)).Result.Outcome);

        // A restore that was not ended left it disabled.
        all[1] = Step(names[1], false);
        RepairItem off = Assert.Single(Jobs(MemberRole.MessageBox, all));
        Assert.Equal((RepairOutcome.Failed, $"{names[1]} on DR1"), (off.Result.Outcome, off.Result.Subject));
        Assert.Equal([new UpkeepStatement(UpkeepAction.EnableJob, names[1])], off.Fix!.Statements);

        // It deletes tracking data, and is off until it is configured.
        RepairItem purge = Assert.Single(Jobs(MemberRole.Tracking, [Step("DTA Purge and Archive (x)", false), Step("Nightly report", true)]));
        Assert.Equal(RepairOutcome.NotChecked, purge.Result.Outcome);
        Assert.Null(purge.Fix);
        Assert.Equal(RepairOutcome.Passed, Assert.Single(Jobs(MemberRole.Custom, [new AgentJob("Strange", false, [new AgentJobStep(1, "x") { Database = "other" }])])).Result.Outcome);
        Assert.Equal(RepairOutcome.NotChecked, Assert.Single(Jobs(MemberRole.MessageBox, null)).Result.Outcome);
    }

    [Fact]
    public void Jobs_that_are_not_there_are_named_and_not_made_up()
    {
        RepairItem missing = Assert.Single(Jobs(MemberRole.MessageBox, [Step("MessageBox_UpdateStats_x", true)]));
        Assert.Equal(RepairOutcome.Failed, missing.Result.Outcome);
        Assert.StartsWith("5 of its jobs are not there: MessageBox_DeadProcesses_Cleanup_x, ", missing.Result.Reason, StringComparison.Ordinal);
        Assert.Null(missing.Fix);
    }

    [Theory]
    [InlineData("D\\agent", "agent", true, RepairOutcome.Passed, 0)]
    [InlineData("D\\agent", "dbo", false, RepairOutcome.Passed, 0)]
    [InlineData("D\\agent", "agent", false, RepairOutcome.Failed, 1)]
    [InlineData("D\\other", "other", true, RepairOutcome.Failed, 2)]
    public void The_login_that_backs_up_is_put_into_its_role(string login, string user, bool inRole, RepairOutcome outcome, int statements)
    {
        RepairFacts facts = Facts(new InstanceUpkeep([], [Job]), [Home("DR1", Sound with { Users = [new MappedUser(user, login, inRole)] })]);
        RepairItem item = Assert.Single(RepairPlanner.Plan(facts, Request() with { BackupUser = "d\\AGENT" }), i => i.Result.Check == RepairCheck.BackupRole);
        Assert.Equal((outcome, statements), (item.Result.Outcome, item.Fix?.Statements.Count ?? 0));
        Assert.Equal(statements == 2, item.Fix?.Statements.Any(s => s is { Action: UpkeepAction.CreateUser, Name: "d\\AGENT", Database: "x" }) == true);
        Assert.Equal(statements > 0, item.Fix?.Statements.Any(s => s.Action == UpkeepAction.AddBackupUser && s.Name == (statements == 2 ? "d\\AGENT" : "agent")) == true);
    }

    private static IReadOnlyList<RepairItem> Plan(InstanceUpkeep? upkeep, DatabaseUpkeep management, DatabaseUpkeep other, string configured = "DR2", string? real = "DR2", string? wanted = null)
    {
        RepairFacts facts = Facts(upkeep, [Home("DR1", management)]);
        var member = new GroupMember(MemberRole.Custom, "Orders", configured, real);
        facts = facts with { Members = [.. facts.Members, new RepairMember(member, [Home("DR2", other)])] };
        return RepairPlanner.Plan(facts, Request(wanted));
    }

    private static RepairFacts Facts(InstanceUpkeep? upkeep, IReadOnlyList<MemberHome> homes)
    {
        var management = new GroupMember(MemberRole.Management, "Mgmt", "DR1", "DR1");
        var group = new BizTalkGroup("Group", "Mgmt", "DR1", [management]);
        return new RepairFacts(group, new RepairInstance(new SqlInstanceAddress("DR1"), "DR1"), [new RepairMember(management, homes)], upkeep, false);
    }

    private static MemberHome Home(string server, DatabaseUpkeep database) => new(new RepairInstance(new SqlInstanceAddress(server), server), database) { Jobs = [Step("CleanupBTFExpiredEntriesJob_x", true)] };

    private static AgentJob Step(string name, bool enabled) => new(name, enabled, [new AgentJobStep(1, "exec dbo.x") { Database = "X" }]);

    /// <summary>The results about the jobs of one member.</summary>
    private static List<RepairItem> Jobs(MemberRole role, IReadOnlyList<AgentJob>? jobs)
    {
        var member = new GroupMember(role, "x", "DR1", "DR1");
        RepairFacts facts = Facts(new InstanceUpkeep([], [Job]), []) with { Members = [new RepairMember(member, [Home("DR1", Sound) with { Jobs = jobs }])] };
        return [.. RepairPlanner.Plan(facts, Request()).Where(i => i.Result.Check == RepairCheck.Jobs)];
    }

    private static RepairRequest Request(string? path = null) => new("Mgmt", [new SqlInstanceAddress("DR1"), new SqlInstanceAddress("DR2")]) { BackupPath = path };
}
