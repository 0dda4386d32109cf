using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Judges whether an instance has the keys to what it is to read: certificates by thumbprint, shared access signatures by container.</summary>
internal static class KeyCheck
{
    /// <summary>An encrypted database (TDE) or backup needs its certificate with the private key in master (33111).</summary>
    public static IEnumerable<PlanTestResult> Encryption(InstanceEvidence instance)
    {
        var faults = new List<PlanTestResult>();
        var found = new List<string>();
        foreach ((string thumbprint, IReadOnlyList<string> databases) in Needed(instance))
        {
            string what = $"the certificate {thumbprint} of {string.Join(", ", databases)}";
            ServerKey? key = instance.Readiness.Keys?.FirstOrDefault(k => string.Equals(k.Thumbprint, thumbprint, StringComparison.OrdinalIgnoreCase));
            if (key is { HasPrivateKey: true })
            {
                found.Add($"{what} is there as '{key.Name}'");
            }
            else if (key is not null)
            {
                faults.Add(PreflightJudge.Failed(PlanCheck.Encryption, instance.Server, RecoveryError.EncryptionKeyMissing, $"{what} is there as '{key.Name}', but without its private key"));
            }
            else if (instance.Readiness.Keys is null && !IsMissed(instance, thumbprint))
            {
                faults.Add(PreflightJudge.NotChecked(PlanCheck.Encryption, instance.Server, $"the login may not see whether {what} is there", "Use a login with VIEW ANY DEFINITION."));
            }
            else
            {
                faults.Add(PreflightJudge.Failed(PlanCheck.Encryption, instance.Server, RecoveryError.EncryptionKeyMissing, $"{what} is not in master"));
            }
        }

        if (faults.Count == 0)
        {
            faults.AddRange(instance.Members.Where(m => m.Files is null && m.MissingKeys.Count == 0).Select(m => PreflightJudge.NotChecked(PlanCheck.Encryption, m.Plan.ToString(), m.NoFilesReason ?? "its files could not be listed", "Put the backup file right, then test again.")));
        }

        return PreflightJudge.FaultsOr(faults, PlanCheck.Encryption, instance.Server, found.Count == 0 ? "neither the databases nor the backups are encrypted" : string.Join("; ", found));
    }

    /// <summary>RESTORE FROM URL finds a shared access signature by the container's URL, which is the credential's name (3201 without it).</summary>
    public static IEnumerable<PlanTestResult> Credentials(InstanceEvidence instance)
    {
        List<string> containers = instance.Members
            .SelectMany(m => m.BackupPaths)
            .Where(BlobUrl.Is)
            .Select(BlobUrl.ContainerOf)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderBy(c => c, StringComparer.OrdinalIgnoreCase)
            .ToList();
        if (containers.Count == 0)
        {
            return [PreflightJudge.Passed(PlanCheck.Credential, instance.Server, "no backup is read from a URL")];
        }

        if (instance.Readiness.SharedAccessCredentials is not { } credentials)
        {
            return [PreflightJudge.NotChecked(PlanCheck.Credential, instance.Server, $"the login may not see the credentials for {string.Join(", ", containers)}", "Use a login with VIEW ANY DEFINITION.")];
        }

        List<PlanTestResult> faults = containers
            .Where(c => !credentials.Any(name => string.Equals(name.TrimEnd('/'), c, StringComparison.OrdinalIgnoreCase)))
            .Select(c => PreflightJudge.Failed(PlanCheck.Credential, instance.Server, RecoveryError.CredentialMissing, $"no credential with a shared access signature has the name '{c}'"))
            .ToList();
        return PreflightJudge.FaultsOr(faults, PlanCheck.Credential, instance.Server, $"there is a credential for {string.Join(", ", containers)}");
    }

    private static bool IsMissed(InstanceEvidence instance, string thumbprint) => instance.Members.Any(m => m.MissingKeys.Contains(thumbprint, StringComparer.OrdinalIgnoreCase));

    private static IEnumerable<(string Thumbprint, IReadOnlyList<string> Databases)> Needed(InstanceEvidence instance) => instance.Members
        .SelectMany(m => m.MissingKeys
            .Concat(m.Headers.Select(h => h.EncryptorThumbprint))
            .Concat((m.Files ?? []).Select(f => f.TdeThumbprint))
            .Where(t => t is not null)
            .Select(t => (Thumbprint: t!, m.Plan.Database)))
        .GroupBy(n => n.Thumbprint, StringComparer.OrdinalIgnoreCase)
        .OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase)
        .Select(g => (g.Key, (IReadOnlyList<string>)g.Select(n => n.Database).Distinct(StringComparer.OrdinalIgnoreCase).ToList()));
}
