using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration;

/// <summary>The rules of the master secret, by situation.</summary>
public sealed class MasterSecretTests
{
    private const string A = "{11111111-1111-1111-1111-111111111111}", B = "{22222222-2222-2222-2222-222222222222}", C = "{33333333-3333-3333-3333-333333333333}";

    private static readonly DateTime s_now = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("A", "A", CheckOutcome.Passed)]
    [InlineData("B A", "A B", CheckOutcome.Passed)]
    [InlineData("B A", "A", CheckOutcome.Failed)] // a new one was generated: the backup holds the one before it alone
    [InlineData("C B", "B A", CheckOutcome.Failed)]
    [InlineData("B", "B A", CheckOutcome.Failed)]
    [InlineData("C", "A", CheckOutcome.Failed)]
    [InlineData("", "A", CheckOutcome.NotChecked)]
    public void A_backup_is_current_only_when_it_holds_exactly_the_secrets_of_the_registry(string registry, string kept, CheckOutcome outcome)
    {
        // The newest events speak of a good backup: of another file.
        PartCheck check = Checks(Facts(registry, Event(10559, "other.bak, " + A), Event(10529, A)), Kept(kept)).Single(c => c.Check == "SecretBackupCurrent");
        Assert.Equal((outcome, outcome == CheckOutcome.Failed ? RecoveryError.SecretBackupOutdated : null), (check.Outcome, check.Error));
    }

    [Theory]
    [InlineData("A", 10529, CheckOutcome.Passed)]
    [InlineData("A", 10523, CheckOutcome.Passed)]
    [InlineData("A", 10520, CheckOutcome.Failed)]
    [InlineData("A", 10521, CheckOutcome.Failed)]
    [InlineData("", 10529, CheckOutcome.Failed)]
    public void A_secret_is_there_when_the_registry_holds_it_and_the_service_could_load_it(string registry, int newest, CheckOutcome outcome)
    {
        PartCheck check = Checks(Facts(registry, Event(newest, A), Event(10529, A)), Kept("A")).Single(c => c.Check == "SecretPresent");
        Assert.Equal((outcome, outcome == CheckOutcome.Failed ? RecoveryError.SecretMissing : null), (check.Outcome, check.Error));
    }

    [Theory]
    [InlineData(10589, CheckOutcome.Failed)]
    [InlineData(10559, CheckOutcome.Passed)]
    public void SSO_itself_may_say_that_there_was_never_a_backup(int newest, CheckOutcome outcome) =>
        Assert.Equal(outcome, Checks(Facts("A", Event(newest, "x"), Event(10589, "x"), Event(10559, "x")), Kept("A")).Single(c => c.Check == "SecretBackedUp").Outcome);

    [Theory]
    [InlineData(10529, CheckOutcome.Passed)]
    [InlineData(10532, CheckOutcome.Failed)]
    [InlineData(10527, CheckOutcome.Failed)]
    [InlineData(10534, CheckOutcome.NotChecked)]
    public void Another_computer_must_have_obtained_it_and_is_not_asked_for_a_backup(int newest, CheckOutcome outcome)
    {
        IReadOnlyList<PartCheck> checks = Checks(Facts(string.Empty, "OTHER", Event(newest, "x")), null);
        Assert.Equal(["SsoAnswers", "SecretObtained"], checks.Select(c => c.Check));
        Assert.Equal(outcome, checks[1].Outcome);
    }

    [Fact]
    public void A_backup_beside_what_it_protects_is_none()
    {
        PartCheck check = MasterSecretChecks.Of(Facts("A"), Kept("A"), keptOnOwnDisk: true).Single(c => c.Check == "SecretKeptElsewhere");
        Assert.Equal((CheckOutcome.Failed, RecoveryError.SecretOnlyOnItsComputer), (check.Outcome, check.Error));
    }

    [Fact]
    public void Without_a_backup_or_an_answer_the_check_fails_by_name()
    {
        Assert.Equal(RecoveryError.PartNotKept, Checks(Facts("A"), null).Single(c => c.Check == "SecretKept").Error);
        MasterSecretFacts silent = Facts("A") with { Info = null, Silence = new RecoveryException(RecoveryError.SsoFailed, "x", "It says nothing.") };
        Assert.Equal((CheckOutcome.Failed, RecoveryError.SsoFailed), Checks(silent, Kept("A")).Where(c => c.Check == "SsoAnswers").Select(c => (c.Outcome, c.Error!.Value)).Single());
    }

    [Theory]
    [InlineData("ME", false, "start-sso restore prove")]
    [InlineData("ME", true, "start-sso move restart restore prove others")]
    [InlineData("OTHER", true, "start-sso move restart restore prove others")]
    [InlineData(null, false, "start-sso restore prove")]
    public void The_steps_are_those_of_the_documentation(string? secretServer, bool moves, string steps)
    {
        MasterSecretFacts facts = secretServer is null ? Facts(string.Empty) with { Info = null } : Facts(string.Empty, secretServer);
        Assert.Equal(steps, string.Join(" ", ConfigurationPlan.InOrder(MasterSecretPlanner.Plan(facts, Kept("A"), moves)).Select(s => s.Id)));
    }

    [Fact]
    public void A_node_of_a_cluster_is_left_to_the_operator_before_the_restore() => Assert.Equal(
        "start-sso cluster restore prove", string.Join(" ", MasterSecretPlanner.Plan(Facts(string.Empty, "CLUSTERNAME") with { IsClusterNode = true }, Kept("A"), false).Select(s => s.Id)));

    [Theory]
    [InlineData("", "OTHER", "A", RecoveryError.NotTheSecretServer)]
    [InlineData("C", "ME", "A", RecoveryError.SecretDiffers)]
    [InlineData("B A", "ME", "A", RecoveryError.SecretDiffers)]
    [InlineData("", "ME", "", RecoveryError.SecretBackupUnproven)]
    public void No_plan_is_made_that_could_lose_a_secret(string registry, string server, string kept, RecoveryError error) =>
        Assert.Equal(error, Assert.Throws<RecoveryException>(() => MasterSecretPlanner.Plan(Facts(registry, server), Kept(kept), false)).Code);

    [Theory]
    [InlineData("A B", "ME", 10523, true)]
    [InlineData("A B", "ME", 10529, true)]
    [InlineData("A B", "ME", 10521, false)]
    [InlineData("A", "ME", 10523, false)]
    [InlineData("A B", "OTHER", 10523, false)]
    [InlineData("A B", "ME", 10534, false)]
    public void It_is_proven_by_role_ids_and_what_the_service_said_last(string registry, string server, int newest, bool proven) =>
        Assert.Equal(proven, MasterSecretPlanner.WhyNotProven(Facts(registry, server, Event(newest, "x")), SecretIds.Of(Names("A B"))) is null);

    [Fact]
    public void Ids_are_found_in_the_text_of_an_event_however_they_are_written()
    {
        Assert.Equal(SecretIds.Of([A, B]), SecretIds.In($"Backup file: x.bak, MSID: {A.ToUpperInvariant()}, previous 22222222-2222-2222-2222-222222222222"));
        Assert.True(SecretIds.In("previous MSID: {00000000-0000-0000-0000-000000000000}").IsEmpty);
    }

    private static IReadOnlyList<PartCheck> Checks(MasterSecretFacts facts, PartManifest? kept) => MasterSecretChecks.Of(facts, kept, keptOnOwnDisk: false);

    private static MasterSecretFacts Facts(string registry, params LoggedEvent[] events) => Facts(registry, "ME", events);

    private static MasterSecretFacts Facts(string registry, string server, params LoggedEvent[] events) =>
        new("ME", new SingleSignOnInfo("SQL1", "SSODB", server, server == "ME"), null, SecretIds.Of(Names(registry)), events, IsClusterNode: false);

    private static PartManifest Kept(string ids) => new(ConfigurationPart.MasterSecret, s_now, [])
    {
        Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["SecretIds"] = SecretIds.Of(Names(ids)).ToString() },
    };

    private static LoggedEvent Event(int id, string text) => new("ENTSSO", id, s_now, text);

    private static IEnumerable<string> Names(string letters) => letters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(l => l switch { "A" => A, "B" => B, _ => C });
}
