using System;

namespace BizTalkDR.Ports;

/// <summary>What an instance says about itself.</summary>
/// <param name="ServerName">SERVERPROPERTY('ServerName'), its real name.</param>
/// <param name="Version">Product version.</param>
/// <param name="Edition">Edition as text.</param>
/// <param name="DataPath">Default folder for data files, ending in a separator.</param>
/// <param name="LogPath">Default folder for log files, ending in a separator.</param>
/// <param name="ServerTimeUtcOffset">Server local time minus UTC, now.</param>
public sealed record SqlInstanceIdentity(
    string ServerName, Version Version, string Edition, string DataPath, string LogPath, TimeSpan ServerTimeUtcOffset)
{
    /// <summary>First line of @@VERSION.</summary>
    public string Product { get; init; } = string.Empty;

    /// <summary>Default backup folder; null when not known.</summary>
    public string? BackupPath { get; init; }
}
