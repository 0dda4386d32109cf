using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

/// <summary>Business over two instances while one of them is killed: the ledger must agree with every member afterwards.</summary>
public sealed class KillTests
{
    [Theory]
    [InlineData("LABSQL2", 1)]
    [InlineData("LABSQL1", 2)]
    public async Task No_transaction_is_half_done_after_an_instance_was_killed(string victim, int seed)
    {
        await using PracticeLab lab = await PracticeLab.StartAsync(PracticeLab.Small(), new LabEnvironmentOptions { SeparateProcesses = true });
        using Ledger ledger = new(Path.Combine(lab.Folder.FullPath, "ledger.jsonl"), TimeProvider.System);
        Workload workload = new(lab.Group, lab.Environment.ConnectionStrings, ledger, new WorkloadOptions { Seed = seed, LongestRun = TimeSpan.FromSeconds(60) }, TimeProvider.System);
        using CancellationTokenSource stop = new();
        Task<WorkloadResult> running = workload.RunAsync(1_000_000, stop.Token);
        for (int round = 1; round <= 2; round++)
        {
            await UntilAsync(workload, 30 * round, running);
            await lab.Environment.Child(victim).KillAsync();
            await lab.Environment.StartInstanceAsync(victim);
        }

        await UntilAsync(workload, 90, running);
        await stop.CancelAsync();
        WorkloadResult result = await running;
        Assert.True(result.Acknowledged >= 90);

        Dictionary<string, IReadOnlySet<long>> found = [];
        foreach (MemberDefinition member in lab.Group.Members)
            found[member.Key] = await LedgerCheck.ReadAsync(lab.Environment.ConnectionStrings[member.Server], member.Database);
        LedgerReport report = LedgerCheck.AtEnd(Ledger.Read(ledger.Path), found);
        Assert.True(report.Ok, string.Join("; ", report.Halves) + " | " + string.Join("; ", report.Members));
    }

    // Ends when so many more are acknowledged, or with the run, which is bounded in time.
    private static async Task UntilAsync(Workload workload, int acknowledged, Task running)
    {
        while (workload.Acknowledged < acknowledged && !running.IsCompleted)
            await Task.WhenAny(running, Task.Delay(20));
    }
}
