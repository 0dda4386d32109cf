using System;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Tests.Files;
using Xunit;

namespace BizTalkDR.Tests.Catalogue;

public sealed class LogFileMarkReaderTests : IDisposable
{
    private const string Mark = "BTS_2024_05_06_14_15_01_327";

    private readonly FileScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Finds_the_marked_commit_and_what_follows_it()
    {
        MarkPosition position = Find(FileScratch.Log(Mark))!;

        Assert.Equal((30000000010000002m, 30000000010000003m), (position.Lsn.Value, position.NextLsn.Value));
        Assert.Equal(MarkCertainty.Exact, position.Certainty);
    }

    [Fact]
    public void Says_that_a_mark_is_not_there_only_where_the_layout_is_verified()
    {
        Assert.Null(Find(FileScratch.Log(mark: null)));
        RecoveryException error = Assert.Throws<RecoveryException>(() => Find(FileScratch.Log(mark: null, FileScratch.Server2016)));
        Assert.Equal(RecoveryError.MarkUnconfirmed, error.Code);
        Assert.Contains("STOPATMARK", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_that_nothing_is_known_of_a_log_that_is_cut()
    {
        byte[] whole = FileScratch.Log(mark: null);

        Assert.Equal(RecoveryError.MarkUnconfirmed, Assert.Throws<RecoveryException>(() => Find(whole[..(whole.Length / 2)])).Code);
        Assert.Equal(RecoveryError.BackupMediaUnreadable, Assert.Throws<RecoveryException>(() => Find([])).Code);
    }

    private MarkPosition? Find(byte[] file) => new LogFileMarkReader().Find(_scratch.Write("log.bak", file), 1, Mark);
}
