using System;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>
/// What a walk reads headers into. One set of buffers is kept for the next walk of the same thread: over thousands of small files the allocation
/// of fresh ones costs as much as the parsing.
/// </summary>
internal sealed class WalkBuffers
{
    /// <summary>Buffers that a hostile file made longer than this are not kept.</summary>
    private const int LongestKept = 64 * 1024;

    [ThreadStatic]
    private static WalkBuffers? t_spare;

    /// <summary>The header of a block.</summary>
    public byte[] Block { get; set; } = new byte[1024];

    /// <summary>The header of a stream.</summary>
    public byte[] StreamHeader { get; } = new byte[MtfWalker.StreamHeaderSize];

    /// <summary>The header that opens a set: needed when the closing one never comes.</summary>
    public byte[] Opening = new byte[8 * 1024];

    /// <summary>Any other stream that is looked at once.</summary>
    public byte[] Passing = new byte[8 * 1024];

    public static WalkBuffers Take()
    {
        WalkBuffers buffers = t_spare ?? new WalkBuffers();
        t_spare = null;
        return buffers;
    }

    /// <summary>Gives the buffers back; nothing read from them may be used after that.</summary>
    public void Return()
    {
        if (Block.Length <= LongestKept && Opening.Length <= LongestKept && Passing.Length <= LongestKept)
            t_spare = this;
    }
}
