namespace BizTalkDR.BackupFiles;

/// <summary>How a file is read.</summary>
public sealed class BackupFileOptions
{
    /// <summary>Compares the file's name with its header when the name follows BizTalk's rules. Default: true.</summary>
    public bool CheckName { get; set; } = true;

    /// <summary>Most backup sets taken from one medium; the rest is a finding. Default: 4096, largest 16384.</summary>
    public int MaxSets { get; set; } = 4096;
}
