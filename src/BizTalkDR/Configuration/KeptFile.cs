using System;

namespace BizTalkDR.Configuration;

/// <summary>A file that a part keeps.</summary>
/// <param name="Name">Path below the backup's folder, with forward slashes.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="Sha256">Hash, 64 lower-case hexadecimal digits.</param>
/// <param name="Source">Where it came from on the computer; null when it was made for the backup.</param>
public sealed record KeptFile(string Name, long SizeBytes, string Sha256, string? Source = null)
{
    /// <summary>What the operator must hold to use it, for example a password; null for nothing.</summary>
    public string? Needs { get; init; }
}
