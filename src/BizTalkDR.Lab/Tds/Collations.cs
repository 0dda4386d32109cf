using System;
using System.Text;

namespace BizTalkDR.Lab.Tds;

/// <summary>Gives the five bytes of a collation (2.2.5.1.2) and the code page of non-Unicode text.</summary>
internal static class Collations
{
    /// <summary>SQL_Latin1_General_CP1_CI_AS.</summary>
    private static readonly byte[] SqlLatin1 = [0x09, 0x04, 0xD0, 0x00, 0x34];

    /// <summary>Code page 1252, which every collation of the lab uses.</summary>
    public static Encoding CodePage { get; } = CodePagesEncodingProvider.Instance.GetEncoding(1252) ?? Encoding.Latin1;

    /// <summary>Bytes of the server's collation; of an unknown one, those of SQL_Latin1_General_CP1_CI_AS.</summary>
    public static byte[] Bytes(string name) => name.ToUpperInvariant() switch
    {
        "SQL_LATIN1_GENERAL_CP1_CS_AS" => [0x09, 0x04, 0xC0, 0x00, 0x33],
        "SQL_LATIN1_GENERAL_CP1_CI_AI" => [0x09, 0x04, 0xF0, 0x00, 0x36],
        "LATIN1_GENERAL_CI_AS" => [0x09, 0x04, 0xD0, 0x00, 0x00],
        "LATIN1_GENERAL_CS_AS" => [0x09, 0x04, 0xC0, 0x00, 0x00],
        "LATIN1_GENERAL_BIN" => [0x09, 0x04, 0x00, 0x01, 0x00],
        "LATIN1_GENERAL_BIN2" => [0x09, 0x04, 0x00, 0x02, 0x00],
        "LATIN1_GENERAL_100_CI_AS" => [0x09, 0x04, 0xD0, 0x20, 0x00],
        _ => SqlLatin1,
    };
}
