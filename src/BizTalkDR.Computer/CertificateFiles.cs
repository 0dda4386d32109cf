using System;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Errors;

namespace BizTalkDR.Computer;

/// <summary>Opens files of certificates in memory, and gives what is wrong with them its name.</summary>
internal static class CertificateFiles
{
    // ERROR_INVALID_PASSWORD; .NET gives it on every system.
    private const int InvalidPassword = unchecked((int)0x80070056);

    /// <summary>Opens a certificate without a key.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.CertificateFileInvalid"/>.</exception>
    public static X509Certificate2 Open(byte[] certificate)
    {
        try
        {
            X509Certificate2 read = new(certificate);
            if (!read.HasPrivateKey)
                return read;
            read.Dispose();
        }
        catch (Exception damaged) when (damaged is CryptographicException or ArgumentException)
        {
            throw new RecoveryException(RecoveryError.CertificateFileInvalid, "certificate", $"The file is no certificate, or it is damaged: {damaged.Message}", null, damaged);
        }

        throw new RecoveryException(RecoveryError.CertificateFileInvalid, "certificate", "The file holds a private key; a certificate without one was expected (.cer).");
    }

    /// <summary>Opens a PKCS #12 file with the key it holds.</summary>
    /// <exception cref="RecoveryException">PasswordWrong, CertificateFileInvalid.</exception>
    public static X509Certificate2 OpenPfx(byte[] pfx, SecureString password)
    {
        X509Certificate2 read;
        try
        {
            read = new X509Certificate2(pfx, password, X509KeyStorageFlags.Exportable);
        }
        catch (CryptographicException refused) when (refused.HResult == InvalidPassword)
        {
            throw new RecoveryException(RecoveryError.PasswordWrong, "PFX", "The password does not open the PFX file. Nothing was imported.", null, refused);
        }
        catch (Exception damaged) when (damaged is CryptographicException or ArgumentException)
        {
            throw new RecoveryException(RecoveryError.CertificateFileInvalid, "PFX", $"The PFX file is damaged, or is none: {damaged.Message} Nothing was imported.", null, damaged);
        }

        if (read.HasPrivateKey)
            return read;
        read.Dispose();
        throw new RecoveryException(RecoveryError.CertificateFileInvalid, "PFX", "The file holds a certificate without its private key. Nothing was imported.");
    }
}
