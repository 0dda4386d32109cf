using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Certificates;

/// <summary>What counts as a certificate that the group uses.</summary>
public sealed class CertificateUsesTests
{
    private const string A = "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD";

    [Theory]
    [InlineData(A, A)]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd", A)]
    [InlineData("FD36 90F0 EB49 F7B8 D3AB 1C69 8E02 ED84 5738 7868", "FD3690F0EB49F7B8D3AB1C698E02ED8457387868")]
    [InlineData("\u200Eaa aa aa aa aa bb bb bb bb bb cc cc cc cc cc dd dd dd dd dd ", A)]
    [InlineData("AA:AA:AA:AA:AA:BB:BB:BB:BB:BB:CC:CC:CC:CC:CC:DD:DD:DD:DD:DD", A)]
    [InlineData("AAAA", null)]
    [InlineData("GAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD", null)]
    [InlineData("", null)]
    public void Knows_a_thumbprint_however_it_was_copied(string text, string? expected) => Assert.Equal(expected, CertificateUses.Normalize(text));

    [Theory]
    [InlineData(CertificateSource.Group, CertificatePurpose.Signing, "group 'X'", true)]
    [InlineData(CertificateSource.Host, CertificatePurpose.Decryption, "host 'X'", true)]
    [InlineData(CertificateSource.SendPort, CertificatePurpose.Encryption, "send port 'X'", false)]
    [InlineData(CertificateSource.Party, CertificatePurpose.SignatureCheck, "party 'X'", false)]
    public void Knows_what_each_place_uses_it_for(CertificateSource source, CertificatePurpose purpose, string usedBy, bool needsKey)
    {
        CertificateUse use = Assert.Single(CertificateUses.From([new CertificateRecord(source, "X", A)]).Uses);
        Assert.Equal(new CertificateUse(purpose, usedBy, A), use);
        Assert.Equal(needsKey, use.NeedsPrivateKey);
    }

    [Fact]
    public void Says_which_thumbprint_is_none_instead_of_dropping_it()
    {
        CertificateUses uses = CertificateUses.From([new CertificateRecord(CertificateSource.Host, "Tracking", "12 34"), new CertificateRecord(CertificateSource.Host, "Other", "  ")]);
        Assert.Empty(uses.Uses);
        Assert.Equal(["host 'Tracking': '12 34'"], uses.Unreadable);
    }

    public static TheoryData<string, string[]> Adapters => new()
    {
        { $"""<CustomProps><Certificate vt="8">{A}</Certificate></CustomProps>""", [A] },
        { $"&lt;clientCertificate findValue=&quot;{A.ToLowerInvariant()}&quot; /&gt;", [A] },
        { "<ServiceCertificate vt=\"8\">FD36 90F0 EB49 F7B8 D3AB 1C69 8E02 ED84 5738 7868</ServiceCertificate>", ["FD3690F0EB49F7B8D3AB1C698E02ED8457387868"] },
        { $"<Sha1 vt=\"8\">{A}</Sha1>", [] },
        { $"<Certificate vt=\"8\">{A}00</Certificate>", [] },
        { "<Certificate vt=\"1\" />", [] },
        { $"<Certificate>{A}</Certificate><Certificate>{A}</Certificate>", [A] },
    };

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Finds_thumbprints_behind_a_property_that_speaks_of_a_certificate(string configuration, string[] expected)
    {
        CertificateUses uses = CertificateUses.From([new CertificateRecord(CertificateSource.ReceiveLocationAdapter, "In", configuration)]);
        Assert.Equal(expected, uses.Thumbprints);
        Assert.All(uses.Uses, u => Assert.Equal((CertificatePurpose.Adapter, "adapter of receive location 'In'"), (u.Purpose, u.UsedBy)));
        Assert.Empty(uses.Unreadable);
    }
}
