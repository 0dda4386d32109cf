using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Keys;

/// <summary>How the backup of a certificate ended.</summary>
/// <param name="Server">Instance that has it.</param>
/// <param name="Certificate">Its name; null when the instance does not have it.</param>
/// <param name="Thumbprint">0x and hexadecimal digits.</param>
/// <param name="UsedBy">What cannot be restored without it.</param>
/// <param name="File">File of the certificate, as the instance sees it.</param>
/// <param name="KeyFile">File of its private key.</param>
/// <param name="Text">What was done and seen.</param>
public sealed record EncryptionKeyBackupResult(string Server, string? Certificate, string Thumbprint, IReadOnlyList<string> UsedBy, string File, string KeyFile, string Text)
{
    /// <summary>Whether both files were seen, and the certificate is the one; null when this computer does not see the folder.</summary>
    public bool? IsConfirmed { get; init; }

    /// <summary>Why it is not kept; null when it is.</summary>
    public RecoveryException? Error { get; init; }
}

/// <summary>Backs up the certificates that a group depends on, each with its private key, through the instance that has it.</summary>
/// <remarks>
/// The service master key and the database master keys are not backed up: they protect private keys on their own instance alone, and the file of a private key is protected by its password
/// (BACKUP CERTIFICATE), so another instance needs neither ("Move a TDE protected database to another SQL Server").
/// </remarks>
public static class EncryptionKeyBackup
{
    /// <summary>Backs them up one by one; one that fails does not keep the others from being backed up.</summary>
    /// <param name="keys">The certificates.</param>
    /// <param name="folder">Folder as the instances see it.</param>
    /// <param name="map">Where this computer sees it.</param>
    /// <param name="password">Protects the files of the private keys.</param>
    /// <param name="directory">Addresses of the instances.</param>
    /// <param name="ports">Servers and files.</param>
    /// <param name="cancellationToken">Stops before the next one.</param>
    public static IReadOnlyList<EncryptionKeyBackupResult> Run(
        IReadOnlyList<EncryptionKey> keys, string folder, PathMap map, SecureString password, InstanceDirectory directory, RecoveryPorts ports, CancellationToken cancellationToken = default) =>
        keys.Select(k => One(k, folder, map, password, directory, ports, cancellationToken)).ToList();

    private static EncryptionKeyBackupResult One(EncryptionKey key, string folder, PathMap map, SecureString password, InstanceDirectory directory, RecoveryPorts ports, CancellationToken cancellationToken)
    {
        EncryptionKeyBackupResult result = new(key.Server, key.Certificate, key.Thumbprint, key.UsedBy, key.FileIn(folder), key.KeyFileIn(folder), string.Empty);
        (KeptKeyState before, string seen) = KeptKey.Look(key, folder, map, ports.Files);
        // What is lost on its instance is said even when it is kept.
        if (WhyNot(key) is { } why && (before != KeptKeyState.Kept || key.HasPrivateKey == false))
            return result with { Text = why.Message, Error = why };
        if (before == KeptKeyState.Kept)
            return result with { IsConfirmed = true, Text = $"It was kept before, its private key under the password of that time: {seen}" };
        string certificate = key.Certificate!;
        using ISqlInstance instance = ports.Sql.Open(directory.AddressOf(key.Server), cancellationToken);
        StatementOutcome outcome = instance.BackUpCertificate(certificate, result.File, result.KeyFile, password, cancellationToken);
        if (outcome.Cause is { } cause)
            return Failed(result, RecoveryError.EncryptionKeyNotKept, $"{key.Server} did not back up the certificate '{certificate}': {cause.Number}, {cause.Text} What was seen before: {seen}");
        (KeptKeyState state, string text) = KeptKey.Look(key, folder, map, ports.Files);
        return state switch
        {
            KeptKeyState.Kept => result with { IsConfirmed = true, Text = text },
            KeptKeyState.Unseen => result with { Text = $"{key.Server} said nothing against it. {text} Nobody looked at the files." },
            _ => Failed(result, RecoveryError.EncryptionKeyNotKept, $"{key.Server} said nothing against it, and {text}"),
        };
    }

    /// <summary>Says why an instance cannot back a certificate up; null when it can. Pure.</summary>
    internal static RecoveryException? WhyNot(EncryptionKey key)
    {
        string what = $"The certificate {key.Thumbprint} of {string.Join(", ", key.UsedBy)}";
        return key.HasPrivateKey switch
        {
            null => new RecoveryException(RecoveryError.PermissionDenied, key.Thumbprint, $"{what} was not backed up: the login may not see the certificates of master on {key.Server}.", "Use a login with VIEW ANY DEFINITION that may back certificates up, then back it up again."),
            false => new RecoveryException(
                RecoveryError.EncryptionKeyMissing, key.Thumbprint, $"{what} is {(key.Certificate is null ? "not" : $"there as '{key.Certificate}', but without its private key,")} in master of {key.Server}.",
                $"Bring it back to master of {key.Server} from wherever it is kept. If it is kept nowhere, the backups that need it cannot be restored: encrypt what is encrypted with it by another certificate, back up that one and the members."),
            true => null,
        };
    }

    private static EncryptionKeyBackupResult Failed(EncryptionKeyBackupResult result, RecoveryError code, string text) => result with { Text = text, Error = new RecoveryException(code, result.Thumbprint, text) };
}
