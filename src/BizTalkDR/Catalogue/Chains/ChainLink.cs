using System;
using System.Collections.Generic;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue.Chains;

/// <summary>Where a chain can begin: a full, or a full with a differential on it.</summary>
/// <param name="Full">The full.</param>
/// <param name="Differential">The differential; null for the full alone.</param>
internal sealed record ChainStart(MediaBackup Full, MediaBackup? Differential)
{
    /// <summary>Where roll-forward stands after it.</summary>
    public LogPosition Reached => (Differential ?? Full).Header.LastLsn;

    /// <summary>The recovery fork it stands on.</summary>
    public Guid Fork => (Differential ?? Full).Header.RecoveryForkGuid;
}

/// <summary>A log as the next step of a chain: rolled forward to its end, or stopped at a mark where the chain leaves its fork.</summary>
/// <param name="Log">The log.</param>
/// <param name="Stop">The mark to stop at; null for its end.</param>
/// <param name="Reached">Where roll-forward stands after it.</param>
/// <param name="Fork">The recovery fork it then stands on.</param>
/// <param name="Limit">The highest point reached before at which it can still be put on.</param>
internal sealed record ChainLink(MediaBackup Log, KnownMark? Stop, LogPosition Reached, Guid Fork, LogPosition Limit);

/// <summary>A chain from its end: a link, and what comes before it. Chains to different marks share what they have in common.</summary>
internal sealed class ChainNode
{
    public ChainNode(ChainLink link, ChainStart start, ChainNode? previous)
    {
        Link = link;
        Start = start;
        Previous = previous;
        HasTurns = link.Stop is not null || (previous?.HasTurns ?? false);
        Count = (previous?.Count ?? 0) + 1;
        Bytes = link.Log.Header.BackupSizeBytes
            + (previous?.Bytes ?? start.Full.Header.BackupSizeBytes + (start.Differential?.Header.BackupSizeBytes ?? 0));
    }

    public ChainLink Link { get; }

    public ChainStart Start { get; }

    /// <summary>The link before; null when this is the first log.</summary>
    public ChainNode? Previous { get; }

    public int Count { get; }

    /// <summary>Whether a link of the chain stops at a mark of its own.</summary>
    public bool HasTurns { get; }

    /// <summary>Bytes of all backups of the chain.</summary>
    public long Bytes { get; }

    /// <summary>The links from the first to this one.</summary>
    public IReadOnlyList<ChainLink> Links()
    {
        var links = new ChainLink[Count];
        int at = Count;
        for (ChainNode? node = this; node is not null; node = node.Previous)
        {
            links[--at] = node.Link;
        }

        return links;
    }
}
