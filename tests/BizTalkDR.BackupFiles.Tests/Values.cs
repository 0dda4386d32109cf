using System;
using System.Linq;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

public class Values
{
    [Theory]
    [InlineData("19000000020400003", 19u, 204u, 3)]
    [InlineData("19:204:3", 19u, 204u, 3)]
    [InlineData("0", 0u, 0u, 0)]
    [InlineData("4294967295429496729565535", 4294967295u, 4294967295u, 65535)]
    public void An_LSN_reads_both_forms(string text, uint vlf, uint block, int slot)
    {
        var lsn = Lsn.Parse(text);

        Assert.Equal(new Lsn(vlf, block, (ushort)slot), lsn);
        Assert.Equal(lsn, Lsn.FromDecimal(lsn.ToDecimal()));
        Assert.Equal(lsn, Lsn.Parse(lsn.ToString()));
        Assert.Equal(lsn, Lsn.Parse(lsn.ToPartsString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1:2")]
    [InlineData("1:2:65536")]
    [InlineData("99999")]
    [InlineData("79228162514264337593543950335")]
    public void An_LSN_refuses_what_is_none(string text)
    {
        Assert.False(Lsn.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Lsn.Parse(text));
    }

    [Fact]
    public void LSNs_are_in_the_order_of_the_log()
    {
        Lsn[] ordered = [new(1, 2, 3), new(1, 2, 4), new(1, 10, 1), new(2, 1, 1), new(10, 0, 0)];

        Assert.Equal(ordered, ordered.Reverse().Order());
        Assert.True(ordered[0] < ordered[1] && ordered[1] <= ordered[2] && ordered[4] > ordered[3] && ordered[3] >= ordered[2] && ordered[0] != ordered[1]);
        Assert.Equal(ordered.Select(l => l.ToDecimal()), ordered.Select(l => l.ToDecimal()).Order());
        Assert.True(Lsn.None.IsNone);
    }

    [Fact]
    public void A_forgotten_value_is_unknown_and_gives_none()
    {
        Known<int> forgotten = default;

        Assert.False(forgotten.IsKnown);
        Assert.Equal("unknown", forgotten.ToString());
        Assert.Throws<InvalidOperationException>(() => forgotten.Value);
        Assert.False(forgotten.TryGet(out _));
        Assert.Equal(7, forgotten.ValueOr(7));
        Assert.NotNull(forgotten.Why);
        Assert.NotEqual(Known.Fact(0), forgotten);
        Assert.Null(Known.Fact(0).Why);
    }

    [Fact]
    public void Support_is_what_the_evidence_says()
    {
        Assert.Equal(SupportLevel.Verified, Support(10, 50, BackupContainer.Plain, BackupFileFeature.Marks));
        Assert.Equal(SupportLevel.Inferred, Support(10, 0, BackupContainer.Plain, BackupFileFeature.Marks));
        foreach (int major in new[] { 9, 11, 12, 13, 14, 15, 16, 17, 18 })
            Assert.Equal(SupportLevel.Inferred, Support(major, 0, BackupContainer.Plain, BackupFileFeature.Marks));
        Assert.Equal(SupportLevel.NotReadable, Support(10, 50, BackupContainer.Compressed, BackupFileFeature.Headers));
        Assert.Equal(SupportLevel.NotReadable, Support(11, 0, BackupContainer.Compressed, BackupFileFeature.Marks));
        Assert.Equal(SupportLevel.Verified, Support(15, 0, BackupContainer.Compressed, BackupFileFeature.Headers));
        Assert.Equal(SupportLevel.Inferred, Support(17, 0, BackupContainer.Compressed, BackupFileFeature.Headers));
        Assert.Equal(SupportLevel.NotReadable, Support(15, 0, BackupContainer.Plain, BackupFileFeature.CopyOnly));
        Assert.Equal(SupportLevel.NotReadable, Support(8, 0, BackupContainer.Plain, BackupFileFeature.Headers));
    }

    [SampleFact]
    public void Chains_link_as_the_server_wrote_them()
    {
        BackupSet[] stopAt = [.. new[] { "1", "2", "21", "23" }.Select(n => Set($"stopat/StopAt_{n}.trn"))];
        BackupSet[] chain = [.. new[] { "_1", "_2", "_3", "2_1", "2_2", "2_3" }.Select(n => Set($"chain-2016/RestoreTimeClean{n}.trn"))];
        foreach (BackupSet[] logs in new[] { stopAt, chain })
        {
            for (int i = 1; i < logs.Length; i++)
                Assert.Equal(logs[i - 1].LastLsn, logs[i].FirstLsn);
        }

        BackupSet full = Set("chain-2016/RestoreTimeClean.bak");
        BackupSet differential = Set("chain-2016/RestoreTimeClean2.bak");
        Assert.Equal(full.CheckpointLsn, differential.DifferentialBaseLsn);
        Assert.Equal(full.CheckpointLsn, differential.DatabaseBackupLsn);
        Assert.Equal(full.BackupSetGuid, differential.DifferentialBaseGuid);
        Assert.All(chain, log => Assert.Equal(full.CheckpointLsn, log.DatabaseBackupLsn));
        Assert.All(chain, log => Assert.Equal(full.BackupSetGuid, log.LastFullBackupSetGuid));
        Assert.True(chain[0].FirstLsn.Value <= full.LastLsn.Value && full.LastLsn.Value < chain[0].LastLsn.Value);
        Assert.True(stopAt[0].BeginsLogChain.Value);
        Assert.Equal(Certainty.Inferred, stopAt[0].BeginsLogChain.Certainty);
    }

    private static BackupSet Set(string name) => BackupFile.Open(Samples.PathOf(name)).Sets[0];

    private static SupportLevel Support(int major, int minor, BackupContainer container, BackupFileFeature feature) =>
        BackupFileSupport.Of(new Version(major, minor), container, feature);
}
