using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>Ctrl+C in a PowerShell of its own, while a statement runs that would go on for minutes.</summary>
[Collection("flows")]
public sealed class CtrlCTests(BackedUpGroup shared)
{
    private const string Password = "BIZTALKDR_CTRL_C_PASSWORD";
    private const string Slow = "BizTalkDTADb";

    [PowerShellFact]
    public async Task Ctrl_C_ends_the_statement_says_how_all_was_left_and_leaves_what_can_be_resumed()
    {
        using ManualResetEventSlim fast = new();
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RestorePlan plan = lab.Plan();
        string journal = lab.NewFile("jsonl");
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Destination.Environment.Host("DR2").Instance.Storage.BeforeWrite = (path, _) =>
        {
            // Each write of this one database takes a second.
            if (path.Contains(Slow, StringComparison.Ordinal))
            {
                begun.TrySetResult();
                fast.Wait(TimeSpan.FromSeconds(1));
            }
        };
        using Process shell = Start(lab, journal);
        Task<string> said = shell.StandardError.ReadToEndAsync();
        Task<string> output = shell.StandardOutput.ReadToEndAsync();
        await Task.WhenAny(begun.Task, shell.WaitForExitAsync());
        Assert.False(shell.HasExited, "It ended by itself.");
        using (Process kill = Process.Start("kill", ["-INT", shell.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        Stopwatch watch = Stopwatch.StartNew();
        await shell.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        watch.Stop();
        fast.Set();
        string text = await output + await said;
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}: {text}");

        Dictionary<string, string?>[] lines = [.. File.ReadLines(journal).Select(l => JournalText.Parse(l)!)];
        Assert.Equal(("run-failed", "OperationCancelled"), (lines[^1]["event"], lines[^1]["error"]));
        Assert.Equal(["step-start"], lines.Where(l => l.GetValueOrDefault("member") == Slow).Select(l => l["event"]!));
        Assert.Contains("Members:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ONLINE", string.Join(',', lab.Destination.States().Values), StringComparison.Ordinal);
        lab.GoOn(plan, journal);
        Assert.All(lab.Destination.States().Values, s => Assert.StartsWith("ONLINE", s, StringComparison.Ordinal));
    }

    private Process Start(SweepLab lab, string journal)
    {
        string script = lab.NewFile("ps1");
        string[] addresses = [.. lab.Destination.Request(string.Empty).Destinations.Select(d => $"'{d.Name}'")];
        File.WriteAllText(
            script,
            $"""
            Import-Module '{PowerShellFactAttribute.ModulePath}'
            $credential = [pscredential]::new('sa', (ConvertTo-SecureString $env:{Password} -AsPlainText -Force))
            Restore-BizTalkDatabases '{shared.Lab.Backups}' {string.Join(", ", addresses)} -JournalPath '{journal}' -SqlCredential $credential -TrustServerCertificate -Confirm:$false
            """);

        // Whoever runs the tests in the background has them ignore the signal.
        ProcessStartInfo start = new("env", ["--default-signal=INT", "pwsh", "-NoProfile", "-NonInteractive", "-File", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Password] = lab.Destination.Environment.Password;
        return Process.Start(start)!;
    }
}
