using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace BizTalkDR.Catalogue;

/// <summary>A mark of the group: <c>BTS_2024_05_06_14_15_01_327</c> (facts: backup-job.md §6).</summary>
/// <param name="Text">The whole mark, the value of STOPATMARK.</param>
/// <param name="Prefix">The mark name given to the job.</param>
/// <param name="Stamp">The stamp, as text of fixed width: comparing it as text compares the times.</param>
/// <param name="Time">The stamp as a time; UTC unless the job uses local time.</param>
public sealed record LogMark(string Text, string Prefix, string Stamp, DateTime Time)
{
    private static readonly Regex Pattern = new(
        @"^(?<prefix>[^_].*)_(?<stamp>\d{4}_\d{2}_\d{2}_\d{2}_\d{2}_\d{2}_\d{3})$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        TimeSpan.FromSeconds(1));

    /// <summary>Takes a mark apart.</summary>
    /// <returns>The mark, or null when the text is no mark of this form.</returns>
    public static LogMark? TryParse(string? text)
    {
        if (text is null || text.Length > 128)
        {
            return null;
        }

        Match match = Pattern.Match(text);
        if (!match.Success || TimeOf(match.Groups["stamp"].Value) is not { } time)
        {
            return null;
        }

        return new LogMark(text, match.Groups["prefix"].Value, match.Groups["stamp"].Value, time);
    }

    /// <summary>Reads a stamp as a time; null when it is none.</summary>
    public static DateTime? TimeOf(string stamp) =>
        DateTime.TryParseExact(stamp, "yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime time) ? time : null;

    /// <summary>Compares two marks by their stamps.</summary>
    /// <returns>True when both are marks and the first is newer.</returns>
    public static bool IsNewer(string? mark, string? than) =>
        TryParse(mark) is { } left && TryParse(than) is { } right && string.CompareOrdinal(left.Stamp, right.Stamp) > 0;

    /// <inheritdoc/>
    public override string ToString() => Text;
}
