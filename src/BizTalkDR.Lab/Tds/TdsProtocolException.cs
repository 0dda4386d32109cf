using System;

namespace BizTalkDR.Lab.Tds;

/// <summary>Says that a client broke the protocol; its connection is closed after an error where the protocol allows one.</summary>
internal sealed class TdsProtocolException : Exception
{
    public TdsProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>The stream ended inside something.</summary>
    public static TdsProtocolException Truncated() => new("The stream ended unexpectedly.");
}
