using System;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Computer.Windows;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers.Windows;

/// <summary>The certificate stores of .NET, which on this system are the current user's: a store of its own, emptied at the end.</summary>
public sealed class WindowsCertificatesTests : IDisposable
{
    private const string Location = "CurrentUser";

    private readonly string _store = "BizTalkDR-" + Guid.NewGuid().ToString("N");
    private readonly WindowsCertificates _certificates = new();

    public void Dispose()
    {
        using X509Store store = new(_store, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadWrite);
        store.RemoveRange(store.Certificates);
        store.Close();
        string folder = System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "corefx", "cryptography", "x509stores", _store.ToLowerInvariant());
        if (System.IO.Directory.Exists(folder))
            System.IO.Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Takes_a_certificate_with_its_key_in_and_gives_both_back()
    {
        using X509Certificate2 made = Make();
        Assert.Empty(_certificates.List(Location, _store));
        _certificates.ImportPfx(Location, _store, made.Export(X509ContentType.Pfx, "right"), ComputerFolder.Secret("right"), exportable: true);

        StoredCertificate stored = Assert.Single(_certificates.List(Location, _store));
        Assert.Equal((Location, _store, made.Thumbprint, "CN=lab", true), (stored.Location, stored.Store, stored.Thumbprint, stored.Subject, stored.HasPrivateKey));
        Assert.Equal(made.NotAfter.ToUniversalTime(), stored.NotAfterUtc);
        Assert.Equal(made.Thumbprint, _certificates.ReadThumbprint(_certificates.Export(Location, _store, made.Thumbprint)));
        Assert.Equal(made.Thumbprint, _certificates.ReadPfx(_certificates.ExportPfx(Location, _store, made.Thumbprint, ComputerFolder.Secret("other")), ComputerFolder.Secret("other")));
    }

    [Fact]
    public void A_certificate_without_its_key_gives_none()
    {
        using X509Certificate2 made = Make();
        _certificates.Import(Location, _store, made.Export(X509ContentType.Cert));
        Assert.False(Assert.Single(_certificates.List(Location, _store)).HasPrivateKey);
        Assert.Equal(RecoveryError.PrivateKeyNotExportable, Assert.Throws<RecoveryException>(() => _certificates.ExportPfx(Location, _store, made.Thumbprint, ComputerFolder.Secret("x"))).Code);
    }

    [Fact]
    public void Names_what_is_wrong_and_writes_nothing()
    {
        using X509Certificate2 made = Make();
        Assert.Equal(RecoveryError.PasswordWrong, Assert.Throws<RecoveryException>(() => _certificates.ImportPfx(Location, _store, made.Export(X509ContentType.Pfx, "right"), ComputerFolder.Secret("wrong"), exportable: false)).Code);
        Assert.Equal(RecoveryError.CertificateFileInvalid, Assert.Throws<RecoveryException>(() => _certificates.Import(Location, _store, [1, 2, 3])).Code);
        Assert.Equal(RecoveryError.CertificateMissing, Assert.Throws<RecoveryException>(() => _certificates.Export(Location, _store, made.Thumbprint)).Code);
        Assert.Empty(_certificates.List(Location, _store).Select(c => c.Thumbprint));
    }

    [Fact]
    public void Knows_which_stores_there_are()
    {
        Assert.False(_certificates.StoreExists(Location, "BizTalkDR-nowhere"));
        _certificates.CreateStore(Location, _store);
        using X509Certificate2 made = Make();
        _certificates.Import(Location, _store, made.Export(X509ContentType.Cert));
        Assert.True(_certificates.StoreExists(Location, _store));
    }

    private static X509Certificate2 Make()
    {
        using RSA key = RSA.Create(2048);
        return new CertificateRequest("CN=lab", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2036, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }
}
