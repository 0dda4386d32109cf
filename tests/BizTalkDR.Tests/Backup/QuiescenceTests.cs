using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Backup;

/// <summary>What two looks at a group make of each other, and what that proves.</summary>
public sealed class QuiescenceTests
{
    private const string Management = FakeWorld.ManagementDatabase;

    private static readonly DateTime s_started = new(2026, 5, 1);
    private static readonly ManifestGroup s_group = new("Group", Management, "SRC1");

    private readonly FakeWorld _world = new();

    public static TheoryData<string, Func<MemberQuiescence, MemberQuiescence>, string?> Members() => new()
    {
        { "MsgBox", m => m, null },
        { "MsgBox", m => m with { Commits = 1 }, "1 transactions were committed" },
        { "MsgBox", m => m with { Commits = null }, "could not be counted" },
        { "MsgBox", m => m with { OpenBefore = 2 }, "2 open transactions had written before" },
        { "MsgBox", m => m with { OpenAfter = 3 }, "3 open transactions had written behind" },
        { "MsgBox", m => m with { OpenBefore = null }, "open transactions could not be seen" },
        { "MsgBox", m => m with { OpenAfter = null }, "open transactions could not be seen" },
        { "MsgBox", m => m with { ChangedTables = ["dbo.Spool"] }, "dbo.Spool was changed" },
        { "MsgBox", m => m with { ChangedTables = ["dbo.adm_BackupHistory"] }, "dbo.adm_BackupHistory was changed" },
        { "MsgBox", m => m with { ChangedTables = null }, "what was changed could not be seen" },
        { "MsgBox", m => m with { Sessions = ["Host on BT1"] }, "in use by Host on BT1" },
        { Management, m => m with { Commits = 9 }, null },
        { Management, m => m with { Commits = 9, ChangedTables = ["dbo.adm_BackupHistory", "DBO.ADM_BACKUPSETID", "dbo.adm_BackupSettings"] }, null },
        { Management, m => m with { Commits = 9, ChangedTables = ["dbo.adm_BackupHistory", "dbo.bts_sendport"] }, "dbo.bts_sendport was changed" },
        { Management, m => m with { Commits = 9, ChangedTables = ["other.adm_BackupHistory"] }, "other.adm_BackupHistory was changed" },
        { Management, m => m with { Commits = null }, "could not be counted" },
        { Management, m => m with { ChangedTables = null }, "what was changed could not be seen" },
        { Management, m => m with { OpenAfter = 1 }, "1 open transactions" },
    };

    public static TheoryData<string, Func<DatabaseActivity, DatabaseActivity>, Func<DatabaseActivity, DatabaseActivity>, bool, Func<MemberQuiescence, MemberQuiescence>> Differences()
    {
        Func<DatabaseActivity, DatabaseActivity> same = a => a;
        Dictionary<string, string> Objects(params (string Name, string Text)[] objects) => objects.ToDictionary(o => o.Name, o => o.Text);
        Dictionary<string, long> Counts(params (string Table, long Count)[] counts) => counts.ToDictionary(c => c.Table, c => c.Count);
        return new()
        {
            { "nothing", same, same, false, m => m },
            { "a commit", same, a => a with { WriteTransactions = 8 }, false, m => m with { Commits = 1 } },
            { "a counter that began anew", same, a => a with { WriteTransactions = 0 }, false, m => m with { Commits = null } },
            { "no counter before", a => a with { WriteTransactions = null }, same, false, m => m with { Commits = null } },
            { "no counter after", same, a => a with { WriteTransactions = null }, false, m => m with { Commits = null } },
            { "a restart", same, same, true, m => m with { Commits = null, ChangedTables = null } },
            { "open before", a => a with { OpenWriters = 2 }, same, false, m => m with { OpenBefore = 2 } },
            { "open after", same, a => a with { OpenWriters = 3 }, false, m => m with { OpenAfter = 3 } },
            { "a change", a => a with { Updates = Counts(("dbo.a", 1), ("dbo.b", 2)) }, a => a with { Updates = Counts(("dbo.a", 1), ("dbo.b", 3)) }, false, m => m with { ChangedTables = ["dbo.b"] } },
            { "a table changed for the first time", same, a => a with { Updates = Counts(("dbo.z", 1), ("dbo.c", 1)) }, false, m => m with { ChangedTables = ["dbo.c", "dbo.z"] } },
            { "a table gone", a => a with { Updates = Counts(("dbo.a", 1)) }, same, false, m => m with { ChangedTables = null } },
            { "a count that fell", a => a with { Updates = Counts(("dbo.a", 5)) }, a => a with { Updates = Counts(("dbo.a", 1)) }, false, m => m with { ChangedTables = null } },
            { "an object made", same, a => a with { Objects = Objects(("dbo.n", "1")) }, false, m => m with { ChangedTables = ["dbo.n"] } },
            { "an object dropped", a => a with { Objects = Objects(("dbo.n", "1")) }, same, false, m => m with { ChangedTables = ["dbo.n"] } },
            { "an object altered", a => a with { Objects = Objects(("dbo.n", "1"), ("dbo.o", "1")) }, a => a with { Objects = Objects(("dbo.n", "1"), ("dbo.o", "2")) }, false, m => m with { ChangedTables = ["dbo.o"] } },
            { "a session before", a => a with { Sessions = ["Host on BT1"] }, same, false, m => m with { Sessions = ["Host on BT1"] } },
            { "a session after", same, a => a with { Sessions = ["SSMS on PC"] }, false, m => m },
            { "the newest mark", a => a with { NewestMark = "old" }, a => a with { NewestMark = "new" }, false, m => m with { NewestMark = "new" } },
        };
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void Judges_a_member(string database, Func<MemberQuiescence, MemberQuiescence> change, string? why)
    {
        Quiescence seen = Seen(change(Still(database)), Still("Other"));
        string? said = QuiescenceJudge.WhyNot(seen, [FileOf(database), FileOf("Other")], s_group);
        if (why is null)
        {
            Assert.Null(said);
        }
        else
        {
            Assert.StartsWith($"{database} on SRC1: ", said, StringComparison.Ordinal);
            Assert.Contains(why, said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Judges_the_whole()
    {
        Quiescence seen = Seen(Still(Management));
        Assert.Contains("nobody looked at Far on SRC1", QuiescenceJudge.WhyNot(seen, [FileOf(Management), FileOf("Far")], s_group), StringComparison.Ordinal);
        Assert.Contains("nobody looked at", QuiescenceJudge.WhyNot(seen, [FileOf(Management) with { Server = "SRC2" }], s_group), StringComparison.Ordinal);
        Assert.Contains("names no file", QuiescenceJudge.WhyNot(seen, [], s_group), StringComparison.Ordinal);
        Assert.Contains("which backup of", QuiescenceJudge.WhyNot(seen, [FileOf(Management) with { Header = null }], s_group), StringComparison.Ordinal);
        Assert.Contains("clock", QuiescenceJudge.WhyNot(seen with { AfterUtc = seen.BeforeUtc.AddSeconds(-1) }, [FileOf(Management)], s_group), StringComparison.Ordinal);
        Assert.Contains("Extra on SRC1", QuiescenceJudge.WhyNot(Seen(Still(Management), Still("Extra") with { OpenBefore = 1 }), [FileOf(Management)], s_group), StringComparison.Ordinal);

        // A database of the Management database's name on another server is no Management database.
        Assert.Contains("committed", QuiescenceJudge.WhyNot(Seen(Still(Management) with { Server = "SRC2", Commits = 1 }), [FileOf(Management) with { Server = "SRC2" }], s_group), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Differences))]
    public void Holds_two_looks_against_each_other(string what, Func<DatabaseActivity, DatabaseActivity> before, Func<DatabaseActivity, DatabaseActivity> after, bool restarted, Func<MemberQuiescence, MemberQuiescence> expected)
    {
        var activity = new DatabaseActivity("A") { WriteTransactions = 7 };
        Quiescence seen = GroupLook.Between(
            Look(1, new MemberLook("S", "A", s_started, before(activity))),
            Look(2, new MemberLook("s", "a", restarted ? s_started.AddDays(1) : s_started, after(activity))));
        MemberQuiescence wanted = expected(new MemberQuiescence("S", "A") { Commits = 0, OpenBefore = 0, OpenAfter = 0, ChangedTables = [] });
        MemberQuiescence member = Assert.Single(seen.Members);
        Assert.True(Text(wanted) == Text(member), $"{what}: {Text(member)}");
        Assert.Equal((s_started.AddMinutes(1), s_started.AddMinutes(2).AddSeconds(1)), (seen.BeforeUtc, seen.AfterUtc));
    }

    [Fact]
    public void What_only_one_look_saw_was_not_looked_at_and_what_may_not_be_seen_is_not_known()
    {
        var seen = new MemberLook("S", "A", s_started, new DatabaseActivity("A") { WriteTransactions = 1 });
        Assert.Empty(GroupLook.Between(Look(1, seen), Look(2)).Members);
        Assert.Empty(GroupLook.Between(Look(1), Look(2, seen)).Members);
        MemberQuiescence hidden = Assert.Single(GroupLook.Between(Look(1, new MemberLook("S", "A", null, null)), Look(2, seen)).Members);
        Assert.Equal((null, null, null, 0), (hidden.Commits, hidden.OpenBefore, hidden.ChangedTables, hidden.OpenAfter));
    }

    [Fact]
    public void Comes_back_from_a_manifest_as_it_went_in()
    {
        MemberQuiescence busy = Still("MsgBox") with { Commits = 3, OpenBefore = 1, OpenAfter = null, ChangedTables = ["dbo.a]\"ü", "dbo.b"], Sessions = ["a on b"], NewestMark = "BTS_1" };
        BackupManifest manifest = ManifestWith(BackupSetKind.Full, Seen(Still(Management), busy));
        BackupManifest again = Through(manifest);
        Assert.Equal(BackupManifestFile.ToJson(manifest), BackupManifestFile.ToJson(again));
        Assert.Equal(Text(busy), Text(again.Set.Quiescence!.Members[1]));
        Assert.Equal(DateTimeKind.Utc, again.Set.Quiescence.BeforeUtc.Kind);
        Assert.Null(Through(ManifestWith(BackupSetKind.Full, null)).Set.Quiescence);
        Assert.Contains("nobody looked", QuiescenceJudge.WhyNot(ManifestWith(BackupSetKind.Full, null)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"sessions\": []", "\"sessions\": null")]
    [InlineData("\"beforeUtc\"", "\"before\"")]
    public void A_manifest_that_tells_half_of_it_is_refused(string from, string to)
    {
        string text = BackupManifestFile.ToJson(ManifestWith(BackupSetKind.Full, Seen(Still(Management))));
        Assert.Contains(from, text, StringComparison.Ordinal);
        Assert.Equal(RecoveryError.ManifestInvalid, Assert.Throws<RecoveryException>(() => ReadText(text.Replace(from, to, StringComparison.Ordinal))).Code);
    }

    [Fact]
    public void A_manifest_with_an_empty_member_is_refused() => Assert.Contains(
        "is empty",
        Assert.Throws<RecoveryException>(() => Through(ManifestWith(BackupSetKind.Full, Seen(Still(Management), null!)))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_log_set_proves_no_stop_of_processing() => Assert.Contains(
        "which only a full set can",
        Assert.Throws<RecoveryException>(() => Through(ManifestWith(BackupSetKind.Log, Seen(Still(Management))))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Refuses_before_anything_is_done_what_is_at_work_and_names_it()
    {
        _world.Servers["SRC1"].Activity = d => new DatabaseActivity(d) { WriteTransactions = 1, Sessions = d == Management ? ["Host A on BT1", "SQLAgent on SRC1"] : [] };
        _world.Servers["SRC2"].Activity = d => new DatabaseActivity(d) { WriteTransactions = 1, OpenWriters = d == "SSODB" ? 2 : 0 };
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(Required()));
        Assert.Equal(RecoveryError.GroupInUse, error.Code);
        Assert.Contains($"{Management} on SRC1 is in use by Host A on BT1, SQLAgent on SRC1", error.Message, StringComparison.Ordinal);
        Assert.Contains("SSODB on SRC2 has 2 open transactions", error.Message, StringComparison.Ordinal);
        Assert.Equal("Nothing was done.", error.StateLeftBehind);
        Assert.Contains("Stop every host instance", error.Hint, StringComparison.Ordinal);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void Refuses_what_it_cannot_see()
    {
        _world.NoPermission = true;
        Assert.Contains("could not be seen", Assert.Throws<RecoveryException>(() => _world.BackUp(Required())).Message, StringComparison.Ordinal);
        _world.NoPermission = false;
        BackupPlan plan = BackupPlanner.Plan(_world.Group, Required());
        _world.Servers["SRC2"].RefusesConnections = RecoveryError.InstanceUnreachable;
        RecoveryException error = Assert.Throws<RecoveryException>(() => new BackupRunner(_world.Ports, _world.Directory).Run(plan));
        Assert.Equal(RecoveryError.GroupInUse, error.Code);
        Assert.Contains("SRC2 could not be seen", error.Message, StringComparison.Ordinal);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void Without_the_switch_what_cannot_be_seen_is_said_and_keeps_nothing_from_being_backed_up()
    {
        _world.NoPermission = true;
        Assert.True(_world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder))[0].IsComplete);
        Assert.Contains(_world.Said, e => e.Text.Contains("lacks VIEW SERVER STATE", StringComparison.Ordinal));
        Assert.Contains(_world.Said, e => e.Text.Contains("is not proven to be a quiesced recovery point: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_set_without_a_manifest_ends_with_an_error_that_says_what_there_is()
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(Required() with { Type = BackupType.FullAndLog }));
        Assert.Equal(RecoveryError.QuiescenceUnproven, error.Code);
        Assert.Contains("has no manifest", error.Message, StringComparison.Ordinal);
        Assert.Contains("full set 1 is complete and confirmed, but it is no quiesced recovery point. The log set 2 after it", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.Equal(BackupSetKind.Full, Assert.IsType<BackupSet>(error.PartialResult).Kind);
    }

    [Theory]
    [InlineData(BackupType.Log, FakeWorld.Folder)]
    [InlineData(BackupType.Full, "https://account.blob.core.windows.net/backups")]
    public void Refuses_what_can_prove_nothing(BackupType type, string destination)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => BackupPlanner.Check(new BackupRequest(type, destination) { RequireQuiesced = true }));
        Assert.Equal(RecoveryError.QuiescenceNotPossible, error.Code);
        BackupPlanner.Check(new BackupRequest(type, destination));
    }

    private static BackupRequest Required() => new(BackupType.Full, FakeWorld.Folder) { RequireQuiesced = true };

    private static GroupLook Look(int minute, params MemberLook[] members) => new(s_started.AddMinutes(minute), s_started.AddMinutes(minute).AddSeconds(1), members, []);

    private static MemberQuiescence Still(string database) => new("SRC1", database) { Commits = 0, OpenBefore = 0, OpenAfter = 0, ChangedTables = [] };

    private static Quiescence Seen(params MemberQuiescence[] members) => new(new DateTime(2026, 5, 6, 1, 0, 0, DateTimeKind.Utc), new DateTime(2026, 5, 6, 2, 0, 0, DateTimeKind.Utc), members);

    private static ManifestFile FileOf(string database) => new(database + ".bak", "SRC1", database) { Header = new BackupHeader(1, MediaBackupKind.Full, "SRC1", database) };

    private static string Text(MemberQuiescence m) =>
        $"{m} {m.Commits} {m.OpenBefore} {m.OpenAfter} {(m.ChangedTables is null ? "?" : string.Join(',', m.ChangedTables))} {string.Join(',', m.Sessions)} {m.NewestMark}";

    private static BackupManifest Through(BackupManifest manifest) => ReadText(BackupManifestFile.ToJson(manifest));

    private static BackupManifest ReadText(string text)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return BackupManifestFile.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private BackupManifest ManifestWith(BackupSetKind kind, Quiescence? seen) => new(
        new DateTime(2026, 5, 6, 3, 0, 0, DateTimeKind.Utc),
        s_group,
        new ManifestSet(kind, "2026_05_06_14_15_01_327") { Mark = kind == BackupSetKind.Log ? "BTS_2026_05_06_14_15_01_327" : null, Quiescence = seen },
        _world.Group.Members,
        [FileOf(Management)]);
}
