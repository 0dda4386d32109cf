using System.Collections;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Chains;
using BizTalkDR.Errors;

namespace BizTalkDR.Restore;

/// <summary>
/// The files that lead one member to a recovery point: a full, perhaps a differential, then logs in LSN order, the last of which holds the mark. A quiesced point needs the full alone.
/// </summary>
/// <param name="Member">Whose files.</param>
/// <param name="Full">Where it starts.</param>
/// <param name="Logs">Ordered; none for a quiesced point.</param>
public sealed record MemberChain(MemberKey Member, MediaBackup Full, IReadOnlyList<MediaBackup> Logs)
{
    /// <summary>The differential on the full; null when there is none.</summary>
    public MediaBackup? Differential { get; init; }

    /// <summary>What says that the last log holds the mark.</summary>
    public MarkSource Source { get; init; }

    /// <summary>Logs that must be stopped at a mark of their own, because the chain leaves their recovery fork there; usually none.</summary>
    public IReadOnlyDictionary<MediaBackup, KnownMark> Turns { get; init; } = NoTurns;

    /// <summary>The log that holds the mark; null for a quiesced point, which has none.</summary>
    public MediaBackup? LastLog => Logs is ChainLogs lazy ? lazy.Last : Logs.Count > 0 ? Logs[Logs.Count - 1] : null;

    /// <summary>The backup at whose mark, or at whose end, the member stands.</summary>
    public MediaBackup Last => LastLog ?? Differential ?? Full;

    /// <summary>Every backup, in the order of restoring.</summary>
    public IEnumerable<MediaBackup> Backups => Differential is null ? Logs.Prepend(Full) : Logs.Prepend(Differential).Prepend(Full);

    /// <summary>Bytes to restore, as far as sizes are known.</summary>
    public long SizeBytes => Logs is ChainLogs lazy ? lazy.Bytes : Backups.Sum(b => b.Header.BackupSizeBytes);

    /// <summary>Gives the member and what its restore reads.</summary>
    public override string ToString() => $"{Member}: full{(Differential is null ? string.Empty : ", differential")}{(Logs.Count == 0 ? string.Empty : $", {Logs.Count} {(Logs.Count == 1 ? "log" : "logs")}")}";

    private static readonly IReadOnlyDictionary<MediaBackup, KnownMark> NoTurns = new Dictionary<MediaBackup, KnownMark>();

    internal static MemberChain From(MemberKey member, ChainNode node, MarkSource source)
    {
        Dictionary<MediaBackup, KnownMark>? turns = null;
        for (ChainNode? at = node.HasTurns ? node : null; at is not null; at = at.Previous)
        {
            if (at.Link.Stop is { } stop)
            {
                (turns ??= new Dictionary<MediaBackup, KnownMark>(ReferenceComparer.Instance))[at.Link.Log] = stop;
            }
        }

        return new MemberChain(member, node.Start.Full, new ChainLogs(node)) { Differential = node.Start.Differential, Source = source, Turns = turns ?? NoTurns };
    }

    /// <summary>The logs of a chain, written out only when somebody looks: most recovery points are never restored to.</summary>
    private sealed class ChainLogs(ChainNode node) : IReadOnlyList<MediaBackup>
    {
        private MediaBackup[]? _logs;

        public int Count => node.Count;

        public MediaBackup Last => node.Link.Log;

        public long Bytes => node.Bytes;

        public MediaBackup this[int index] => All()[index];

        public IEnumerator<MediaBackup> GetEnumerator() => ((IEnumerable<MediaBackup>)All()).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => All().GetEnumerator();

        private MediaBackup[] All() => _logs ??= [.. node.Links().Select(l => l.Log)];
    }
}

/// <summary>Why a member cannot reach a mark.</summary>
/// <param name="Code">The error it would be.</param>
/// <param name="Member">Which member.</param>
/// <param name="Text">What is missing.</param>
public sealed record ChainFault(RecoveryError Code, MemberKey Member, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Member}: {Text}";
}
