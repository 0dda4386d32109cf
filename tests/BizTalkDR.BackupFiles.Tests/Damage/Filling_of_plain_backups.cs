using System;
using System.IO;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>Bytes that no checksum covers and that are zero in every backup seen.</summary>
public class Filling_of_plain_backups
{
    [Fact]
    public void Is_looked_at_everywhere()
    {
        byte[] sound = Bad_input.SmallLog();
        Assert.Equal(CheckOutcome.Passed, Run(sound)[BackupCheck.Filling]!.Outcome);
        int looked = 0;
        BackupVerification.Run(new MemoryStream(sound), "regions", new VerificationOptions
        {
            OnRegion = (start, length, protection) =>
            {
                // The filemarks of the builder are those of SQL Server 2005, which are not looked into.
                if (protection != ByteProtection.Padding || (start >= 52 && sound.AsSpan((int)start - 52, 4).SequenceEqual("SFMB"u8)))
                    return;
                foreach (long at in new[] { start, start + length - 1 })
                {
                    byte[] changed = (byte[])sound.Clone();
                    changed[at] ^= 0x10;
                    Assert.True(Run(changed).HasFailed, $"byte {at}");
                    looked++;
                }
            },
        });
        Assert.InRange(looked, 20, int.MaxValue);
    }

    [Fact]
    public void Tells_where_it_is_not_zero_and_that_no_data_is_in_it()
    {
        byte[] changed = Bad_input.SmallLog();
        int last = changed.AsSpan().LastIndexOf("SPAD"u8) + 22 + 3;
        changed[last] = 1;

        CheckResult filling = Run(changed)[BackupCheck.Filling]!;

        Assert.Equal(CheckOutcome.Failed, filling.Outcome);
        Assert.Equal(last - 3, filling.Offset);
        Assert.Contains("Nothing of the database", filling.Message);
    }

    [Fact]
    public void Of_compressed_backups_is_not_asked_for()
    {
        Assert.Null(Run(CompressedContainer.Wrap(Bad_input.SmallLog()))[BackupCheck.Filling]);
    }

    [SampleFact]
    public void Is_zero_in_every_sample()
    {
        foreach (string name in Samples.All)
        {
            using FileStream file = File.OpenRead(Samples.PathOf(name));
            Assert.NotEqual(CheckOutcome.Failed, BackupVerification.Run(file, name)[BackupCheck.Filling]?.Outcome);
        }
    }

    private static VerificationResult Run(byte[] bytes) => BackupVerification.Run(new MemoryStream(bytes), "filling");
}
