using System;
using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>Encloses a secret to a certificate: CMS enveloped data (RFC 5652) with AES-256, in the PEM form of Protect-CmsMessage.</summary>
internal static class CertificateEnvelope
{
    private const string Begin = "-----BEGIN CMS-----";
    private const string End = "-----END CMS-----";
    private const string Aes256 = "2.16.840.1.101.3.4.1.42";

    public static byte[] Seal(byte[] recipient, SecureString secret)
    {
        using X509Certificate2 certificate = CertificateFiles.Open(recipient);
        byte[]? sealedBytes = null;
        SecretText.Use(secret, chars =>
        {
            byte[] clear = Encoding.UTF8.GetBytes(chars);
            try
            {
                EnvelopedCms cms = new(new ContentInfo(clear), new AlgorithmIdentifier(new Oid(Aes256)));
                cms.Encrypt(new CmsRecipient(SubjectIdentifierType.IssuerAndSerialNumber, certificate));
                sealedBytes = cms.Encode();
            }
            catch (CryptographicException refused)
            {
                throw new RecoveryException(RecoveryError.CertificateFileInvalid, certificate.Subject, $"Nothing can be encrypted to the certificate of {certificate.Subject} ({certificate.Thumbprint}): {refused.Message}", null, refused);
            }
            finally
            {
                Array.Clear(clear, 0, clear.Length);
            }
        });
        return Encoding.ASCII.GetBytes(Begin + "\r\n" + Convert.ToBase64String(sealedBytes!, Base64FormattingOptions.InsertLineBreaks) + "\r\n" + End + "\r\n");
    }

    /// <param name="envelope">What <see cref="Seal"/> gave.</param>
    /// <param name="keys">Certificates with private keys that may open it.</param>
    public static SecureString Unseal(byte[] envelope, IReadOnlyList<X509Certificate2> keys)
    {
        EnvelopedCms cms = Decode(envelope);
        foreach (X509Certificate2 key in keys.Where(k => cms.RecipientInfos.Cast<RecipientInfo>().Any(r => IsFor(r, k))))
        {
            try
            {
                cms.Decrypt([.. new[] { key }]);
            }
            catch (CryptographicException damaged)
            {
                throw Invalid(damaged.Message, damaged);
            }

            return SecretOf(cms.ContentInfo.Content);
        }

        string recipients = string.Join("; ", cms.RecipientInfos.Cast<RecipientInfo>().Select(Describe));
        throw new RecoveryException(
            RecoveryError.RecipientKeyMissing, "CMS", $"The private key that opens the enclosed password is not in Personal of this user or this computer. It was enclosed to: {recipients}.");
    }

    private static EnvelopedCms Decode(byte[] envelope)
    {
        string text = Encoding.ASCII.GetString(envelope);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw Invalid("it is not in the form of a CMS message", null);
        try
        {
            EnvelopedCms cms = new();
            cms.Decode(Convert.FromBase64String(text.Substring(begin + Begin.Length, end - begin - Begin.Length)));
            return cms;
        }
        catch (Exception damaged) when (damaged is FormatException or CryptographicException)
        {
            throw Invalid(damaged.Message, damaged);
        }
    }

    private static bool IsFor(RecipientInfo recipient, X509Certificate2 key) =>
        recipient.RecipientIdentifier.Value is System.Security.Cryptography.Xml.X509IssuerSerial named
        && string.Equals(named.SerialNumber, key.SerialNumber, StringComparison.OrdinalIgnoreCase) && string.Equals(named.IssuerName, key.Issuer, StringComparison.Ordinal);

    private static string Describe(RecipientInfo recipient) => recipient.RecipientIdentifier.Value is System.Security.Cryptography.Xml.X509IssuerSerial named
        ? $"issuer {named.IssuerName}, serial number {named.SerialNumber}"
        : "a recipient of another kind";

    private static SecureString SecretOf(byte[] content)
    {
        char[] chars = Encoding.UTF8.GetChars(content);
        SecureString secret = new();
        foreach (char c in chars)
            secret.AppendChar(c);
        Array.Clear(chars, 0, chars.Length);
        Array.Clear(content, 0, content.Length);
        secret.MakeReadOnly();
        return secret;
    }

    private static RecoveryException Invalid(string why, Exception? cause) =>
        new(RecoveryError.CertificateFileInvalid, "CMS", $"The enclosed password cannot be read: {why}.", null, cause);
}
