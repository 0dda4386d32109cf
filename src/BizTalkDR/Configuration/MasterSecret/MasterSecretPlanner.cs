using System;
using System.Collections.Generic;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration;

/// <summary>What a step of the master secret's restore does.</summary>
public enum MasterSecretAction
{
    /// <summary>Sees that SSO is there, joined and running.</summary>
    StartSso,

    /// <summary>Names this computer as the master secret server in the SSO database.</summary>
    MoveServer,

    /// <summary>Starts ENTSSO again.</summary>
    RestartSso,

    /// <summary>What an operator does with a clustered service.</summary>
    Cluster,

    /// <summary>Runs the restore.</summary>
    RestoreSecret,

    /// <summary>What an operator does on the other SSO servers.</summary>
    OtherServers,

    /// <summary>Proves that the computer is the secret server and holds the secrets of the backup.</summary>
    Prove,
}

/// <summary>A step of the master secret's restore.</summary>
public sealed record MasterSecretStep(MasterSecretAction Action, RestoreStage Stage, string Id, string Text) : PartStep(ConfigurationPart.MasterSecret, Stage, Id, Text);

/// <summary>Decides how a master secret comes back; pure.</summary>
/// <remarks>https://learn.microsoft.com/biztalk/core/how-to-move-the-master-secret-server and how-to-restore-the-master-secret: the order of the steps; on a cluster on every node.</remarks>
public static class MasterSecretPlanner
{
    /// <summary>Gives the steps.</summary>
    /// <param name="facts">What the computer says; what an earlier stage will bring is not in it yet.</param>
    /// <param name="kept">The backup.</param>
    /// <param name="moves">Whether the computer is to become the master secret server.</param>
    /// <exception cref="RecoveryException">NotTheSecretServer, SecretDiffers, SecretBackupUnproven.</exception>
    public static IReadOnlyList<MasterSecretStep> Plan(MasterSecretFacts facts, PartManifest kept, bool moves)
    {
        SecretIds ids = MasterSecretPart.IdsOf(kept);
        if (ids.IsEmpty)
            throw new RecoveryException(RecoveryError.SecretBackupUnproven, facts.Computer, "The manifest does not say which master secrets the backup holds: nothing could prove that they came back.");
        if (!moves && WhyNotHere(facts) is { } refusal)
            throw refusal;
        if (!facts.SecretIds.AreAmong(ids))
            throw new RecoveryException(RecoveryError.SecretDiffers, facts.Computer, $"{facts.Computer} holds the master secrets {facts.SecretIds}, the backup {ids}: a restore would replace what is not in the backup. Nothing was changed.");
        List<MasterSecretStep> steps = [new(MasterSecretAction.StartSso, RestoreStage.SingleSignOn, "start-sso", "See that Enterprise SSO is installed and joined, and start ENTSSO")];
        if (moves)
        {
            steps.Add(new(MasterSecretAction.MoveServer, RestoreStage.MasterSecret, "move", $"Name {facts.Computer} as the master secret server in the SSO database") { Command = "ssomanage -updateDB <file with secretServer>" });
            steps.Add(new(MasterSecretAction.RestartSso, RestoreStage.MasterSecret, "restart", $"Restart ENTSSO on {facts.Computer}") { Command = "net stop ENTSSO & net start ENTSSO" });
        }

        if (facts.IsClusterNode)
            steps.Add(new(MasterSecretAction.Cluster, RestoreStage.MasterSecret, "cluster", "Take the clustered ENTSSO offline and online again on this node, and repeat the restore on every other node"));
        steps.Add(new(MasterSecretAction.RestoreSecret, RestoreStage.MasterSecret, "restore", $"Restore the master secret from its backup of {kept.TakenUtc:u}") { Command = "ssoconfig -restoreSecret <file>" });
        steps.Add(new(MasterSecretAction.Prove, RestoreStage.Verify, "prove", $"Prove that {facts.Computer} is the master secret server and holds the secrets of the backup"));
        if (moves)
            steps.Add(new(MasterSecretAction.OtherServers, RestoreStage.Verify, "others", "Restart ENTSSO on every other SSO server and look for event 10529 (not 10532) there"));
        return steps;
    }

    /// <summary>Says why the secret is not restored to a computer: the SSO database names another one; null when it is.</summary>
    public static RecoveryException? WhyNotHere(MasterSecretFacts facts) => facts is { Info: { IsSecretServer: false } info, IsClusterNode: false }
        ? new RecoveryException(
            RecoveryError.NotTheSecretServer, facts.Computer, $"{facts.Computer} is not the master secret server: the SSO database names {info.SecretServer}. The master secret was not touched.",
            $"Restore it on {info.SecretServer}; when that one is lost, run Move-BizTalkMasterSecretServer on the computer that is to take its place, or Restore-BizTalkConfiguration with -MoveSecretServer.")
        : null;

    /// <summary>Judges what the computer says after the restore.</summary>
    /// <returns>Why it is not proven; null when it is.</returns>
    public static string? WhyNotProven(MasterSecretFacts facts, SecretIds ids)
    {
        if (facts.Info is not { } info)
            return facts.Silence?.Message ?? "Enterprise SSO does not answer.";
        if (!info.IsSecretServer && !facts.IsClusterNode)
            return $"the SSO database names {info.SecretServer} as the master secret server";
        if (!facts.SecretIds.Equals(ids))
            return $"the registry holds the master secrets {facts.SecretIds}, the backup {ids}";
        foreach (Ports.Computers.LoggedEvent entry in facts.Events)
        {
            if (entry.Id is 10520 or 10521)
                return $"the service could not load them: event {entry.Id}: {entry.Message}";
            if (entry.Id is 10523 or 10529)
                return null;
        }

        return "no event says that they were restored (10523) or loaded (10529)";
    }
}
