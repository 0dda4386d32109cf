using System;
using System.Diagnostics;

namespace BizTalkDR.Benchmarks.Files;

/// <summary>What a piece of work took by the clock and of the processors; the second is what a busy machine distorts least.</summary>
internal readonly record struct Taken(double WallSeconds, double ProcessorSeconds)
{
    public static Taken By(Action work)
    {
        using Process self = Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        long began = Stopwatch.GetTimestamp();
        work();
        double wall = Stopwatch.GetElapsedTime(began).TotalSeconds;
        self.Refresh();
        return new Taken(wall, (self.TotalProcessorTime - before).TotalSeconds);
    }
}
