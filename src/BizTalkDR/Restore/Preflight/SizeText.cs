using System;
using System.Globalization;

namespace BizTalkDR.Restore;

/// <summary>Says a number of bytes as people read it.</summary>
internal static class SizeText
{
    /// <summary>Gives one decimal and the unit.</summary>
    public static string Of(long bytes)
    {
        string[] units = ["bytes", "KB", "MB", "GB", "TB"];
        double value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Format(CultureInfo.InvariantCulture, unit == 0 ? "{0:0} {1}" : "{0:0.#} {1}", value, units[unit]);
    }
}
