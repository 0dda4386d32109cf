using System;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Tests.Configuration;

public sealed class ConfigurationRunnerTests : IDisposable
{
    private static readonly WrittenStep[] s_steps = [new(RestoreStage.Verify, "look"), new(RestoreStage.Prerequisites, "there"), new(RestoreStage.Machine, "b"), new(RestoreStage.Machine, "a")];

    private readonly PartSetting _setting = new();
    private readonly WrittenPart _part = new(s_steps);

    public void Dispose() => _setting.Dispose();

    [Fact]
    public void Runs_stage_by_stage_and_within_one_as_the_part_planned()
    {
        ConfigurationRun run = _setting.Run(_part);
        Assert.Null(run.Error);
        Assert.Equal("there b a look", _part.Take());
        Assert.All(run.Steps, s => Assert.Equal(StepState.Done, s.State));
        Assert.True(ConfigurationJournal.Read(_setting.JournalPath).IsDone);
    }

    [Fact]
    public void Stops_at_the_first_failure_and_goes_on_behind_what_is_done()
    {
        _part.Does = s => s.Id == "a" ? StepState.Failed : StepState.Done;
        ConfigurationRun run = _setting.Run(_part);
        Assert.Equal((RecoveryError.StepFailed, "there b a"), (run.Error!.Code, _part.Take()));
        Assert.Equal([StepState.Done, StepState.Done, StepState.Failed, StepState.NotReached], run.Steps.Select(s => s.State));
        Assert.Contains("2 of 4 steps are done, 2 are left", run.Error.StateLeftBehind, StringComparison.Ordinal);

        _part.Does = _ => StepState.Done;
        Assert.Null(_setting.Run(_part, resume: true).Error);
        Assert.Equal("there a look", _part.Take());
    }

    [Fact]
    public void A_manual_step_stops_the_run_until_the_operator_says_that_it_is_done()
    {
        _part.Does = s => s.Id == "b" ? StepState.Manual : StepState.Done;
        Assert.Equal(RecoveryError.ManualStepOpen, _setting.Run(_part).Error!.Code);
        Assert.Equal("there b", _part.Take());
        Assert.Equal(RecoveryError.ManualStepOpen, _setting.Run(_part, resume: true).Error!.Code);
        Assert.Equal("there b", _part.Take());

        ConfigurationRun run = _setting.Run(_part, new StepAnswers(["Machine/b"], []), resume: true);
        Assert.Null(run.Error);
        Assert.Equal(StepState.Confirmed, run.Steps[1].State);
        Assert.Equal("there b a look", _part.Take());
    }

    [Fact]
    public void A_step_that_says_it_failed_is_not_made_good_by_the_operators_word()
    {
        _part.Does = s => s.Id == "b" ? StepState.Failed : StepState.Done;
        Assert.Equal(RecoveryError.StepFailed, _setting.Run(_part, new StepAnswers(["Machine/b"], [])).Error!.Code);
    }

    [Theory]
    [InlineData(true, "there b a look")]
    [InlineData(false, "there")]
    public void A_step_that_was_cut_short_is_repeated_only_if_it_may_be(bool repeatable, string did)
    {
        WrittenPart part = new(s_steps.Select(s => s with { IsRepeatable = repeatable }).ToArray()) { Does = s => s.Id == "b" ? throw new InvalidOperationException("killed") : StepState.Done };
        Assert.Throws<InvalidOperationException>(() => _setting.Run(part));
        part.Take();

        part.Does = _ => StepState.Done;
        ConfigurationRun run = _setting.Run(part, resume: true);
        Assert.Equal(did, part.Take());
        Assert.Equal(repeatable ? null : RecoveryError.ManualStepOpen, run.Error?.Code);
    }

    [Theory]
    [InlineData(true, "there a look")]
    [InlineData(false, "there b a look")]
    public void The_operator_says_of_a_step_that_was_cut_short_whether_it_took_effect(bool tookEffect, string did)
    {
        WrittenPart part = new(s_steps.Select(s => s with { IsRepeatable = false }).ToArray()) { Does = s => s.Id == "b" ? throw new InvalidOperationException("killed") : StepState.Done };
        Assert.Throws<InvalidOperationException>(() => _setting.Run(part));
        part.Take();

        part.Does = _ => StepState.Done;
        StepAnswers answers = tookEffect ? new(["Machine/b"], []) : new([], ["machine/B"]);
        Assert.Null(_setting.Run(part, answers, resume: true).Error);
        Assert.Equal(did, part.Take());
    }

    [Fact]
    public void A_step_that_was_cut_short_waits_for_an_answer_however_often_the_run_is_resumed()
    {
        WrittenPart part = new(s_steps.Select(s => s with { IsRepeatable = false }).ToArray()) { Does = s => s.Id == "b" ? throw new InvalidOperationException("killed") : StepState.Done };
        Assert.Throws<InvalidOperationException>(() => _setting.Run(part));
        part.Does = _ => StepState.Done;
        for (int i = 0; i < 3; i++)
        {
            part.Take();
            RecoveryException error = _setting.Run(part, resume: true).Error!;
            Assert.Equal((RecoveryError.ManualStepOpen, "there"), (error.Code, part.Take()));
            Assert.EndsWith(" -CompletedStep 'Machine/b'. If it did not take effect, name it with -RepeatStep instead.", error.Hint, StringComparison.Ordinal);
        }

        Assert.Null(_setting.Run(part, new StepAnswers([], ["Machine/b"]), resume: true).Error);
        Assert.Equal("there b a look", part.Take());
    }

    [Fact]
    public void A_step_that_looked_and_was_left_to_the_operator_is_not_taken_for_cut_short()
    {
        WrittenPart part = new(s_steps.Select(s => s with { IsRepeatable = false }).ToArray()) { Does = s => s.Id == "b" ? StepState.Manual : StepState.Done };
        Assert.Equal(RecoveryError.ManualStepOpen, _setting.Run(part).Error!.Code);
        part.Take();
        Assert.DoesNotContain("-RepeatStep", _setting.Run(part, resume: true).Error!.Hint, StringComparison.Ordinal);
        Assert.Equal("there b", part.Take());
    }

    [Fact]
    public void Cancelling_stops_before_the_next_step_and_leaves_the_rest_to_a_resumed_run()
    {
        using CancellationTokenSource stop = new();
        _part.Does = s =>
        {
            if (s.Id == "b")
                stop.Cancel();
            return StepState.Done;
        };
        Assert.Equal(RecoveryError.OperationCancelled, _setting.Run(_part, stop: stop.Token).Error!.Code);
        Assert.Equal("there b", _part.Take());
        Assert.Null(_setting.Run(_part, resume: true).Error);
        Assert.Equal("there a look", _part.Take());
    }

    [Fact]
    public void A_journal_whose_last_line_was_cut_short_is_read_and_a_damaged_one_is_not()
    {
        _part.Does = s => s.Id == "a" ? StepState.Failed : StepState.Done;
        _setting.Run(_part);
        File.AppendAllText(_setting.JournalPath, "{\"schemaVersion\":1,\"ev");
        _part.Does = _ => StepState.Done;
        _part.Take();
        Assert.Null(_setting.Run(_part, resume: true).Error);
        Assert.Equal("there a look", _part.Take());
        Assert.True(ConfigurationJournal.Read(_setting.JournalPath).IsDone);

        string[] lines = File.ReadAllLines(_setting.JournalPath);
        lines[2] = "{ nonsense";
        File.WriteAllLines(_setting.JournalPath, lines);
        RecoveryException invalid = Assert.Throws<RecoveryException>(() => ConfigurationJournal.Read(_setting.JournalPath));
        Assert.Equal((RecoveryError.JournalInvalid, "Pass the journal of a restore of a computer, or start the restore without -Resume."), (invalid.Code, invalid.Hint));
    }

    [Fact]
    public void Two_steps_of_one_name_are_no_plan() =>
        Assert.Throws<InvalidOperationException>(() => ConfigurationPlan.InOrder([s_steps[0], s_steps[0] with { Stage = RestoreStage.Hosts }]));

    [Fact]
    public void Nothing_is_done_when_the_journal_cannot_be_written()
    {
        Directory.CreateDirectory(_setting.JournalPath);
        Assert.Equal(RecoveryError.JournalNotWritable, Assert.Throws<RecoveryException>(() => _setting.Run(_part)).Code);
        Assert.Empty(_part.Did);
    }
}
