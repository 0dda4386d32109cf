using System;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Groups;

public sealed class GroupDiscoveryTests
{
    private readonly FakeWorld _world = new();

    [Fact]
    public void Finds_every_member_with_its_role()
    {
        BizTalkGroup group = _world.Group;
        Assert.Equal(
            [(MemberRole.Management, "BizTalkMgmtDb", "SRC1"), (MemberRole.MessageBox, "BizTalkMsgBoxDb", "SRC1"), (MemberRole.Tracking, "BizTalkDTADb", "SRC2"), (MemberRole.Sso, "SSODB", "SRC2")],
            group.Members.Select(m => (m.Role, m.Database, m.Server!)));
        Assert.Equal(["SRC1", "SRC2"], group.Servers);
        Assert.Empty(group.Findings);
    }

    [Theory]
    [InlineData(false, false, "There is no database")]
    [InlineData(true, false, "not a BizTalk Management database")]
    public void Refuses_a_database_that_is_no_management_database(bool exists, bool view, string words)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => GroupDiscovery.From(new GroupRecords(exists, view), "Other", "SRC1", a => a.Server));
        Assert.Equal(RecoveryError.NotAManagementDatabase, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("Other", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\nb")]
    public void Refuses_a_name_that_no_database_can_have(string name) =>
        Assert.Equal(RecoveryError.InvalidName, Assert.Throws<RecoveryException>(() => SqlNames.Check(name, "database")).Code);

    [Fact]
    public void Refuses_a_name_that_is_too_long() =>
        Assert.Equal(RecoveryError.InvalidName, Assert.Throws<RecoveryException>(() => SqlNames.Check(new string('x', 129), "database")).Code);

    [Theory]
    [InlineData("O'Brien]; DROP DATABASE x--")]
    [InlineData("Bücher_库 \"1\"")]
    public void Allows_names_that_only_look_dangerous(string name) => SqlNames.Check(name, "database");

    [Fact]
    public void Resolves_an_alias_to_the_real_server()
    {
        GroupRecords records = _world.Records with { BackupDatabases = [new("SRC1", "BizTalkMgmtDb"), new("sql-alias,1433", "BizTalkDTADb")], Tracking = new("sql-alias,1433", "BizTalkDTADb") };
        BizTalkGroup group = GroupDiscovery.From(records, "BizTalkMgmtDb", "SRC1", a => a.Server == "sql-alias,1433" ? "SRC2" : null);
        GroupMember tracking = Assert.Single(group.Members, m => m.Role == MemberRole.Tracking);
        Assert.Equal(("sql-alias,1433", "SRC2"), (tracking.ConfiguredServer, tracking.Server));
    }

    [Fact]
    public void Says_when_the_real_server_cannot_be_found_out()
    {
        BizTalkGroup group = GroupDiscovery.From(_world.Records, "BizTalkMgmtDb", "SRC1", a => a.Server == "SRC1" ? "SRC1" : null);
        Assert.Equal(2, group.Members.Count(m => m.Server is null));
        Assert.Equal(2, group.Findings.Count(f => f.Level == FindingLevel.Error));
    }

    [Fact]
    public void Says_when_one_database_is_listed_under_two_server_names()
    {
        GroupRecords records = _world.Records with { BackupDatabases = [.. _world.Records.BackupDatabases, new("alias", "SSODB")] };
        BizTalkGroup group = GroupDiscovery.From(records, "BizTalkMgmtDb", "SRC1", a => a.Server == "alias" ? "SRC2" : a.Server);
        Assert.Contains(group.Findings, f => f.Text.Contains("more than once", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Says_when_there_is_not_exactly_one_master_message_box(int masters)
    {
        GroupRecords records = _world.Records with { MessageBoxes = [new("SRC1", "BizTalkMsgBoxDb", masters > 0), new("SRC2", "Second", masters > 1)] };
        Assert.Contains(GroupDiscovery.From(records, "BizTalkMgmtDb", "SRC1", a => a.Server).Findings, f => f.Text.Contains("master MessageBoxes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SSO", MemberRole.Sso)]
    [InlineData("BAM Alerts Application DB", MemberRole.BamAlerts)]
    [InlineData("Orders", MemberRole.Custom)]
    public void Takes_the_role_of_an_enlisted_database_from_its_key(string key, MemberRole role)
    {
        GroupRecords records = _world.Records with { BackupDatabases = [new("SRC1", "BizTalkMgmtDb"), new("SRC2", "X")], Others = [new OtherDatabaseRecord(key, "X", "SRC2")] };
        Assert.Equal(role, GroupDiscovery.From(records, "BizTalkMgmtDb", "SRC1", a => a.Server).Members[1].Role);
    }

    [Fact]
    public void A_database_of_the_management_databases_name_on_another_server_is_not_it()
    {
        GroupRecords records = _world.Records with { BackupDatabases = [new("SRC1", "BizTalkMgmtDb"), new("SRC2", "BizTalkMgmtDb")] };
        Assert.Equal([MemberRole.Management, MemberRole.Unknown], GroupDiscovery.From(records, "BizTalkMgmtDb", "SRC1", a => a.Server).Members.Select(m => m.Role));
    }

    [Fact]
    public void A_member_is_reached_under_its_real_or_its_configured_name()
    {
        var directory = new InstanceDirectory(new SqlInstanceAddress("SRC1") { TrustServerCertificate = true }, new System.Collections.Generic.Dictionary<string, SqlInstanceAddress> { ["alias"] = new("host,5000") });
        Assert.Equal("host,5000", directory.AddressOf(new GroupMember(MemberRole.Sso, "SSODB", "ALIAS", "SRC2")).Name);
        SqlInstanceAddress other = directory.AddressOf(new GroupMember(MemberRole.Sso, "SSODB", "x", "SRC3"));
        Assert.Equal(("SRC3", true), (other.Name, other.TrustServerCertificate));
    }
}
