using System.Collections.Generic;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue;

/// <summary>Who says that a log holds a mark; a later one knows better than an earlier.</summary>
public enum MarkSource
{
    /// <summary>Only the name of the file: names can be wrong, and a log may hold more marks than the one it is named for.</summary>
    FileName,

    /// <summary>The group's history or msdb of the instance that placed it.</summary>
    History,

    /// <summary>The marked commit was read in the log itself.</summary>
    LogContents,
}

/// <summary>A mark that a log is known to hold.</summary>
/// <param name="Name">The mark.</param>
/// <param name="Position">Where it stands; null when only its presence is known.</param>
/// <param name="Source">Who says so.</param>
public sealed record KnownMark(string Name, MarkPosition? Position, MarkSource Source);

/// <summary>What was found out about the marks of one log.</summary>
/// <param name="Marks">Those found, in log order.</param>
/// <param name="IsComplete">Whether a mark that is not among them is certainly not in the log.</param>
public sealed record MarkKnowledge(IReadOnlyList<KnownMark> Marks, bool IsComplete)
{
    /// <summary>Nothing is known.</summary>
    public static readonly MarkKnowledge None = new([], false);

    /// <summary>Why nothing, or not everything, could be found out; null when nobody tried or it was found out.</summary>
    public string? WhyUnknown { get; init; }

    /// <summary>Whether the log was read; a mark that was not seen in it may be there all the same, when <see cref="IsComplete"/> is false.</summary>
    public bool WasRead { get; init; }
}
