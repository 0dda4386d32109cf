using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Certificates;

public sealed class CertificatePlannerTests
{
    private const string A = "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD";
    private const string Hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly DateTime s_end = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("", true, "import")]
    [InlineData("", false, "create import")]
    [InlineData("CurrentUser/My/key", true, "")]
    [InlineData("CurrentUser/My", true, "import")]
    [InlineData("LocalMachine/My/key", true, "import")]
    public void Imports_what_is_not_there_with_all_that_is_kept(string stored, bool hasAddressBook, string expected)
    {
        string[] parts = stored.Split('/');
        StoredCertificate[] there = stored.Length == 0 ? [] : [new(parts[0], parts[1], A, "CN=a", s_end.AddYears(-9), s_end, parts.Length > 2, null)];
        IReadOnlyList<PartStep> steps = CertificatePlanner.Plan(new CertificateInventory(1, [], [Kept("CurrentUser", "My", key: true)]), [File("k.pfx"), File("k.cer")], there, hasAddressBook);
        Assert.Equal((expected + " check").Trim(), string.Join(' ', steps.Select(s => s switch { CreateStoreStep => "create", ImportCertificateStep => "import", _ => "check" })));
        Assert.Equal(steps.Select(s => s.Stage).OrderBy(s => s), steps.Select(s => s.Stage));
    }

    [Fact]
    public void Does_not_import_again_what_was_kept_without_its_key()
    {
        StoredCertificate there = new("LocalMachine", "AddressBook", A, "CN=a", s_end.AddYears(-9), s_end, HasPrivateKey: false, null);
        Assert.IsType<BindCheckStep>(Assert.Single(CertificatePlanner.Plan(new CertificateInventory(1, [], [Kept("LocalMachine", "AddressBook", key: false)]), [File("k.cer")], [there], hasAddressBook: true)));
    }

    [Theory]
    [InlineData("CurrentUser", "My", true, "certutil -user -importPFX My \"k.pfx\"")]
    [InlineData("LocalMachine", "My", true, "certutil -importPFX My \"k.pfx\"")]
    [InlineData("LocalMachine", "AddressBook", false, "certutil -addstore AddressBook \"k.cer\"")]
    public void Shows_the_command_an_operator_would_type(string location, string store, bool key, string expected)
    {
        CertificateInventory kept = new(1, [], [Kept(location, store, key)]);
        Assert.Equal(expected, CertificatePlanner.Plan(kept, [File("k.pfx"), File("k.cer")], [], hasAddressBook: true)[0].Command);
    }

    [Fact]
    public void Names_a_file_that_the_manifest_does_not_list()
    {
        CertificateInventory kept = new(1, [], [Kept("CurrentUser", "My", key: true)]);
        Assert.Equal(RecoveryError.KeptFileMissing, Assert.Throws<RecoveryException>(() => CertificatePlanner.Plan(kept, [File("k.cer")], [], hasAddressBook: true)).Code);
    }

    [Fact]
    public void Says_what_cannot_be_kept()
    {
        CertificateUses uses = new([new(CertificatePurpose.Signing, "group 'G'", A), new(CertificatePurpose.Encryption, "send port 'P'", new string('B', 40))], []);
        CertificateSelection selection = CertificatePlanner.Select(uses, [new("CurrentUser", "My", A, "CN=a", s_end, s_end, HasPrivateKey: false, null), new("LocalMachine", "My", new string('C', 40), "CN=c", s_end, s_end, true, true)]);
        Assert.Equal([A], selection.Certificates.Select(c => c.Thumbprint));
        Assert.Equal(2, selection.LeftOut.Count);
        Assert.Contains("send port 'P'", selection.LeftOut[0], StringComparison.Ordinal);
        Assert.Contains("private key", selection.LeftOut[1], StringComparison.Ordinal);
    }

    private static KeptCertificate Kept(string location, string store, bool key) => new(location, store, A, "CN=a", s_end, "k.cer", key ? "k.pfx" : null);

    private static KeptFile File(string name) => new(name, 0, Hash);
}
