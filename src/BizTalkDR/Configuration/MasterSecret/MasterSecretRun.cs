using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Does the steps of a master secret's restore.</summary>
internal sealed class MasterSecretRun(PartContext context, PartManifest kept)
{
    private const string Service = "ENTSSO";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private IComputer Computer => context.Computer;

    public PartStepResult Do(MasterSecretStep step) => step.Action switch
    {
        MasterSecretAction.StartSso => Start(step),
        MasterSecretAction.MoveServer => Move(step),
        MasterSecretAction.RestartSso => Restart(step),
        MasterSecretAction.RestoreSecret => Restore(step),
        MasterSecretAction.Prove => Prove(step),
        _ => new PartStepResult(step, StepState.Manual, step.Text),
    };

    private PartStepResult Start(PartStep step)
    {
        if (!Computer.SingleSignOn.IsInstalled || Computer.Services.Find(Service) is not { } service)
            throw new RecoveryException(RecoveryError.SsoNotInstalled, Computer.Name, $"Enterprise Single Sign-On is not installed on {Computer.Name}.");
        bool ran = service.State == ServiceState.Running;
        if (!ran)
            StartService();
        SingleSignOnInfo info = Computer.SingleSignOn.ReadInfo();
        return new PartStepResult(step, ran ? StepState.NotNeeded : StepState.Done, $"ENTSSO runs; the SSO database is {info.Database} on {info.SqlServer}.");
    }

    private void StartService()
    {
        LoggedEvent? before = Newest();
        try
        {
            Computer.Services.Start(Service, s_patience);
        }
        catch (RecoveryException error) when (Newest() is { Id: 10511 } missing && missing != before)
        {
            throw new RecoveryException(RecoveryError.SsoNotJoined, Computer.Name, $"ENTSSO of {Computer.Name} knows no SSO database (event 10511): {error.Message}", null, error);
        }

        LoggedEvent? Newest() => Computer.Events.Read(MasterSecretFacts.Source, [10511], 1) is { Count: > 0 } events ? events[0] : null;
    }

    private PartStepResult Move(PartStep step)
    {
        SingleSignOnInfo before = Computer.SingleSignOn.ReadInfo();
        if (before.IsSecretServer)
            return new PartStepResult(step, StepState.NotNeeded, $"{Computer.Name} is the master secret server already.");
        Computer.SingleSignOn.MoveSecretServer(Computer.Name);
        SingleSignOnInfo after = Computer.SingleSignOn.ReadInfo();
        return after.IsSecretServer ? new PartStepResult(step, StepState.Done, $"The master secret server was {before.SecretServer} and is {after.SecretServer} now.")
            : throw new RecoveryException(RecoveryError.SsoFailed, Computer.Name, $"ssomanage ended without an error, but the SSO database still names {after.SecretServer} as the master secret server.");
    }

    /// <summary>Services that depend on ENTSSO stop with it; those that ran run again afterwards as far as they can without the secret.</summary>
    private PartStepResult Restart(PartStep step)
    {
        List<string> ran = Computer.Services.List().Where(s => s.State == ServiceState.Running).Select(s => s.Name).ToList();
        Computer.Services.Stop(Service, s_patience);
        Computer.Services.Start(Service, s_patience);
        List<string> stopped = Computer.Services.List().Where(s => s.State != ServiceState.Running && ran.Contains(s.Name, StringComparer.OrdinalIgnoreCase)).Select(s => s.Name).ToList();
        string rest = stopped.Count == 0 ? string.Empty : $" Stopped with it, to be started when the secret is back: {string.Join(", ", stopped)}.";
        return new PartStepResult(step, StepState.Done, "ENTSSO was restarted." + rest);
    }

    private PartStepResult Restore(PartStep step)
    {
        MasterSecretFacts facts = MasterSecretFacts.Read(Computer);
        SecretIds ids = MasterSecretPart.IdsOf(kept), there = facts.SecretIds;
        if (there.Equals(ids))
            return new PartStepResult(step, StepState.NotNeeded, $"The computer holds the secrets of the backup already: {ids}.");
        if (!there.AreAmong(ids))
            throw new RecoveryException(RecoveryError.SecretDiffers, Computer.Name, $"{Computer.Name} holds the master secrets {there} by now, the backup {ids}.");
        // A computer that was set up anew joined only in a step before this one: the plan could not know.
        if (MasterSecretPlanner.WhyNotHere(facts) is { } refusal)
            throw refusal;
        string path = Computer.Files.Expand(string.Format(CultureInfo.InvariantCulture, @"%TEMP%\biztalkdr-{0:N}.sso", Guid.NewGuid()));
        try
        {
            context.Folder.CopyTo(MasterSecretPart.File(kept), Computer.Files, path, FileProtection.OwnerOnly);
            Computer.SingleSignOn.RestoreSecret(path, context.Options.SecretPassword!);
        }
        finally
        {
            Computer.Files.Delete(path);
        }

        SecretIds after = MasterSecretFacts.Read(Computer).SecretIds;
        return after.Equals(ids) ? new PartStepResult(step, StepState.Done, $"The master secrets are back: {ids}.")
            : throw new RecoveryException(RecoveryError.SecretNotRestored, Computer.Name, $"The registry of {Computer.Name} holds the master secrets {after}, the backup {ids}.");
    }

    private PartStepResult Prove(PartStep step) => MasterSecretPlanner.WhyNotProven(MasterSecretFacts.Read(Computer), MasterSecretPart.IdsOf(kept)) is { } reason
        ? throw new RecoveryException(RecoveryError.SecretNotRestored, Computer.Name, $"It is not proven that {Computer.Name} holds the master secret: {reason}")
        : new PartStepResult(step, StepState.Done, $"{Computer.Name} is the master secret server and holds the secrets of the backup.");
}
