using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.Setup;

/// <summary>What a computer says before it is configured.</summary>
/// <param name="Computer">NetBIOS name.</param>
/// <param name="Edition">Edition of BizTalk Server; empty when the registry does not say.</param>
/// <param name="ProductVersion">Its version; empty when the registry does not say.</param>
/// <param name="HasConfiguration">Whether Configuration.exe is there.</param>
/// <param name="Absent">Databases that cannot be used, with the reason.</param>
/// <param name="Passwords">Accounts whose password was given.</param>
/// <param name="Script">The operator's RestoreConfig.vbe; null when none was given or it is not there.</param>
internal sealed record SetupFacts(
    string Computer, string Edition, string ProductVersion, bool HasConfiguration, IReadOnlyList<(DatabaseAddress Database, string Reason)> Absent, IReadOnlyCollection<string> Passwords, string? Script);

/// <summary>Decides how a computer is configured again; pure.</summary>
/// <remarks>Microsoft's documentation, "Recovering a Computer That Runs BizTalk Server": SSO before the group; Standard Edition cannot join a group and has a script of its own; the same computer name there, any other elsewhere.</remarks>
internal static class SetupPlanner
{
    private static readonly string[] s_single = ["Standard", "Branch"];

    /// <exception cref="RecoveryException">DatabasesAbsent, EditionDiffers, ProductVersionDiffers, ComputerNameDiffers, RestoreConfigMissing, ConfigurationFileInvalid, ConfigurationPasswordMissing, ToolNotFound.</exception>
    public static IReadOnlyList<PartStep> Plan(SetupFacts facts, ComputerManifest manifest, ConfigurationFile file)
    {
        if (WhyNot(facts, manifest) is { } refusal)
            throw refusal;
        if (file.WhatIsWrong() is { Count: > 0 } wrong)
            throw new RecoveryException(RecoveryError.ConfigurationFileInvalid, manifest.Computer, $"The kept configuration file of {manifest.Computer} cannot be used: {string.Join("; ", wrong)}. Nothing was changed.");
        Require(facts, file.Accounts());
        List<string> others = file.Features.Where(f => f != SetupIds.SingleSignOn).ToList();
        List<PartStep> steps = [new PrerequisitesStep()];
        if (file.Features.Contains(SetupIds.SingleSignOn))
            steps.Add(Configure(RestoreStage.SingleSignOn, "join-sso", "Join the existing SSO system", [SetupIds.SingleSignOn]));
        if (IsSingle(facts.Edition))
            steps.Add(new RestoreGroupStep(facts.Script!) { Command = SetupCommands.RestoreGroup(facts.Script!, "<file>").ToString() });
        if (others.Count > 0)
            steps.Add(Configure(RestoreStage.Configuration, "configure", $"Join the group and configure {string.Join("; ", others)}", others));
        return [.. steps, new HostInstancesStep(), new StartHostsStep(), new SetupCheckStep(file.Features)];
    }

    /// <summary>Says why a computer cannot be configured from a backup; null when it can.</summary>
    public static RecoveryException? WhyNot(SetupFacts facts, ComputerManifest manifest)
    {
        if (facts.Absent.Count > 0)
        {
            return new RecoveryException(
                RecoveryError.DatabasesAbsent, facts.Absent[0].Database.Database,
                $"{facts.Computer} cannot be configured while databases are absent: {string.Join("; ", facts.Absent.Select(a => $"{a.Database.Database} on {a.Database.Server}: {a.Reason}"))}. Nothing was configured.");
        }

        if (!facts.HasConfiguration)
            return new RecoveryException(RecoveryError.ToolNotFound, facts.Computer, $"Configuration.exe is not on {facts.Computer}: BizTalk Server is not installed. Nothing was configured.");
        if (Differs(facts.Edition, manifest.Edition))
            return new RecoveryException(RecoveryError.EditionDiffers, facts.Computer, $"{facts.Computer} has BizTalk Server {facts.Edition} Edition, the backup of {manifest.Computer} is of {manifest.Edition} Edition. Nothing was configured.");
        if (Differs(facts.ProductVersion, manifest.ProductVersion))
            return new RecoveryException(RecoveryError.ProductVersionDiffers, facts.Computer, $"{facts.Computer} has BizTalk Server {facts.ProductVersion}, the backup of {manifest.Computer} is of {manifest.ProductVersion}. Nothing was configured.");
        if (!IsSingle(facts.Edition))
            return null;
        if (!SetupIds.Same(facts.Computer, manifest.Computer))
            return new RecoveryException(RecoveryError.ComputerNameDiffers, facts.Computer, $"A computer of {facts.Edition} Edition comes back under its own name alone: this one is {facts.Computer}, the backup is of {manifest.Computer}. Nothing was configured.");
        return facts.Script is null ? new RecoveryException(RecoveryError.RestoreConfigMissing, facts.Computer, $"{facts.Edition} Edition cannot join a group, and no RestoreConfig.vbe was given or it is not on {facts.Computer}. Nothing was configured.") : null;
    }

    private static void Require(SetupFacts facts, IReadOnlyList<string> accounts)
    {
        List<string> missing = accounts.Where(a => !facts.Passwords.Contains(a, StringComparer.OrdinalIgnoreCase)).ToList();
        if (missing.Count > 0)
            throw new RecoveryException(RecoveryError.ConfigurationPasswordMissing, missing[0], $"The passwords of these accounts are needed, and none was given: {string.Join(", ", missing)}. Nothing was changed.");
    }

    private static ConfigureStep Configure(RestoreStage stage, string id, string text, IReadOnlyList<string> features) =>
        new(stage, id, text, features) { Command = SetupCommands.Configure("<file>", "<log>").ToString() };

    private static bool IsSingle(string edition) => s_single.Contains(edition, StringComparer.OrdinalIgnoreCase);

    /// <summary>What one of the two does not say is no difference; the step of the prerequisites says that nobody could compare.</summary>
    private static bool Differs(string there, string kept) => there.Length > 0 && kept.Length > 0 && !SetupIds.Same(there, kept);
}
