using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Setup;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Setup;

public sealed class SetupPlannerTests
{
    private static readonly SetupFacts s_facts = new("BTS1", "Enterprise", "3.13.717.0", HasConfiguration: true, [], [@"LAB\SsoService", @"lab\biztalkhost"], null);
    private static readonly SetupDatabases s_databases = new(new DatabaseAddress("SQL1", "Mgmt"), new DatabaseAddress("SQL2", "SSO"), new DatabaseAddress("SQL1", "Rules"), null);

    private static ComputerManifest Manifest(string name = "BTS1", string edition = "Enterprise", string version = "3.13.717.0") =>
        ComputerManifestStore.New(name, DateTime.UnixEpoch) with { Edition = edition, ProductVersion = version };

    [Theory]
    [InlineData("Enterprise", "BTS1", "prerequisites join-sso configure host-instances start-hosts configuration-check")]
    [InlineData("Developer", "OTHER", "prerequisites join-sso configure host-instances start-hosts configuration-check")]
    [InlineData("Standard", "BTS1", "prerequisites join-sso restore-group configure host-instances start-hosts configuration-check")]
    [InlineData("Branch", "BTS1", "prerequisites join-sso restore-group configure host-instances start-hosts configuration-check")]
    public void Sso_comes_before_the_group_and_standard_edition_has_its_script(string edition, string name, string expected)
    {
        IReadOnlyList<PartStep> steps = SetupPlanner.Plan(s_facts with { Edition = edition, Script = @"D:\RestoreConfig.vbe" }, Manifest(name, edition), SampleFile.Usable());
        Assert.Equal(expected, string.Join(' ', steps.Select(s => s.Id)));
        Assert.Equal(steps.Select(s => s.Stage).OrderBy(s => s), steps.Select(s => s.Stage));
        ConfigureStep[] runs = [.. steps.OfType<ConfigureStep>()];
        Assert.Equal(SampleFile.Usable().Features, runs.SelectMany(r => r.Features));
        Assert.All(steps, s => Assert.True(s.IsRepeatable));
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "absent", nameof(RecoveryError.DatabasesAbsent) },
        { "tool", nameof(RecoveryError.ToolNotFound) },
        { "standard-on-enterprise", nameof(RecoveryError.EditionDiffers) },
        { "enterprise-on-standard", nameof(RecoveryError.EditionDiffers) },
        { "older", nameof(RecoveryError.ProductVersionDiffers) },
        { "other-name", nameof(RecoveryError.ComputerNameDiffers) },
        { "no-script", nameof(RecoveryError.RestoreConfigMissing) },
        { "file", nameof(RecoveryError.ConfigurationFileInvalid) },
        { "password", nameof(RecoveryError.ConfigurationPasswordMissing) },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_succeed_is_refused_by_name(string what, string code)
    {
        SetupFacts standard = s_facts with { Edition = "Standard", Script = @"D:\RestoreConfig.vbe" };
        (SetupFacts facts, ComputerManifest manifest) = what switch
        {
            "absent" => (s_facts with { Absent = [(new DatabaseAddress("SQL1", "SSODB"), "it is RESTORING")] }, Manifest()),
            "tool" => (s_facts with { HasConfiguration = false }, Manifest()),
            "standard-on-enterprise" => (s_facts, Manifest(edition: "Standard")),
            "enterprise-on-standard" => (standard, Manifest()),
            "older" => (s_facts, Manifest(version: "3.12.774.0")),
            "other-name" => (standard, Manifest("BTS2", "Standard")),
            "no-script" => (standard with { Script = null }, Manifest(edition: "Standard")),
            "password" => (s_facts with { Passwords = [@"LAB\SsoService"] }, Manifest()),
            _ => (s_facts, Manifest()),
        };
        RecoveryException refused = Assert.Throws<RecoveryException>(() => SetupPlanner.Plan(facts, manifest, what == "file" ? SampleFile.Read() : SampleFile.Usable()));
        Assert.Equal(code, refused.Code.ToString());
        Assert.Contains("Nothing was", refused.Message, StringComparison.Ordinal);
        if (what == "password")
            Assert.Contains(@"LAB\BizTalkHost", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_says_is_no_difference() => Assert.Null(SetupPlanner.WhyNot(s_facts with { Edition = string.Empty }, Manifest(version: string.Empty)));

    [Fact]
    public void A_file_is_built_from_what_is_set_over_the_snapshot()
    {
        LiveSetup live = new(s_databases, @"DR\Sso", "Receiving", @"DR\Host", null, @"DR\Portal");
        ConfigurationFile built = ConfigurationFileBuilder.Build(SampleFile.Read(), live);
        Assert.Equal(["SSOServer,Engine", "WMI", "Engine,BTSCfg", "MsEDIAS2", "BAMPortal"], built.Features);
        Assert.Equal([@"DR\Sso", @"DR\Host", @"DR\Portal"], built.Accounts());
        Assert.Equal(("SQL2/SSO", "SQL1/Mgmt", "Receiving", "BizTalk Application Users"), (
            built.Settings()["SSOServer,Engine/SSO_DB_ID"], built.Settings()["WMI/{D757DBF9-5D71-4995-9F20-A552B7DFE7F1}"], built.Settings()["Engine,BTSCfg/BTS_HOST_NAME"], built.Settings()["Engine,BTSCfg/BTS_HOST_GROUP"]));
        Assert.Equal(("Join", "Join"), (built.Answer("IsSecretServer"), built.Answer("CREATEORJOIN")));
        Assert.Empty(built.WhatIsWrong());
        Assert.DoesNotContain("cAnary", SampleFile.Saved(built.Save), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_snapshot_what_nobody_can_ask_for_is_named()
    {
        ConfigurationFile built = ConfigurationFileBuilder.Build(null, new LiveSetup(s_databases, @"DR\Sso", "Receiving", @"DR\Host", @"DR\Rules", null));
        Assert.Equal(["SSOServer,Engine", "WMI", "Engine,BTSCfg", "RulesEngine"], built.Features);
        Assert.Equal(["the group BTS_HOST_GROUP is empty"], built.WhatIsWrong());
    }

    [Fact]
    public void Each_setting_that_changed_is_named()
    {
        ConfigurationFile kept = SampleFile.Usable(), live = SampleFile.Usable();
        Assert.All(SetupChecks.Compare("BTS1", kept, live), c => Assert.Equal(CheckOutcome.Passed, c.Outcome));
        live.SetDatabase("SSO_DB_ID", new DatabaseAddress("NEWSQL", "SSODB"));
        PartCheck changed = Assert.Single(SetupChecks.Compare("BTS1", kept, live.Only(f => f != "RulesEngine")), c => c.Outcome == CheckOutcome.Failed && c.Subject.EndsWith("SSO_DB_ID", StringComparison.Ordinal));
        Assert.Equal((RecoveryError.ConfigurationOutdated, "It is NEWSQL/SSODB; the kept file says OLDSQL/SSODB."), (changed.Error, changed.Text));
        Assert.Contains(SetupChecks.Compare("BTS1", kept, live.Only(f => f != "RulesEngine")), c => c.Subject == "RulesEngine" && c.Outcome == CheckOutcome.Failed);
    }

    [Theory]
    [InlineData("2026-01-01 [INFO] SSO is configured.", 0, null)]
    [InlineData("x [ERR] WMI: The user name or password is incorrect. (0x8007052E)", 1, RecoveryError.AccountPasswordWrong)]
    [InlineData("x [Error] Logon failed 1326\ny [ERROR] then", 2, RecoveryError.AccountPasswordWrong)]
    [InlineData("x [ERR] BizTalk Server Standard Edition cannot join an existing group.", 1, RecoveryError.EditionDiffers)]
    [InlineData("x [ERR] The version of the database BizTalkMgmtDb is 3.12", 1, RecoveryError.ProductVersionDiffers)]
    [InlineData("x [ERR] {51326A00-0000-4000-8000-000000000000} of SQL Server Standard Edition failed", 1, RecoveryError.ConfigurationFailed)]
    [InlineData("x [ERR] anything else", 1, RecoveryError.ConfigurationFailed)]
    [InlineData("[1:57:09 PM Error ConfigHelper] SQL error: 08001", 1, RecoveryError.ConfigurationFailed)]
    [InlineData("[1:57:09 PM Info ConfigHelper] [DBNETLIB][Error] is what another line would say", 0, null)]
    public void A_failure_in_the_log_gets_its_name(string log, int count, RecoveryError? name)
    {
        IReadOnlyList<string> failures = ConfigurationLog.Failures(log);
        Assert.Equal(count, failures.Count);
        if (name is { } expected)
            Assert.Equal(expected, ConfigurationLog.NameOf(failures.ToList()));
    }
}
