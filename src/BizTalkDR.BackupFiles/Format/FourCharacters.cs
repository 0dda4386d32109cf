using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>The ids of blocks, streams and chunks as text; those of the format are made once.</summary>
internal static class FourCharacters
{
    private static readonly Dictionary<uint, string> Known = new[]
    {
        "TAPE", "SFMB", "SSET", "VOLB", "MSCI", "MSDA", "MSTL", "MSLS", "ESET", "RAID", "MQCI", "MQDA", "MQTL", "APAD", "SPAD", "CSUM", "OTCP", "TSMP",
        "SCIN", "SFGI", "SFIN", "MSSQ", "LBAK",
    }.ToDictionary(id => (uint)(id[0] | (id[1] << 8) | (id[2] << 16) | (id[3] << 24)));

    /// <summary>The text of an id; characters no id has become dots.</summary>
    public static string Text(uint id)
    {
        if (Known.TryGetValue(id, out string? text))
            return text;
        var characters = new char[4];
        for (int i = 0; i < 4; i++)
        {
            uint c = (id >> (8 * i)) & 0xFF;
            characters[i] = c is >= 0x20 and < 0x7F ? (char)c : '.';
        }

        return new string(characters);
    }
}
