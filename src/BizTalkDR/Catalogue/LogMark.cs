using System;
using System.Globalization;

namespace BizTalkDR.Catalogue;

/// <summary>A mark of the group: <c>BTS_2024_05_06_14_15_01_327</c> (facts: backup-job.md §6).</summary>
/// <param name="Text">The whole mark, the value of STOPATMARK.</param>
/// <param name="Prefix">The mark name given to the job.</param>
/// <param name="Stamp">The stamp, as text of fixed width: comparing it as text compares the times.</param>
/// <param name="Time">The stamp as a time; UTC unless the job uses local time.</param>
public sealed record LogMark(string Text, string Prefix, string Stamp, DateTime Time)
{
    /// <summary>Characters of a stamp: <c>yyyy_MM_dd_HH_mm_ss_fff</c>.</summary>
    internal const int StampLength = 23;

    /// <summary>Takes a mark apart.</summary>
    /// <returns>The mark, or null when the text is no mark of this form.</returns>
    public static LogMark? TryParse(string? text)
    {
        if (text is null || text.Length > 128)
        {
            return null;
        }

        int at = text.Length - StampLength;
        if (at < 2 || text[at - 1] != '_' || text[0] == '_' || text.IndexOf('\n') >= 0)
        {
            return null;
        }

        string stamp = text.Substring(at);
        return TimeOf(stamp) is { } time ? new LogMark(text, text.Substring(0, at - 1), stamp, time) : null;
    }

    /// <summary>Reads a stamp as a time; null when it is none.</summary>
    public static DateTime? TimeOf(string stamp) =>
        stamp.Length == StampLength && DateTime.TryParseExact(stamp, "yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime time) ? time : null;

    /// <summary>Compares two marks by their stamps.</summary>
    /// <returns>True when both are marks and the first is newer.</returns>
    public static bool IsNewer(string? mark, string? than) =>
        TryParse(mark) is { } left && TryParse(than) is { } right && string.CompareOrdinal(left.Stamp, right.Stamp) > 0;

    /// <inheritdoc/>
    public override string ToString() => Text;
}
