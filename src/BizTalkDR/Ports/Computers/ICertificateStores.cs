using System;
using System.Collections.Generic;
using System.Security;

namespace BizTalkDR.Ports.Computers;

/// <summary>A certificate in a store.</summary>
/// <param name="Location"><c>LocalMachine</c> or <c>CurrentUser</c>.</param>
/// <param name="Store">Name of the store (<c>My</c>, <c>AddressBook</c>).</param>
/// <param name="Thumbprint">40 hexadecimal digits, upper case.</param>
/// <param name="CanExportKey">Whether the private key may leave; null when nobody can tell.</param>
public sealed record StoredCertificate(string Location, string Store, string Thumbprint, string Subject, DateTime NotBeforeUtc, DateTime NotAfterUtc, bool HasPrivateKey, bool? CanExportKey);

/// <summary>Certificate stores of a computer.</summary>
public interface ICertificateStores
{
    bool StoreExists(string location, string store);

    /// <summary>Makes a store that is not there (the AddressBook store of Standard Edition).</summary>
    void CreateStore(string location, string store);

    /// <summary>Certificates of a store; empty when it is not there.</summary>
    IReadOnlyList<StoredCertificate> List(string location, string store);

    /// <summary>Gives the certificate without its key (DER).</summary>
    byte[] Export(string location, string store, string thumbprint);

    /// <summary>Gives certificate and key as PKCS #12.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PrivateKeyNotExportable"/>.</exception>
    byte[] ExportPfx(string location, string store, string thumbprint, SecureString password);

    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.CertificateFileInvalid"/>.</exception>
    void Import(string location, string store, byte[] certificate);

    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PasswordWrong"/>, <see cref="Errors.RecoveryError.CertificateFileInvalid"/>.</exception>
    void ImportPfx(string location, string store, byte[] pfx, SecureString password, bool exportable);

    /// <summary>Reads the thumbprint of a certificate without a key (DER or PEM); nothing is imported.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.CertificateFileInvalid"/>.</exception>
    string ReadThumbprint(byte[] certificate);

    /// <summary>Opens a PKCS #12 file in memory and reads the thumbprint of the certificate whose key it holds; nothing is imported.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PasswordWrong"/>, <see cref="Errors.RecoveryError.CertificateFileInvalid"/>: damaged, or without a private key.</exception>
    string ReadPfx(byte[] pfx, SecureString password);

    /// <summary>Encloses a secret so that only the holder of a certificate's private key can read it (CMS enveloped data, PEM; <c>Unprotect-CmsMessage</c> opens it).</summary>
    /// <param name="recipient">The certificate (DER or PEM).</param>
    /// <param name="secret">What to enclose.</param>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.CertificateFileInvalid"/>: not a certificate, or one that cannot be encrypted to.</exception>
    byte[] Seal(byte[] recipient, SecureString secret);

    /// <summary>Opens what <see cref="Seal"/> made with a private key in Personal of the current user or the machine.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.RecipientKeyMissing"/>, <see cref="Errors.RecoveryError.CertificateFileInvalid"/>.</exception>
    SecureString Unseal(byte[] envelope);
}
