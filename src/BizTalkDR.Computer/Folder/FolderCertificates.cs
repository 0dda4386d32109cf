using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>Certificate stores of a simulated computer: <c>certificates/LocalMachine/My/THUMBPRINT.cer</c>; <c>.pfx</c> beside it holds the key, <c>.fixed</c> says that the key may not leave.</summary>
internal sealed class FolderCertificates(string folder) : CertificateStores
{
    public override bool StoreExists(string location, string store) => Directory.Exists(Store(location, store));

    public override void CreateStore(string location, string store) => Directory.CreateDirectory(Store(location, store));

    public override IReadOnlyList<StoredCertificate> List(string location, string store)
    {
        if (!StoreExists(location, store))
            return [];
        return Directory.GetFiles(Store(location, store), "*.cer").OrderBy(f => f, StringComparer.Ordinal).Select(f => Describe(location, store, f)).ToList();
    }

    public override byte[] Export(string location, string store, string thumbprint) => File.ReadAllBytes(Place(location, store, thumbprint, ".cer"));

    public override byte[] ExportPfx(string location, string store, string thumbprint, SecureString password)
    {
        string kept = Place(location, store, thumbprint, ".pfx");
        if (!File.Exists(kept) || File.Exists(Path.ChangeExtension(kept, ".fixed")))
        {
            throw new RecoveryException(
                RecoveryError.PrivateKeyNotExportable, thumbprint, $"The private key of {thumbprint} in {location}\\{store} cannot be exported: {(File.Exists(kept) ? "it is marked as not exportable" : "there is none")}.");
        }

        using X509Certificate2 certificate = new(kept, string.Empty, X509KeyStorageFlags.Exportable);
        return certificate.Export(X509ContentType.Pfx, password);
    }

    public override void Import(string location, string store, byte[] certificate)
    {
        using X509Certificate2 read = CertificateFiles.Open(certificate);
        Write(Place(location, store, read.Thumbprint, ".cer"), read.Export(X509ContentType.Cert));
    }

    public override void ImportPfx(string location, string store, byte[] pfx, SecureString password, bool exportable)
    {
        using X509Certificate2 read = CertificateFiles.OpenPfx(pfx, password);
        Write(Place(location, store, read.Thumbprint, ".cer"), read.Export(X509ContentType.Cert));
        string kept = Place(location, store, read.Thumbprint, ".pfx");
        Write(kept, read.Export(X509ContentType.Pfx, string.Empty));
        if (!exportable)
            Write(Path.ChangeExtension(kept, ".fixed"), []);
        else
            File.Delete(Path.ChangeExtension(kept, ".fixed"));
    }

    protected override IReadOnlyList<X509Certificate2> OpenPersonal() => new[] { "CurrentUser", "LocalMachine" }.Select(l => Store(l, "My")).Where(Directory.Exists)
        .SelectMany(s => Directory.GetFiles(s, "*.pfx")).Select(f => new X509Certificate2(f, string.Empty)).ToList();

    private static void Write(string path, byte[] content) => SafeFile.Write(path, FileProtection.OwnerOnly, s => s.Write(content, 0, content.Length));

    private static StoredCertificate Describe(string location, string store, string file)
    {
        using X509Certificate2 read = new(file);
        bool hasKey = File.Exists(Path.ChangeExtension(file, ".pfx"));
        bool? mayLeave = hasKey ? !File.Exists(Path.ChangeExtension(file, ".fixed")) : null;
        return new StoredCertificate(location, store, read.Thumbprint, read.Subject, read.NotBefore.ToUniversalTime(), read.NotAfter.ToUniversalTime(), hasKey, mayLeave);
    }

    private string Store(string location, string store) => Path.Combine(folder, location, store);

    private string Place(string location, string store, string thumbprint, string ending) => Path.Combine(Store(location, store), thumbprint.ToUpperInvariant() + ending);
}
