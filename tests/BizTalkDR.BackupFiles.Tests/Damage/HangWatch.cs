using System;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>
/// Does work piece by piece on a thread of its own and gives up when a piece hangs. What counts is the processor time that the process has spent since the
/// piece was begun: other processes on the machine do not use it up, and an endless loop does. A piece that waits spends none, so there is also a longest wait, of an
/// order of magnitude that no load explains.
/// </summary>
internal sealed class HangWatch(TimeSpan mostProcessorTime, TimeSpan look)
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(15);

    private Piece? _piece;

    public HangWatch()
        : this(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1))
    {
    }

    /// <summary>Says, on the working thread, what is done next, and to which bytes.</summary>
    public void Begin(string what, byte[] bytes) => Volatile.Write(ref _piece, new Piece(what, bytes, Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp()));

    /// <summary>Does the work to its end.</summary>
    /// <exception cref="HangException">A piece of it hangs; its thread is left behind.</exception>
    public void Run(Action work)
    {
        ExceptionDispatchInfo? thrown = null;
        Thread thread = new(() =>
        {
            try
            {
                work();
            }
#pragma warning disable CA1031 // It is thrown again, on the thread that waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                thrown = ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true };
        thread.Start();
        while (!thread.Join(look))
        {
            if (Volatile.Read(ref _piece) is not { } piece)
                continue;
            TimeSpan spent = Environment.CpuUsage.TotalTime - piece.SpentBefore;
            TimeSpan waited = Stopwatch.GetElapsedTime(piece.Began);
            if (spent > mostProcessorTime || waited > s_longestWait)
                throw new HangException($"{piece.What} is not done after {spent.TotalSeconds:0.0} s of processor time and {waited.TotalSeconds:0.0} s", piece.Bytes);
        }

        thrown?.Throw();
    }

    private sealed record Piece(string What, byte[] Bytes, TimeSpan SpentBefore, long Began);
}

/// <summary>Says that work hangs, and over which bytes.</summary>
internal sealed class HangException(string message, byte[] bytes) : Exception(message)
{
    public byte[] Bytes { get; } = bytes;
}
