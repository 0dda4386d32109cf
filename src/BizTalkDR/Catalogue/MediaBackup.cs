using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue;

/// <summary>One backup set in one file: what the header says, and what the name adds.</summary>
/// <param name="Path">The file as the server that read it sees it.</param>
/// <param name="Header">The authority.</param>
public sealed record MediaBackup(string Path, BackupHeader Header)
{
    /// <summary>Size of the file; null when nobody could tell.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>The parts of the name; null when it does not follow the rule.</summary>
    public BackupFileName? Name { get; init; } = BackupFileName.TryParse(ServerPath.NameOf(Path));

    /// <summary>Whose backup it is.</summary>
    public MemberKey Member { get; } = new(Header.ServerName, Header.DatabaseName);

    /// <summary>The mark that this log set was written for, by its name; null for fulls and strange names.</summary>
    public string? Mark => Header.Kind == MediaBackupKind.Log && Name is { Kind: BackupSetKind.Log } ? Name.Mark : null;

    /// <summary>Fork at the start of the backup.</summary>
    public System.Guid StartFork => Header.FirstRecoveryForkGuid == System.Guid.Empty ? Header.RecoveryForkGuid : Header.FirstRecoveryForkGuid;

    /// <summary>Gives the path.</summary>
    public override string ToString() => Header.Position == 1 ? Path : $"{Path} (position {Header.Position})";
}
