using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

/// <summary>The lab as the operator starts it: processes of its own.</summary>
public sealed class ServeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("serve").FullName;

    [Fact]
    public async Task Serve_builds_a_lab_and_opens_it_again_with_what_was_written()
    {
        if (OperatingSystem.IsWindows())
            return; // There is no way to send Ctrl+C to one process there.
        string lab = Path.Combine(_folder, "lab");
        string table = "CREATE TABLE dbo.Kept (Id int NOT NULL PRIMARY KEY); INSERT INTO dbo.Kept (Id) VALUES (7);";
        IReadOnlyList<string> first = await ServeAsync(["--folder", lab, "--size-kb", "0", "--instances", "PLAY1,PLAY2"], strings =>
        {
            Execute(strings["PLAY2"], "OrdersDb", table);
            Assert.Equal("PLAY1", Scalar(strings["PLAY1"], "master", "SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(128));"));
        });
        Assert.Contains(first, line => line.Contains("SIMULATED", StringComparison.Ordinal));
        Assert.Contains(first, line => line.Contains("never for production data", StringComparison.Ordinal));
        await ServeAsync(["--folder", lab], strings => Assert.Equal(7, Scalar(strings["PLAY2"], "OrdersDb", "SELECT Id FROM dbo.Kept;")));
    }

    [Fact]
    public async Task A_program_starts_an_empty_lab_learns_where_it_is_and_ends_it_by_closing_its_input()
    {
        string lab = Path.Combine(_folder, "lab");
        using Process process = Start(["serve", "--folder", lab, "--empty", "--until-stdin-closes", "--instances", "PLAY1,PLAY2"]);
        using CancellationTokenSource limit = new(Patience);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        List<string> lines = [];
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line && line != "ready")
            lines.Add(line);
        Assert.False(process.HasExited, process.HasExited ? await errors : string.Empty);

        using JsonDocument file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(lab, "connection.json"), limit.Token));
        JsonElement root = file.RootElement;
        string password = root.GetProperty("password").GetString()!;
        JsonElement[] instances = root.GetProperty("instances").EnumerateArray().ToArray();
        Assert.Equal(["PLAY1", "PLAY2"], instances.Select(i => i.GetProperty("name").GetString()));
        Assert.Equal(("sa", "BizTalkMgmtDb", Path.Combine(lab, "backup")), (root.GetProperty("login").GetString(), root.GetProperty("managementDatabase").GetString(), root.GetProperty("backupFolder").GetString()));
        Assert.DoesNotContain(lines, line => line.Contains(password, StringComparison.Ordinal));

        if (!OperatingSystem.IsWindows())
        {
            using Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await interrupt.WaitForExitAsync(limit.Token);
        }

        string text = $"Data Source={instances[1].GetProperty("address").GetString()};User ID=sa;Password={password};TrustServerCertificate=true";
        Assert.Equal("PLAY2", Scalar(text, "master", "SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(128));"));
        Assert.Equal(0, Scalar(text, "master", "SELECT COUNT(*) FROM sys.databases WHERE database_id > 4;"));
        process.StandardInput.Close();
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(string.Empty, await errors);
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData(2, "serve", "--sa-password", "Secret-on-a-command-line-1")]
    [InlineData(2, "serve", "--empty=yes")]
    [InlineData(2, "serve", "--sead", "1")]
    [InlineData(2, "serve", "--instances", "ONE")]
    [InlineData(2, "play")]
    [InlineData(2)]
    [InlineData(1, "serve", "--folder", "/proc/self")]
    [InlineData(0, "--help")]
    [InlineData(0, "--version")]
    public async Task The_exit_code_says_how_it_went(int code, params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
        Assert.Equal(code, process.ExitCode);
        Assert.Equal(code == 0, errors.Length == 0);
        Assert.Equal(code == 0, (await output).Length > 0);
    }

    [Fact]
    public async Task An_instance_that_was_killed_comes_back_with_what_was_committed()
    {
        LabFolder folder = LabFolder.Create(Path.Combine(_folder, "lab"), ["PLAY1"], 1, null);
        await using LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { SeparateProcesses = true });
        Execute(environment.ConnectionStrings["PLAY1"], "master", "CREATE DATABASE Shop;");
        Execute(environment.ConnectionStrings["PLAY1"], "Shop", "CREATE TABLE dbo.T (Id int NOT NULL PRIMARY KEY); INSERT INTO dbo.T (Id) VALUES (1);");
        ChildInstance before = environment.Child("PLAY1");
        await before.KillAsync();
        Assert.True(before.HasExited);
        await environment.StartInstanceAsync("PLAY1");
        Assert.NotSame(before, environment.Child("PLAY1"));
        Assert.Equal(1, Scalar(environment.ConnectionStrings["PLAY1"], "Shop", "SELECT COUNT(*) FROM dbo.T;"));
    }

    [Fact]
    public async Task Two_programs_do_not_run_the_same_lab()
    {
        LabFolder folder = LabFolder.Create(Path.Combine(_folder, "lab"), ["PLAY1"], 1, null);
        await using LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions());
        await Assert.ThrowsAsync<LabException>(() => LabEnvironment.StartAsync(folder, new LabEnvironmentOptions()));
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["exec", typeof(LabFolder).Assembly.Location, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static async Task<IReadOnlyList<string>> ServeAsync(IEnumerable<string> arguments, Action<IReadOnlyDictionary<string, string>> use)
    {
        using Process process = Start(["serve", .. arguments]);
        using CancellationTokenSource limit = new(Patience);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        List<string> lines = [];
        try
        {
            Dictionary<string, string> strings = [];
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                lines.Add(line);
                if (line.Split(": ", 2) is [{ } name, { } text] && text.StartsWith("Data Source=", StringComparison.Ordinal))
                    strings[name] = text;
                if (line.StartsWith("Press Ctrl+C", StringComparison.Ordinal))
                    break;
            }

            Assert.True(strings.Count == 2, string.Join('\n', lines) + (process.HasExited ? await errors : string.Empty));
            use(strings);
            using Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(string.Empty, await errors);
            Assert.Equal(0, process.ExitCode);
            foreach (string text in strings.Values)
                Assert.Throws<SocketException>(() => Connect(new SqlConnectionStringBuilder(text).DataSource));
            return lines;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static void Connect(string address)
    {
        using TcpClient client = new();
        client.Connect("127.0.0.1", int.Parse(address.Split(',')[1], CultureInfo.InvariantCulture));
    }

    private static void Execute(string connectionString, string database, string text) => Run(connectionString, database, text, command => command.ExecuteNonQuery());

    private static object? Scalar(string connectionString, string database, string text) => Run(connectionString, database, text, command => command.ExecuteScalar());

    private static object? Run(string connectionString, string database, string text, Func<SqlCommand, object?> run)
    {
        using SqlConnection connection = new(new SqlConnectionStringBuilder(connectionString) { InitialCatalog = database, Pooling = false, ConnectTimeout = 5 }.ConnectionString);
        connection.Open();
        using SqlCommand command = new(text, connection);
        return run(command);
    }
}
