using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes one backup set over all files of a medium: headers in each, an extent of data pages and up to 64 KB of log to each in turn.</summary>
internal sealed class StripedSetWriter
{
    private const int PagesPerExtent = 8;
    private const int LogPieceBytes = 64 * 1024;
    private readonly IReadOnlyList<BackupSetWriter> _stripes;

    public StripedSetWriter(IReadOnlyList<BackupSetWriter> stripes) => _stripes = stripes;

    public void Begin()
    {
        foreach (BackupSetWriter stripe in _stripes)
        {
            stripe.Begin();
        }
    }

    /// <summary>Writes the pages of one data file.</summary>
    /// <param name="count">Number of pages that follow: whole extents.</param>
    /// <param name="pages">The pages, 8192 bytes each.</param>
    public void Pages(long count, IEnumerable<NumberedPage> pages)
    {
        long extents = count / PagesPerExtent;
        for (int i = 0; i < _stripes.Count; i++)
        {
            _stripes[i].BeginPages(PagesPerExtent * ((extents + _stripes.Count - 1 - i) / _stripes.Count));
        }

        long written = 0;
        foreach (NumberedPage page in pages)
        {
            _stripes[(int)(written++ / PagesPerExtent % _stripes.Count)].Page(page.Bytes.Span);
        }

        foreach (BackupSetWriter stripe in _stripes)
        {
            stripe.EndPages();
        }
    }

    /// <summary>Writes the log of one virtual log file.</summary>
    /// <returns>Bytes of log blocks stored.</returns>
    public long Log(LogPiece piece, int databaseId)
    {
        List<RawLogBlock>[] parts = [.. _stripes.Select(_ => new List<RawLogBlock>())];
        int turn = 0;
        int inPiece = 0;
        foreach (RawLogBlock block in piece.Blocks)
        {
            if (inPiece > 0 && inPiece + block.Bytes.Length > LogPieceBytes)
            {
                turn = (turn + 1) % parts.Length;
                inPiece = 0;
            }

            parts[turn].Add(block);
            inPiece += block.Bytes.Length;
        }

        for (int i = 0; i < parts.Length; i++)
        {
            _stripes[i].Log(piece, parts[i], databaseId);
        }

        return piece.Bytes;
    }

    /// <summary>Writes the final headers and the catalogues; the set is then complete.</summary>
    public BackupSetInfo End(BackupSetInfo final)
    {
        BackupSetInfo info = final with { BackupSize = _stripes.Sum(s => s.Size.Image), CompressedBackupSize = _stripes.Sum(s => s.Size.File) };
        foreach (BackupSetWriter stripe in _stripes)
        {
            info = stripe.End(info);
        }

        return info;
    }
}
