using System;

namespace BizTalkDR.BackupFiles;

/// <summary>The medium a file belongs to, and which part of it the file is.</summary>
public sealed class MediaHeader
{
    internal MediaHeader()
    {
    }

    /// <summary>Media set id, the same in all stripes.</summary>
    public Known<Guid> MediaSetId { get; internal set; }

    /// <summary>Number of stripes of the medium.</summary>
    public Known<int> FamilyCount { get; internal set; }

    /// <summary>Which stripe this file is, from 1.</summary>
    public Known<int> FamilyNumber { get; internal set; }

    /// <summary>Number of mirrored copies.</summary>
    public Known<int> MirrorCount { get; internal set; }

    /// <summary>Differs for each stripe and each new medium.</summary>
    public long MediaFamilyId { get; internal set; }

    public string MediaName { get; internal set; } = string.Empty;

    public string MediaDescription { get; internal set; } = string.Empty;

    public string SoftwareName { get; internal set; } = string.Empty;

    /// <summary>True when the medium needs a password to be restored from.</summary>
    public Known<bool> IsPasswordProtected { get; internal set; }

    /// <summary>When the medium was written first, in the server's local time.</summary>
    public Known<DateTime> MediaDateLocal { get; internal set; }

    /// <summary>Size of a filemark block, 512 or 4096 bytes: the sector size of the target.</summary>
    public int SectorBytes { get; internal set; }

    public int LogicalBlockBytes { get; internal set; }
}
