using System;

namespace BizTalkDR.Computer;

/// <summary>Looks for text without regard to case, the same on both frameworks.</summary>
internal static class TextSearch
{
    public static bool Holds(string text, string part) =>
#if NETFRAMEWORK
        text.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0;
#else
        text.Contains(part, StringComparison.OrdinalIgnoreCase);
#endif
}
