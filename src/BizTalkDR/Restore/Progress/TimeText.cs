using System;
using System.Globalization;

namespace BizTalkDR.Restore;

/// <summary>Says how long something takes as people say it.</summary>
internal static class TimeText
{
    /// <summary>Gives seconds below two minutes, minutes below two hours, else hours and minutes.</summary>
    public static string Of(TimeSpan time) => time.TotalSeconds < 120 ? string.Format(CultureInfo.InvariantCulture, "{0:0} s", time.TotalSeconds)
        : time.TotalMinutes < 120 ? string.Format(CultureInfo.InvariantCulture, "{0:0} min", time.TotalMinutes)
        : string.Format(CultureInfo.InvariantCulture, "{0} h {1} min", (int)time.TotalHours, time.Minutes);
}
