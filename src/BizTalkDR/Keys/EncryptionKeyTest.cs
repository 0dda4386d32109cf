using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Keys;

/// <summary>One check of a certificate that the group depends on.</summary>
/// <param name="Server">Instance that was looked at.</param>
/// <param name="Check">Stable name: Kept, or Destination.</param>
/// <param name="Thumbprint">The certificate.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Text">What was seen.</param>
/// <param name="Remedy">What to do next; null when nothing is to be done.</param>
public sealed record EncryptionKeyCheck(string Server, string Check, string Thumbprint, CheckOutcome Outcome, string Text, string? Remedy = null)
{
    /// <summary>The catalogue's name of what failed; null when nothing did.</summary>
    public RecoveryError? Error { get; init; }
}

/// <summary>Says whether each certificate is kept, and whether a destination has it; pure but for the look at files.</summary>
/// <remarks>
/// https://learn.microsoft.com/sql/t-sql/statements/alter-certificate-transact-sql: WITH PRIVATE KEY brings the private key to a certificate that is there without it; to create the same certificate again fails (15232).
/// </remarks>
public static class EncryptionKeyTest
{
    /// <summary>Looks for the kept files. Whether the password opens a private key's file shows only where it is imported.</summary>
    public static EncryptionKeyCheck Kept(EncryptionKey key, string folder, PathMap map, IFileStore files)
    {
        (KeptKeyState state, string text) = KeptKey.Look(key, folder, map, files);
        string users = $" {string.Join(", ", key.UsedBy)} cannot be restored elsewhere without it.";
        return state switch
        {
            KeptKeyState.Kept => new(key.Server, "Kept", key.Thumbprint, CheckOutcome.Passed, text),
            KeptKeyState.Unseen => new(key.Server, "Kept", key.Thumbprint, CheckOutcome.NotChecked, text, "Run the test where the folder can be seen, or pass -PathMap."),
            _ => new(key.Server, "Kept", key.Thumbprint, CheckOutcome.Failed, text + users, ErrorCatalogue.HintOf(RecoveryError.EncryptionKeyNotKept)) { Error = RecoveryError.EncryptionKeyNotKept },
        };
    }

    /// <summary>Looks whether a destination has it.</summary>
    /// <param name="key">The certificate.</param>
    /// <param name="folder">Folder of the kept files.</param>
    /// <param name="destination">Real name of the destination.</param>
    /// <param name="there">Certificates of its master; null when the login may not see them.</param>
    public static EncryptionKeyCheck Destination(EncryptionKey key, string folder, string destination, IReadOnlyList<ServerKey>? there)
    {
        if (there is null)
            return new(destination, "Destination", key.Thumbprint, CheckOutcome.NotChecked, "The login may not see the certificates of master.", "Use a login with VIEW ANY DEFINITION.");
        ServerKey? found = there.FirstOrDefault(k => string.Equals(k.Thumbprint, key.Thumbprint, StringComparison.OrdinalIgnoreCase));
        if (found is { HasPrivateKey: true })
            return new(destination, "Destination", key.Thumbprint, CheckOutcome.Passed, $"It is there as '{found.Name}'.");
        string statement = found is null ? $"CREATE CERTIFICATE {SqlNames.Quote(NameFor(key, there))} FROM FILE = {Literal(key.FileIn(folder))}" : $"ALTER CERTIFICATE {SqlNames.Quote(found.Name)}";
        return new(
            destination, "Destination", key.Thumbprint, CheckOutcome.Failed, found is null ? "It is not in master." : $"It is there as '{found.Name}', without its private key.",
            $"In master of {destination}, once it has a master key: {statement} WITH PRIVATE KEY (FILE = {Literal(key.KeyFileIn(folder))}, DECRYPTION BY PASSWORD = '...');")
        { Error = RecoveryError.EncryptionKeyMissing };
    }

    /// <summary>The name does not matter to a restore, the thumbprint does; two certificates of one name cannot be (15232).</summary>
    private static string NameFor(EncryptionKey key, IReadOnlyList<ServerKey> there)
    {
        string name = key.Certificate ?? "Restored";
        return there.Any(k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase)) ? "Restored " + key.Thumbprint : name;
    }

    private static string Literal(string text) => "N'" + text.Replace("'", "''") + "'";
}
