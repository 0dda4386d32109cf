using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>Tests a kept backup of certificates: does it hold what the group uses today, and do its key files open.</summary>
internal sealed class CertificateBackupTest(PartContext context, PartManifest kept)
{
    public IReadOnlyList<PartCheck> Check(CertificateUses uses)
    {
        CertificateInventory inventory;
        try
        {
            inventory = CertificateInventory.Read(context.Folder, kept);
        }
        catch (RecoveryException unreadable)
        {
            return [Failed("Kept", CertificateInventory.FileName, unreadable)];
        }

        return [.. uses.Uses.Select(u => Kept(u, inventory)), .. inventory.Certificates.Select(KeyFile)];
    }

    private PartCheck Kept(CertificateUse use, CertificateInventory inventory)
    {
        string subject = $"{use.UsedBy}: {use.Thumbprint}";
        List<KeptCertificate> found = inventory.Certificates.Where(c => c.Thumbprint == use.Thumbprint).ToList();
        if (found.Count > 0 && (!use.NeedsPrivateKey || found.Exists(c => c.KeyFile is not null)))
            return new PartCheck(context.Computer.Name, ConfigurationPart.Certificate, "Kept", subject, CheckOutcome.Passed, "The backup holds what this use needs.");
        string text = found.Count == 0 ? $"The backup does not hold the certificate {use.Thumbprint} of {use.UsedBy}." : $"The backup holds the certificate {use.Thumbprint} of {use.UsedBy} without its private key.";
        return new PartCheck(context.Computer.Name, ConfigurationPart.Certificate, "Kept", subject, CheckOutcome.Failed, text, "Run Backup-BizTalkCertificate under an account that has it, with -CertificatePassword or -RecipientCertificate; keep the file of a key that may not leave yourself.")
        {
            Error = RecoveryError.CertificateMissing,
        };
    }

    private PartCheck KeyFile(KeptCertificate one)
    {
        string name = one.KeyFile ?? one.File;
        try
        {
            using Stream stream = context.Folder.Open(InventoryFile.FileOf(name, kept.Files));
            byte[] content = KeyFilePassword.Bytes(stream);
            string opened = one.KeyFile is null
                ? context.Computer.Certificates.ReadThumbprint(content)
                : context.Computer.Certificates.ReadPfx(content, KeyFilePassword.Of(context, InventoryFile.Find(kept.Files, CertificateInventory.EnvelopeName)));
            return string.Equals(opened, one.Thumbprint, StringComparison.OrdinalIgnoreCase)
                ? new PartCheck(context.Computer.Name, ConfigurationPart.Certificate, "File", name, CheckOutcome.Passed, one.KeyFile is null ? "The certificate can be read." : "It opens with the password and holds the key.")
                : Failed("File", name, new RecoveryException(RecoveryError.CertificateFileInvalid, name, $"{name} holds the certificate {opened}, not {one.Thumbprint}."));
        }
        catch (RecoveryException notAsked) when (notAsked.Code is RecoveryError.CertificatePasswordMissing or RecoveryError.RecipientKeyMissing)
        {
            return new PartCheck(context.Computer.Name, ConfigurationPart.Certificate, "File", name, CheckOutcome.NotChecked, $"Whether it opens was not tried: {notAsked.Message}", notAsked.Hint) { Error = notAsked.Code };
        }
        catch (RecoveryException unusable)
        {
            return Failed("File", name, unusable);
        }
    }

    private PartCheck Failed(string check, string subject, RecoveryException why) =>
        new(context.Computer.Name, ConfigurationPart.Certificate, check, subject, CheckOutcome.Failed, why.Message, why.Hint) { Error = why.Code };
}
