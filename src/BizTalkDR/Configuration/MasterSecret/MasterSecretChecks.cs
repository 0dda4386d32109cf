using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Judges a master secret and its backup by facts; pure.</summary>
public static class MasterSecretChecks
{
    private const string BackUp = "Back it up with Backup-BizTalkMasterSecret.";

    /// <summary>Gives the checks.</summary>
    /// <param name="facts">What the computer says.</param>
    /// <param name="kept">The backup; null when there is none.</param>
    /// <param name="keptOnOwnDisk">Whether the backup lies on a disk of the computer it protects.</param>
    public static IReadOnlyList<PartCheck> Of(MasterSecretFacts facts, PartManifest? kept, bool keptOnOwnDisk)
    {
        if (facts.Info is not { } info)
            return [Check(facts, "SsoAnswers", CheckOutcome.Failed, facts.Silence?.Message ?? "Enterprise SSO does not answer.", facts.Silence?.Hint, facts.Silence?.Code), .. OfBackup(facts, kept, keptOnOwnDisk)];
        PartCheck answers = Check(facts, "SsoAnswers", CheckOutcome.Passed, $"The SSO database is {info.Database} on {info.SqlServer}, the master secret server {info.SecretServer}.");
        return info.IsSecretServer ? [answers, IsThere(facts), WasBackedUp(facts), .. OfBackup(facts, kept, keptOnOwnDisk)] : [answers, WasObtained(facts, info)];
    }

    private static PartCheck IsThere(MasterSecretFacts facts)
    {
        LoggedEvent? last = Newest(facts, 10520, 10521, 10523, 10525, 10529);
        if (facts.SecretIds.IsEmpty || last is { Id: 10520 or 10521 })
        {
            return Check(
                facts, "SecretPresent", CheckOutcome.Failed, facts.SecretIds.IsEmpty ? "The registry of the master secret server holds no master secret." : $"The service could not load it: {Said(last!)}",
                "Restore it with Restore-BizTalkMasterSecret.", RecoveryError.SecretMissing);
        }

        return Check(facts, "SecretPresent", CheckOutcome.Passed, $"The registry holds: {facts.SecretIds}.");
    }

    private static PartCheck WasBackedUp(MasterSecretFacts facts) => Newest(facts, 10559, 10589) is { Id: 10589 } never
        ? Check(facts, "SecretBackedUp", CheckOutcome.Failed, $"SSO itself says that it has never been backed up: {Said(never)}", BackUp, RecoveryError.SecretBackupOutdated)
        : Check(facts, "SecretBackedUp", CheckOutcome.Passed, "SSO does not say that it has never been backed up.");

    private static PartCheck WasObtained(MasterSecretFacts facts, SingleSignOnInfo info) => Newest(facts, 10527, 10529, 10532, 10533) switch
    {
        { Id: 10527 or 10532 } failed => Check(facts, "SecretObtained", CheckOutcome.Failed, Said(failed), $"See that the master secret server {info.SecretServer} runs and holds the secret.", RecoveryError.SecretMissing),
        { } got => Check(facts, "SecretObtained", CheckOutcome.Passed, Said(got)),
        null => Check(facts, "SecretObtained", CheckOutcome.NotChecked, $"No event says whether the secret was obtained from {info.SecretServer}.", "Look at the Application log of the computer."),
    };

    private static IEnumerable<PartCheck> OfBackup(MasterSecretFacts facts, PartManifest? kept, bool keptOnOwnDisk)
    {
        if (kept is null)
        {
            yield return Check(facts, "SecretKept", CheckOutcome.Failed, "There is no backup of the master secret.", BackUp, RecoveryError.PartNotKept);
            yield break;
        }

        yield return keptOnOwnDisk
            ? Check(facts, "SecretKeptElsewhere", CheckOutcome.Failed, "The backup lies on a disk of the computer it protects.", "Copy the folder to another computer, and test it there.", RecoveryError.SecretOnlyOnItsComputer)
            : Check(facts, "SecretKeptElsewhere", CheckOutcome.Passed, "The backup does not lie on a disk of the computer it protects.");
        yield return IsCurrent(facts, kept);
    }

    private static PartCheck IsCurrent(MasterSecretFacts facts, PartManifest kept)
    {
        SecretIds ids = MasterSecretPart.IdsOf(kept);
        if (facts.Info is not { IsSecretServer: true } || facts.SecretIds.IsEmpty)
            return Check(facts, "SecretBackupCurrent", CheckOutcome.NotChecked, $"The backup holds {ids}; there is no master secret on this computer to compare it with.", "Test it on the master secret server.");
        return ids.Equals(facts.SecretIds)
            ? Check(facts, "SecretBackupCurrent", CheckOutcome.Passed, $"The backup and the registry hold the same master secrets: {ids}.")
            : Check(facts, "SecretBackupCurrent", CheckOutcome.Failed, $"The backup holds {ids}, the registry {facts.SecretIds}.", BackUp, RecoveryError.SecretBackupOutdated);
    }

    private static LoggedEvent? Newest(MasterSecretFacts facts, params int[] ids) => facts.Events.FirstOrDefault(e => ids.Contains(e.Id));

    private static string Said(LoggedEvent entry) => string.Format(CultureInfo.InvariantCulture, "event {0} of {1:u}: {2}", entry.Id, entry.TimeUtc, entry.Message);

    private static PartCheck Check(MasterSecretFacts facts, string name, CheckOutcome outcome, string text, string? remedy = null, RecoveryError? error = null) =>
        new(facts.Computer, ConfigurationPart.MasterSecret, name, "master secret", outcome, text, remedy) { Error = error };
}
