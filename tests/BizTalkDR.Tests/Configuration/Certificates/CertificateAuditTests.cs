using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Certificates;

/// <summary>Rows: one use, one store, one expected judgement of each check.</summary>
public sealed class CertificateAuditTests
{
    private const string A = "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD";
    private static readonly DateTime s_now = new(2026, 6, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(CertificatePurpose.Signing, "CurrentUser", "My", true, true, "Presence+ PrivateKey+ Exportability+ Expiry+")]
    [InlineData(CertificatePurpose.Signing, "CurrentUser", "My", true, false, "Presence+ PrivateKey+ Exportability-PrivateKeyNotExportable Expiry+")]
    [InlineData(CertificatePurpose.Signing, "CurrentUser", "My", true, null, "Presence+ PrivateKey+ Exportability? Expiry+")]
    [InlineData(CertificatePurpose.Signing, "CurrentUser", "My", false, null, "Presence+ PrivateKey-CertificateMissing Expiry+")]
    [InlineData(CertificatePurpose.Signing, "LocalMachine", "My", true, true, "Presence-CertificateMissing Expiry+")]
    [InlineData(CertificatePurpose.Decryption, "LocalMachine", "AddressBook", false, null, "Presence-CertificateMissing Expiry+")]
    [InlineData(CertificatePurpose.Encryption, "LocalMachine", "AddressBook", false, null, "Presence+ Expiry+")]
    [InlineData(CertificatePurpose.Encryption, "CurrentUser", "My", false, null, "Presence-CertificateMissing Expiry+")]
    [InlineData(CertificatePurpose.SignatureCheck, "LocalMachine", "AddressBook", false, null, "Presence+ Expiry+")]
    [InlineData(CertificatePurpose.SignatureCheck, "LocalMachine", "My", false, null, "Presence-CertificateMissing Expiry+")]
    [InlineData(CertificatePurpose.Adapter, "LocalMachine", "My", true, true, "Presence+ Exportability+ Expiry+")]
    [InlineData(CertificatePurpose.Adapter, "CurrentUser", "My", false, null, "Presence+ Expiry+")]
    public void Looks_where_BizTalk_Server_looks(CertificatePurpose purpose, string location, string store, bool hasKey, bool? mayLeave, string expected) =>
        Assert.Equal(expected, Judge(purpose, new StoredCertificate(location, store, A, "CN=a", s_now.AddYears(-1), s_now.AddYears(1), hasKey, mayLeave)));

    [Fact]
    public void A_certificate_in_no_store_is_missing() => Assert.Equal("Presence-CertificateMissing", Judge(CertificatePurpose.Encryption));

    [Theory]
    [InlineData(-400, -1, "-CertificateExpired")]
    [InlineData(-400, 0, "-CertificateExpired")]
    [InlineData(-400, 30, "-CertificateExpired")]
    [InlineData(-400, 31, "+")]
    [InlineData(1, 400, "-CertificateExpired")]
    public void Judges_by_the_date(int beginsInDays, int endsInDays, string expected)
    {
        StoredCertificate one = new("LocalMachine", "AddressBook", A, "CN=a", s_now.AddDays(beginsInDays), s_now.AddDays(endsInDays), HasPrivateKey: false, null);
        Assert.EndsWith("Expiry" + expected, Judge(CertificatePurpose.Encryption, one), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreadable_thumbprint_fails_and_a_certificate_nobody_uses_is_not_judged()
    {
        StoredCertificate other = new("LocalMachine", "My", new string('F', 40), "CN=o", s_now.AddYears(-3), s_now.AddYears(-2), HasPrivateKey: true, true);
        PartCheck only = Assert.Single(CertificateAudit.Check("PC", new CertificateUses([], ["host 'H': '12'"]), [other], s_now));
        Assert.Equal(("Thumbprint", CheckOutcome.Failed), (only.Check, only.Outcome));
    }

    private static string Judge(CertificatePurpose purpose, params StoredCertificate[] stored)
    {
        IReadOnlyList<PartCheck> checks = CertificateAudit.Check("PC", new CertificateUses([new CertificateUse(purpose, "x", A)], []), stored, s_now);
        Assert.All(checks.Where(c => c.Outcome == CheckOutcome.Failed), c => Assert.NotNull(c.Remedy));
        return string.Join(' ', checks.Select(c => c.Check + (c.Outcome switch { CheckOutcome.Passed => "+", CheckOutcome.Failed => "-" + c.Error, _ => "?" })));
    }
}
