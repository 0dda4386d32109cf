using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;

namespace BizTalkDR.Restore;

/// <summary>How long it takes until every member stands at a recovery point's mark; preflight, proof and recovery come on top.</summary>
/// <param name="Time">The time; null when it cannot be told.</param>
/// <param name="Basis">What it rests on; null when it cannot be told.</param>
/// <param name="Statement">Where it comes from, or why it cannot be told.</param>
public sealed record RestoreForecast(TimeSpan? Time, ForecastBasis? Basis, string Statement)
{
    /// <summary>Predicts: the longest members first, as many at once as a restore to one instance works on by default, each begun when one of those before it has come to its end.</summary>
    public static RestoreForecast Of(RecoveryPoint point, RestoreRates rates)
    {
        if (!point.IsReachable)
        {
            return new RestoreForecast(null, null, "the point is not reachable");
        }

        List<MemberChain> unknown = [.. point.Chains.Where(c => c.Full.Header.BackupSizeBytes <= 0)];
        if (unknown.Count > 0)
        {
            return new RestoreForecast(null, null, $"the size of the full backup of {string.Join(", ", unknown.Select(c => c.Member))} is not known");
        }

        var lanes = new double[Math.Min(RestoreLimits.Default.PerInstance, point.Chains.Count)];
        foreach (MemberChain chain in point.Chains.OrderByDescending(c => c.SizeBytes))
        {
            int free = Array.IndexOf(lanes, lanes.Min());
            lanes[free] += SecondsOf(chain, rates);
        }

        return new RestoreForecast(TimeSpan.FromSeconds(Math.Ceiling(lanes.Max())), rates.Basis, $"{rates.Statement}; {lanes.Length} members at once, to the mark, without proof and recovery");
    }

    /// <summary>Gives the time and what it rests on.</summary>
    public override string ToString() => Time is { } time ? FormattableString.Invariant($"about {time:d\\.hh\\:mm\\:ss} ({Basis})") : $"unknown: {Statement}";

    private static double SecondsOf(MemberChain chain, RestoreRates rates)
    {
        long data = chain.Full.Header.BackupSizeBytes + (chain.Differential?.Header.BackupSizeBytes ?? 0);
        return (data / rates.BytesPerSecond) + Math.Max(chain.Logs.Count * rates.PerLog.TotalSeconds, (chain.SizeBytes - data) / rates.BytesPerSecond);
    }
}
