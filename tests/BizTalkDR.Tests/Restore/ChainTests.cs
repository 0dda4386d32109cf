using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class ChainTests
{
    private static readonly MemberKey Member = new("S", "D");
    private static readonly Guid Family = Guid.NewGuid();
    private static readonly Guid Fork1 = Guid.NewGuid();
    private static readonly Guid Fork2 = Guid.NewGuid();
    private readonly List<MediaBackup> _backups = [];

    [Fact]
    public void Goes_from_the_full_over_every_log_to_the_mark()
    {
        Full(0, 100);
        Log(50, 200, 1);
        Log(200, 300, 2);
        Log(300, 400, 3);
        Assert.Equal("full 0-100, log 50-200, log 200-300, log 300-400", Build(3));
    }

    [Fact]
    public void Uses_the_newest_full_and_only_the_logs_after_it()
    {
        Full(0, 100);
        Log(50, 200, 1);
        Full(210, 230);
        Log(200, 300, 2);
        Assert.Equal("full 210-230, log 200-300", Build(2));
    }

    [Fact]
    public void Falls_back_to_an_older_full_when_the_newest_is_damaged()
    {
        Full(0, 100);
        Log(50, 200, 1);
        Full(210, 230, damaged: true);
        Log(200, 300, 2);
        Assert.Equal("full 0-100, log 50-200, log 200-300", Build(2));
    }

    [Fact]
    public void A_full_that_ends_behind_the_mark_is_no_start()
    {
        Full(0, 100);
        Full(210, 260);
        Log(50, 300, 1);
        Assert.Equal("full 0-100, log 50-300", Build(1, markLsn: 250));
        Assert.Equal("full 210-260, log 50-300", Build(1, markLsn: 280));
    }

    [Fact]
    public void A_missing_log_is_a_broken_chain_that_says_where()
    {
        Full(0, 100);
        Log(50, 200, 1);
        Log(300, 400, 3);
        Assert.StartsWith("LogChainBroken: a log backup is missing between LSN 200 and LSN 300", Build(3), StringComparison.Ordinal);
    }

    [Fact]
    public void Touching_lsns_are_no_gap_and_one_between_is()
    {
        Full(0, 100);
        Log(100, 200, 1);
        Log(201, 300, 2);
        Assert.StartsWith("LogChainBroken", Build(2), StringComparison.Ordinal);
        _backups.RemoveAt(2);
        Log(200, 300, 2);
        Assert.Equal("full 0-100, log 100-200, log 200-300", Build(2));
    }

    [Fact]
    public void An_empty_log_is_left_out()
    {
        Full(0, 100);
        Log(100, 200, 1);
        Log(200, 200, 2);
        Log(200, 300, 3);
        Assert.Equal("full 0-100, log 100-200, log 200-300", Build(3));
    }

    [Fact]
    public void Overlapping_logs_take_the_one_that_leads_furthest()
    {
        Full(0, 100);
        Log(100, 150, 1);
        Log(90, 200, 2);
        Log(200, 300, 3);
        Assert.Equal("full 0-100, log 90-200, log 200-300", Build(3));
    }

    [Fact]
    public void A_file_of_another_fork_is_no_link()
    {
        Full(0, 100);
        Log(100, 200, 1, Fork2, Fork2);
        Log(200, 300, 2, Fork2, Fork2);
        Assert.StartsWith("ForkMismatch", Build(2), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fork_is_crossed_where_a_log_crosses_it()
    {
        Full(0, 100);
        Log(100, 200, 1, Fork1, Fork2);
        Log(200, 300, 2, Fork2, Fork2);
        Assert.Equal("full 0-100, log 100-200, log 200-300", Build(2));
    }

    [Fact]
    public void Another_database_of_the_same_name_is_no_start()
    {
        Full(0, 100, family: Guid.NewGuid());
        Log(50, 200, 1);
        Assert.StartsWith("LogChainBroken: no full backup of the same database", Build(1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "MemberMissing")]
    [InlineData("no full", "MemberMissing")]
    [InlineData("no mark", "LogMarkNotFound")]
    [InlineData("damaged", "BackupMediaUnreadable")]
    [InlineData("bulk", "LogMarkNotFound")]
    public void Says_why_there_is_no_chain(string situation, string code)
    {
        if (situation != "nothing")
        {
            if (situation != "no full")
            {
                Full(0, 100);
            }

            Log(50, 200, situation == "no mark" ? 2 : 1, damaged: situation == "damaged", bulk: situation == "bulk");
        }

        Assert.StartsWith(code, Build(1), StringComparison.Ordinal);
    }

    private static string Describe(MediaBackup backup) => string.Create(CultureInfo.InvariantCulture, $"{(backup.Header.Kind == MediaBackupKind.Log ? "log" : "full")} {backup.Header.FirstLsn}-{backup.Header.LastLsn}");

    private static string MarkOf(int minute) => string.Create(CultureInfo.InvariantCulture, $"BTS_2026_01_01_00_{minute:00}_00_000");

    private string Build(int minute, decimal? markLsn = null)
    {
        MemberChain? chain = ChainBuilder.Build(new BackupCatalogue(_backups), Member, MarkOf(minute), markLsn is { } lsn ? new LogPosition(lsn) : null, out ChainFault? fault);
        Assert.True(chain is null ^ fault is null);
        return chain is null ? $"{fault!.Code}: {fault.Text}" : string.Join(", ", chain.Logs.Prepend(chain.Full).Select(Describe));
    }

    private void Full(int first, int last, bool damaged = false, Guid? family = null) =>
        _backups.Add(new MediaBackup($"/b/S_D_Full_BTS_2026_01_01_00_00_00_{_backups.Count:000}.bak", Header(MediaBackupKind.Full, first, last) with { IsDamaged = damaged, FamilyGuid = family ?? Family }));

    private void Log(int first, int last, int minute, Guid? startFork = null, Guid? endFork = null, bool damaged = false, bool bulk = false) =>
        _backups.Add(new MediaBackup($"/b/S_D_Log_{MarkOf(minute)}.bak", Header(MediaBackupKind.Log, first, last) with
        {
            FirstRecoveryForkGuid = startFork ?? Fork1,
            RecoveryForkGuid = endFork ?? Fork1,
            IsDamaged = damaged,
            HasBulkLoggedData = bulk,
        }));

    private static BackupHeader Header(MediaBackupKind kind, int first, int last) => new(1, kind, "S", "D")
    {
        FirstLsn = new LogPosition(first),
        LastLsn = new LogPosition(last),
        FamilyGuid = Family,
        RecoveryForkGuid = Fork1,
        BackupSetGuid = Guid.NewGuid(),
    };
}
