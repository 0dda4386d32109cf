using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers;

/// <summary>Real certificates and keys: what a damaged file, a wrong password and a missing key are called, and that an enclosed password opens for its recipient alone.</summary>
public sealed class CertificateFileTests : IDisposable
{
    private const string Password = "cAnary-S3cret";
    private readonly ComputerFolder _folder = new();
    private readonly X509Certificate2 _certificate = Make("CN=own");

    public void Dispose()
    {
        _certificate.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, RecoveryError> BadFiles => new()
    {
        { "wrong password", RecoveryError.PasswordWrong },
        { "empty", RecoveryError.CertificateFileInvalid },
        { "text", RecoveryError.CertificateFileInvalid },
        { "truncated", RecoveryError.CertificateFileInvalid },
        { "no key", RecoveryError.CertificateFileInvalid },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void Names_what_is_wrong_with_a_key_file_and_imports_nothing(string what, RecoveryError expected)
    {
        byte[] good = _certificate.Export(X509ContentType.Pfx, Password);
        byte[] file = what switch
        {
            "empty" => [],
            "text" => Encoding.ASCII.GetBytes("not a PFX at all"),
            "truncated" => good[..(good.Length / 2)],
            "no key" => WithoutKey(),
            _ => good,
        };
        SecureString password = ComputerFolder.Secret(what == "wrong password" ? "other" : Password);
        using IComputer computer = _folder.Open();
        foreach (Action use in (Action[])[() => computer.Certificates.ReadPfx(file, password), () => computer.Certificates.ImportPfx("LocalMachine", "My", file, password, exportable: true)])
        {
            RecoveryException refused = Assert.Throws<RecoveryException>(use);
            Assert.Equal(expected, refused.Code);
            Assert.DoesNotContain(Password, refused.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(computer.Certificates.List("LocalMachine", "My"));
    }

    [Fact]
    public void Reads_a_good_file_without_importing_it()
    {
        using IComputer computer = _folder.Open();
        Assert.Equal(_certificate.Thumbprint, computer.Certificates.ReadPfx(_certificate.Export(X509ContentType.Pfx, Password), ComputerFolder.Secret(Password)));
        Assert.Equal(_certificate.Thumbprint, computer.Certificates.ReadThumbprint(_certificate.Export(X509ContentType.Cert)));
        Assert.False(computer.Certificates.StoreExists("LocalMachine", "My"));
    }

    [Theory]
    [InlineData("CurrentUser")]
    [InlineData("LocalMachine")]
    public void An_enclosed_password_opens_for_its_recipient_alone(string location)
    {
        using X509Certificate2 recipient = Make("CN=recovery, O=Lab");
        using X509Certificate2 other = Make("CN=other");
        using IComputer computer = _folder.Open();
        byte[] envelope = computer.Certificates.Seal(recipient.Export(X509ContentType.Cert), ComputerFolder.Secret(Password));
        Assert.DoesNotContain(Password, Encoding.UTF8.GetString(envelope), StringComparison.Ordinal);
        Put(computer, location, other);
        RecoveryException closed = Assert.Throws<RecoveryException>(() => computer.Certificates.Unseal(envelope));
        Assert.Equal(RecoveryError.RecipientKeyMissing, closed.Code);
        Assert.Contains(recipient.SerialNumber, closed.Message, StringComparison.OrdinalIgnoreCase);
        Put(computer, location, recipient);
        SecureString opened = computer.Certificates.Unseal(envelope);
        Assert.Equal(Password, new System.Net.NetworkCredential(string.Empty, opened).Password);
    }

    [Theory]
    [InlineData("nothing of the kind")]
    [InlineData("-----BEGIN CMS-----\nAAAA\n-----END CMS-----")]
    [InlineData("-----BEGIN CMS-----\n!\n-----END CMS-----")]
    public void Names_a_damaged_envelope(string text)
    {
        using IComputer computer = _folder.Open();
        Assert.Equal(RecoveryError.CertificateFileInvalid, Assert.Throws<RecoveryException>(() => computer.Certificates.Unseal(Encoding.ASCII.GetBytes(text))).Code);
    }

    [Fact]
    public void Encloses_to_certificates_only_that_take_it()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 signsOnly = new CertificateRequest("CN=ec", key, HashAlgorithmName.SHA256).CreateSelfSigned(Begin, End);
        using IComputer computer = _folder.Open();
        Assert.Equal(RecoveryError.CertificateFileInvalid, Assert.Throws<RecoveryException>(() => computer.Certificates.Seal(signsOnly.Export(X509ContentType.Cert), ComputerFolder.Secret("x"))).Code);
        Assert.Equal(RecoveryError.CertificateFileInvalid, Assert.Throws<RecoveryException>(() => computer.Certificates.Seal([1, 2, 3], ComputerFolder.Secret("x"))).Code);
    }

    private static DateTimeOffset Begin => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset End => new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static X509Certificate2 Make(string subject)
    {
        using RSA key = RSA.Create(2048);
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(Begin, End);
    }

    private static void Put(IComputer computer, string location, X509Certificate2 certificate) =>
        computer.Certificates.ImportPfx(location, "My", certificate.Export(X509ContentType.Pfx, Password), ComputerFolder.Secret(Password), exportable: true);

    private byte[] WithoutKey()
    {
        Pkcs12Builder builder = new();
        Pkcs12SafeContents contents = new();
        contents.AddCertificate(X509CertificateLoader.LoadCertificate(_certificate.Export(X509ContentType.Cert)));
        builder.AddSafeContentsEncrypted(contents, Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        builder.SealWithMac(Password, HashAlgorithmName.SHA256, 1000);
        return builder.Encode();
    }
}
