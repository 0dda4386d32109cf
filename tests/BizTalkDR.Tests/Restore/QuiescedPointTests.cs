using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class QuiescedPointTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bizdr-quiesced");
    private readonly FakeWorld _world = new();

    public static TheoryData<string, string> Spoilers => new()
    {
        { "committed", "3 transactions were committed" },
        { "not counted", "could not be counted" },
        { "open before", "open transactions had written before" },
        { "open after", "open transactions had written behind" },
        { "open unknown", "open transactions could not be seen" },
        { "table", "dbo.Spool was changed" },
        { "table unknown", "what was changed could not be seen" },
        { "session", "in use by BTSNTSvc on LABBTS1" },
        { "member not seen", "nobody looked at SSODB" },
        { "management table", "dbo.bts_orchestration was changed" },
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_full_set_that_is_proven_quiesced_is_the_newest_point_and_is_restored_by_its_fulls_alone()
    {
        _world.BackUpFull();
        string mark = _world.BackUpLog();
        _world.BackUpFull();
        string name = Prove(LastFull());

        IReadOnlyList<RecoveryPoint> points = RecoveryPointList.Of(Catalogue(), _world.UtcNow, [FakeWorld.Folder]);
        Assert.Equal([(name, RecoveryPointKind.Quiesced, true), (mark, RecoveryPointKind.Mark, false)], points.Select(p => (p.Mark, p.Kind, p.IsDefault)));
        Assert.Null(points[0].Evidence);
        Assert.StartsWith("quiesced: the manifest proves that nothing was committed from ", points[0].Certainty, StringComparison.Ordinal);
        Assert.Equal(4, points[0].BackupCount);

        RestorePlan plan = _world.Prepare();
        Assert.Equal((name, RecoveryPointKind.Quiesced), (plan.Mark, plan.Kind));
        Assert.All(plan.Members, m => Assert.Equal(RestoreAction.Full, Assert.Single(m.Steps).Statement!.Action));
        Assert.All(plan.Members, m => Assert.Equal(mark, m.NewestMark));
        Assert.Empty(RestorePlanCheck.Faults(plan));
        Assert.Contains($"to quiesced point {name}", plan.ToString(), StringComparison.Ordinal);
        Assert.Contains(plan.Findings, f => f.Subject == name && f.Level == FindingLevel.Information);
        Assert.Equal(plan.ToString(), RestorePlanFile.FromJson(RestorePlanFile.ToJson(plan), "x").ToString());

        RestoreResult result = _world.Restore(plan);
        Assert.True(result.IsSuccess);
        Assert.Equal($"Restored: 4 databases, quiesced point {name}", result.ToString());
        Assert.All(result.Members, m => Assert.Equal((true, "ONLINE", mark), (m.ReachedMark, m.State, m.NewestMark)));
    }

    [Fact]
    public void A_group_that_was_never_marked_is_restored_from_a_full_set_alone()
    {
        foreach ((string database, string server) in FakeWorld.Members)
        {
            _world.Servers[server].Databases[database].HasMarkLog = false;
        }

        _world.BackUpFull();
        Prove(LastFull());
        Assert.True(_world.Restore().IsSuccess);
    }

    [Fact]
    public void Without_the_proof_a_full_set_is_no_point()
    {
        _world.BackUpFull();
        Assert.Empty(RecoveryPoints.From(Catalogue()));
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare());
        Assert.Equal(RecoveryError.LogMarkNotFound, error.Code);
        Assert.Contains("no full set whose manifest proves", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Spoilers))]
    public void What_was_seen_must_prove_it(string spoiler, string reason)
    {
        _world.BackUpFull();
        BackupManifest manifest = ManifestOf(LastFull());
        string box = spoiler is "management table" ? FakeWorld.ManagementDatabase : "BizTalkMsgBoxDb";
        Quiescence seen = manifest.Set.Quiescence!;
        manifest = manifest with
        {
            Set = manifest.Set with
            {
                Quiescence = seen with
                {
                    Members = [.. seen.Members.Where(m => spoiler != "member not seen" || m.Database != "SSODB").Select(m => m.Database == box ? Spoil(m, spoiler) : m)],
                },
            },
        };
        Assert.Contains(reason, QuiescenceJudge.WhyNot(manifest), StringComparison.Ordinal);
        Offer(manifest);
        Assert.Empty(RecoveryPoints.From(Catalogue()));
    }

    [Fact]
    public void The_procedures_own_rows_in_the_Management_database_spoil_nothing()
    {
        _world.BackUpFull();
        Assert.Null(QuiescenceJudge.WhyNot(ManifestOf(LastFull())));
    }

    [Fact]
    public void A_manifest_that_does_not_identify_a_backup_proves_nothing()
    {
        _world.BackUpFull();
        BackupManifest manifest = ManifestOf(LastFull());
        Assert.Contains("does not say which backup", QuiescenceJudge.WhyNot(manifest with { Files = [.. manifest.Files.Select(f => f with { Header = null })] }), StringComparison.Ordinal);
        Assert.Contains("clock was set back", QuiescenceJudge.WhyNot(manifest with { Set = manifest.Set with { Quiescence = manifest.Set.Quiescence! with { AfterUtc = DateTime.MinValue } } }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_whose_full_is_missing_or_damaged_or_another_one_cannot_reach_it()
    {
        _world.BackUpFull();
        Prove(LastFull());
        int at = _world.Files.FindIndex(f => f.Header.DatabaseName == "SSODB");
        FakeFile file = _world.Files[at];

        _world.Files.RemoveAt(at);
        Unreachable(RecoveryError.MemberMissing, "is not there");
        _world.Files.Insert(at, new FakeFile { Path = file.Path, Header = file.Header with { BackupSetGuid = Guid.NewGuid() } });
        Unreachable(RecoveryError.MemberMissing, "is not there");
        _world.Files[at] = new FakeFile { Path = file.Path, Header = file.Header with { IsDamaged = true } };
        Unreachable(RecoveryError.BackupMediaUnreadable, "cannot be used");
        _world.Files[at] = file;
        Assert.Equal(RecoveryPointKind.Quiesced, _world.Prepare().Kind);
    }

    [Fact]
    public void The_members_that_the_operator_names_win_over_the_manifest()
    {
        _world.BackUpFull();
        Prove(LastFull());
        _world.Files.RemoveAll(f => f.Header.DatabaseName == "SSODB");
        RestorePlan plan = _world.Prepare(_world.RestoreTo("DST1", "DST2") with { Members = [.. FakeWorld.Members.Select(m => m.Database).Where(d => d != "SSODB")] });
        Assert.Equal((RecoveryPointKind.Quiesced, 3), (plan.Kind, plan.Members.Count));
        Assert.Contains(plan.Findings, f => f.Level == FindingLevel.Warning && f.Subject.StartsWith("SSODB", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_chosen_by_its_name_and_the_newer_marks_that_are_lost_are_said()
    {
        _world.BackUpFull();
        string name = Prove(LastFull());
        string mark = _world.BackUpLog();

        Assert.Equal((mark, RecoveryPointKind.Mark), (_world.Prepare().Mark, _world.Prepare().Kind));
        RestorePlan plan = _world.Prepare(_world.RestoreTo("DST1") with { Mark = name });
        Assert.Equal(RecoveryPointKind.Quiesced, plan.Kind);
        Assert.Contains(plan.Findings, f => f.Subject == mark && f.Level == FindingLevel.Warning);
        Assert.Equal(name, _world.Prepare(_world.RestoreTo("DST1") with { BeforeUtc = LogMark.TryParse(mark)!.Time }).Mark);
    }

    [Fact]
    public void A_newer_quiesced_point_that_is_not_used_is_said()
    {
        _world.BackUpFull();
        string mark = _world.BackUpLog();
        _world.BackUpFull();
        string name = Prove(LastFull());
        RestorePlan plan = _world.Prepare(_world.RestoreTo("DST1") with { Mark = mark });
        Assert.Contains(plan.Findings, f => f.Subject == name && f.Text.StartsWith("This newer quiesced point is not used", StringComparison.Ordinal));
    }

    [Fact]
    public void The_gate_refuses_a_member_that_another_backup_was_restored_to()
    {
        _world.BackUpFull();
        Prove(LastFull());
        RestorePlan plan = _world.Prepare();
        MemberPlan victim = plan.Members[0];
        _world.BackUpLog();
        string log = _world.Files.Single(f => f.Header.DatabaseName == victim.Database && f.Header.Kind == MediaBackupKind.Log).Path;
        _world.Tamper = s =>
        {
            if (s.Action == RestoreAction.Full && s.Database == plan.Members[^1].Database)
            {
                _world.Servers[victim.DestinationServer].Restore(new RestoreStatement(RestoreAction.Log, victim.Database) { Path = log, Position = 1 });
            }

            return s;
        };

        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore(plan));
        Assert.Equal(RecoveryError.PastTheMark, error.Code);
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": Recover", StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_that_was_made_for_it_may_hold_nothing_behind_the_full()
    {
        _world.BackUpFull();
        Prove(LastFull());
        RestorePlan plan = _world.Prepare();
        MemberPlan first = plan.Members[0];
        Assert.NotEmpty(RestorePlanCheck.Faults(plan with { Kind = RecoveryPointKind.Mark }));
        Assert.NotEmpty(RestorePlanCheck.Faults(plan with { Members = [first with { MarkPosition = first.MarkPosition with { NextLsn = new LogPosition(first.MarkPosition.NextLsn.Value + 1) } }, .. plan.Members.Skip(1)] }));
        Assert.NotEmpty(RestorePlanCheck.Faults(plan with { Members = [first with { Chain = first.Chain with { Logs = [first.Chain.Full] } }, .. plan.Members.Skip(1)] }));
    }

    [Theory]
    [InlineData(1100, "D", true, "", null)]
    [InlineData(1000, "D", true, "", RecoveryError.MarkNotReached)]
    [InlineData(1099, "D", true, "", RecoveryError.MarkNotReached)]
    [InlineData(1101, "D", true, "", RecoveryError.PastTheMark)]
    [InlineData(1100, "L", true, "", RecoveryError.RestoreFailed)]
    [InlineData(1100, "I", true, "", RecoveryError.RestoreFailed)]
    [InlineData(1100, "", true, "", RecoveryError.RestoreFailed)]
    [InlineData(1100, "D", false, "", RecoveryError.RestoreFailed)]
    [InlineData(1100, "D", true, "BTS_2026_05_06_14_30_00_000", RecoveryError.ProofFailed)]
    public void The_gate_passes_what_was_restored_from_the_full_and_from_nothing_since(int redo, string newest, bool ours, string mark, RecoveryError? code)
    {
        (Guid fork, Guid full) = (Guid.NewGuid(), Guid.NewGuid());
        RestoreHistoryRow[] history = newest.Length == 0 ? [] : [new RestoreHistoryRow(2, "D", newest[0], null, false) { BackupSetGuid = ours ? full : Guid.NewGuid() }, new RestoreHistoryRow(1, "D", 'D', null, false) { BackupSetGuid = full }];
        var quiesced = new QuiescedEvidence(full, null, history);
        MarkLogFacts log = mark.Length == 0 ? new MarkLogFacts(false, 0, null) : new MarkLogFacts(true, 0, mark);
        GateVerdict verdict = GateDecision.Decide(new GateEvidence(
            "BTS_2026_05_06_14_15_00_000",
            new MarkPosition(new LogPosition(1100), new LogPosition(1100), MarkCertainty.Recorded, "the end of the full backup"),
            [fork],
            new DatabaseFacts("D", "RESTORING"),
            [new RedoFile(1, false, "data", "/d", "RESTORING", new LogPosition(redo), fork)])
        {
            Quiesced = quiesced,
            Look = new StandbyLook(log, null),
        });
        Assert.Equal((code is null, code), (verdict.Passed, verdict.Code));

        IReadOnlyList<string> faults = RecoveryProof.Faults(new ProofEvidence("BTS_2026_05_06_14_15_00_000", new DatabaseFacts("D", "ONLINE"), log, history) { Quiesced = quiesced });
        Assert.Equal(code is null or RecoveryError.MarkNotReached or RecoveryError.PastTheMark, faults.Count == 0);
    }

    [Theory]
    [InlineData("end", true, false, ResumeKind.AtMark)]
    [InlineData("begin", true, false, ResumeKind.FromFull)]
    [InlineData("end", false, false, ResumeKind.FromFull)]
    [InlineData("past", true, false, ResumeKind.FromFull)]
    [InlineData("unknown", true, false, ResumeKind.FromFull)]
    [InlineData("online", true, true, ResumeKind.Recovered)]
    [InlineData("online", false, true, ResumeKind.Refused)]
    [InlineData("online", true, false, ResumeKind.Refused)]
    public void A_resumed_run_believes_the_history_alone(string stands, bool row, bool gate, ResumeKind kind)
    {
        _world.BackUpFull();
        Prove(LastFull());
        RestorePlan plan = _world.Prepare();
        MemberPlan member = plan.Members[0];
        BackupHeader full = member.Chain.Full.Header;
        LogPosition? at = stands switch { "begin" => full.FirstLsn, "end" => full.LastLsn, "past" => new LogPosition(full.LastLsn.Value + 1), _ => null };
        DatabaseFacts now = stands == "online" ? new DatabaseFacts(member.Database, "ONLINE") { Access = DatabaseAccess.RestrictedUser } : new DatabaseFacts(member.Database, "RESTORING");
        ResumeVerdict verdict = ResumeDecision.Decide(new ResumeEvidence(
            member,
            plan.Mark,
            now,
            [new RedoFile(1, false, "data", "/d", "RESTORING", at, full.RecoveryForkGuid)],
            row ? [new RestoreHistoryRow(1, member.Database, 'D', null, false) { BackupSetGuid = full.BackupSetGuid }] : [])
        {
            FullStarted = true,
            GatePassed = gate,
        });
        Assert.Equal(kind, verdict.Kind);
    }

    private static MemberQuiescence Spoil(MemberQuiescence member, string spoiler) => spoiler switch
    {
        "committed" => member with { Commits = 3 },
        "not counted" => member with { Commits = null },
        "open before" => member with { OpenBefore = 1 },
        "open after" => member with { OpenAfter = 1 },
        "open unknown" => member with { OpenAfter = null },
        "table" => member with { ChangedTables = ["dbo.Spool"] },
        "table unknown" => member with { ChangedTables = null },
        "session" => member with { Sessions = ["BTSNTSvc on LABBTS1"] },
        "management table" => member with { ChangedTables = ["dbo.adm_BackupHistory", "dbo.bts_orchestration"] },
        _ => member,
    };

    private void Unreachable(RecoveryError code, string text)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare());
        Assert.Equal(code, error.Code);
        Assert.Contains("The quiesced point '", error.Message, StringComparison.Ordinal);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    private BackupCatalogue Catalogue() => new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"));

    private BackupSet LastFull() => Catalogue().Sets.Last(s => s.Kind == BackupSetKind.Full);

    private string Prove(BackupSet set)
    {
        Offer(ManifestOf(set));
        return ServerPath.NameOf(set.Files[0].Path) is { } name ? BackupFileName.TryParse(name)!.Mark : string.Empty;
    }

    private void Offer(BackupManifest manifest)
    {
        string path = Path.Combine(_folder.FullName, manifest.Set.Stamp + BackupManifestFile.Extension);
        BackupManifestFile.Write(manifest, path);
        _world.StrangeFiles.Add(new FolderEntry(Path.GetFileName(path), path, 1));
    }

    private BackupManifest ManifestOf(BackupSet set) => new(
        _world.UtcNow,
        new ManifestGroup("Group", FakeWorld.ManagementDatabase, "SRC1"),
        new ManifestSet(set.Kind, set.Stamp)
        {
            MarkTimeUtc = set.MarkTimeUtc,
            Quiescence = new Quiescence(_world.UtcNow, _world.UtcNow, [.. set.Files.Select(f => new MemberQuiescence(f.Server, f.Database)
            {
                Commits = f.Database == FakeWorld.ManagementDatabase ? 5 : 0,
                OpenBefore = 0,
                OpenAfter = 0,
                ChangedTables = f.Database == FakeWorld.ManagementDatabase ? ["dbo.adm_BackupHistory", "dbo.adm_BackupSettings"] : [],
                NewestMark = _world.Servers[f.Server].Databases[f.Database].Marks.LastOrDefault()?.Name,
            })]),
        },
        [.. _world.Group.Members],
        [.. set.Files.Select(f => new ManifestFile(ServerPath.NameOf(f.Path), f.Server, f.Database) { SizeBytes = f.SizeBytes, Header = f.Header })]);
}
