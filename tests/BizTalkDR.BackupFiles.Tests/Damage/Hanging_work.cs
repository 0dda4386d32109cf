using System;
using System.Threading;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>The watch that the mutated backups are read under: it has to see a hang, or they prove nothing.</summary>
public class Hanging_work
{
    private static readonly TimeSpan s_little = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void An_endless_loop_is_given_up_with_the_bytes_it_loops_over()
    {
        HangWatch watch = new(s_little, s_little);
        byte[] bytes = [1, 2, 3];
        bool stop = false;
        try
        {
            HangException hang = Assert.Throws<HangException>(() => watch.Run(() =>
            {
                watch.Begin("Piece 7", bytes);
                while (!Volatile.Read(ref stop))
                    Thread.SpinWait(1000);
            }));
            Assert.Same(bytes, hang.Bytes);
            Assert.StartsWith("Piece 7 is not done", hang.Message, StringComparison.Ordinal);
        }
        finally
        {
            Volatile.Write(ref stop, true);
        }
    }

    [Fact]
    public void Work_that_fails_fails_as_it_did()
    {
        InvalidOperationException own = new("own");

        Assert.Same(own, Assert.Throws<InvalidOperationException>(() => new HangWatch().Run(() => throw own)));
    }
}
