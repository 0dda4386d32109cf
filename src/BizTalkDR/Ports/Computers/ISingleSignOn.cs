using System.Security;

namespace BizTalkDR.Ports.Computers;

/// <summary>What Enterprise SSO says of itself.</summary>
/// <param name="SqlServer">SQL Server of the SSO database this computer uses.</param>
/// <param name="Database">The SSO database.</param>
/// <param name="SecretServer">Name of the master secret server by the database.</param>
/// <param name="IsSecretServer">Whether it is this computer.</param>
public sealed record SingleSignOnInfo(string SqlServer, string Database, string SecretServer, bool IsSecretServer);

/// <summary>Enterprise Single Sign-On on one computer, through ssoconfig and ssomanage.</summary>
/// <remarks>All throw <see cref="Errors.RecoveryException"/>: SsoNotInstalled, SsoFailed, PasswordWrong, SecretFileInvalid, PermissionDenied.</remarks>
public interface ISingleSignOn
{
    /// <summary>Whether its tools are on the computer.</summary>
    bool IsInstalled { get; }

    SingleSignOnInfo ReadInfo();

    /// <summary>Writes the master secret to a file.</summary>
    void BackupSecret(string file, SecureString password, string reminder);

    /// <summary>Restores the master secret on the master secret server.</summary>
    void RestoreSecret(string file, SecureString password);

    /// <summary>Names another computer as the master secret server in the SSO database (<c>ssomanage -updateDB</c>).</summary>
    void MoveSecretServer(string computer);
}
