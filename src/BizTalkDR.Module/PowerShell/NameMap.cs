using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Takes a hashtable for a map of names or folders, without regard to case.</summary>
internal static class NameMap
{
    public static Dictionary<string, string> Of(Hashtable? map)
    {
        var result = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in map ?? new Hashtable())
        {
            result[Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!] = Convert.ToString(entry.Value, CultureInfo.InvariantCulture)!;
        }

        return result;
    }
}
