using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.SqlObjects;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Configuration.SqlObjects;

/// <summary>What of an instance belongs to a group, and how it is made on another.</summary>
public sealed class SqlObjectPlannerTests
{
    private static readonly Dictionary<string, string> s_nowhere = new(StringComparer.OrdinalIgnoreCase);

    private static readonly SqlObject[] s_instance =
    [
        Of(SqlObjectKind.Setting, "max degree of parallelism", ("value", "1")),
        Of(SqlObjectKind.Setting, "max server memory (MB)", ("value", "4096")),
        Of(SqlObjectKind.Credential, "run", ("identity", "LAB\\Run")),
        Of(SqlObjectKind.Credential, "https://store.blob.lab/backups", ("identity", "SHARED ACCESS SIGNATURE")),
        Of(SqlObjectKind.Credential, "strange", ("identity", "LAB\\X")),
        Of(SqlObjectKind.Login, "user", ("sid", "0x01AA"), ("type", "S"), ("password_hash", "0x0200")),
        Of(SqlObjectKind.Login, "owner", ("sid", "0x01BB"), ("type", "S"), ("password_hash", "0x0200")),
        Of(SqlObjectKind.Login, "LAB\\BizTalk Server Administrators", ("sid", "0x01CC"), ("type", "W")),
        Of(SqlObjectKind.Login, "stranger", ("sid", "0x01DD"), ("type", "S"), ("password_hash", "0x0200")),
        Of(SqlObjectKind.LinkedServer, "SQL2", ("datasrc", "SQL2")),
        Of(SqlObjectKind.LinkedServer, "alias", ("datasrc", "sql2")),
        Of(SqlObjectKind.LinkedServer, "ORACLE", ("datasrc", "ORA")),
        Of(SqlObjectKind.RemoteLogin, "SQL2: (all logins)", ("rmtsrvname", "SQL2"), ("rmtuser", "link")),
        Of(SqlObjectKind.Operator, "night"), Of(SqlObjectKind.Operator, "day"), Of(SqlObjectKind.Operator, "nobody"),
        Of(SqlObjectKind.Proxy, "Run", ("credential_name", "run")), Of(SqlObjectKind.Proxy, "Other", ("credential_name", "strange")),
        Of(SqlObjectKind.Job, "in a member", ("enabled", "1"), ("owner_login_name", "owner"), ("notify_email_operator_name", "night")) with { Parts = [Of(SqlObjectKind.JobStep, "1", ("database_name", "mgmt"), ("proxy_name", "Run"))] },
        Of(SqlObjectKind.Job, "names one", ("enabled", "0")) with { Parts = [Of(SqlObjectKind.JobStep, "1", ("database_name", "master"), ("command", "DBCC CHECKDB (MGMT)"))] },
        Of(SqlObjectKind.Job, "other", ("enabled", "1")) with { Parts = [Of(SqlObjectKind.JobStep, "1", ("database_name", "master"), ("command", "SELECT 1"))] },
        Of(SqlObjectKind.Alert, "of a job", ("enabled", "1"), ("job_name", "in a member")) with { Parts = [Of(SqlObjectKind.Notification, "day")] },
        Of(SqlObjectKind.Alert, "strange", ("enabled", "1"), ("job_name", null)),
    ];

    [Fact]
    public void What_the_group_uses_is_chosen_and_nothing_else()
    {
        GroupNeeds needs = new(["Mgmt"], ["0x01aa"], ["SQL1", "SQL2"]);
        Assert.Equal(
            ["max degree of parallelism", "run", "https://store.blob.lab/backups", "user", "owner", "LAB\\BizTalk Server Administrators", "SQL2", "alias", "SQL2: (all logins)", "night", "day", "Run", "in a member", "names one", "of a job"],
            SqlObjectScope.Choose(s_instance, needs, all: false).Select(o => o.Name));
        Assert.Equal(s_instance.Length - 1, SqlObjectScope.Choose(s_instance, needs, all: true).Count);
    }

    [Fact]
    public void Objects_are_made_in_the_order_in_which_they_need_each_other()
    {
        List<SqlObjectKind> kinds = Steps([.. s_instance.Reverse()]).Select(s => s.What.Kind).ToList();
        Assert.Equal(kinds.Order(), kinds);
        Assert.Equal(s_instance.Length, kinds.Count);
    }

    [Theory]
    [InlineData("in a member", "Make the job in a member on NEW, disabled (it was enabled)")]
    [InlineData("names one", "Make the job names one on NEW, disabled")]
    [InlineData("of a job", "Make the alert of a job on NEW, disabled (it was enabled)")]
    [InlineData("strange", "Make the alert strange on NEW")]
    [InlineData("user", "Make the login user on NEW with the SID and the password it had")]
    [InlineData("max degree of parallelism", "Set 'max degree of parallelism' of NEW from nothing to 1")]
    public void A_step_says_what_comes_back(string name, string text) => Assert.Equal(text, Steps(s_instance).Last(s => s.What.Name == name).Text);

    [Fact]
    public void What_only_people_know_is_left_to_them()
    {
        Assert.Equal(["run", "https://store.blob.lab/backups", "strange", "SQL2: (all logins)"], Steps(s_instance).Where(s => s.ByHand is not null).Select(s => s.What.Name));
        SqlObject bare = Of(SqlObjectKind.Login, "user", ("sid", "0x01AA"), ("type", "S"), ("password_hash", SqlObjectSecrets.Elsewhere));
        Assert.EndsWith("CREATE LOGIN [user] WITH PASSWORD = '...', SID = 0x01AA;", Assert.Single(Steps([bare])).ByHand, StringComparison.Ordinal);
        SqlObject job = Of(SqlObjectKind.Job, "j") with { Parts = [Of(SqlObjectKind.JobStep, "2", ("command", SqlObjectSecrets.Elsewhere))] };
        Assert.Contains("(JobStep 2: command)", Assert.Single(Steps([job])).ByHand, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_there_is_no_step_but_another_value_of_a_setting_is()
    {
        ObjectDestination there = new("NEW", [.. s_instance.Skip(1), Of(SqlObjectKind.Setting, "max degree of parallelism", ("value", "0"))]);
        Assert.Equal("Set 'max degree of parallelism' of NEW from 0 to 1", Assert.Single(SqlObjectPlanner.Plan("OLD", s_instance, there).OfType<MakeObjectStep>()).Text);
        Assert.IsType<ObjectCheckStep>(Assert.Single(SqlObjectPlanner.Plan("OLD", s_instance, new ObjectDestination("NEW", s_instance))));
    }

    [Theory]
    [InlineData("user", "0x01AA", null)]
    [InlineData("USER", "0x01aa", null)]
    [InlineData("user", "0x0199", "the login user is on NEW with another SID")]
    [InlineData("somebody", "0x01AA", "the SID of the login user belongs to somebody on NEW")]
    [InlineData("somebody", "0x0199", null)]
    public void A_login_with_another_SID_is_a_conflict(string name, string sid, string? expected)
    {
        IReadOnlyList<string> conflicts = SqlObjectPlanner.Conflicts([s_instance[5]], new ObjectDestination("NEW", [Of(SqlObjectKind.Login, name, ("sid", sid))]));
        if (expected is null)
            Assert.Empty(conflicts);
        else
            Assert.StartsWith(expected, Assert.Single(conflicts), StringComparison.Ordinal);
    }

    [Fact]
    public void Linked_servers_follow_the_instances_and_none_leads_to_itself()
    {
        Dictionary<string, string> moved = new(StringComparer.OrdinalIgnoreCase) { ["SQL2"] = "NEW2", ["SQL1"] = "NEW" };
        IReadOnlyList<SqlObject> wanted = SqlObjectPlanner.Wanted(new KeptInstance("SQL1", s_instance), "NEW", moved, []);
        Assert.Equal("NEW2", wanted.First(o => o.Kind == SqlObjectKind.LinkedServer)["datasrc"]);
        Assert.Equal(("NEW2: (all logins)", "NEW2"), wanted.Where(o => o.Kind == SqlObjectKind.RemoteLogin).Select(o => (o.Name, o["rmtsrvname"])).Single());
        Assert.DoesNotContain(SqlObjectPlanner.Wanted(new KeptInstance("SQL1", s_instance), "NEW2", moved, []), o => o.Name.StartsWith("NEW2", StringComparison.Ordinal));
        Assert.DoesNotContain(SqlObjectPlanner.Wanted(new KeptInstance("SQL1", s_instance), "NEW", s_nowhere, ["NIGHT"]), o => o.Name == "night");
    }

    [Fact]
    public void Differences_are_named_without_their_values_and_what_cannot_be_known_is_none()
    {
        SqlObject kept = Of(SqlObjectKind.Job, "j", ("enabled", "1"), ("description", null), ("start_step_id", "1")) with
        {
            Parts = [Of(SqlObjectKind.JobStep, "1", ("command", "a")), Of(SqlObjectKind.JobStep, "2", ("command", SqlObjectSecrets.Elsewhere)), Of(SqlObjectKind.JobSchedule, "s")],
        };
        SqlObject there = Of(SqlObjectKind.Job, "J", ("enabled", "0"), ("description", string.Empty), ("start_step_id", "2")) with
        {
            Parts = [Of(SqlObjectKind.JobStep, "1", ("command", "b")), Of(SqlObjectKind.JobStep, "2", ("command", "c")), Of(SqlObjectKind.JobSchedule, "t")],
        };
        Assert.Equal(["start_step_id", "JobStep 1: command", "JobSchedule s is missing", "JobSchedule t is new"], SqlObjectDifferences.Of(kept, there));
        Assert.Empty(SqlObjectDifferences.Of(Of(SqlObjectKind.Login, "l", ("password_hash", null)), Of(SqlObjectKind.Login, "l", ("password_hash", "0x02"))));
        Assert.Equal(["password_hash"], SqlObjectDifferences.Of(Of(SqlObjectKind.Login, "l", ("password_hash", "0x01")), Of(SqlObjectKind.Login, "l", ("password_hash", "0x02"))));
    }

    [Fact]
    public void Secrets_are_taken_out_and_put_back()
    {
        Dictionary<string, string> secrets = new(StringComparer.Ordinal);
        KeptInstance whole = new("SQL1", [Of(SqlObjectKind.Login, "l", ("password_hash", "0x02")), Of(SqlObjectKind.Job, "j") with { Parts = [Of(SqlObjectKind.JobStep, "1", ("command", "x password=hidden"), ("step_name", "s"))] }]);
        KeptInstance split = SqlObjectSecrets.Split(whole, secrets);
        Assert.Equal(["SQL1/Job/j/JobStep/1/command", "SQL1/Login/l/password_hash"], secrets.Keys.Order(StringComparer.Ordinal));
        Assert.All(split.Objects, o => Assert.True(SqlObjectSecrets.Lacks(o)));
        Assert.All(SqlObjectSecrets.Join(split, secrets).Objects, o => Assert.False(SqlObjectSecrets.Lacks(o)));
        Assert.Equal("s", split.Objects[1].Parts[0]["step_name"]);
        Assert.Equal(2, split.Objects.SelectMany(o => SqlObjectLeftOut.Of("SQL1", o, areSecretsKept: false)).Count());
        Assert.Empty(split.Objects.SelectMany(o => SqlObjectLeftOut.Of("SQL1", o, areSecretsKept: true)));
    }

    private static List<MakeObjectStep> Steps(IReadOnlyList<SqlObject> wanted) => SqlObjectPlanner.Plan("OLD", wanted, new ObjectDestination("NEW", [])).OfType<MakeObjectStep>().ToList();

    private static SqlObject Of(SqlObjectKind kind, string name, params (string Name, string? Value)[] values) => new(kind, name) { Values = values.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal) };
}
