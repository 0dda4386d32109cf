using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue.Manifests;

/// <summary>What <c>Backup-BizTalkGroup</c> knew of one backup set when it had confirmed it; kept beside the files.</summary>
/// <param name="WrittenUtc">When it was written.</param>
/// <param name="Group">The group.</param>
/// <param name="Set">The set.</param>
/// <param name="Members">Every member of the group at that time.</param>
/// <param name="Files">One file for each member.</param>
public sealed record BackupManifest(DateTime WrittenUtc, ManifestGroup Group, ManifestSet Set, IReadOnlyList<GroupMember> Members, IReadOnlyList<ManifestFile> Files)
{
    /// <summary>The members by where their backups come from.</summary>
    public IReadOnlyList<MemberKey> MemberKeys() => Members.Select(KeyOf).Distinct().ToList();

    /// <summary>Gives a member's role; unknown when it is none.</summary>
    public MemberRole RoleOf(MemberKey member) => Members.FirstOrDefault(m => KeyOf(m).Equals(member))?.Role ?? MemberRole.Unknown;

    /// <summary>A member's server by the header of its file: that is the name in the headers of all its backups.</summary>
    private MemberKey KeyOf(GroupMember member)
    {
        ManifestFile? file = Files.FirstOrDefault(f => string.Equals(f.Database, member.Database, StringComparison.OrdinalIgnoreCase)
            && (member.Server is null || string.Equals(f.Server, member.Server, StringComparison.OrdinalIgnoreCase)));
        return new MemberKey(file?.Header?.ServerName ?? member.Server ?? member.ConfiguredServer, member.Database);
    }
}

/// <summary>A group as a manifest names it.</summary>
/// <param name="Name">Name in adm_Group.</param>
/// <param name="ManagementDatabase">Its Management database.</param>
/// <param name="ManagementServer">Real name of the instance that holds it.</param>
public sealed record ManifestGroup(string Name, string ManagementDatabase, string ManagementServer)
{
    public Guid? Id { get; init; }
}

/// <summary>A set as a manifest names it.</summary>
/// <param name="Kind">Full or log.</param>
/// <param name="Stamp">Stamp in the file names.</param>
public sealed record ManifestSet(BackupSetKind Kind, string Stamp)
{
    /// <summary>Id in adm_BackupHistory.</summary>
    public long? Id { get; init; }

    /// <summary>The mark every member of a log set carries; null for a full.</summary>
    public string? Mark { get; init; }

    public DateTime? MarkTimeUtc { get; init; }

    /// <summary>What was seen of the group before and after a full set was written; null for a log set, or when nobody looked.</summary>
    public Quiescence? Quiescence { get; init; }
}

/// <summary>A file of a set.</summary>
/// <param name="Name">File name, in the folder of the manifest.</param>
/// <param name="Server">Real name of the instance that wrote it.</param>
/// <param name="Database">Whose backup it is.</param>
public sealed record ManifestFile(string Name, string Server, string Database)
{
    /// <summary>Size in bytes; null when nobody could tell.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>SHA-256 in hexadecimal, in small letters; null when the file was not read.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Why there is no hash; null when there is.</summary>
    public string? WhyNoHash { get; init; }

    /// <summary>What the file says about itself; null when the server could not be asked.</summary>
    public BackupHeader? Header { get; init; }

    /// <summary>Where msdb of the member's instance saw the mark; null for a full, or when msdb was not asked.</summary>
    public LogPosition? MarkLsn { get; init; }
}

/// <summary>A manifest, and where it is.</summary>
/// <param name="Path">Its file, as the one who listed the folder sees it.</param>
/// <param name="Content">What it says.</param>
public sealed record FoundManifest(string Path, BackupManifest Content)
{
    /// <summary>Gives name and time.</summary>
    public override string ToString() => System.FormattableString.Invariant($"the manifest {ServerPath.NameOf(Path)} of {Content.WrittenUtc:yyyy-MM-dd HH:mm} UTC");
}
