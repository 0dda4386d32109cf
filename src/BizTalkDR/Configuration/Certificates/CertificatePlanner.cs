using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>What of a computer's certificates a backup keeps.</summary>
/// <param name="Certificates">Those the group uses, store by store.</param>
/// <param name="LeftOut">What cannot be kept, and what the operator must hold instead.</param>
internal sealed record CertificateSelection(IReadOnlyList<StoredCertificate> Certificates, IReadOnlyList<string> LeftOut);

/// <summary>Decides which certificates a backup keeps and which steps bring them back.</summary>
internal static class CertificatePlanner
{
    /// <summary>Chooses the certificates that the group uses.</summary>
    public static CertificateSelection Select(CertificateUses uses, IReadOnlyList<StoredCertificate> stored)
    {
        List<StoredCertificate> kept = stored.Where(s => uses.Thumbprints.Contains(s.Thumbprint)).ToList();
        List<string> leftOut = uses.Uses.Where(u => !kept.Exists(s => s.Thumbprint == u.Thumbprint))
            .Select(u => $"The certificate {u.Thumbprint} of {u.UsedBy} is in none of the stores that this account sees. Run the backup under the account whose store holds it, or keep its file yourself.").ToList();
        leftOut.AddRange(uses.Uses.Where(u => u.NeedsPrivateKey && kept.Exists(s => s.Thumbprint == u.Thumbprint) && !kept.Exists(s => s.Thumbprint == u.Thumbprint && s.HasPrivateKey))
            .Select(u => $"{u.UsedBy} needs the private key of {u.Thumbprint}; this computer has the certificate alone. Keep the file with its key (PFX) yourself."));
        return new CertificateSelection(kept, leftOut);
    }

    /// <summary>Decides the steps of a restore.</summary>
    /// <param name="kept">What is kept.</param>
    /// <param name="files">The files of the backup, by the manifest.</param>
    /// <param name="stored">What the destination's stores hold already.</param>
    /// <param name="hasAddressBook">Whether the destination has the store Other People.</param>
    /// <remarks>
    /// The store Other People is made even when nothing goes into it: Microsoft's steps for Standard Edition ask for it before anything else.
    /// A certificate that is there with all that the backup holds of it is not imported again.
    /// </remarks>
    public static IReadOnlyList<PartStep> Plan(CertificateInventory kept, IReadOnlyList<KeptFile> files, IReadOnlyList<StoredCertificate> stored, bool hasAddressBook)
    {
        List<PartStep> steps = [];
        if (!hasAddressBook)
            steps.Add(new CreateStoreStep(CertificatePlaces.LocalMachine, CertificatePlaces.OtherPeople));
        KeptFile? envelope = InventoryFile.Find(files, CertificateInventory.EnvelopeName);
        foreach (KeptCertificate one in kept.Certificates.Where(k => !stored.Any(s => IsThere(k, s))))
            steps.Add(new ImportCertificateStep(one, InventoryFile.FileOf(one.KeyFile ?? one.File, files), one.KeyFile is null ? null : envelope) { Command = CommandOf(one) });
        steps.Add(new BindCheckStep());
        return steps;
    }

    /// <summary>Whether a store holds all that a backup keeps of a certificate.</summary>
    public static bool IsThere(KeptCertificate kept, StoredCertificate stored) =>
        stored.Thumbprint == kept.Thumbprint && Same(stored.Location, kept.Location) && Same(stored.Store, kept.Store) && (stored.HasPrivateKey || kept.KeyFile is null);

    /// <summary>certutil as an operator types it; it asks for the password of a PFX.</summary>
    private static string CommandOf(KeptCertificate one)
    {
        string user = Same(one.Location, CertificatePlaces.CurrentUser) ? "-user " : string.Empty;
        return one.KeyFile is { } key
            ? $"certutil {user}-importPFX {one.Store} \"{key.Replace('/', '\\')}\""
            : $"certutil {user}-addstore {one.Store} \"{one.File.Replace('/', '\\')}\"";
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
