using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>Each situation is one change to a primary replica, one that seeds by itself and one that does not, on which everything is right.</summary>
public sealed class ReplicaCheckTests
{
    private static readonly AvailabilityRights s_all = new("PC") { MayAlterGroup = true, MayAlterDatabases = true, MayCreateDatabases = true, MaySeeState = true };

    [Fact]
    public void Everything_right_passes_and_names_each_right()
    {
        IReadOnlyList<PlanTestResult> results = Judge();
        Assert.All(results, IsPassed);
        Assert.Equal(
            [
                "'AG' on SQL1: the login may take Db out of the group and add it again (ALTER on the group)",
                "'AG' on SQL1: the login may see how the replicas and their copies stand (VIEW SERVER STATE)",
                "'AG' on SQL1: it sees the folder '/seed' of the backups that bring members back",
                "'AG' on SQL2: the login may let the group create Db here, for automatic seeding (ALTER on the group)",
                "'AG' on SQL2: the login may drop the old copy of Db (ALTER ANY DATABASE)",
                "'AG' on SQL2: the login may see how the replicas and their copies stand (VIEW SERVER STATE)",
                "'AG' on SQL3: the login may drop the old copy of Db (ALTER ANY DATABASE)",
                "'AG' on SQL3: the login may restore new copies of Db (CREATE ANY DATABASE)",
                "'AG' on SQL3: the login may see how the replicas and their copies stand (VIEW SERVER STATE)",
                "'AG' on SQL3: it sees the folder '/seed' of the backups that bring members back",
            ],
            results.Select(r => $"{r.Subject}: {r.Reason}"));
    }

    [Theory]
    [InlineData("SQL1", "ALTER on the group", "GRANT ALTER ON AVAILABILITY GROUP::[AG] TO the login")]
    [InlineData("SQL1", "VIEW SERVER STATE", "GRANT VIEW SERVER STATE TO the login")]
    [InlineData("SQL2", "ALTER on the group", "GRANT ALTER ON AVAILABILITY GROUP::[AG] TO the login")]
    [InlineData("SQL2", "ALTER ANY DATABASE", "GRANT ALTER ANY DATABASE TO the login")]
    [InlineData("SQL2", "VIEW SERVER STATE", "GRANT VIEW SERVER STATE TO the login")]
    [InlineData("SQL3", "ALTER ANY DATABASE", "GRANT ALTER ANY DATABASE TO the login")]
    [InlineData("SQL3", "CREATE ANY DATABASE", "GRANT CREATE ANY DATABASE TO the login")]
    [InlineData("SQL3", "VIEW SERVER STATE", "GRANT VIEW SERVER STATE TO the login")]
    public void A_right_that_is_missing_fails_alone_with_the_statement_that_gives_it(string server, string right, string remedy)
    {
        AvailabilityRights Without(AvailabilityRights r) => right switch
        {
            "ALTER on the group" => r with { MayAlterGroup = false },
            "ALTER ANY DATABASE" => r with { MayAlterDatabases = false },
            "CREATE ANY DATABASE" => r with { MayCreateDatabases = false },
            _ => r with { MaySeeState = false },
        };
        PlanTestResult result = Assert.Single(Judge(server, Without), r => r.Outcome != BackupTestOutcome.Passed);
        Assert.Equal((PlanCheck.Permission, $"'AG' on {server}", BackupTestOutcome.Failed, RecoveryError.PermissionDenied), (result.Check, result.Subject, result.Outcome, result.Code));
        Assert.EndsWith($"it lacks {right}", result.Reason, StringComparison.Ordinal);
        Assert.StartsWith($"On {server}: {remedy}", result.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_replica_does_not_need_is_not_asked_of_it()
    {
        Assert.All(Judge("SQL1", r => r with { MayAlterDatabases = false, MayCreateDatabases = false }), IsPassed);
        Assert.All(Judge("SQL2", r => r with { MayCreateDatabases = false }), IsPassed);
        Assert.All(Judge("SQL3", r => r with { MayAlterGroup = false }), IsPassed);
        Assert.All(Judge("SQL3", r => r with { MayAlterDatabases = false }, hasCopies: false), IsPassed);
    }

    [Fact]
    public void A_group_whose_rights_nobody_says_is_not_checked()
    {
        PlanTestResult result = Assert.Single(Judge("SQL1", r => r with { MayAlterGroup = null }), r => r.Outcome != BackupTestOutcome.Passed);
        Assert.Equal((BackupTestOutcome.NotChecked, null), (result.Outcome, result.Code));
        Assert.True(result.IsWarning && result.Remedy.Length > 0);
    }

    // A path of its own disk is another folder on each computer; a share is one and the same, and so is any path on one computer.
    [Theory]
    [InlineData("/seed", "PC", true, "", "", BackupTestOutcome.Passed)]
    [InlineData("/seed", "OTHER", true, "a b", "B A", BackupTestOutcome.Passed)]
    [InlineData("/seed", "OTHER", true, "a b", "a", BackupTestOutcome.Failed)]
    [InlineData("/seed", "OTHER", true, "", "", BackupTestOutcome.NotChecked)]
    [InlineData(@"\\files\seed", "OTHER", true, "", "", BackupTestOutcome.Passed)]
    [InlineData("/seed", "PC", false, "", "", BackupTestOutcome.Failed)]
    [InlineData(@"\\files\seed", "OTHER", false, "", "", BackupTestOutcome.Failed)]
    public void The_folder_of_the_backups_is_the_same_for_all(string folder, string computer, bool visible, string there, string here, BackupTestOutcome outcome)
    {
        IReadOnlyList<PlanTestResult> results = Judge("SQL3", r => r with { Computer = computer }, folder: folder, primary: Folder(true, there), secondary: Folder(visible, here));
        PlanTestResult result = Assert.Single(results, r => r.Subject == "'AG' on SQL3" && r.Check == PlanCheck.AvailabilityGroup);
        Assert.Equal((outcome, outcome == BackupTestOutcome.Failed ? RecoveryError.FolderNotVisibleToServer : null), (result.Outcome, result.Code));
        Assert.Equal(outcome == BackupTestOutcome.Passed, result.Remedy.Length == 0);
    }

    [Fact]
    public void A_primary_replica_without_the_folder_is_named_as_well()
    {
        IEnumerable<PlanTestResult> results = Judge("SQL3", r => r with { Computer = "OTHER" }, primary: Folder(false, string.Empty)).Where(r => r.Outcome != BackupTestOutcome.Passed);
        Assert.Equal([("'AG' on SQL1", BackupTestOutcome.Failed), ("'AG' on SQL3", BackupTestOutcome.NotChecked)], results.Select(r => (r.Subject, r.Outcome)));
    }

    private static void IsPassed(PlanTestResult result) => Assert.Equal((BackupTestOutcome.Passed, string.Empty), (result.Outcome, result.Remedy));

    private static ServerFolder Folder(bool visible, string names) => new(visible, []) { Folders = names.Split(' ', StringSplitOptions.RemoveEmptyEntries) };

    private static IReadOnlyList<PlanTestResult> Judge(
        string? server = null, Func<AvailabilityRights, AvailabilityRights>? change = null, bool hasCopies = true, string folder = "/seed", ServerFolder? primary = null, ServerFolder? secondary = null)
    {
        ReplicaEvidence Of(string name, bool? seeds)
        {
            SecondaryPlan? plan = seeds is null ? null : new SecondaryPlan(new SqlInstanceAddress(name), name, true, seeds.Value, hasCopies ? DateTime.UnixEpoch : null, []);
            return new ReplicaEvidence(name, "AG", name == server && change is not null ? change(s_all) : s_all, [new ReplicaMember("Db", folder, plan)])
            {
                Folders = new Dictionary<string, ServerFolder> { [folder] = (seeds is null ? primary : secondary) ?? Folder(true, string.Empty) },
            };
        }

        return [.. ReplicaCheck.Of([Of("SQL1", null), Of("SQL2", true), Of("SQL3", false)])];
    }
}
