using System;

namespace BizTalkDR.BackupFiles;

/// <summary>What a reader may be asked to tell about a backup file.</summary>
public enum BackupFileFeature
{
    /// <summary>Medium, stripes, sets and all header fields.</summary>
    Headers,

    /// <summary>The database's files.</summary>
    FileList,

    /// <summary>Transaction marks in the log.</summary>
    Marks,

    /// <summary>The checksum streams of WITH CHECKSUM.</summary>
    BackupChecksum,

    /// <summary>Page checksums of allocated pages.</summary>
    PageChecksum,

    /// <summary>Checksums of log blocks.</summary>
    LogBlockChecksum,

    /// <summary>Checksums of compressed records.</summary>
    RecordChecksum,

    /// <summary>Whether a backup is copy-only.</summary>
    CopyOnly,
}

/// <summary>How well reading a feature is established for one version and container.</summary>
public enum SupportLevel
{
    /// <summary>It cannot be read.</summary>
    NotReadable,

    /// <summary>The rules that hold for the files seen should hold; no such file was at hand to check them.</summary>
    Inferred,

    /// <summary>Checked against real files with known values.</summary>
    Verified,
}

/// <summary>What is known about reading backups of each version of SQL Server: evidence, not hope (backup-file-format.md, head and §11).</summary>
public static class BackupFileSupport
{
    /// <summary>Says how well a feature can be read.</summary>
    /// <param name="version">Version of the server that wrote the backup.</param>
    /// <param name="container">Plain or compressed.</param>
    /// <param name="feature">What is to be read.</param>
    public static SupportLevel Of(Version version, BackupContainer container, BackupFileFeature feature)
    {
        if (version is null)
            throw new ArgumentNullException(nameof(version));
        bool compressed = container == BackupContainer.Compressed;
        if (version.Major < 9 || (compressed && version.Major <= 11))
            return SupportLevel.NotReadable;
        bool is2008R2 = version.Major == 10 && version.Minor >= 50;
        bool seen = compressed ? version.Major is 13 or 15 or 16 : version.Major is >= 9 and <= 17;
        return feature switch
        {
            BackupFileFeature.Headers or BackupFileFeature.FileList => seen ? SupportLevel.Verified : SupportLevel.Inferred,
            BackupFileFeature.Marks => is2008R2 && !compressed ? SupportLevel.Verified : SupportLevel.Inferred,
            BackupFileFeature.BackupChecksum => is2008R2 || version.Major == 15 ? SupportLevel.Verified : SupportLevel.Inferred,
            BackupFileFeature.PageChecksum or BackupFileFeature.LogBlockChecksum => seen ? SupportLevel.Verified : SupportLevel.Inferred,
            BackupFileFeature.RecordChecksum => !compressed ? SupportLevel.NotReadable : seen ? SupportLevel.Verified : SupportLevel.Inferred,
            _ => SupportLevel.NotReadable,
        };
    }

    /// <summary>Says how well a feature of a set can be read; a set of unknown version is inferred at best.</summary>
    public static SupportLevel Of(BackupSet set, BackupFileFeature feature)
    {
        if (set is null)
            throw new ArgumentNullException(nameof(set));
        if (set.SoftwareVersion.TryGet(out Version version))
            return Of(version, set.File.Container, feature);
        return feature == BackupFileFeature.CopyOnly ? SupportLevel.NotReadable : SupportLevel.Inferred;
    }
}
