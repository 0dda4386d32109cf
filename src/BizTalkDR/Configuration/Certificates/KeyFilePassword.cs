using System.IO;
using System.Security;
using System.Security.Cryptography;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Certificates;

/// <summary>What protects files of a backup.</summary>
/// <param name="Password">Their password.</param>
/// <param name="Envelope">The password, enclosed to a recipient's certificate; null when the operator holds it.</param>
/// <param name="Needs">What the operator must hold to open them.</param>
internal sealed record KeyProtection(SecureString Password, byte[]? Envelope, string Needs);

/// <summary>The password of the files that hold private keys: the operator's, or a random one enclosed to a recipient's certificate.</summary>
internal static class KeyFilePassword
{
    private const string Letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int Length = 40;

    /// <summary>Chooses what protects the files of a backup; null when the operator gave nothing to protect them with.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.CertificateFileInvalid"/>: nothing can be enclosed to the recipient.</exception>
    public static KeyProtection? For(PartContext context)
    {
        if (context.Options.CertificateRecipient is not { } recipient)
            return context.Options.CertificatePassword is { Length: > 0 } given ? new KeyProtection(given, null, "the password that was passed with -CertificatePassword") : null;
        SecureString password = NewRandom();
        return new KeyProtection(
            password, context.Computer.Certificates.Seal(recipient, password),
            $"the private key of the certificate {context.Computer.Certificates.ReadThumbprint(recipient)}, which opens {CertificateInventory.EnvelopeName}");
    }

    /// <summary>Makes a random password of 40 letters and digits (some 230 bits).</summary>
    private static SecureString NewRandom()
    {
        using RandomNumberGenerator random = RandomNumberGenerator.Create();
        SecureString password = new();
        byte[] one = new byte[1];
        while (password.Length < Length)
        {
            random.GetBytes(one);
            // Values beyond the last whole multiple would make some letters likelier.
            if (one[0] < 256 / Letters.Length * Letters.Length)
                password.AppendChar(Letters[one[0] % Letters.Length]);
        }

        password.MakeReadOnly();
        return password;
    }

    /// <summary>Gives the password of a backup's key files; what the operator passes comes first.</summary>
    /// <exception cref="RecoveryException">CertificatePasswordMissing, RecipientKeyMissing, CertificateFileInvalid, KeptFileMissing, KeptFileChanged.</exception>
    public static SecureString Of(PartContext context, KeptFile? envelope)
    {
        if (context.Options.CertificatePassword is { Length: > 0 } given)
            return given;
        if (envelope is null)
        {
            throw new RecoveryException(
                RecoveryError.CertificatePasswordMissing, context.Folder.Path, $"The private keys and other secrets in {context.Folder.Path} are protected by a password, and none was given. Nothing was changed.");
        }

        using Stream stream = context.Folder.Open(envelope);
        return context.Computer.Certificates.Unseal(Bytes(stream));
    }

    public static byte[] Bytes(Stream stream)
    {
        using MemoryStream all = new();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
