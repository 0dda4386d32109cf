using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Drill;
using BizTalkDR.Lab.Group;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Integration.Tests.Drill;

/// <summary>One group that lived and died, for all drills that have to turn red.</summary>
public sealed class DeadGroup : IAsyncLifetime, IDisposable
{
    private readonly ScratchFolder _scratch = new();

    internal DrillRun Run { get; private set; } = null!;

    internal DateTimeOffset Lost { get; private set; }

    public async Task InitializeAsync()
    {
        Run = new DrillRun(11, _scratch.Path, new DrillConsole(TextWriter.Null, TimeProvider.System), TimeProvider.System);
        Lost = await Run.LiveAndDieAsync(CancellationToken.None);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _scratch.Dispose();
}

/// <summary>A drill whose own restore is spoilt turns red; a fault that does nothing is the control's fault.</summary>
[Collection("drill")]
public sealed class MutationTests(DeadGroup dead) : IClassFixture<DeadGroup>
{
    private static readonly DrillMutation s_any = new("a fault") { Plan = plan => plan };

    public static TheoryData<string, string, bool> Mutations => new()
    {
        { "no stop clause on the last log (gate alone)", "PastTheMark: ", false },
        { "no stop clause at all", "PastTheMark: ", false },
        { "two members' files swapped", "", false },
        { "a log skipped", "LogChainBroken: ", false },
        { "a row lost", "OrdersDb: 1 rows are missing, 0 should not be there.", true },
        { "a row added", "OrdersDb: 0 rows are missing, 1 should not be there.", true },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public async Task A_drill_with_a_fault_in_it_is_red(string name, string fault, bool restored)
    {
        DrillMutation mutation = DrillMutation.OfRestores.Concat(DrillMutation.OfRows).Single(m => m.Name == name);
        DrillResult result = await dead.Run.RecoverAsync(dead.Lost, "red-" + Guid.NewGuid().ToString("N"), mutation, CancellationToken.None);
        Assert.False(result.Ok);
        Assert.False(result.Control.Caught);
        Assert.Empty(result.Controls);
        Assert.Contains(result.Faults, f => f.StartsWith(fault, StringComparison.Ordinal));
        Assert.Equal(restored, result.Mark is not null);
        if (!restored)
            Assert.DoesNotContain("ONLINE", Assert.Single(result.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_drill_with_a_fault_that_changes_nothing_is_green()
    {
        DrillMutation none = new("nothing changed") { Plan = plan => plan with { Members = plan.Members.Select(m => m with { Steps = [.. m.Steps] }).ToList() } };
        DrillResult result = await dead.Run.RecoverAsync(dead.Lost, "green", none, CancellationToken.None);
        Assert.True(result.Ok, string.Join('\n', result.Faults.Concat(result.Controls.Select(c => c.ToString()))));
        Assert.Equal(DrillControls.Count, result.Controls.Count);
    }

    [Fact]
    public async Task A_fault_without_effect_is_the_controls_own_fault()
    {
        DrillControl control = await DrillControls.TryAsync(s_any, () => throw new NoEffectException("The fault leaves the plan as it is."), _ => throw new InvalidOperationException());
        Assert.Equal((false, "nobody: The fault leaves the plan as it is."), (control.Caught, control.By));
    }

    [Theory]
    [InlineData(RecoveryError.InstanceUnreachable)]
    [InlineData(RecoveryError.JournalNotWritable)]
    [InlineData(RecoveryError.NotEnoughSpace)]
    [InlineData(RecoveryError.RestoreInterrupted)]
    public async Task A_restore_that_fails_for_another_reason_has_caught_nothing(RecoveryError code)
    {
        DrillControl control = await DrillControls.TryAsync(s_any, () => throw Refusal(code, gate: "seen"), _ => throw new InvalidOperationException());
        Assert.False(control.Caught);
        Assert.StartsWith("nobody: the restore ended for another reason", control.By, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_gate_alone_has_to_catch_nobody_else_may()
    {
        DrillMutation gateOnly = s_any with { GateOnly = true };
        DrillControl before = await DrillControls.TryAsync(gateOnly, () => throw Refusal(RecoveryError.PastTheMark, gate: null), _ => throw new InvalidOperationException());
        Assert.False(before.Caught);
        DrillControl passed = await DrillControls.TryAsync(gateOnly, () => Result("at the mark"), _ => throw new InvalidOperationException());
        Assert.Equal((false, "nobody: the gate let it pass"), (passed.Caught, passed.By));
        DrillControl caught = await DrillControls.TryAsync(gateOnly, () => throw Refusal(RecoveryError.PastTheMark, gate: "past"), _ => throw new InvalidOperationException());
        Assert.Equal((true, "the gate (PastTheMark)"), (caught.Caught, caught.By));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_gate_lets_pass_only_the_ledger_can_catch(bool clean)
    {
        var report = new LedgerReport([new MemberComparison("A/x", 1, 1, clean ? [] : [5], [])], [], 0);
        DrillControl control = await DrillControls.TryAsync(s_any, () => Result("at the mark"), _ => Task.FromResult(report));
        Assert.Equal((!clean, clean ? "nobody" : "the ledger"), (control.Caught, control.By));
    }

    private static RestoreResult Result(string? gate) =>
        new("BTS_x", DateTime.UnixEpoch, true, [new MemberResult("x", default, "A", "B") { Gate = gate }]);

    private static RecoveryException Refusal(RecoveryError code, string? gate) => new(code, "x", "No.") { PartialResult = Result(gate) };
}

/// <summary>The drills run one after the other.</summary>
[CollectionDefinition("drill")]
public sealed class DrillCollection;
