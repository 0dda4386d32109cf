using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Group;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => new(SqlScript.Names);

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_batch_parses(string name)
    {
        TSql150Parser parser = new(initialQuotedIdentifiers: true);
        List<string> errors = [];
        foreach (string batch in SqlScript.Load(name).Expand(SampleVariables()))
        {
            parser.Parse(new StringReader(batch), out IList<ParseError> found);
            errors.AddRange(found.Select(error => $"line {error.Line}: {error.Message} in {batch[..Math.Min(80, batch.Length)]}"));
        }

        Assert.Empty(errors);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_batch_parses_with_names_that_need_quoting(string name)
    {
        Dictionary<string, string> variables = SampleVariables().ToDictionary(pair => pair.Key, pair => pair.Key == "IsMaster" ? "0" : "O'Brien's ]strange[ --name/*");
        TSql150Parser parser = new(initialQuotedIdentifiers: true);
        foreach (string batch in SqlScript.Load(name).Expand(variables))
        {
            parser.Parse(new StringReader(batch), out IList<ParseError> found);
            Assert.Empty(found);
        }
    }

    [Fact]
    public void Splits_at_lines_that_hold_only_GO()
    {
        SqlScript script = SqlScript.Parse("x", "SELECT 1;\r\nGO\r\n\r\ngo\n  SELECT N'GO there';\nGO\n");
        Assert.Equal(["SELECT 1;", "SELECT N'GO there';"], script.Batches);
    }

    [Theory]
    [InlineData("SELECT N'$(X)'", "SELECT N'a''b]c'")]
    [InlineData("USE [$(X)]", "USE [a'b]]c]")]
    [InlineData("SELECT N'it''s $(X)', [$(X)]", "SELECT N'it''s a''b]c', [a'b]]c]")]
    [InlineData("-- $(X)\nSELECT 1 /* $(X) */", "-- $(X)\nSELECT 1 /* $(X) */")]
    public void Quotes_a_variable_for_its_place(string text, string expected) =>
        Assert.Equal(expected, Assert.Single(SqlScript.Parse("x", text).Expand(new Dictionary<string, string> { ["X"] = "a'b]c" })));

    [Fact]
    public void Refuses_text_outside_quotes() =>
        Assert.Throws<ArgumentException>(() => SqlScript.Parse("x", "SELECT $(X)").Expand(new Dictionary<string, string> { ["X"] = "1; DROP" }).ToList());

    [Fact]
    public void Refuses_a_variable_without_a_value() =>
        Assert.Throws<ArgumentException>(() => SqlScript.Parse("x", "SELECT N'$(Y)'").Expand(new Dictionary<string, string>()).ToList());

    private static Dictionary<string, string> SampleVariables()
    {
        string[] names =
        [
            "DatabaseName", "VersionName", "LinkedServer", "GroupName", "ManagementDatabase", "BizTalkComputer", "SecretServer", "MarkName", "BackupPath",
            "MasterServer", "MasterDatabase", "TrackingServer", "TrackingDatabase", "BamServer", "BamDatabase", "RuleEngineServer", "RuleEngineDatabase",
            "MemberServer", "MemberDatabase", "DefaultName",
        ];
        Dictionary<string, string> variables = names.ToDictionary(name => name, name => "My" + name);
        variables["IsMaster"] = "1";
        return variables;
    }
}
