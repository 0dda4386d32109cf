using System.Collections.Generic;
using System.Security;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>A certificate that something on an instance is encrypted with.</summary>
/// <param name="Thumbprint">0x and hexadecimal digits.</param>
/// <param name="Database">The database.</param>
/// <param name="IsBackup">Whether it is a backup of the database in msdb's history, not the database itself.</param>
public sealed record KeyUse(string Thumbprint, string Database, bool IsBackup);

/// <summary>Reads which certificates encrypt databases and backups, and backs certificates up.</summary>
public interface IEncryptionKeys
{
    /// <summary>Reads the uses of every database of the instance.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PermissionDenied"/>.</exception>
    IReadOnlyList<KeyUse> ReadKeyUses(CancellationToken cancellationToken = default);

    /// <summary>BACKUP CERTIFICATE of master with its private key.</summary>
    /// <param name="certificate">Its name.</param>
    /// <param name="path">File of the certificate, as the instance sees it; must not be there.</param>
    /// <param name="keyPath">File of the private key.</param>
    /// <param name="password">Encrypts the key's file. It travels to the server as a parameter of an encrypted connection and is in no text.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    StatementOutcome BackUpCertificate(string certificate, string path, string keyPath, SecureString password, CancellationToken cancellationToken = default);
}
