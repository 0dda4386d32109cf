using System;
using System.Collections.Generic;

namespace BizTalkDR.Configuration;

/// <summary>What one part of a computer's backup holds.</summary>
/// <param name="Part">Which part.</param>
/// <param name="TakenUtc">When.</param>
/// <param name="Files">Its files.</param>
public sealed record PartManifest(ConfigurationPart Part, DateTime TakenUtc, IReadOnlyList<KeptFile> Files)
{
    /// <summary>Facts that a later test or restore compares with: versions, thumbprints, secret ids, service accounts. Never a secret.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What could not be kept, what the operator must hold instead, and which secrets stand in clear in what is kept. Never a secret.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
}
