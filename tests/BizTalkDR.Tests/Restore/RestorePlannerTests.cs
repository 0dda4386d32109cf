using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class RestorePlannerTests
{
    private readonly FakeWorld _world = new();
    private readonly string _first;
    private readonly string _second;

    public RestorePlannerTests()
    {
        _world.BackUpFull();
        _first = _world.BackUpLog();
        _second = _world.BackUpLog();
    }

    [Fact]
    public void Takes_every_member_to_the_newest_mark_by_order_of_the_instances()
    {
        RestorePlan plan = _world.Prepare();
        Assert.Equal(_second, plan.Mark);
        Assert.Equal(4, plan.Members.Count);
        Assert.All(plan.Members, m => Assert.Equal(m.Chain.Member.Server == "SRC1" ? "DST1" : "DST2", m.DestinationServer));
        Assert.All(plan.Members, m => Assert.Equal(3, m.Steps.Count));
        Assert.Equal("members", Assert.Single(plan.Findings).Subject);
    }

    [Fact]
    public void A_mark_before_by_its_lsn_may_bear_a_later_stamp_also_in_a_log_that_is_passed_over()
    {
        _world.BackUpFull();
        string third = _world.BackUpLog();
        string later = "BTS_" + LogMark.TryParse(third)!.Time.AddMinutes(30).ToString("yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture);
        for (int i = 0; i < _world.Files.Count; i++)
        {
            FakeFile file = _world.Files[i];
            _world.Files[i] = new FakeFile { Path = file.Path.Replace(_second, later, StringComparison.Ordinal), Header = file.Header, Marks = [.. file.Marks.Select(m => m.Name == _second ? m with { Name = later } : m)] };
        }

        Assert.All(_world.Prepare(_world.RestoreTo("DST1") with { Mark = third }).Members, m => Assert.Equal((2, later), (m.Steps.Count, m.LaterStamp)));
        Assert.All(_world.Prepare(_world.RestoreTo("DST1") with { Mark = _first }).Members, m => Assert.Null(m.LaterStamp));
    }

    [Fact]
    public void A_mark_that_is_not_in_the_log_named_for_it_is_looked_for_in_the_others_though_absence_proves_nothing()
    {
        FakeFile first = _world.Files.Single(f => f.Path.Contains(_first, StringComparison.Ordinal) && f.Header.DatabaseName == FakeWorld.ManagementDatabase);
        FakeFile second = _world.Files.Single(f => f.Path.Contains(_second, StringComparison.Ordinal) && f.Header.DatabaseName == FakeWorld.ManagementDatabase);
        _world.Files[_world.Files.IndexOf(first)] = new FakeFile { Path = second.Path, Header = first.Header, Marks = first.Marks, AbsenceProvesNothing = true };
        _world.Files[_world.Files.IndexOf(second)] = new FakeFile { Path = first.Path, Header = second.Header, Marks = second.Marks, AbsenceProvesNothing = true };
        RestorePlan plan = _world.Prepare(_world.RestoreTo("DST1") with { Mark = _second });
        Assert.Equal(first.Path, plan.Members.Single(m => m.Database == FakeWorld.ManagementDatabase).Chain.Last.Path);
    }

    [Fact]
    public void Every_log_has_the_same_stop_mark_and_only_the_last_one_holds_it()
    {
        Assert.All(_world.Prepare().Members, m =>
        {
            Assert.All(m.Steps.Where(s => s.Statement!.Action == RestoreAction.Log), s => Assert.Equal(_second, s.Statement!.StopAtMark));
            Assert.Null(m.Steps[0].Statement!.StopAtMark);
            Assert.Equal([false, false, true], m.Steps.Select(s => s.HoldsMark));
        });
    }

    [Fact]
    public void An_older_mark_is_planned_when_chosen_and_what_is_lost_is_said()
    {
        RestorePlan plan = _world.Prepare(_world.RestoreTo("DST1") with { Mark = _first });
        Assert.Equal(_first, plan.Mark);
        Assert.All(plan.Members, m => Assert.Equal(2, m.Steps.Count));
        Assert.Contains(plan.Findings, f => f.Subject == _second);
    }

    [Fact]
    public void A_mark_that_was_not_seen_where_that_proves_nothing_stays_on_offer_and_is_not_begun()
    {
        FakeFile log = _world.Files[^1];
        log.Marks.Clear();
        log.AbsenceProvesNothing = true;

        Assert.Equal(_first, _world.Prepare().Mark);
        Assert.Contains(_world.Said, e => e.Level == RecoveryLogLevel.Warning && e.Text.Contains(_second + " stays on offer, unconfirmed", StringComparison.Ordinal));

        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(_world.RestoreTo("DST1") with { Mark = _second }));
        Assert.Equal(RecoveryError.MarkUnconfirmed, error.Code);
        Assert.Contains("logmarkhistory", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Falls_back_to_an_older_mark_when_a_member_cannot_reach_the_newest_and_warns()
    {
        _world.Files.RemoveAt(11);
        RestorePlan plan = _world.Prepare();
        Assert.Equal(_first, plan.Mark);
        Assert.Contains(plan.Findings, f => f.Subject == _second);
    }

    [Fact]
    public void The_newest_mark_before_a_time_is_taken_and_what_is_lost_is_said_once()
    {
        string third = _world.BackUpLog();
        RestorePlan plan = _world.Prepare(_world.RestoreTo("DST1") with { BeforeUtc = TimeOf(_second) });
        Assert.Equal(_first, plan.Mark);
        Finding lost = Assert.Single(plan.Findings, f => f.Text.StartsWith("This newer mark is not used", StringComparison.Ordinal));
        Assert.Equal((FindingLevel.Warning, third), (lost.Level, lost.Subject));
        Assert.Contains($"and 1 between it and the chosen one: everything after {_first} is lost, at least 30 min of work", lost.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Before_a_time_an_older_mark_is_taken_when_the_newest_of_them_cannot_be_reached()
    {
        string third = _world.BackUpLog();
        _world.Files.RemoveAll(f => f.Path.Contains(_second, StringComparison.Ordinal) && f.Path.Contains("SSODB", StringComparison.Ordinal));
        Assert.Equal(_first, _world.Prepare(_world.RestoreTo("DST1") with { BeforeUtc = TimeOf(third) }).Mark);
    }

    [Fact]
    public void A_time_before_every_mark_is_refused_and_the_oldest_is_named()
    {
        RecoveryException error = Refuse(_world.RestoreTo("DST1") with { BeforeUtc = TimeOf(_first) });
        Assert.Equal(RecoveryError.LogMarkNotFound, error.Code);
        Assert.Contains(_first, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stamp_that_agrees_with_the_servers_clock_may_be_local_time_and_that_is_said()
    {
        foreach (FakeFile log in _world.Files.Where(f => f.Path.Contains(_first, StringComparison.Ordinal)))
        {
            log.Header = log.Header with { StartedLocal = LogMark.TryParse(_first)!.Time.AddSeconds(2) };
        }

        _world.Prepare(_world.RestoreTo("DST1") with { Mark = _first });
        Assert.DoesNotContain(_world.Said, s => s.Level == RecoveryLogLevel.Warning);
        _world.Prepare(_world.RestoreTo("DST1") with { BeforeUtc = TimeOf(_second) });
        Assert.Contains(_world.Said, s => s.Level == RecoveryLogLevel.Warning && s.Text.Contains("only if that server runs on UTC", StringComparison.Ordinal));
    }

    [Fact]
    public void The_latest_or_nothing_takes_the_newest_and_never_an_older_one()
    {
        Assert.Equal(_second, _world.Prepare(_world.RestoreTo("DST1") with { Latest = true }).Mark);
        _world.Files.RemoveAt(11);
        RecoveryException error = Refuse(_world.RestoreTo("DST1") with { Latest = true });
        Assert.Equal(RecoveryError.LogMarkNotFound, error.Code);
        Assert.Contains(_second, error.Message, StringComparison.Ordinal);
        Assert.Equal(_first, _world.Prepare(_world.RestoreTo("DST1")).Mark);
    }

    [Fact]
    public void The_latest_or_nothing_is_nothing_when_the_newest_is_not_proven()
    {
        _world.Files[^1].Marks.Clear();
        _world.Files[^1].AbsenceProvesNothing = true;
        Assert.Equal(RecoveryError.MarkUnconfirmed, Refuse(_world.RestoreTo("DST1") with { Latest = true }).Code);
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public void Two_ways_to_name_a_point_are_refused(bool mark, bool before, bool latest) => Assert.Equal(
        RecoveryError.PointAmbiguous,
        Refuse(_world.RestoreTo("DST1") with { Mark = mark ? _second : null, BeforeUtc = before ? TimeOf(_second) : null, Latest = latest }).Code);

    [Fact]
    public void Falls_back_when_the_newest_log_does_not_hold_its_mark()
    {
        _world.Files[11].Marks.Clear();
        Assert.Equal(_first, _world.Prepare().Mark);
        Assert.Contains(_world.Said, s => s.Level == RecoveryLogLevel.Warning && s.Text.Contains(_second, StringComparison.Ordinal));
    }

    [Fact]
    public void A_chosen_mark_that_cannot_be_reached_is_refused()
    {
        _world.Files.RemoveAt(11);
        Assert.Equal(RecoveryError.LogMarkNotFound, Refuse(_world.RestoreTo("DST1") with { Mark = _second }).Code);
    }

    [Fact]
    public void A_mark_that_nobody_carries_is_refused()
    {
        RecoveryException error = Refuse(_world.RestoreTo("DST1") with { Mark = "BTS_2020_01_01_00_00_00_000" });
        Assert.Equal(RecoveryError.LogMarkNotFound, error.Code);
        Assert.Contains(_second, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_without_its_full_is_missing()
    {
        _world.Files.RemoveAt(2);
        RecoveryException error = Refuse();
        Assert.Equal(RecoveryError.MemberMissing, error.Code);
        Assert.Contains("BizTalkDTADb", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_of_the_group_without_any_file_is_missing()
    {
        _world.Files.RemoveAll(f => f.Path.Contains("SSODB", StringComparison.Ordinal));
        Assert.Equal(RecoveryError.MemberMissing, Refuse(_world.RestoreTo("DST1") with { ExpectedMembers = _world.Group.Members }).Code);
    }

    [Fact]
    public void A_missing_log_in_the_middle_is_a_broken_chain()
    {
        _world.BackUpLog();
        _world.Files.RemoveAt(9);
        Assert.Equal(_first, _world.Prepare().Mark);
        RecoveryException error = Refuse(_world.RestoreTo("DST1") with { Mark = _world.History[^1].MarkName });
        Assert.Equal(RecoveryError.LogChainBroken, error.Code);
    }

    [Fact]
    public void A_full_set_alone_cannot_be_restored()
    {
        _world.Files.RemoveRange(4, 8);
        Assert.Equal(RecoveryError.LogMarkNotFound, Refuse().Code);
    }

    [Fact]
    public void Without_a_reader_of_marks_nothing_is_planned() =>
        Assert.Equal(RecoveryError.MarkPositionUnknown, Assert.Throws<RecoveryException>(() => new RestorePreparer(_world.Ports with { Marks = null }).Prepare(_world.RestoreTo("DST1"))).Code);

    [Fact]
    public void A_mark_outside_its_log_is_refused()
    {
        foreach (FakeFile file in _world.Files.Skip(4))
        {
            file.Marks[0] = file.Marks[0] with { Lsn = 999999 };
        }

        Assert.Equal(RecoveryError.LogMarkNotFound, Refuse().Code);
    }

    [Fact]
    public void Refuses_an_existing_database_without_force()
    {
        _world.Servers["DST1"].Databases.Add("biztalkmsgboxdb", new FakeDatabase { Name = "biztalkmsgboxdb" });
        RecoveryException error = Refuse();
        Assert.Equal(RecoveryError.DatabaseExists, error.Code);
        Assert.Contains("-Force", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Force_replaces_only_what_exists()
    {
        _world.Servers["DST1"].Databases.Add("BizTalkMsgBoxDb", new FakeDatabase { Name = "BizTalkMsgBoxDb" });
        RestorePlan plan = _world.Prepare(_world.RestoreTo("DST1", "DST2") with { Force = true });
        MemberPlan box = Assert.Single(plan.Members, m => m.Replaces is not null);
        Assert.Equal("BizTalkMsgBoxDb", box.Database);
        Assert.Equal(DatabaseAccess.SingleUser, box.Steps[0].Access);
        Assert.Single(plan.Members.SelectMany(m => m.Steps), s => s.Statement is { Replace: true });
        Assert.Contains("REPLACES", plan.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_restoring_database_is_replaced_without_ending_connections()
    {
        _world.Servers["DST1"].Databases.Add("BizTalkMsgBoxDb", new FakeDatabase { Name = "BizTalkMsgBoxDb", State = "RESTORING", RedoUnknown = true });
        MemberPlan box = _world.Prepare(_world.RestoreTo("DST1", "DST2") with { Force = true }).Members.Single(m => m.Replaces is not null);
        Assert.Null(box.Steps[0].Access);
    }

    [Theory]
    [InlineData("DST1")]
    [InlineData("DST2")]
    public void One_destination_takes_all(string destination) => Assert.All(_world.Prepare(_world.RestoreTo(destination)).Members, m => Assert.Equal(destination, m.DestinationServer));

    [Fact]
    public void A_map_goes_before_the_order()
    {
        RestoreRequest request = _world.RestoreTo("DST1", "DST2") with { InstanceMap = new Dictionary<string, string> { ["src1"] = "dst2", ["SRC2"] = "DST1" } };
        Assert.All(_world.Prepare(request).Members, m => Assert.Equal(m.Chain.Member.Server == "SRC1" ? "DST2" : "DST1", m.DestinationServer));
    }

    [Fact]
    public void A_map_that_leaves_a_source_out_is_refused() =>
        Assert.Equal(RecoveryError.InstanceMapIncomplete, Refuse(_world.RestoreTo("DST1") with { InstanceMap = new Dictionary<string, string> { ["SRC1"] = "DST1" } }).Code);

    [Fact]
    public void A_map_to_an_unknown_destination_is_refused() =>
        Assert.Equal(RecoveryError.InstanceMapIncomplete, Refuse(_world.RestoreTo("DST1") with { InstanceMap = new Dictionary<string, string> { ["SRC1"] = "DST1", ["SRC2"] = "DST9" } }).Code);

    [Fact]
    public void Three_destinations_for_two_sources_are_refused()
    {
        Assert.Equal(RecoveryError.InstanceMapIncomplete, Refuse(_world.RestoreTo("DST1", "DST2", "SRC1")).Code);
        Assert.Equal(RecoveryError.InstanceMapIncomplete, Refuse(_world.RestoreTo()).Code);
    }

    [Fact]
    public void Two_members_of_one_name_cannot_go_to_one_destination()
    {
        RestorePlanInput input = Input();
        MemberChain chain = input.Point.Chains[0];
        MemberChain twin = chain with { Member = new MemberKey("SRC9", chain.Member.Database) };
        RecoveryPoint point = input.Point with { Chains = [.. input.Point.Chains, twin] };
        Assert.Equal(RecoveryError.NameConflict, Assert.Throws<RecoveryException>(() => RestorePlanner.Plan(input with { Point = point })).Code);
    }

    [Fact]
    public void An_older_destination_is_refused()
    {
        _world.Servers["DST1"].Version = new Version(15, 0);
        Assert.Equal(RecoveryError.DestinationTooOld, Refuse(_world.RestoreTo("DST1")).Code);
    }

    [Fact]
    public void A_newer_destination_cannot_be_looked_at_before_recovery()
    {
        _world.Servers["DST1"].Version = new Version(17, 0);
        Assert.All(_world.Prepare(_world.RestoreTo("DST1")).Members, m => Assert.Contains("3180", m.NoStandbyReason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_that_one_destination_cannot_see_is_refused()
    {
        _world.Servers["DST2"].SeesFolder = false;
        Assert.Equal(RecoveryError.FolderNotVisibleToServer, Refuse().Code);
    }

    [Fact]
    public void Planning_changes_nothing()
    {
        _world.Prepare();
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void Files_go_to_the_destinations_default_folders_under_the_databases_name()
    {
        IReadOnlyList<FileMove> moves = _world.Prepare().Members.Single(m => m.Database == "SSODB").Steps[0].Statement!.Moves;
        Assert.Equal(["data>/data/DST2/SSODB.mdf", "log>/log/DST2/SSODB_log.ldf"], moves.Select(m => m.LogicalName + ">" + m.PhysicalName));
    }

    [Fact]
    public void Several_files_get_names_of_their_own()
    {
        BackupDataFile[] files = [new("a", "x", 'D', 1, 1), new("b", "x", 'L', 1, 2), new("c", "x", 'D', 1, 3), new("d", "x", 'L', 1, 4), new("fs", "x", 'S', 1, 5)];
        IReadOnlyList<FileMove> moves = FileLayout.Moves("D", files, _world.Servers["DST1"].Identity);
        Assert.Equal(["/data/DST1/D.mdf", "/log/DST1/D_log.ldf", "/data/DST1/D_2.ndf", "/log/DST1/D_log2.ldf", "/data/DST1/D_fs"], moves.Select(m => m.PhysicalName));
    }

    [Theory]
    [InlineData("a:b", "a;b")]
    [InlineData("a/b", "a\\b")]
    [InlineData("x.", "x")]
    public void Different_names_stay_different_files(string left, string right) => Assert.NotEqual(FileLayout.SafeName(left), FileLayout.SafeName(right));

    [Fact]
    public void The_plan_reads_like_what_will_be_done()
    {
        string text = _world.Prepare(_world.RestoreTo("DST1")).ToString();
        Assert.StartsWith($"Restore 4 databases to mark {_second} on DST1\n", text, StringComparison.Ordinal);
        Assert.Contains("    1. Restore the full backup /backup/SRC2_SSODB_Full_", text, StringComparison.Ordinal);
        Assert.Contains($"    3. Restore the log /backup/SRC2_SSODB_Log_{_second}.bak up to the mark\n", text, StringComparison.Ordinal);
        Assert.Contains("go no further if one does not", text, StringComparison.Ordinal);
    }

    private RestorePlanInput Input()
    {
        BackupCatalogue catalogue = new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"));
        RecoveryPoint point = RecoveryPoints.From(catalogue)[0];
        return new RestorePlanInput(
            catalogue,
            point,
            _world.RestoreTo("DST1"),
            [new DestinationFacts(new SqlInstanceAddress("DST1"), _world.Servers["DST1"].Identity, [])],
            point.Chains.ToDictionary(c => c.Member, c => _world.Find(c.Last.Path, 1, point.Mark)!),
            point.Chains.ToDictionary(c => c.Member, c => (IReadOnlyList<BackupDataFile>)[]));
    }

    private static DateTime TimeOf(string mark) => DateTime.SpecifyKind(LogMark.TryParse(mark)!.Time, DateTimeKind.Utc);

    private RecoveryException Refuse(RestoreRequest? request = null)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(request ?? _world.RestoreTo("DST1", "DST2")));
        Assert.Empty(_world.Calls);
        return error;
    }
}
