using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;

namespace BizTalkDR.Restore;

/// <summary>What makes the members' databases of a recovery point fit together.</summary>
public enum RecoveryPointKind
{
    /// <summary>A marked transaction, which every member's log holds.</summary>
    Mark,

    /// <summary>A full set: its manifest proves that processing was stopped and that nothing was committed between its first and its last backup.</summary>
    Quiesced,
}

/// <summary>A point, and whether every member's files reach it.</summary>
/// <param name="Mark">The mark; of a quiesced point, which has none, the name that the files of its full set bear.</param>
/// <param name="MarkTimeUtc">Its stamp; UTC is the group's default.</param>
/// <param name="Chains">One chain for each member that can reach it.</param>
/// <param name="Faults">Why the others cannot.</param>
public sealed record RecoveryPoint(string Mark, DateTime MarkTimeUtc, IReadOnlyList<MemberChain> Chains, IReadOnlyList<ChainFault> Faults)
{
    /// <summary>What it rests on.</summary>
    public RecoveryPointKind Kind { get; init; }

    /// <summary>The manifest that proves a quiesced point; null for a mark.</summary>
    public FoundManifest? Proof { get; init; }

    /// <summary>Whether every member reaches it.</summary>
    public bool IsReachable => Faults.Count == 0 && Chains.Count > 0;

    /// <summary>Folders it was found in; empty when nobody said.</summary>
    public IReadOnlyList<string> Path { get; init; } = [];

    /// <summary>Whether the folders of those folders were looked into; a restore that the point is piped to does so too.</summary>
    public bool Recurse { get; init; }

    /// <summary>How long ago the mark was placed; null when nobody asked at a time.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Whether this is the point a restore takes by default: the newest that every member can reach.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Newer points that a restore to this one gives up, newest first.</summary>
    public IReadOnlyList<string> LosesMarks { get; init; } = [];

    /// <summary>Time from this mark to the newest one that there is a file for: at least so much work is lost, and everything after that too.</summary>
    public TimeSpan LosesAtLeast { get; init; }

    /// <summary>Backups that a restore reads; 0 when the point is not reachable.</summary>
    public int BackupCount => IsReachable ? Chains.Sum(c => c.Logs.Count + (c.Differential is null ? 1 : 2)) : 0;

    /// <summary>Bytes that a restore reads, uncompressed, as far as sizes are known; 0 when the point is not reachable.</summary>
    public long SizeBytes => IsReachable ? Chains.Sum(c => c.SizeBytes) : 0;

    /// <summary>How long a restore to the mark takes by what was measured; null when nobody asked.</summary>
    public RestoreForecast? RestoreTime { get; init; }

    /// <summary>The weakest evidence that a member's last log holds the mark; null when there is no chain, or no mark.</summary>
    public MarkSource? Evidence => Chains.Count == 0 || Kind == RecoveryPointKind.Quiesced ? null : Chains.Min(c => c.Source);

    /// <summary>How sure the point is, and why.</summary>
    public string Certainty => (IsReachable, Evidence) switch
    {
        (false, _) => "not reachable",
        _ when Proof is not null => $"quiesced: the manifest proves that {Proven}",
        (_, MarkSource.LogContents) => "confirmed: the marked commit was read in every member's log",
        (_, MarkSource.History) => "likely: the history says so; the logs were not read",
        _ => $"unconfirmed: only file names say so for {Chains.Count(c => c.Source == MarkSource.FileName)} of {Chains.Count} members; a restore reads the logs first",
    };

    /// <summary>What the manifest of a quiesced point proves.</summary>
    internal string Proven => FormattableString.Invariant($"nothing was committed from {Proof?.Content.Set.Quiescence?.BeforeUtc:yyyy-MM-dd HH:mm:ss} to {Proof?.Content.Set.Quiescence?.AfterUtc:HH:mm:ss} UTC");

    /// <summary>Why not, one line for each member; empty when it is reachable.</summary>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            var reasons = new List<string>(Faults.Count);
            foreach (ChainFault fault in Faults)
            {
                reasons.Add(fault.ToString());
            }

            return reasons;
        }
    }

    /// <summary>Gives mark and reachability.</summary>
    public override string ToString() => IsReachable ? $"{Mark}: {Chains.Count} members reach it" : $"{Mark}: not reachable: {string.Join("; ", Faults)}";
}
