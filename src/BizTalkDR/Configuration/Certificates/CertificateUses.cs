using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>The certificates that a group really uses.</summary>
/// <param name="Uses">One for each who names one.</param>
/// <param name="Unreadable">Thumbprints that are none: who names them, and the text.</param>
public sealed record CertificateUses(IReadOnlyList<CertificateUse> Uses, IReadOnlyList<string> Unreadable)
{
    private const int ThumbprintDigits = 40;

    // 20 bytes, with or without blanks between them, that are not part of something longer.
    private static readonly Regex s_thumbprint = new(@"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2} ?){19}[0-9A-Fa-f]{2}(?![0-9A-Fa-f])", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));

    // How far before a thumbprint the name of its property ends, escaped XML included.
    private const int NameDistance = 60;

    /// <summary>Their thumbprints, each once.</summary>
    public IReadOnlyList<string> Thumbprints => Uses.Select(u => u.Thumbprint).Distinct(StringComparer.Ordinal).OrderBy(t => t, StringComparer.Ordinal).ToList();

    /// <summary>Reads thumbprints out of the records.</summary>
    /// <param name="records">Texts of the Management database.</param>
    /// <returns>The uses in the order of the records; empty when the group uses none.</returns>
    /// <remarks>A text of 40 hexadecimal digits in an adapter's configuration counts only behind the name of a property that speaks of a certificate: other hashes are as long.</remarks>
    public static CertificateUses From(IEnumerable<CertificateRecord> records)
    {
        List<CertificateUse> uses = [];
        List<string> unreadable = [];
        foreach (CertificateRecord record in records)
        {
            string usedBy = NameOf(record);
            if (PurposeOf(record.Source) is { } purpose)
            {
                if (Normalize(record.Text) is { } thumbprint)
                    uses.Add(new CertificateUse(purpose, usedBy, thumbprint));
                else if (record.Text.Trim().Length > 0)
                    unreadable.Add($"{usedBy}: '{record.Text.Trim()}'");
            }
            else
            {
                uses.AddRange(InText(record.Text).Select(t => new CertificateUse(CertificatePurpose.Adapter, usedBy, t)));
            }
        }

        return new CertificateUses(uses.Distinct().ToList(), unreadable);
    }

    /// <summary>Gives a thumbprint as stores know it; null when the text is none.</summary>
    /// <remarks>Copied from the certificate dialogue it may hold blanks and an invisible mark of direction (U+200E).</remarks>
    public static string? Normalize(string text)
    {
        string digits = new(text.Where(c => !char.IsWhiteSpace(c) && c is not ('\u200E' or '\u200F' or '\uFEFF' or ':')).ToArray());
        return digits.Length == ThumbprintDigits && digits.All(IsHex) ? digits.ToUpperInvariant() : null;
    }

    private static IEnumerable<string> InText(string text) => s_thumbprint.Matches(text).Cast<Match>()
        .Where(m => SpeaksOfCertificate(text.Substring(Math.Max(0, m.Index - NameDistance), Math.Min(NameDistance, m.Index))))
        .Select(m => Normalize(m.Value)!);

    private static bool SpeaksOfCertificate(string before) => new[] { "certificate", "thumbprint", "findvalue", "certhash" }
        .Any(name => before.IndexOf(name, StringComparison.OrdinalIgnoreCase) >= 0);

    private static CertificatePurpose? PurposeOf(CertificateSource source) => source switch
    {
        CertificateSource.Group => CertificatePurpose.Signing,
        CertificateSource.Host => CertificatePurpose.Decryption,
        CertificateSource.SendPort => CertificatePurpose.Encryption,
        CertificateSource.Party => CertificatePurpose.SignatureCheck,
        _ => null,
    };

    private static string NameOf(CertificateRecord record) => record.Source switch
    {
        CertificateSource.Group => $"group '{record.Name}'",
        CertificateSource.Host => $"host '{record.Name}'",
        CertificateSource.SendPort => $"send port '{record.Name}'",
        CertificateSource.Party => $"party '{record.Name}'",
        CertificateSource.SendPortAdapter => $"adapter of send port '{record.Name}'",
        _ => $"adapter of receive location '{record.Name}'",
    };

    private static bool IsHex(char c) => c is (>= '0' and <= '9') or (>= 'a' and <= 'f') or (>= 'A' and <= 'F');
}
