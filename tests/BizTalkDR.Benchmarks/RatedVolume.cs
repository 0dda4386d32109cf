using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace BizTalkDR.Benchmarks;

/// <summary>A volume that takes so many bytes a second, and so many into one file: who writes more waits.</summary>
/// <param name="bytesPerSecond">Rate of the whole volume.</param>
/// <param name="bytesPerSecondOfOneFile">Rate of one file.</param>
internal sealed class RatedVolume(double bytesPerSecond, double bytesPerSecondOfOneFile)
{
    // A shorter wait than the system can keep to is owed until it has grown.
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(2);
    private readonly object _gate = new();
    private readonly Dictionary<string, long> _filesFree = new(StringComparer.Ordinal);
    private long _free;
    private long _bytes;

    /// <summary>Bytes since the last call.</summary>
    public long Take() => Interlocked.Exchange(ref _bytes, 0);

    /// <summary>Lets a writer wait for its turn.</summary>
    public void Write(string path, int length)
    {
        Interlocked.Add(ref _bytes, length);
        long due;
        long now = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            _free = Math.Max(_free, now) + Ticks(length / bytesPerSecond);
            due = _filesFree[path] = Math.Max(Math.Max(_filesFree.GetValueOrDefault(path), now) + Ticks(length / bytesPerSecondOfOneFile), _free);
        }

        TimeSpan wait = Stopwatch.GetElapsedTime(now, due);
        if (wait >= s_shortest)
            Thread.Sleep(wait);
    }

    private static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);
}
