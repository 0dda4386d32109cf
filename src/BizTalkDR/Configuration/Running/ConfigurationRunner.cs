using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.Configuration;

/// <summary>How a run ended.</summary>
/// <param name="Steps">Every step of the plan and how it ended, in order.</param>
/// <param name="Error">Why it stopped before the end; null when it came to its end.</param>
public sealed record ConfigurationRun(IReadOnlyList<PartStepResult> Steps, RecoveryException? Error);

/// <summary>What the operator says of steps that nobody could look at.</summary>
/// <param name="Completed">Keys of steps that are done.</param>
/// <param name="Repeat">Keys of steps that were cut short, did not take effect and may be done again.</param>
public sealed record StepAnswers(IReadOnlyCollection<string> Completed, IReadOnlyCollection<string> Repeat)
{
    /// <summary>Nothing was said.</summary>
    public static StepAnswers None { get; } = new([], []);
}

/// <summary>Does the steps of a plan one after the other and takes down each before and after it.</summary>
/// <remarks>
/// Stops at the first step that fails or that is left to the operator: nothing after it is done. A killed run leaves a journal whose last step was begun; a
/// resumed run passes over what the journal says is done, but looks again at what must be there before anything else and before hosts start, and proves the end again.
/// </remarks>
public sealed class ConfigurationRunner(IReadOnlyList<IConfigurationPart> parts, PartContext context, IRestoreJournal journal)
{
    /// <summary>What is typed to go on after a stop, for hints. Default: the command that began it.</summary>
    public string GoOn { get; init; } = "the same command";

    /// <summary>Runs a plan, or goes on with one.</summary>
    /// <param name="plan">The plan, made now.</param>
    /// <param name="earlier">Journal of the run that is resumed; null for a first run.</param>
    /// <param name="answers">What the operator says of open steps.</param>
    /// <param name="cancellationToken">Stops before the next step.</param>
    /// <exception cref="RecoveryException">JournalNotWritable: nothing is done that cannot be taken down.</exception>
    public ConfigurationRun Run(ConfigurationPlan plan, ConfigurationJournal? earlier, StepAnswers answers, CancellationToken cancellationToken = default)
    {
        Begin(plan, earlier);
        List<PartStepResult> results = [];
        RecoveryException? error = null;
        foreach (PartStep step in plan.Steps)
        {
            if (error is not null)
            {
                results.Add(new PartStepResult(step, StepState.NotReached, "Not reached."));
                continue;
            }

            context.Ports.Log.Progress("Restoring " + plan.Target, null, step.Text, 100 * results.Count / plan.Steps.Count);
            (PartStepResult result, error) = Do(step, earlier, answers, cancellationToken);
            results.Add(result);
        }

        if (error is null)
            Write(ConfigurationJournal.Done);
        return new ConfigurationRun(results, error is null ? null : Stopped(error, results));
    }

    private void Begin(ConfigurationPlan plan, ConfigurationJournal? earlier) => Write(
        earlier is null ? ConfigurationJournal.Started : ConfigurationJournal.Resumed,
        ("computer", plan.Computer), ("source", plan.Manifest.Computer), ("manifestUtc", TimeOf(plan.Manifest)), ("parts", string.Join(",", plan.Steps.Select(s => s.Part).Distinct())));

    /// <summary>How a journal writes which backup a run works from.</summary>
    internal static string TimeOf(ComputerManifest manifest) => manifest.TakenUtc.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    private (PartStepResult Result, RecoveryException? Error) Do(PartStep step, ConfigurationJournal? earlier, StepAnswers answers, CancellationToken cancellationToken)
    {
        string key = ConfigurationPlan.Key(step);
        if (cancellationToken.IsCancellationRequested)
            return Fail(step, new RecoveryException(RecoveryError.OperationCancelled, key, $"Cancelled before the step '{step.Text}'."), isTaken: false);
        if (earlier?.DoneSteps.Contains(key, StringComparer.Ordinal) == true && step.Stage is not (RestoreStage.Prerequisites or RestoreStage.Ready or RestoreStage.Verify))
            return (new PartStepResult(step, StepState.NotNeeded, "Done by the run that is resumed."), null);
        if (earlier?.OpenSteps.Contains(key, StringComparer.Ordinal) == true && !step.IsRepeatable && !answers.Repeat.Contains(key, StringComparer.OrdinalIgnoreCase))
            return Judge(new PartStepResult(step, StepState.Manual, $"A run was cut short in this step and nobody knows whether it took effect: {step.Text}"), answers, " If it did not take effect, name it with -RepeatStep instead.");
        Write(ConfigurationJournal.StepStarted, ("step", key), ("text", step.Text));
        try
        {
            IConfigurationPart part = parts.First(p => p.Part == step.Part);
            return Judge(part.Run(context, step, cancellationToken), answers);
        }
        catch (RecoveryException failure)
        {
            return Fail(step, failure, isTaken: failure.Code != RecoveryError.OperationCancelled);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fail(step, new RecoveryException(RecoveryError.StepFailed, key, $"The step '{step.Text}' failed: {failure.Message}", null, failure), isTaken: true);
        }
    }

    private (PartStepResult Result, RecoveryException? Error) Judge(PartStepResult result, StepAnswers answers, string otherwise = "")
    {
        string key = ConfigurationPlan.Key(result.Step);
        if (result.State == StepState.Manual && answers.Completed.Contains(key, StringComparer.OrdinalIgnoreCase))
            result = result with { State = StepState.Confirmed, Text = "The operator says that it is done: " + result.Text };
        Write(ConfigurationJournal.StepEnded, ("step", key), ("state", result.State.ToString()), ("text", result.Text));
        context.Ports.Log.Verbose($"{key}: {result.State}. {result.Text}");
        return result.State switch
        {
            StepState.Manual => (result, new RecoveryException(
                RecoveryError.ManualStepOpen, key, $"This step is left to you: {result.Text}", $"Do it, then go on with {GoOn} -CompletedStep '{key}'.{otherwise}")),
            StepState.Failed => (result, new RecoveryException(RecoveryError.StepFailed, key, $"The step '{result.Step.Text}' failed: {result.Text}")),
            _ => (result, null),
        };
    }

    /// <summary>A step that was cut short stays open in the journal: nobody knows whether it took effect.</summary>
    private (PartStepResult Result, RecoveryException? Error) Fail(PartStep step, RecoveryException error, bool isTaken)
    {
        if (isTaken)
            Write(ConfigurationJournal.StepEnded, ("step", ConfigurationPlan.Key(step)), ("state", nameof(StepState.Failed)), ("text", error.Message));
        return (new PartStepResult(step, StepState.Failed, error.Message), error);
    }

    private RecoveryException Stopped(RecoveryException error, List<PartStepResult> results)
    {
        int left = results.Count(r => r.State is not (StepState.Done or StepState.NotNeeded or StepState.Confirmed));
        return new RecoveryException(error.Code, error.Target, error.Message, error.Hint, error)
        {
            StateLeftBehind = $"{results.Count - left} of {results.Count} steps are done, {left} are left. The journal is {journal.Path}; go on with {GoOn}.",
            PartialResult = results,
        };
    }

    private void Write(string what, params (string Name, string? Value)[] details) => journal.Write(what, details.ToDictionary(d => d.Name, d => d.Value, StringComparer.Ordinal));
}
