namespace BizTalkDR.BackupFiles.Format;

/// <summary>The ids of blocks, streams and chunks as text; those of the format are made once.</summary>
internal static class FourCharacters
{
    /// <summary>The text of an id; characters no id has become dots.</summary>
    public static string Text(uint id) => id switch
    {
        0x45504154 => "TAPE",
        0x424D4653 => "SFMB",
        0x54455353 => "SSET",
        0x424C4F56 => "VOLB",
        0x4943534D => "MSCI",
        0x4144534D => "MSDA",
        0x4C54534D => "MSTL",
        0x534C534D => "MSLS",
        0x54455345 => "ESET",
        0x44494152 => "RAID",
        0x4943514D => "MQCI",
        0x4144514D => "MQDA",
        0x4C54514D => "MQTL",
        0x44415041 => "APAD",
        0x44415053 => "SPAD",
        0x4D555343 => "CSUM",
        0x5043544F => "OTCP",
        0x504D5354 => "TSMP",
        0x4E494353 => "SCIN",
        0x49474653 => "SFGI",
        0x4E494653 => "SFIN",
        0x5153534D => "MSSQ",
        0x4B41424C => "LBAK",
        _ => Made(id),
    };

    private static string Made(uint id)
    {
        var characters = new char[4];
        for (int i = 0; i < 4; i++)
        {
            uint c = (id >> (8 * i)) & 0xFF;
            characters[i] = c is >= 0x20 and < 0x7F ? (char)c : '.';
        }

        return new string(characters);
    }
}
