using System;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>The computer's clock.</summary>
public sealed class SystemClock : IClock
{
    /// <inheritdoc/>
    public DateTime UtcNow => DateTime.UtcNow;
}
