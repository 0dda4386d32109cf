using System;

namespace BizTalkDR.BackupFiles;

/// <summary>A file of the database, as the backup lists it (a row of RESTORE FILELISTONLY).</summary>
public sealed class DatabaseFile
{
    internal DatabaseFile()
    {
    }

    /// <summary>File id in the database.</summary>
    public int FileId { get; internal set; }

    /// <summary>Data or log.</summary>
    public DatabaseFileType Type { get; internal set; }

    public string LogicalName { get; internal set; } = string.Empty;

    /// <summary>Path of the file on the server that was backed up.</summary>
    public string PhysicalName { get; internal set; } = string.Empty;

    /// <summary>0 for log files.</summary>
    public int FileGroupId { get; internal set; }

    public string? FileGroupName { get; internal set; }

    /// <summary>Size of the file in bytes when it was backed up.</summary>
    public long SizeBytes { get; internal set; }

    /// <summary>Largest size in bytes it may grow to.</summary>
    public Known<long> MaxSizeBytes { get; internal set; }

    /// <summary>Bytes, or percent when <see cref="IsPercentGrowth"/>.</summary>
    public Known<long> Growth { get; internal set; }

    public bool IsPercentGrowth { get; internal set; }

    /// <summary>Sector size of the disk the file was on, in bytes.</summary>
    public int SourceBlockSize { get; internal set; }

    public Known<Guid> UniqueId { get; internal set; }

    public Known<Lsn> DifferentialBaseLsn { get; internal set; }

    public Known<Guid> DifferentialBaseGuid { get; internal set; }

    /// <summary>Bytes of this file in the backup.</summary>
    public Known<long> BackupSizeBytes { get; internal set; }

    /// <summary>Copies of the set's LSNs that the server wrote with every file: first, last, checkpoint.</summary>
    internal (Lsn First, Lsn Last, Lsn Checkpoint)? SetLsns { get; set; }

    public override string ToString() => $"{FileId}:{(Type == DatabaseFileType.Log ? "L" : "D")}:{LogicalName}:{SizeBytes.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
