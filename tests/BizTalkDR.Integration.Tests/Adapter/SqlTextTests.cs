using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.SqlServer.Management.Common;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Xunit;
using RestoreStatement = BizTalkDR.Ports.RestoreStatement;
using Smo = Microsoft.SqlServer.Management.Smo;

namespace BizTalkDR.Integration.Tests.Adapter;

/// <summary>Every statement that can be sent is T-SQL, whatever the names in it are.</summary>
public sealed class SqlTextTests
{
    private static readonly string[] s_names = ["BizTalkMsgBoxDb", "O'Brien", "a]b", "x\"; DROP DATABASE y--", "Bücher 库", "[x]"];

    public static TheoryData<string> Constants =>
        [.. new[] { typeof(SqlText), typeof(UpkeepText), typeof(ReadinessText), typeof(ArtifactText), typeof(KeyText), typeof(AvailabilityText) }.SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!),
            .. Enum.GetValues<CertificateSource>().Select(ArtifactText.Certificates), .. SqlObjectText.Objects.Select(o => o.Query), .. SqlObjectText.Parts.Select(p => p.Query), .. ObjectStatements().Distinct(StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. s_names];

    /// <summary>Every statement that makes something; its values are parameters.</summary>
    private static IEnumerable<string> ObjectStatements()
    {
        Dictionary<string, string?> all = new(StringComparer.Ordinal)
        {
            ["type"] = "S", ["is_disabled"] = "1", ["useself"] = "0", ["rpc out"] = "1", ["collation name"] = "x", ["is_public"] = "1", ["category_name"] = "c", ["start_step_id"] = "1", ["command"] = "c", ["enabled"] = "1", ["srvproduct"] = "Other",
        };
        foreach (SqlObjectKind kind in Enum.GetValues<SqlObjectKind>().Where(k => k is < SqlObjectKind.ServerRole and not (SqlObjectKind.Credential or SqlObjectKind.RemoteLogin)))
        {
            SqlObject what = new(kind, "it's mine") { Values = all, Parts = [new(SqlObjectKind.JobStep, "1") { Values = all }, new(SqlObjectKind.JobSchedule, "s") { Values = all }] };
            ObjectCreation creation = SqlObjectText.Create(what);
            foreach (ObjectStatement one in creation.Statements.Append(creation.Undo).OfType<ObjectStatement>())
            {
                Assert.DoesNotContain("mine", one.Text, StringComparison.Ordinal);
                yield return one.Text;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Constants))]
    public void Every_constant_text_parses(string text) => Parse(text);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_text_made_of_names_parses_and_is_one_statement(string name)
    {
        int urls = 0, grants = 0;
        foreach (string text in TextsWith(name))
        {
            // ScriptDom's grammar of BACKUP and RESTORE knows DISK only in this place, and that of availability groups no GRANT; these forms differ in that one place.
            string known = text.Replace(" URL = N'https://", " DISK = N'https://", StringComparison.Ordinal);
            urls += known == text ? 0 : 1;
            string group = known.Replace(" GRANT CREATE ANY DATABASE;", " JOIN;", StringComparison.Ordinal);
            grants += group == known ? 0 : 1;
            Assert.Single(Parse(group).Batches.SelectMany(b => b.Statements));
        }

        Assert.Equal((3, 1), (urls, grants));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_texts_that_smo_words_for_us_parse(string name)
    {
        var connection = new ServerConnection { ServerVersion = new ServerVersion(16, 0, 4135), DatabaseEngineType = DatabaseEngineType.Standalone, DatabaseEngineEdition = DatabaseEngineEdition.Enterprise };
        var server = new Smo.Server(connection);
        foreach (RestoreStatement statement in Restores(name).Where(s => s.Action is RestoreAction.Full or RestoreAction.Log))
        {
            string text = string.Join('\n', SmoSqlInstance.SmoRestoreOf(statement).Script(server).Cast<string>());
            Assert.Single(Parse(text.Replace("URL = ", "DISK = ", StringComparison.Ordinal)).Batches.SelectMany(b => b.Statements));
            Assert.Contains("NORECOVERY", text, StringComparison.Ordinal);
            Assert.Equal(statement.Action == RestoreAction.Log, text.Contains("STOPATMARK", StringComparison.Ordinal));
            Assert.Equal(statement.Replace, text.Contains("REPLACE", StringComparison.Ordinal));
            Assert.Equal(statement.Transfer is not null, text.Contains("BUFFERCOUNT = 16", StringComparison.Ordinal) && text.Contains("MAXTRANSFERSIZE = 4194304", StringComparison.Ordinal));
        }

        Assert.False(connection.IsOpen);
    }

    [Theory]
    [InlineData("a]b", "[a]]b]")]
    [InlineData("[x]", "[[x]]]")]
    public void A_name_is_delimited(string name, string text) => Assert.Equal(text, SqlText.Name(name));

    [Fact]
    public void A_literal_is_unicode_and_its_quotes_are_doubled() => Assert.Equal("N'O''Brien'", SqlText.Literal("O'Brien"));

    [Fact]
    public void Recovery_is_restricted_and_standby_keeps_its_undo_file()
    {
        Assert.Equal("RESTORE DATABASE [D] WITH RECOVERY, RESTRICTED_USER;", SqlText.Restore(new RestoreStatement(RestoreAction.Recover, "D")));
        Assert.Equal("RESTORE DATABASE [D] WITH STANDBY = N'/d/x.tuf';", SqlText.Restore(new RestoreStatement(RestoreAction.Standby, "D") { StandbyFile = "/d/x.tuf" }));
        Assert.Equal("RESTORE DATABASE [D] WITH NORECOVERY;", SqlText.Restore(new RestoreStatement(RestoreAction.Resume, "D")));
    }

    [Fact]
    public void A_tail_closes_its_database_unless_that_is_damaged_and_overwrites_no_file()
    {
        Assert.Equal("BACKUP LOG [D] TO DISK = N'/t/x.trn' WITH NORECOVERY, CHECKSUM, STATS = 5;", SqlText.BackUpTail(new TailStatement("D", "/t/x.trn")));
        Assert.Equal("BACKUP LOG [D] TO DISK = N'/t/x.trn' WITH NO_TRUNCATE, CHECKSUM, STATS = 5;", SqlText.BackUpTail(new TailStatement("D", "/t/x.trn") { IsDamaged = true }));
        Assert.Equal("RESTORE DATABASE [D] WITH RECOVERY;", SqlText.Restore(new RestoreStatement(RestoreAction.BringBack, "D")));
    }

    private static IEnumerable<string> TextsWith(string name)
    {
        yield return SqlText.CountMark(name);
        yield return SqlObjectText.UserSids(name);
        yield return SqlText.NewestMark(name);
        yield return SqlText.RestoreHistory(20);
        foreach (DatabaseAccess access in Enum.GetValues<DatabaseAccess>())
        {
            yield return SqlText.SetAccess(name, access);
            yield return SqlText.Rename(name, name + "_kept");
        }

        foreach (GroupProcedure procedure in Enum.GetValues<GroupProcedure>())
        {
            yield return SqlText.Call(procedure);
        }

        yield return SqlText.BackUpTail(new TailStatement(name, "/t/" + name + ".trn"));
        yield return SqlText.BackUpTail(new TailStatement(name, "https://a/" + name) { IsDamaged = true });
        yield return SqlText.Verify("/b/" + name, 2, checksum: true);
        yield return SqlText.Verify("https://a/" + name, 1, checksum: false);
        foreach (RestoreStatement statement in Restores(name))
        {
            yield return SqlText.Restore(statement);
        }

        foreach (AvailabilityAction action in Enum.GetValues<AvailabilityAction>())
        {
            yield return AvailabilityText.Of(new AvailabilityStatement(action, "AG of " + name, name) { Path = "/b/" + name });
        }
    }

    private static IEnumerable<RestoreStatement> Restores(string name)
    {
        var full = new RestoreStatement(RestoreAction.Full, name) { Path = "/b/" + name + ".bak", Moves = [new FileMove(name, "/d/" + name + ".mdf"), new FileMove("log", "/l/x.ldf")] };
        yield return full;
        yield return full with { Replace = true, Checksum = true, Position = 3 };
        yield return full with { Transfer = new TransferSize(16, TransferSize.LargestTransfer) };
        yield return full with { Path = "https://account.blob.core.windows.net/c/x.bak" };
        yield return new RestoreStatement(RestoreAction.Log, name) { Path = "/b/x.bak", StopAtMark = "BTS_2026_05_06_14_15_01_327" };
        yield return new RestoreStatement(RestoreAction.Log, name) { Path = "/b/x.bak", StopAtMark = name, Checksum = true };
        yield return new RestoreStatement(RestoreAction.Standby, name) { StandbyFile = "/d/" + name + ".tuf" };
        yield return new RestoreStatement(RestoreAction.Resume, name);
        yield return new RestoreStatement(RestoreAction.Recover, name);
        yield return new RestoreStatement(RestoreAction.BringBack, name);
    }

    private static TSqlScript Parse(string text)
    {
        TSqlFragment fragment = new TSql150Parser(initialQuotedIdentifiers: true).Parse(new StringReader(text), out IList<ParseError> errors);
        Assert.True(errors.Count == 0, $"{text}\n{string.Join('\n', errors.Select(e => $"{e.Line}:{e.Column} {e.Message}"))}");
        return (TSqlScript)fragment;
    }
}
