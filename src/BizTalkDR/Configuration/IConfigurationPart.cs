using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>What a part works on.</summary>
/// <param name="Computer">The computer.</param>
/// <param name="Ports">Servers, clock, log.</param>
/// <param name="Folder">Folder of the computer's backup: the one that holds its manifest.</param>
/// <param name="Options">What the operator chose.</param>
public sealed record PartContext(IComputer Computer, RecoveryPorts Ports, IBackupFolder Folder, PartOptions Options);

/// <summary>Backs up, tests and restores one part of a computer.</summary>
public interface IConfigurationPart
{
    ConfigurationPart Part { get; }

    /// <summary>Says why there is nothing of this part to back up on a computer (no BAM portal, not the master secret server); null when there is.</summary>
    string? WhyNot(PartContext context, CancellationToken cancellationToken = default);

    /// <summary>Writes the part's files below the context's folder.</summary>
    PartManifest Backup(PartContext context, CancellationToken cancellationToken = default);

    /// <summary>Looks, and changes nothing.</summary>
    /// <param name="context">The computer and folder.</param>
    /// <param name="kept">What is kept of the part; null when there is no backup of it.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default);

    /// <summary>Gathers facts and decides the steps; changes nothing.</summary>
    /// <remarks>All parts plan before the first step of any runs: what an earlier stage will bring is not there yet, and is looked at when the step runs.</remarks>
    /// <exception cref="Errors.RecoveryException">No safe plan exists.</exception>
    IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default);

    /// <summary>Does one step of the plan and reads back that it took effect. One that took effect before is <see cref="StepState.NotNeeded"/>; one that only people can do is <see cref="StepState.Manual"/>.</summary>
    /// <exception cref="Errors.RecoveryException">It failed; nothing after it is done.</exception>
    PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default);
}
