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

    void Import(string location, string store, byte[] certificate);

    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PasswordWrong"/>.</exception>
    void ImportPfx(string location, string store, byte[] pfx, SecureString password, bool exportable);
}
