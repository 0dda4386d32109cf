using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Text.Json;
using System.Text.Json.Nodes;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class PlanFileTests : IDisposable
{
    private readonly FakeWorld _world = new();
    private readonly string _path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".json");

    public PlanFileTests()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _world.BackUpLog();
    }

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_plan_comes_back_as_it_went()
    {
        RestorePlan plan = Plan();
        RestorePlanFile.Write(plan, _path);
        RestorePlan back = RestorePlanFile.Read(_path);
        Assert.Equal(plan.ToString(), back.ToString());
        Assert.Equal(RestorePlanFile.ToJson(plan), RestorePlanFile.ToJson(back));
        Assert.Equal(plan.Members.Select(m => m.MarkPosition), back.Members.Select(m => m.MarkPosition));
        Assert.Equal(plan.Members.Select(m => m.Replaces), back.Members.Select(m => m.Replaces));
        Assert.Equal(plan.Members.SelectMany(m => m.Steps).Select(s => s.Backup?.Header), back.Members.SelectMany(m => m.Steps).Select(s => s.Backup?.Header));
        Assert.False(File.Exists(_path + ".tmp"));
        Assert.True(_world.Restore(back).IsSuccess);
    }

    [Fact]
    public void A_plan_over_another_file_replaces_it_whole()
    {
        File.WriteAllText(_path, new string('x', 1_000_000));
        RestorePlanFile.Write(Plan(), _path);
        Assert.Equal(Plan().Members.Count, RestorePlanFile.Read(_path).Members.Count);
    }

    [Fact]
    public void A_plan_holds_no_login()
    {
        var password = new SecureString();
        password.AppendChar('q');
        RestorePlan plan = Plan();
        plan = plan with { Members = [.. plan.Members.Select(m => m with { Destination = m.Destination with { Login = new SqlLogin("Operator17", password) } })] };
        string json = RestorePlanFile.ToJson(plan);
        Assert.DoesNotContain("Operator17", json, StringComparison.Ordinal);
        Assert.All(RestorePlanFile.FromJson(json, "x").Members, m => Assert.Null(m.Destination.Login));
    }

    [Fact]
    public void Every_plan_of_the_planner_is_consistent() => Assert.Empty(RestorePlanCheck.Faults(Plan()));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"kind\":\"BizTalkDR restore plan\"}")]
    [InlineData("{\"kind\":\"BizTalkDR restore plan\",\"schemaVersion\":1}")]
    [InlineData("{\"kind\":\"BizTalkDR restore plan\",\"schemaVersion\":5,\"fingerprint\":\"\",\"plan\":{}}")]
    [InlineData("{\"kind\":\"BizTalkDR restore plan\",\"schemaVersion\":\"1\",\"fingerprint\":\"\",\"plan\":{}}")]
    [InlineData("{\"kind\":7,\"schemaVersion\":1}")]
    public void What_is_no_plan_is_refused(string text) => Assert.Equal(RecoveryError.PlanInvalid, Assert.Throws<RecoveryException>(() => RestorePlanFile.FromJson(text, "x")).Code);

    [Fact]
    public void A_file_that_is_not_there_is_refused() => Assert.Equal(_path, Assert.Throws<RecoveryException>(() => RestorePlanFile.Read(_path)).Target);

    [Fact]
    public void A_plan_that_cannot_be_written_leaves_no_file()
    {
        string path = Path.Combine(_path, "plan.json");
        Assert.Equal(RecoveryError.PlanNotWritable, Assert.Throws<RecoveryException>(() => RestorePlanFile.Write(Plan(), path)).Code);
    }

    [Fact]
    public void Every_value_that_is_edited_is_noticed()
    {
        string json = RestorePlanFile.ToJson(Plan());
        int edited = 0;
        foreach ((JsonNode root, string at) in Edits(json))
        {
            RecoveryException error = Assert.Throws<RecoveryException>(() => RestorePlanFile.FromJson(root.ToJsonString(), at));
            Assert.Equal((RecoveryError.PlanInvalid, at), (error.Code, error.Target));
            Assert.Contains("changed", error.Message, StringComparison.Ordinal);
            edited++;
        }

        Assert.InRange(edited, 100, 100_000);
    }

    [Fact]
    public void Another_layout_of_the_same_plan_is_no_edit()
    {
        string json = RestorePlanFile.ToJson(Plan(), indented: false);
        string other = JsonSerializer.Serialize(JsonNode.Parse(json), new JsonSerializerOptions { WriteIndented = true, IndentCharacter = '\t', IndentSize = 1 });
        Assert.NotEqual(json, other);
        Assert.Equal(json, RestorePlanFile.ToJson(RestorePlanFile.FromJson(other, "x"), indented: false));
    }

    [Theory]
    [InlineData("mark")]
    [InlineData("database")]
    [InlineData("replace")]
    [InlineData("order")]
    [InlineData("path")]
    [InlineData("no stop")]
    [InlineData("recover")]
    [InlineData("no members")]
    [InlineData("twice")]
    [InlineData("position")]
    [InlineData("number")]
    [InlineData("no full")]
    public void A_plan_whose_parts_do_not_fit_is_refused(string what)
    {
        RestorePlan plan = Plan();
        RestorePlan spoilt = Spoil(plan, what);
        RecoveryException error = Assert.Throws<RecoveryException>(() => RestorePlanFile.FromJson(RestorePlanFile.ToJson(spoilt), "x"));
        Assert.Equal(RecoveryError.PlanInvalid, error.Code);
        Assert.Contains("not consistent", error.Message, StringComparison.Ordinal);
    }

    private static RestorePlan Spoil(RestorePlan plan, string what)
    {
        MemberPlan first = plan.Members[0];
        List<RestoreStep> steps = [.. first.Steps];
        RestoreStep log = steps[^1];
        switch (what)
        {
            case "mark": return plan with { Mark = " " };
            case "no members": return plan with { Members = [] };
            case "twice": return plan with { Members = [first, first] };
            case "position": return plan with { Members = [first with { MarkPosition = first.MarkPosition with { Lsn = new LogPosition(1) } }] };
            case "database": steps[^1] = log with { Statement = log.Statement! with { Database = "master" } }; break;
            case "replace": return plan with { Members = [.. plan.Members.Select(m => m with { Replaces = null })] };
            case "order": (steps[^1], steps[^2]) = (steps[^2] with { Number = log.Number }, log with { Number = log.Number - 1 }); break;
            case "path": steps[^1] = log with { Statement = log.Statement! with { Path = "/elsewhere" } }; break;
            case "no stop": steps[^1] = log with { Statement = log.Statement! with { StopAtMark = null } }; break;
            case "recover": steps[^1] = log with { Statement = log.Statement! with { Action = RestoreAction.Recover } }; break;
            case "number": steps[^1] = log with { Number = 17 }; break;
            default: steps.RemoveAt(0); break;
        }

        return plan with { Members = [first with { Steps = steps }, .. plan.Members.Skip(1)] };
    }

    /// <summary>Changes one value of the plan at a time.</summary>
    private static IEnumerable<(JsonNode Root, string At)> Edits(string json)
    {
        List<string> paths = [];
        Collect(JsonNode.Parse(json)!["plan"]!, paths);
        foreach (string path in paths)
        {
            JsonNode root = JsonNode.Parse(json)!;
            JsonNode node = Find(root["plan"]!, path);
            node.ReplaceWith(node.GetValueKind() switch
            {
                JsonValueKind.String => JsonValue.Create(node.GetValue<string>() + "1"),
                JsonValueKind.True => JsonValue.Create(false),
                JsonValueKind.False => JsonValue.Create(true),
                _ => JsonValue.Create(node.GetValue<decimal>() + 1),
            });
            yield return (root, path);
        }
    }

    private static void Collect(JsonNode node, List<string> paths)
    {
        switch (node)
        {
            case JsonObject parent:
                foreach (KeyValuePair<string, JsonNode?> child in parent)
                    Collect(child.Value!, paths);
                break;
            case JsonArray list:
                foreach (JsonNode? child in list)
                    Collect(child!, paths);
                break;
            default:
                paths.Add(node.GetPath());
                break;
        }
    }

    private static JsonNode Find(JsonNode plan, string path)
    {
        JsonNode node = plan;
        foreach (string part in path["$.plan".Length..].Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
            node = node is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)]! : node[part]!;
        return node;
    }

    private RestorePlan Plan()
    {
        _world.Servers["DST1"].Databases.TryAdd("BizTalkMsgBoxDb", new FakeDatabase { Name = "BizTalkMsgBoxDb", Id = Guid.Parse("11111111-2222-3333-4444-555555555555") });
        return _world.Prepare(_world.RestoreTo("DST1", "DST2") with { Force = true });
    }
}
