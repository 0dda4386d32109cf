using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>A page without which nothing of the file can be read is damaged.</summary>
public sealed class DamagedPageException(DamagedPage page) : Exception($"Page {PageFormat.NameOf(page.Number)} is damaged: its number or checksum is wrong.")
{
    public DamagedPage Page { get; } = page;
}
