using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using BizTalkDR.Catalogue;
using BizTalkDR.Lab.Hosting;
using Xunit;

namespace BizTalkDR.Integration.Tests.Drill;

/// <summary>The drill as an operator starts it: the built program in a process of its own.</summary>
[Collection("drill")]
public sealed class DrillTests : IDisposable
{
    private static readonly string[] s_members =
        ["BizTalkMgmtDb", "BizTalkMsgBoxDb", "SSODB", "BizTalkRuleEngineDb", "BizTalkMsgBoxDb2", "BizTalkDTADb", "BAMPrimaryImport", "OrdersDb"];

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(7, false)]
    [InlineData(20261121, true)]
    public async Task Proves_a_restored_group_and_says_how(int seed, bool keep)
    {
        string json = _scratch["result.json"];
        string kept = _scratch["kept"];
        List<string> arguments = ["drill", "--seed", $"{seed}", "--json", json];
        if (keep)
            arguments.Add("--keep=" + kept);
        (int code, string output, string error) = await RunAsync(arguments);
        Assert.True(code == 0, output + error);
        Assert.Empty(error);
        Assert.Contains($"PROVEN on a simulated environment, seed {seed}", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        CheckResult(document.RootElement, seed);

        // Nothing is left behind but what was asked for.
        Assert.Empty(Directory.GetFileSystemEntries(Temporary));
        if (keep)
        {
            Assert.Contains($"All files are in {kept}.", output, StringComparison.Ordinal);
            Assert.Equal(4 * s_members.Length, Directory.GetFiles(Path.Combine(kept, "backup"), "*.bak").Length);
            Assert.True(File.Exists(Path.Combine(kept, "ledger.jsonl")));
            Assert.True(File.Exists(Path.Combine(kept, "destination", "restore.jsonl")));
            Assert.Empty(Directory.GetDirectories(Path.Combine(kept, "source", "instances")));
        }
        else
        {
            Assert.False(Directory.Exists(kept));
        }
    }

    [Fact]
    public async Task Refuses_a_folder_that_is_not_empty_and_leaves_it_alone()
    {
        string folder = Directory.CreateDirectory(_scratch["full"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "precious.txt"), "mine");
        (int code, _, string error) = await RunAsync(["drill", "--keep", folder]);
        Assert.Equal(1, code);
        Assert.Contains($"The folder {folder} is not empty", error, StringComparison.Ordinal);
        Assert.Equal(["precious.txt"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFileSystemEntries(Temporary));
    }

    [Theory]
    [InlineData("--sede", "is no option")]
    [InlineData("--seed|minus", "--seed needs a whole number")]
    [InlineData("--seed|-1", "--seed needs a whole number")]
    [InlineData("--seed|4294967296", "--seed needs a whole number")]
    [InlineData("--seed", "--seed needs a value")]
    [InlineData("--seed|1|--seed|2", "--seed is given twice")]
    [InlineData("--json", "--json needs a value")]
    [InlineData("--json|--keep", "--json needs a value")]
    [InlineData("--json=", "--json")]
    [InlineData("--keep=", "--keep")]
    [InlineData("somewhere", "is no option")]
    public void Refuses_an_option_it_does_not_know(string words, string text) =>
        Assert.Contains(text, Assert.Throws<UsageException>(() => DrillOptions.Parse(["drill", .. words.Split('|')])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("drill --seed x")]
    [InlineData("dril")]
    [InlineData("")]
    public async Task Ends_with_2_when_the_command_line_is_wrong(string words)
    {
        (int code, string output, string error) = await RunAsync(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("--help", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_before_it_begins_that_the_result_cannot_be_written()
    {
        (int code, string output, string error) = await RunAsync(["drill", "--json", _scratch[Path.Combine("missing", "result.json")]]);
        Assert.Equal(1, code);
        Assert.Contains("result.json", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Building a group", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Temporary));
    }

    private static void CheckResult(JsonElement root, int seed)
    {
        Assert.Equal(1, root.GetProperty("schemaVersion").GetInt32());
        Assert.True(root.GetProperty("ok").GetBoolean());
        Assert.Equal(seed, root.GetProperty("seed").GetInt32());
        string mark = root.GetProperty("mark").GetString()!;
        Assert.NotNull(LogMark.TryParse(mark));
        Assert.InRange(root.GetProperty("rpoSeconds").GetDouble(), 0, 60);
        Assert.InRange(root.GetProperty("rtoSeconds").GetDouble(), 0.01, 60);
        Assert.Equal(0, root.GetProperty("faults").GetArrayLength());

        List<JsonElement> members = root.GetProperty("members").EnumerateArray().ToList();
        Assert.Equal(s_members, members.Select(m => Text(m, "name")));
        Assert.Equal(["Management", "MessageBox", "Sso", "RuleEngine", "MessageBox", "Tracking", "BamPrimaryImport", "Custom"], members.Select(m => Text(m, "role")));
        Assert.All(members.Take(4), m => Assert.Equal(("LABSQL1", "DRSQL1"), (Text(m, "sourceInstance"), Text(m, "destinationInstance"))));
        Assert.All(members.Skip(4), m => Assert.Equal(("LABSQL2", "DRSQL2"), (Text(m, "sourceInstance"), Text(m, "destinationInstance"))));
        foreach (JsonElement member in members)
        {
            Assert.Equal(mark, Text(member, "newestMark"));
            Assert.True(member.GetProperty("reachedMark").GetBoolean());
            decimal redo = decimal.Parse(Text(member, "redoLsn"), System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(redo > decimal.Parse(Text(member, "markLsn"), System.Globalization.CultureInfo.InvariantCulture));
            Assert.InRange(member.GetProperty("rowsExpected").GetInt32(), 20, 400);
            Assert.Equal(member.GetProperty("rowsExpected").GetInt32(), member.GetProperty("rowsFound").GetInt32());
        }

        List<JsonElement> controls = root.GetProperty("controls").EnumerateArray().ToList();
        Assert.Equal(
            ["a row lost", "a row added", "no stop clause on the last log (gate alone)", "no stop clause at all", "two members' files swapped", "a log skipped"],
            controls.Select(c => Text(c, "name")));
        Assert.All(controls, c => Assert.True(c.GetProperty("caught").GetBoolean()));
        Assert.Equal("the gate (PastTheMark)", Text(controls[2], "by"));
        Assert.True(root.GetProperty("control").GetProperty("caught").GetBoolean());
    }

    private static string Text(JsonElement element, string name)
    {
        Assert.Equal(JsonValueKind.String, element.GetProperty(name).ValueKind);
        return element.GetProperty(name).GetString()!;
    }

    private string Temporary => Directory.CreateDirectory(_scratch["tmp"]).FullName;

    private async Task<(int Code, string Output, string Error)> RunAsync(IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(DrillCommand).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        // Where the program would put files of its own, so that what it forgets is seen. The runtime's own files stay out.
        start.Environment["TMPDIR"] = start.Environment["TEMP"] = start.Environment["TMP"] = Temporary;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
