using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>Each situation is one change to an instance on which everything is right.</summary>
public sealed class PreflightJudgeTests
{
    private const string Data = "/data/DST1/BizTalkMgmtDb.mdf";
    private const string Thumb = "0xA1B2C3D4E5F60718293A4B5C6D7E8F9001122334";
    private const string Container = "https://account.blob.core.windows.net/backups";

    private static readonly RestorePlan s_plan = PlanOf(["DST1"]);
    private static readonly RestorePlan s_twoInstances = PlanOf(["DST1", "DST2"]);

    [Fact]
    public void Everything_right_passes_every_check()
    {
        IReadOnlyList<PlanTestResult> results = PreflightJudge.Judge([Right()]);
        Assert.All(results, r => Assert.Equal((BackupTestOutcome.Passed, string.Empty), (r.Outcome, r.Remedy)));
        Assert.Equal(Enum.GetValues<PlanCheck>().Where(c => c >= PlanCheck.Permission), results.Select(r => r.Check).Order());
    }

    [Fact]
    public void A_login_without_rights() => Fails(PlanCheck.Permission, RecoveryError.PermissionDenied, i => With(i, r => r with { IsSysAdmin = false }));

    [Fact]
    public void A_login_that_may_only_create_databases() => IsNotChecked(PlanCheck.Permission, i => With(i, r => r with { IsSysAdmin = false, MayCreateDatabases = true }));

    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    [InlineData(17, false)]
    public void Backups_of_another_version(int major, bool fails)
    {
        PlanTestResult result = Only(PlanCheck.Version, i => i with { Identity = i.Identity with { Version = new Version(major, 0, 1000) } });
        Assert.Equal(fails ? RecoveryError.DestinationTooOld : null, result.Code);
        Assert.Equal(major == 17, result.Reason.Contains("upgraded", StringComparison.Ordinal));
    }

    // "Editions and supported features of SQL Server": TDE in Standard since 2019; 10 GB a database in Express, 50 GB since 2025.
    [Theory]
    [InlineData("Enterprise Edition: Core-based Licensing (64-bit)", "12.0.2000", true, 200, null)]
    [InlineData("Developer Edition (64-bit)", "16.0.1000", true, 200, null)]
    [InlineData("Standard Edition (64-bit)", "15.0.2000", true, 200, null)]
    [InlineData("Standard Edition (64-bit)", "14.0.1000", true, 1, RecoveryError.EditionUnsuitable)]
    [InlineData("Web Edition (64-bit)", "16.0.1000", true, 1, RecoveryError.EditionUnsuitable)]
    [InlineData("Web Edition (64-bit)", "16.0.1000", false, 200, null)]
    [InlineData("Express Edition (64-bit)", "16.0.1000", false, 10, null)]
    [InlineData("Express Edition (64-bit)", "16.0.1000", false, 11, RecoveryError.EditionUnsuitable)]
    [InlineData("Express Edition (64-bit)", "17.0.1000", false, 50, null)]
    public void Editions(string edition, string version, bool encrypted, int gigabytes, RecoveryError? code)
    {
        InstanceEvidence Change(InstanceEvidence i) => Members(i, m => m with { Files = [m.Files![0] with { SizeBytes = gigabytes * 1024L * 1024 * 1024, TdeThumbprint = encrypted ? Thumb : null }] }) with
        {
            Identity = i.Identity with { Edition = edition, Version = new Version(version) },
        };
        PlanTestResult result = All(Change).First(r => r.Check == PlanCheck.Edition);
        Assert.Equal((code is null ? BackupTestOutcome.Passed : BackupTestOutcome.Failed, code), (result.Outcome, result.Code));
    }

    [Fact]
    public void An_edition_of_before_2016_SP1_hides_what_it_lacks() =>
        IsNotChecked(PlanCheck.Edition, i => i with { Identity = i.Identity with { Edition = "Standard Edition (64-bit)", Version = new Version(13, 0, 1601) } });

    [Fact]
    public void Another_collation_is_warned_of() => Harms(PlanCheck.Collation, i => With(i, r => r with { Collation = "SQL_Latin1_General_CP1_CI_AS" }));

    [Fact]
    public void A_binary_collation_is_warned_of() => Assert.Contains(All(i => With(i, r => r with { Collation = "Latin1_General_BIN2" })), r => r.Check == PlanCheck.Collation && r.Subject == "DST1" && r.IsWarning);

    [Fact]
    public void A_collation_that_nobody_says() => IsNotChecked(PlanCheck.Collation, i => Members(i, m => m with { Headers = [.. m.Headers.Select(h => h with { Collation = null })] }));

    [Theory]
    [InlineData("BULK_LOGGED", BackupTestOutcome.Failed)]
    [InlineData("", BackupTestOutcome.NotChecked)]
    public void Another_recovery_model(string model, BackupTestOutcome outcome)
    {
        PlanTestResult result = All(i => Members(i, m => m with { Headers = [.. m.Headers.Select(h => h with { RecoveryModel = model })] })).First(r => r.Check == PlanCheck.RecoveryModel);
        Assert.Equal((outcome, null, true), (result.Outcome, result.Code, result.IsWarning));
    }

    [Fact]
    public void Sessions_in_a_database_that_is_replaced_are_named()
    {
        PlanTestResult result = Harms(PlanCheck.Sessions, i => Existing(i, sessions: [new DatabaseSession("BIZTALKMGMTDB", "sa", "BTS1", "BizTalk"), new DatabaseSession("BizTalkMgmtDb", "sa", "BTS1", "BizTalk"), new DatabaseSession("Other", "x", "y", "z")]));
        Assert.Contains("2 sessions use it", result.Reason, StringComparison.Ordinal);
        Assert.Contains("2 of sa from BTS1 (BizTalk)", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Sessions_that_cannot_be_seen() => IsNotChecked(PlanCheck.Sessions, i => With(Existing(i), r => r with { Sessions = null }));

    [Fact]
    public void A_database_in_an_availability_group() => Fails(PlanCheck.AvailabilityGroup, RecoveryError.MemberInAvailabilityGroup, i => Existing(i, group: "AG1"));

    [Fact]
    public void The_remedy_of_a_database_in_an_availability_group_is_worded_with_its_names_unless_they_are_hidden()
    {
        string RemedyOf(string group) => All(i => Existing(i, group: group)).First(r => r.Check == PlanCheck.AvailabilityGroup && r.Code is not null).Remedy;
        Assert.StartsWith("On the primary replica: ALTER AVAILABILITY GROUP [A]]G] REMOVE DATABASE [BizTalkMgmtDb]; Then plan again", RemedyOf("A]G"), StringComparison.Ordinal);
        Assert.Equal(ErrorCatalogue.HintOf(RecoveryError.MemberInAvailabilityGroup), RemedyOf(DatabaseFacts.HiddenGroup));
    }

    [Fact]
    public void A_certificate_that_is_missing() => Fails(PlanCheck.Encryption, RecoveryError.EncryptionKeyMissing, Encrypted);

    [Fact]
    public void A_certificate_without_its_key() => Fails(PlanCheck.Encryption, RecoveryError.EncryptionKeyMissing, i => With(Encrypted(i), r => r with { Keys = [new ServerKey("Cert", Thumb.ToLowerInvariant(), false)] }));

    [Fact]
    public void A_certificate_that_is_there() => Assert.Contains("'Cert'", Only(PlanCheck.Encryption, i => With(Encrypted(i), r => r with { Keys = [new ServerKey("Cert", Thumb.ToLowerInvariant(), true)] })).Reason, StringComparison.Ordinal);

    [Fact]
    public void A_certificate_that_may_not_be_looked_for() => IsNotChecked(PlanCheck.Encryption, i => With(Encrypted(i), r => r with { Keys = null }));

    [Fact]
    public void A_certificate_that_the_server_missed() => Fails(PlanCheck.Encryption, RecoveryError.EncryptionKeyMissing, i => With(Members(i, m => m with { MissingKeys = [Thumb] }), r => r with { Keys = null }));

    [Fact]
    public void An_encrypted_backup_counts_like_an_encrypted_database() =>
        Fails(PlanCheck.Encryption, RecoveryError.EncryptionKeyMissing, i => Members(i, m => m with { Headers = [.. m.Headers.Select(h => h with { EncryptorThumbprint = Thumb })] }));

    [Fact]
    public void A_container_without_a_credential() => Fails(PlanCheck.Credential, RecoveryError.CredentialMissing, i => With(InBlob(i), r => r with { SharedAccessCredentials = [Container + "2", "https://account.blob.core.windows.net"] }));

    [Theory]
    [InlineData(Container)]
    [InlineData(Container + "/")]
    public void A_container_with_its_credential(string name) => Assert.Equal(BackupTestOutcome.Passed, Only(PlanCheck.Credential, i => With(InBlob(i), r => r with { SharedAccessCredentials = [name] })).Outcome);

    [Fact]
    public void Credentials_that_may_not_be_seen() => IsNotChecked(PlanCheck.Credential, i => With(InBlob(i), r => r with { SharedAccessCredentials = null }));

    [Fact]
    public void A_file_of_another_database() => Fails(PlanCheck.FilePlace, RecoveryError.FileInUse, i => With(i, r => r with { Files = [new OwnedFile("Other", Data.ToUpperInvariant(), 8192)] }));

    [Fact]
    public void A_file_of_the_database_that_is_replaced() => Assert.Equal(BackupTestOutcome.Passed, Only(PlanCheck.FilePlace, i => With(Existing(i), r => r with { Files = [new OwnedFile("BizTalkMgmtDb", Data, 8192)], Paths = At(r, new PathState(true, true)) })).Outcome);

    [Fact]
    public void A_file_of_no_database() => Fails(PlanCheck.FilePlace, RecoveryError.FileInUse, i => With(Existing(i), r => r with { Paths = At(r, new PathState(true, true)) }));

    [Fact]
    public void A_folder_that_is_not_there() => Fails(PlanCheck.FilePlace, RecoveryError.DestinationInvalid, i => With(i, r => r with { Paths = At(r, new PathState(false, false)) }));

    [Fact]
    public void A_place_that_nobody_can_look_at() => IsNotChecked(PlanCheck.FilePlace, i => With(i, r => r with { Paths = r.Paths.Where(p => p.Key != Data).ToDictionary(p => p.Key, p => p.Value) }));

    [Fact]
    public void Files_that_may_not_be_seen() => IsNotChecked(PlanCheck.FilePlace, i => With(i, r => r with { Files = null }));

    // Two files of 8 KB for each of the four members.
    [Theory]
    [InlineData(8 * 8192, null)]
    [InlineData((8 * 8192) - 1, RecoveryError.NotEnoughSpace)]
    public void Space_to_the_byte(long available, RecoveryError? code) => Assert.Equal(code, Only(PlanCheck.Space, i => With(i, r => r with { Volumes = [new Volume("/", "disk", available)] })).Code);

    [Fact]
    public void A_file_that_is_written_over_makes_room_and_another_does_not()
    {
        InstanceEvidence Change(InstanceEvidence i, string path) => With(Existing(i), r => r with { Files = [new OwnedFile("BizTalkMgmtDb", path, 8192)], Volumes = [new Volume("/", "disk", 7 * 8192)], Paths = At(r, new PathState(path == Data, true)) });
        Assert.Equal(BackupTestOutcome.Passed, Only(PlanCheck.Space, i => Change(i, Data)).Outcome);
        Fails(PlanCheck.Space, RecoveryError.NotEnoughSpace, i => Change(i, "/data/old.mdf"));
    }

    [Fact]
    public void The_longest_mount_point_holds_the_file()
    {
        IReadOnlyList<PlanTestResult> results = All(i => With(i, r => r with { Volumes = [new Volume("/", "root", 0), new Volume("/data", "d", 1 << 20), new Volume("/log/", "l", 4 * 8192), new Volume("/da", "x", 0)] }));
        Assert.Equal([("/data of COMPUTER", BackupTestOutcome.Passed), ("/log/ of COMPUTER", BackupTestOutcome.Passed)], results.Where(r => r.Check == PlanCheck.Space).Select(r => (r.Subject, r.Outcome)).Order());
    }

    [Fact]
    public void Two_instances_of_one_computer_share_a_disk()
    {
        InstanceEvidence[] Both(string second) => [.. Evidence(s_twoInstances).Select(i => With(i, r => r with { Computer = i.Server == "DST1" ? "ONE" : second, Volumes = [new Volume("/", "disk", 4 * 8192)] }))];
        Assert.Equal(RecoveryError.NotEnoughSpace, PreflightJudge.Judge(Both("one")).Single(r => r.Check == PlanCheck.Space).Code);
        Assert.All(PreflightJudge.Judge(Both("TWO")).Where(r => r.Check == PlanCheck.Space), r => Assert.Equal(BackupTestOutcome.Passed, r.Outcome));
    }

    [Fact]
    public void Space_that_nobody_tells()
    {
        IsNotChecked(PlanCheck.Space, i => With(i, r => r with { Volumes = null }));
        IsNotChecked(PlanCheck.Space, i => With(i, r => r with { Volumes = [new Volume("E:\\", "e", 1 << 30)] }));
        IsNotChecked(PlanCheck.Space, i => Members(i, m => m.Plan.Database == "SSODB" ? m with { Files = null, NoFilesReason = "unreadable" } : m));
    }

    [Fact]
    public void Linked_servers_are_needed_between_instances_alone()
    {
        InstanceEvidence[] instances = [.. Evidence(s_twoInstances)];
        Assert.All(PreflightJudge.Judge(instances).Where(r => r.Check == PlanCheck.LinkedServer), r => Assert.Equal(BackupTestOutcome.Passed, r.Outcome));
        instances = [.. instances.Select(i => With(i, r => r with { LinkedServers = [new LinkedServer("DST1", false), new LinkedServer("DST2", false)] }))];
        Assert.Equal(["DST1", "DST2"], PreflightJudge.Judge(instances).Where(r => r is { Check: PlanCheck.LinkedServer, IsWarning: true, Outcome: BackupTestOutcome.Failed }).Select(r => r.Subject));

        // Once the Management database is known, only its instance calls.
        instances = [.. instances.Select(i => Members(i, m => m with { Plan = m.Plan with { Role = m.Plan.Database == FakeWorld.ManagementDatabase ? BizTalkDR.Groups.MemberRole.Management : BizTalkDR.Groups.MemberRole.Custom } }))];
        Assert.Equal("DST1", PreflightJudge.Judge(instances).Single(r => r.Check == PlanCheck.LinkedServer).Subject);
        Assert.Equal(BackupTestOutcome.NotChecked, PreflightJudge.Judge([.. instances.Select(i => With(i, r => r with { LinkedServers = null }))]).Single(r => r.Check == PlanCheck.LinkedServer).Outcome);
    }

    private static RestorePlan PlanOf(string[] destinations)
    {
        var world = new FakeWorld();
        world.BackUpFull();
        world.BackUpLog();
        return world.Prepare(world.RestoreTo(destinations));
    }

    private static InstanceEvidence Right() => Evidence(s_plan).Single();

    private static IEnumerable<InstanceEvidence> Evidence(RestorePlan plan) => plan.Members.GroupBy(m => m.DestinationServer).OrderBy(g => g.Key).Select(g =>
    {
        FakeServer server = new FakeWorld().Servers[g.Key];
        List<MemberEvidence> members = [.. g.Select(m => new MemberEvidence(m, [m.Chain.Full.Header, m.Chain.Last.Header], [new BackupDataFile("data", "/src/data.mdf", 'D', 8192, 1), new BackupDataFile("log", "/src/log.ldf", 'L', 8192, 2)]))];
        return new InstanceEvidence(server.Identity, server.Readiness with { Paths = members.SelectMany(m => m.Moves).ToDictionary(f => f.PhysicalName, _ => new PathState(false, true)) }, members);
    });

    private static InstanceEvidence With(InstanceEvidence instance, Func<DestinationReadiness, DestinationReadiness> change) => instance with { Readiness = change(instance.Readiness) };

    private static InstanceEvidence Members(InstanceEvidence instance, Func<MemberEvidence, MemberEvidence> change) => instance with { Members = [.. instance.Members.Select(change)] };

    /// <summary>BizTalkMgmtDb is there and is replaced.</summary>
    private static InstanceEvidence Existing(InstanceEvidence instance, string? group = null, IReadOnlyList<DatabaseSession>? sessions = null)
    {
        var there = new DatabaseFacts("BizTalkMgmtDb", "ONLINE") { AvailabilityGroup = group };
        return With(Members(instance, m => m.Plan.Database == there.Name ? m with { Plan = m.Plan with { Replaces = there }, Now = there } : m), r => r with { Sessions = sessions ?? [] });
    }

    private static InstanceEvidence Encrypted(InstanceEvidence instance) => Members(instance, m => m with { Files = [.. m.Files!.Select(f => f with { TdeThumbprint = Thumb })] });

    private static InstanceEvidence InBlob(InstanceEvidence instance) => Members(instance, m => m with
    {
        Plan = m.Plan with { Steps = [.. m.Plan.Steps.Select(s => s.Backup is { } backup ? s with { Backup = backup with { Path = Container + "/folder/x.bak" } } : s)] },
    });

    private static Dictionary<string, PathState> At(DestinationReadiness readiness, PathState state) => readiness.Paths.ToDictionary(p => p.Key, p => p.Key == Data ? state : p.Value);

    private static IReadOnlyList<PlanTestResult> All(Func<InstanceEvidence, InstanceEvidence> change) => PreflightJudge.Judge([change(Right())]);

    /// <summary>The first result of a check that is not Passed, or the one that is.</summary>
    private static PlanTestResult Only(PlanCheck check, Func<InstanceEvidence, InstanceEvidence> change)
    {
        List<PlanTestResult> results = [.. All(change).Where(r => r.Check == check)];
        return results.FirstOrDefault(r => r.Outcome != BackupTestOutcome.Passed) ?? Assert.Single(results);
    }

    private static void Fails(PlanCheck check, RecoveryError code, Func<InstanceEvidence, InstanceEvidence> change)
    {
        PlanTestResult result = Only(check, change);
        Assert.Equal((BackupTestOutcome.Failed, code, false), (result.Outcome, result.Code, result.IsWarning));
        Assert.NotEmpty(result.Remedy);
    }

    private static PlanTestResult Harms(PlanCheck check, Func<InstanceEvidence, InstanceEvidence> change)
    {
        PlanTestResult result = Only(check, change);
        Assert.Equal((BackupTestOutcome.Failed, null, true), (result.Outcome, result.Code, result.IsWarning));
        Assert.NotEmpty(result.Remedy);
        return result;
    }

    private static void IsNotChecked(PlanCheck check, Func<InstanceEvidence, InstanceEvidence> change)
    {
        PlanTestResult result = Only(check, change);
        Assert.Equal((BackupTestOutcome.NotChecked, null, true), (result.Outcome, result.Code, result.IsWarning));
        Assert.NotEmpty(result.Remedy);
    }
}
