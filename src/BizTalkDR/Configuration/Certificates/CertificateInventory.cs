using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>A certificate as a backup keeps it.</summary>
/// <param name="Location">Location of its store.</param>
/// <param name="Store">Name of its store.</param>
/// <param name="Thumbprint">40 hexadecimal digits, upper case.</param>
/// <param name="Subject">Whom it names.</param>
/// <param name="NotAfterUtc">When it ends.</param>
/// <param name="File">File of the certificate, below the backup's folder.</param>
/// <param name="KeyFile">PKCS #12 file with its key; null when the key is not kept.</param>
public sealed record KeptCertificate(string Location, string Store, string Thumbprint, string Subject, DateTime NotAfterUtc, string File, string? KeyFile)
{
    /// <summary>Whether it had its private key when it was kept.</summary>
    public bool HadPrivateKey { get; init; }
}

/// <summary>What <c>certificates.json</c> holds.</summary>
/// <param name="SchemaVersion">Version of the form; 1.</param>
/// <param name="Uses">Who used which certificate.</param>
/// <param name="Certificates">What is kept.</param>
public sealed record CertificateInventory(int SchemaVersion, IReadOnlyList<CertificateUse> Uses, IReadOnlyList<KeptCertificate> Certificates)
{
    /// <summary>Folder of the part below the backup's folder. Each backup has a folder of its own in it: one that is cut short leaves the one before it whole.</summary>
    public const string Folder = "certificates";

    /// <summary>Name of the file.</summary>
    public const string FileName = "certificates.json";

    /// <summary>The password of the key files, enclosed to a recipient's certificate; absent when the operator chose a password.</summary>
    public const string EnvelopeName = "password.cms";

    /// <exception cref="Errors.RecoveryException">KeptFileMissing, KeptFileChanged, ComputerManifestInvalid.</exception>
    internal static CertificateInventory Read(IBackupFolder folder, PartManifest kept) => InventoryFile.Read<CertificateInventory>(
        folder, kept, FileName, i => i is { SchemaVersion: 1, Uses: not null, Certificates: not null } && i.Certificates.All(c => c is { Location: not null, Store: not null, Thumbprint: not null, File: not null }));
}
