namespace BizTalkDR.Configuration.Certificates;

/// <summary>A certificate that something in the group names by its thumbprint.</summary>
/// <param name="Purpose">What it is for.</param>
/// <param name="UsedBy">Who names it (<c>send port 'Orders'</c>).</param>
/// <param name="Thumbprint">40 hexadecimal digits, upper case.</param>
public sealed record CertificateUse(CertificatePurpose Purpose, string UsedBy, string Thumbprint)
{
    /// <summary>Whether it is one of the group's own keys: the private key is needed.</summary>
    public bool NeedsPrivateKey => Purpose is CertificatePurpose.Signing or CertificatePurpose.Decryption;
}
