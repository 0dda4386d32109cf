using System;
using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Certificate stores of this computer. Current User is whoever runs this: what a host instance's account has is seen only when the cmdlet runs as that account.</summary>
internal sealed class WindowsCertificates : CertificateStores
{
    public override bool StoreExists(string location, string store)
    {
        using X509Store? opened = TryOpen(location, store);
        return opened is not null;
    }

    public override void CreateStore(string location, string store)
    {
        using X509Store created = OpenToWrite(location, store);
    }

    public override IReadOnlyList<StoredCertificate> List(string location, string store)
    {
        using X509Store? opened = TryOpen(location, store);
        if (opened is null)
            return [];
        List<X509Certificate2> all = opened.Certificates.Cast<X509Certificate2>().ToList();
        try
        {
            return all.ConvertAll(c => new StoredCertificate(
                location, store, c.Thumbprint, c.Subject, c.NotBefore.ToUniversalTime(), c.NotAfter.ToUniversalTime(), c.HasPrivateKey, c.HasPrivateKey ? CanExport(c) : null));
        }
        finally
        {
            all.ForEach(c => c.Dispose());
        }
    }

    public override byte[] Export(string location, string store, string thumbprint)
    {
        using X509Certificate2 found = Find(location, store, thumbprint);
        return found.Export(X509ContentType.Cert);
    }

    public override byte[] ExportPfx(string location, string store, string thumbprint, SecureString password)
    {
        using X509Certificate2 found = Find(location, store, thumbprint);
        if (!found.HasPrivateKey)
            throw NotExportable(location, store, thumbprint, "there is none", null);
        try
        {
            return found.Export(X509ContentType.Pfx, password);
        }
        catch (CryptographicException refused)
        {
            throw NotExportable(location, store, thumbprint, refused.Message, refused);
        }
    }

    public override void Import(string location, string store, byte[] certificate)
    {
        using X509Certificate2 read = CertificateFiles.Open(certificate);
        using X509Store opened = OpenToWrite(location, store);
        opened.Add(read);
    }

    public override void ImportPfx(string location, string store, byte[] pfx, SecureString password, bool exportable)
    {
        // Opened once without keeping the key, so that a wrong password or a damaged file has its name before anything is written.
        ReadPfx(pfx, password);
        X509KeyStorageFlags place = IsMachine(location) ? X509KeyStorageFlags.MachineKeySet : X509KeyStorageFlags.UserKeySet;
        using X509Certificate2 kept = new(pfx, password, X509KeyStorageFlags.PersistKeySet | place | (exportable ? X509KeyStorageFlags.Exportable : X509KeyStorageFlags.DefaultKeySet));
        using X509Store opened = OpenToWrite(location, store);
        opened.Add(kept);
    }

    protected override IReadOnlyList<X509Certificate2> OpenPersonal()
    {
        List<X509Certificate2> all = [];
        foreach (string location in new[] { "CurrentUser", "LocalMachine" })
        {
            using X509Store? opened = TryOpen(location, "My");
            if (opened is not null)
                all.AddRange(opened.Certificates.Cast<X509Certificate2>());
        }

        return all;
    }

    private static bool IsMachine(string location) => string.Equals(location, "LocalMachine", StringComparison.OrdinalIgnoreCase);

    private static X509Store New(string location, string store) => new(store, IsMachine(location) ? StoreLocation.LocalMachine : StoreLocation.CurrentUser);

    /// <summary>Opens a store to read; null when there is none of that name.</summary>
    private static X509Store? TryOpen(string location, string store)
    {
        X509Store found = New(location, store);
        try
        {
            found.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            return found;
        }
        catch (CryptographicException)
        {
            found.Dispose();
            return null;
        }
    }

    private static X509Store OpenToWrite(string location, string store)
    {
        X509Store found = New(location, store);
        try
        {
            found.Open(OpenFlags.ReadWrite);
            return found;
        }
        catch (Exception refused) when (refused is CryptographicException or SecurityException)
        {
            found.Dispose();
            throw new RecoveryException(RecoveryError.PermissionDenied, $"{location}\\{store}", $"The certificate store {location}\\{store} cannot be written: {refused.Message}", null, refused);
        }
    }

    private static X509Certificate2 Find(string location, string store, string thumbprint)
    {
        using X509Store? opened = TryOpen(location, store);
        X509Certificate2? found = opened?.Certificates.Cast<X509Certificate2>().FirstOrDefault(c => string.Equals(c.Thumbprint, thumbprint, StringComparison.OrdinalIgnoreCase));
        return found ?? throw new RecoveryException(RecoveryError.CertificateMissing, thumbprint, $"The certificate {thumbprint} is not in {location}\\{store} any more.");
    }

    private static RecoveryException NotExportable(string location, string store, string thumbprint, string why, Exception? cause) =>
        new(RecoveryError.PrivateKeyNotExportable, thumbprint, $"The private key of {thumbprint} in {location}\\{store} cannot be exported: {why}.", null, cause);

    /// <summary>Whether the key may leave; null when its provider does not say.</summary>
    private static bool? CanExport(X509Certificate2 certificate)
    {
#if !NETFRAMEWORK
        if (!OperatingSystem.IsWindows())
            return null;
#endif
        try
        {
            using RSA? key = certificate.GetRSAPrivateKey();
            return key switch
            {
                RSACng cng => (cng.Key.ExportPolicy & (CngExportPolicies.AllowExport | CngExportPolicies.AllowPlaintextExport)) != CngExportPolicies.None,
                RSACryptoServiceProvider csp => csp.CspKeyContainerInfo.Exportable,
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
