using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace BizTalkDR.Lab.Tds;

/// <summary>Makes the lab's self-signed server certificate and keeps it in a folder, so that clients can pin it.</summary>
public static class LabCertificate
{
    private const int KeyBits = 2048;
    private const int ValidYears = 5;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <summary>File with the certificate and its private key; only the owner may read it.</summary>
    public static string PfxPath(string folder) => Path.Combine(folder, "lab-tls.pfx");

    /// <summary>File with the certificate alone, for <c>ServerCertificate=</c> of a Strict client.</summary>
    public static string CerPath(string folder) => Path.Combine(folder, "lab-tls.cer");

    /// <summary>Loads the folder's certificate; makes one when there is none, when it ends within a day, or when it lacks a name.</summary>
    /// <param name="names">Host names besides localhost and 127.0.0.1.</param>
    /// <param name="clock">Null = the system's.</param>
    public static X509Certificate2 LoadOrCreate(string folder, IEnumerable<string>? names = null, TimeProvider? clock = null)
    {
        DateTimeOffset now = (clock ?? TimeProvider.System).GetUtcNow();
        string[] wanted = [.. new[] { "localhost" }.Concat(names ?? []).Distinct(StringComparer.OrdinalIgnoreCase)];
        string path = PfxPath(folder);
        if (File.Exists(path) && Load(path) is { } existing)
        {
            if (existing.NotAfter.ToUniversalTime() > now.UtcDateTime.AddDays(1) && Names(existing).IsSupersetOf(wanted))
            {
                WriteCertificate(folder, existing);
                return existing;
            }

            existing.Dispose();
        }

        using X509Certificate2 created = Create(wanted, now);
        Directory.CreateDirectory(folder);
        WritePrivate(path, created.Export(X509ContentType.Pfx));
        WriteCertificate(folder, created);

        // Loaded again: a key that was never in a store file cannot be used for TLS on every system.
        return Load(path) ?? throw new CryptographicException("The certificate just written cannot be read.");
    }

    private static X509Certificate2 Create(string[] names, DateTimeOffset now)
    {
        using RSA key = RSA.Create(KeyBits);
        CertificateRequest request = new("CN=BizTalkDR Lab", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
            alternatives.AddDnsName(name);
        alternatives.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(ValidYears));
    }

    private static X509Certificate2? Load(string path)
    {
        try
        {
            return new X509Certificate2(path, password: (string?)null, X509KeyStorageFlags.Exportable);
        }
        catch (CryptographicException)
        {
            return null; // damaged, for example by a kill while it was written: it is made again
        }
    }

    private static HashSet<string> Names(X509Certificate2 certificate)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        X509Extension? extension = certificate.Extensions[SubjectAlternativeName];
        if (extension is not null)
            names.UnionWith(new X509SubjectAlternativeNameExtension(extension.RawData).EnumerateDnsNames());
        return names;
    }

    private static void WritePrivate(string path, byte[] content)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        string temporary = path + ".new";
        File.Delete(temporary);
        using (FileStream file = new(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static void WriteCertificate(string folder, X509Certificate2 certificate)
    {
        string path = CerPath(folder);
        byte[] content = certificate.Export(X509ContentType.Cert);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            File.WriteAllBytes(path, content);
    }
}
