using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>Compares the certificates a group uses with those in the stores of a computer.</summary>
internal static class CertificateAudit
{
    /// <summary>A certificate that ends within these days counts as a failure: a partner needs time for a new one.</summary>
    public const int WarningDays = 30;

    /// <summary>Checks each use: presence in the right store, private key, exportability, expiry.</summary>
    /// <param name="computer">Name of the computer.</param>
    /// <param name="uses">What the group uses.</param>
    /// <param name="stored">What the stores hold.</param>
    /// <param name="nowUtc">The time.</param>
    public static IReadOnlyList<PartCheck> Check(string computer, CertificateUses uses, IReadOnlyList<StoredCertificate> stored, DateTime nowUtc)
    {
        List<PartCheck> checks = uses.Unreadable.Select(u => Failed(computer, "Thumbprint", u, $"{u} is no thumbprint: it has to be 40 hexadecimal digits.", RecoveryError.CertificateMissing, "Choose the certificate anew in the Administration console.")).ToList();
        foreach (CertificateUse use in uses.Uses)
            checks.AddRange(Check(computer, use, [.. stored.Where(s => s.Thumbprint == use.Thumbprint)]));
        foreach (StoredCertificate one in stored.Where(s => uses.Thumbprints.Contains(s.Thumbprint)).GroupBy(s => s.Thumbprint, StringComparer.Ordinal).Select(g => g.First()))
            checks.Add(Expiry(computer, one, nowUtc));
        return checks;
    }

    /// <summary>Whether a use finds its certificate, with its key where it needs one.</summary>
    public static bool IsBound(CertificateUse use, IEnumerable<StoredCertificate> stored) =>
        stored.Any(s => s.Thumbprint == use.Thumbprint && CertificatePlaces.Serves(use.Purpose, s.Location, s.Store) && (s.HasPrivateKey || !use.NeedsPrivateKey));

    private static IEnumerable<PartCheck> Check(string computer, CertificateUse use, IReadOnlyList<StoredCertificate> found)
    {
        string subject = $"{use.UsedBy}: {use.Thumbprint}";
        StoredCertificate? right = found.FirstOrDefault(s => CertificatePlaces.Serves(use.Purpose, s.Location, s.Store));
        if (right is null)
        {
            string where = found.Count == 0
                ? "It is in none of the stores that were looked at (Current User here means the account that looked)."
                : $"It is in {string.Join(", ", found.Select(s => s.Location + "\\" + s.Store))} instead.";
            yield return Failed(
                computer, "Presence", subject, $"{use.UsedBy} uses the certificate {use.Thumbprint}, which is not in {CertificatePlaces.NameFor(use.Purpose)}. {where}",
                RecoveryError.CertificateMissing, "Restore it with Restore-BizTalkCertificate, run under the account whose store it belongs to.");
            yield break;
        }

        yield return new PartCheck(computer, ConfigurationPart.Certificate, "Presence", subject, CheckOutcome.Passed, $"It is in {right.Location}\\{right.Store}.");
        if (use.NeedsPrivateKey)
            yield return PrivateKey(computer, subject, use, right);
        if (right is { HasPrivateKey: true })
            yield return Exportability(computer, subject, right);
    }

    private static PartCheck PrivateKey(string computer, string subject, CertificateUse use, StoredCertificate found) => found.HasPrivateKey
        ? new PartCheck(computer, ConfigurationPart.Certificate, "PrivateKey", subject, CheckOutcome.Passed, "It has its private key.")
        : Failed(
            computer, "PrivateKey", subject, $"{use.UsedBy} needs the private key of {use.Thumbprint}, and {found.Location}\\{found.Store} holds the certificate without it.",
            RecoveryError.CertificateMissing, "Import the certificate with its key (PFX) into this store.");

    private static PartCheck Exportability(string computer, string subject, StoredCertificate found) => found.CanExportKey switch
    {
        true => new PartCheck(computer, ConfigurationPart.Certificate, "Exportability", subject, CheckOutcome.Passed, "Its private key may leave: a backup can hold it."),
        false => Failed(
            computer, "Exportability", subject, $"The private key of {found.Thumbprint} may not leave {found.Location}\\{found.Store}: no backup can hold it.",
            RecoveryError.PrivateKeyNotExportable, "Keep the file the certificate was issued in (PFX), or be ready to have a new one issued."),
        _ => new PartCheck(computer, ConfigurationPart.Certificate, "Exportability", subject, CheckOutcome.NotChecked, "Nobody can tell whether its private key may leave; a backup will show."),
    };

    private static PartCheck Expiry(string computer, StoredCertificate found, DateTime nowUtc)
    {
        string subject = $"{found.Subject} ({found.Thumbprint})";
        string end = found.NotAfterUtc.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        if (found.NotAfterUtc <= nowUtc)
            return Failed(computer, "Expiry", subject, $"It expired at {end}.", RecoveryError.CertificateExpired, "Have a new certificate issued, import it and choose it in the Administration console.");
        if (found.NotBeforeUtc > nowUtc)
        {
            string begin = found.NotBeforeUtc.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
            return Failed(computer, "Expiry", subject, $"It is not valid before {begin}.", RecoveryError.CertificateExpired, "Look at the clock of this computer, and at the certificate.");
        }

        return found.NotAfterUtc <= nowUtc.AddDays(WarningDays)
            ? Failed(computer, "Expiry", subject, $"It expires at {end}, within {WarningDays} days.", RecoveryError.CertificateExpired, "Have the next certificate issued now, and agree on the change with the partner.")
            : new PartCheck(computer, ConfigurationPart.Certificate, "Expiry", subject, CheckOutcome.Passed, $"It is valid until {end}.");
    }

    private static PartCheck Failed(string computer, string check, string subject, string text, RecoveryError error, string remedy) =>
        new(computer, ConfigurationPart.Certificate, check, subject, CheckOutcome.Failed, text, remedy) { Error = error };
}
