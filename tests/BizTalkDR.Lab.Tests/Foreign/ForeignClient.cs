using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Tasks;
using Xunit;

namespace BizTalkDR.Lab.Tests.Foreign;

/// <summary>Finds the TDS clients of other makers on this machine, and says why one is not there.</summary>
internal static class ForeignClients
{
    public static string NodeFolder { get; } = Path.Combine(SourceFolder(), "node");

    /// <summary>Null when Node.js and the packages of <see cref="NodeFolder"/> are there.</summary>
    public static string? WhyNoTedious { get; } =
        FindProgram("node") is null ? "no Node.js on PATH"
        : Directory.Exists(Path.Combine(NodeFolder, "node_modules", "tedious")) ? null
        : "tedious is not installed: run `npm ci` in tests/BizTalkDR.Lab.Tests/Foreign/node";

    /// <summary>Null when the programs of FreeTDS are there.</summary>
    public static string? WhyNoFreeTds { get; } = FindProgram("tsql") is null || FindProgram("bsqldb") is null ? "no FreeTDS (tsql, bsqldb) on PATH" : null;

    public static string? FindProgram(string name) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .SelectMany(folder => new[] { name, name + ".exe" }.Select(file => Path.Combine(folder, file))).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, IEnumerable<string> arguments, string input, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string key, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Runs a script of <see cref="NodeFolder"/> with a JSON object as its input.</summary>
    public static async Task<string> NodeAsync(string script, object input)
    {
        (int exitCode, string output, string errors) = await RunAsync("node", ["--no-deprecation", Path.Combine(NodeFolder, script)], JsonSerializer.Serialize(input, JsonSerializerOptions.Web));
        Assert.True(exitCode == 0, errors);
        return output;
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}

/// <summary>A test that needs tedious; skipped with the reason where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TediousFactAttribute : FactAttribute
{
    public TediousFactAttribute() => Skip = ForeignClients.WhyNoTedious;
}

/// <summary>The same for a table of cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TediousTheoryAttribute : TheoryAttribute
{
    public TediousTheoryAttribute() => Skip = ForeignClients.WhyNoTedious;
}

/// <summary>A test that needs FreeTDS; skipped with the reason where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FreeTdsTheoryAttribute : TheoryAttribute
{
    public FreeTdsTheoryAttribute() => Skip = ForeignClients.WhyNoFreeTds;
}

/// <summary>One thing tedious saw: columns, a row, a count, an error, a message.</summary>
internal sealed record ClientEvent(
    [property: JsonPropertyName("kind")] string Kind, [property: JsonPropertyName("names")] string[]? Names, [property: JsonPropertyName("types")] string[]? Types, [property: JsonPropertyName("values")] string?[]? Values,
    [property: JsonPropertyName("number")] int? Number, [property: JsonPropertyName("state")] int? State, [property: JsonPropertyName("severity")] int? Severity, [property: JsonPropertyName("text")] string? Text,
    [property: JsonPropertyName("count")] long? Count);

/// <summary>Something to say on a connection; numbers are connections of sa, other names those of a login.</summary>
/// <param name="Wait">Whether the next part waits for the answer.</param>
internal sealed record ConversationPart(string On, string Text, bool Wait = true);
