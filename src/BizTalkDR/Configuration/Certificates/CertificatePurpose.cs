namespace BizTalkDR.Configuration.Certificates;

/// <summary>What the group does with a certificate; it decides in which store BizTalk Server looks for it.</summary>
/// <remarks>
/// https://learn.microsoft.com/biztalk/core/certificate-stores-that-biztalk-server-uses: own private keys in Current User\Personal of the account of each
/// host instance, partners' public keys in Local Machine\Other People (<c>AddressBook</c>).
/// </remarks>
public enum CertificatePurpose
{
    /// <summary>The group signs outgoing messages with it: own private key.</summary>
    Signing,

    /// <summary>A host decrypts incoming messages with it: own private key.</summary>
    Decryption,

    /// <summary>A send port encrypts with it: a partner's public key.</summary>
    Encryption,

    /// <summary>The signature of a party is checked with it: a partner's public key.</summary>
    SignatureCheck,

    /// <summary>An adapter's configuration names it; which store is the adapter's affair.</summary>
    Adapter,
}
