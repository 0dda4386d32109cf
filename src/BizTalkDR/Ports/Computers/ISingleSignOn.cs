using System.Security;

namespace BizTalkDR.Ports.Computers;

/// <summary>What Enterprise SSO says of itself.</summary>
/// <param name="SqlServer">SQL Server of the SSO database this computer uses.</param>
/// <param name="Database">The SSO database.</param>
/// <param name="SecretServer">Name of the master secret server by the database.</param>
/// <param name="IsSecretServer">Whether it is this computer.</param>
public sealed record SingleSignOnInfo(string SqlServer, string Database, string SecretServer, bool IsSecretServer);

/// <summary>Enterprise Single Sign-On on one computer: <c>ISSOConfigSS</c> of the interop assembly, else ssoconfig and ssomanage.</summary>
/// <remarks>All throw <see cref="Errors.RecoveryException"/>: SsoNotInstalled, SsoFailed, PasswordWrong, SecretFileInvalid, PermissionDenied.</remarks>
public interface ISingleSignOn
{
    /// <summary>How it is driven: <c>interop</c> or <c>tools</c>; null when it is not installed.</summary>
    string? Means { get; }

    SingleSignOnInfo ReadInfo();

    /// <summary>Writes the master secret to a file.</summary>
    void BackupSecret(string file, SecureString password, string reminder);

    /// <summary>Reads the password reminder of a file: proves that it is a backup of a master secret, changes nothing. Null when this way of driving SSO cannot do that.</summary>
    string? ReadReminder(string file);

    /// <summary>Restores the master secret on the master secret server.</summary>
    void RestoreSecret(string file, SecureString password);

    /// <summary>Names another computer as the master secret server in the SSO database (<c>ssomanage -updateDB</c>).</summary>
    void MoveSecretServer(string computer);
}
