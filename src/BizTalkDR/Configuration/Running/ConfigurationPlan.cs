using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration;

/// <summary>The steps that bring a computer back, in the order in which they are done.</summary>
/// <param name="Computer">The computer that is brought back.</param>
/// <param name="Manifest">What it is brought back from; perhaps of a computer with another name.</param>
/// <param name="Steps">Its steps.</param>
public sealed record ConfigurationPlan(string Computer, ComputerManifest Manifest, IReadOnlyList<PartStep> Steps)
{
    /// <summary>What is asked about.</summary>
    public string Target => string.Equals(Computer, Manifest.Computer, StringComparison.OrdinalIgnoreCase) ? Computer : $"{Computer} (from the backup of {Manifest.Computer})";

    /// <summary>What is asked.</summary>
    public string Action => $"Restore {string.Join(", ", Steps.Select(s => s.Part).Distinct())} in {Steps.Count} steps:{Environment.NewLine}"
        + string.Join(Environment.NewLine, Steps.Select((s, i) => $"{i + 1}. {s.Stage}: {s.Text}"));

    /// <summary>Lets each part plan and puts the steps in the order of their stages.</summary>
    /// <exception cref="RecoveryException">PartNotKept, and what a part says when no safe plan exists.</exception>
    public static ConfigurationPlan Of(IReadOnlyList<IConfigurationPart> parts, PartContext context, ComputerManifest manifest, CancellationToken cancellationToken = default) =>
        new(context.Computer.Name, manifest, InOrder(parts.SelectMany(p => p.Plan(context, manifest, manifest.Part(p.Part), cancellationToken)).ToList()));

    /// <summary>Sorts by stage; within a stage the order of the parts and of each part's own plan stays.</summary>
    /// <exception cref="InvalidOperationException">Two steps of a part have the same id: a resumed run could not tell them apart.</exception>
    public static IReadOnlyList<PartStep> InOrder(IReadOnlyList<PartStep> steps)
    {
        if (steps.GroupBy(Key).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two steps have the id {twice.Key}.");
        return steps.OrderBy(s => s.Stage).ToList();
    }

    /// <summary>What a journal and an operator call a step.</summary>
    public static string Key(PartStep step) => $"{step.Part}/{step.Id}";
}
