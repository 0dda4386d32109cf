using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer.Messaging;

/// <summary>What the MIME/SMIME encoder of a send pipeline does: signs with the group's own certificate, encrypts with the partner's.</summary>
/// <remarks>
/// Microsoft's documentation, "MIME/SMIME Encoder Pipeline Component": a message is suspended when the group has no signing certificate, when that is not in the
/// personal store of the host instance's account, or when the certificate to encrypt with is not in its store (Local Machine\Other People). The wording is the lab's.
/// </remarks>
internal sealed class SecureEnvelope(LabComputer computer)
{
    private const string Personal = "My", OtherPeople = "AddressBook";

    /// <exception cref="MessageException">A certificate is missing, expired or without its key.</exception>
    public byte[] Close(byte[] body, string signWith, string encryptWith)
    {
        if (CertificateUses.Normalize(signWith) is not { } own)
            throw new MessageException("the BizTalk group has no signing certificate");
        StoredCertificate signer = Find("CurrentUser", Personal, own), recipient = Find("LocalMachine", OtherPeople, CertificateUses.Normalize(encryptWith) ?? encryptWith);
        if (!signer.HasPrivateKey)
            throw new MessageException($"the signing certificate {own} has no private key");
        using X509Certificate2 signing = new(Path.Combine(computer.Folder, "certificates", "CurrentUser", Personal, own + ".pfx"), string.Empty);
        SignedCms signed = new(new ContentInfo(body));
        signed.ComputeSignature(new CmsSigner(signing) { IncludeOption = X509IncludeOption.EndCertOnly });
        using X509Certificate2 encrypting = new(computer.Certificates.Export("LocalMachine", OtherPeople, recipient.Thumbprint));
        EnvelopedCms sealedUp = new(new ContentInfo(signed.Encode()), new AlgorithmIdentifier(new Oid("2.16.840.1.101.3.4.1.42")));
        sealedUp.Encrypt(new CmsRecipient(encrypting));
        return sealedUp.Encode();
    }

    private StoredCertificate Find(string location, string store, string thumbprint)
    {
        StoredCertificate found = computer.Certificates.List(location, store).FirstOrDefault(c => c.Thumbprint == thumbprint)
            ?? throw new MessageException($"the certificate {thumbprint} was not found in {location}\\{store}");
        return found.NotAfterUtc > DateTime.UtcNow ? found : throw new MessageException($"the certificate {thumbprint} in {location}\\{store} has expired");
    }
}
