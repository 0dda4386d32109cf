using System;
using System.Threading;

namespace BizTalkDR.Lab.Faults;

/// <summary>The system's clock, moved by as much as it is told. Waits and timers last as long as they really do.</summary>
internal sealed class MovedClock : TimeProvider
{
    private long _shift;

    /// <summary>Difference from the real time; negative = it is earlier here.</summary>
    public TimeSpan Shift
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _shift));
        set => Interlocked.Exchange(ref _shift, value.Ticks);
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
}
