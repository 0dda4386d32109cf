using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Keys;

/// <summary>A certificate without which members, or backups of them, cannot be restored anywhere else.</summary>
/// <param name="Server">Instance that has it, by its real name.</param>
/// <param name="Thumbprint">0x and hexadecimal digits.</param>
/// <param name="Certificate">Its name in master; null when it is not there any more, or not seen.</param>
/// <param name="HasPrivateKey">Whether its private key is there; null when the login may not see the certificates of master.</param>
/// <param name="UsedBy">Members (transparent data encryption), and "backups of" members.</param>
public sealed record EncryptionKey(string Server, string Thumbprint, string? Certificate, bool? HasPrivateKey, IReadOnlyList<string> UsedBy)
{
    /// <summary>Path of the certificate's file in a folder, as the instance sees it.</summary>
    internal string FileIn(string folder) => ServerPath.Join(folder, Name + ".cer");

    /// <summary>Path of the private key's file.</summary>
    internal string KeyFileIn(string folder) => ServerPath.Join(folder, Name + ".pvk");

    private string Name => $"{Server.Replace('\\', '_')}-{Thumbprint.Substring(2).ToUpperInvariant()}";
}

/// <summary>Finds the certificates that a group depends on.</summary>
public static class EncryptionKeys
{
    /// <summary>Asks each instance of the group.</summary>
    public static IReadOnlyList<EncryptionKey> Read(BizTalkGroup group, InstanceDirectory directory, ISqlInstanceFactory sql, CancellationToken cancellationToken = default)
    {
        List<EncryptionKey> keys = [];
        foreach (IGrouping<string, GroupMember> members in group.Members.GroupBy(m => m.Server ?? m.ConfiguredServer, StringComparer.OrdinalIgnoreCase))
        {
            using ISqlInstance instance = sql.Open(directory.AddressOf(members.First()), cancellationToken);
            keys.AddRange(Of(instance.Identity.ServerName, members.Select(m => m.Database).ToList(), instance.ReadKeyUses(cancellationToken), instance.ReadReadiness([], cancellationToken).Keys));
        }

        return keys;
    }

    /// <summary>Puts the uses of members and the certificates of an instance together; pure.</summary>
    /// <param name="server">Real name of the instance.</param>
    /// <param name="members">Databases of the group on it.</param>
    /// <param name="uses">What every database and backup of it is encrypted with.</param>
    /// <param name="keys">Certificates of its master; null when the login may not see them.</param>
    internal static IEnumerable<EncryptionKey> Of(string server, IReadOnlyCollection<string> members, IReadOnlyList<KeyUse> uses, IReadOnlyList<ServerKey>? keys) => uses
        .Where(u => members.Contains(u.Database, StringComparer.OrdinalIgnoreCase))
        .GroupBy(u => u.Thumbprint, StringComparer.OrdinalIgnoreCase)
        .OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase)
        .Select(g => (Uses: g, Key: keys?.FirstOrDefault(k => string.Equals(k.Thumbprint, g.Key, StringComparison.OrdinalIgnoreCase))))
        .Select(g => new EncryptionKey(server, g.Uses.Key, g.Key?.Name, keys is null ? null : g.Key?.HasPrivateKey == true, g.Uses.Select(u => u.IsBackup ? "backups of " + u.Database : u.Database).Distinct(StringComparer.OrdinalIgnoreCase).ToList()));
}
