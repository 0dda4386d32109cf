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

    [Fact]
    public void A_fork_is_entered_at_its_point_or_below_it_on_the_fork_before_and_above_it_only_on_the_new_one()
    {
        Full(0, 100);
        Log(100, 200, 1, bulk: true);
        Log(150, 300, 2, Fork1, Fork2, forkPoint: 180);
        Assert.StartsWith("ForkMismatch", Build(2, markLsn: 250), StringComparison.Ordinal);
        Full(160, 170);
        Assert.Equal("full 160-170, log 150-300", Build(2, markLsn: 250));
        Full(185, 190, fork: Fork2);
        Assert.Equal("full 185-190, log 150-300", Build(2, markLsn: 250));
        _backups.RemoveAt(_backups.Count - 1);
        Full(165, 175, fork: Fork2);
        Assert.Equal("full 160-170, log 150-300", Build(2, markLsn: 250));
    }

    // That other marks may have gone unseen makes the one that was seen no guess.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_abandoned_fork_is_stopped_at_the_mark_where_it_was_left(bool allMarksSeen)
    {
        Full(0, 100);
        Log(100, 200, 1);
        Log(151, 300, 2, Fork1, Fork2, forkPoint: 151);
        bool Leaves(int mark, int next)
        {
            var catalogue = new BackupCatalogue(_backups);
            catalogue.Learn(_backups[1], new MarkKnowledge([new KnownMark(MarkOf(1), new MarkPosition(new LogPosition(mark), new LogPosition(next), MarkCertainty.Exact, "read"), MarkSource.LogContents)], allMarksSeen));
            MemberChain? chain = ChainBuilder.Build(catalogue, Member, MarkOf(2), null, out ChainFault? fault);
            Assert.True(chain is null ^ fault is null);
            Assert.True(chain is null || (chain.Logs.Count == 2 && chain.Turns.Values.Single() is { Position: not null } turn && turn.Name == MarkOf(1)));
            return chain is not null;
        }

        Assert.True(Leaves(150, 151));
        Assert.True(Leaves(150, 160), "The record behind the mark lies behind the fork point, and nothing lies between.");
        Assert.False(Leaves(148, 150), "Roll-forward stops before the fork point.");
        Assert.False(Leaves(151, 152), "The mark lies behind the fork point.");
    }

    [Fact]
    public void A_differential_shortens_the_chain_and_needs_its_own_full()
    {
        Full(0, 100);
        Log(100, 200, 1);
        Differential(210, 220, _backups[0]);
        Log(200, 300, 2);
        Assert.Equal("full 0-100, differential 210-220, log 200-300", Build(2));
        _backups[0] = _backups[0] with { Header = _backups[0].Header with { IsDamaged = true } };
        Full(50, 120);
        Assert.Equal("full 50-120, log 100-200, log 200-300", Build(2));
    }

    [Fact]
    public void A_copy_only_full_is_no_base_and_a_start_all_the_same()
    {
        Full(0, 100);
        _backups[0] = _backups[0] with { Header = _backups[0].Header with { IsCopyOnly = true } };
        Differential(210, 220, _backups[0]);
        Log(100, 300, 1);
        Assert.Equal("full 0-100, log 100-300", Build(1));
    }

    [Fact]
    public void Another_copy_is_used_when_one_is_damaged()
    {
        Full(0, 100);
        Log(50, 200, 1);
        MediaBackup log = _backups[1];
        _backups[1] = log with { Condition = BackupCondition.Unfinished };
        Assert.StartsWith("BackupMediaUnreadable", Build(1), StringComparison.Ordinal);
        _backups.Add(new MediaBackup("/c/" + log.Path[3..], log.Header));
        Assert.Equal("full 0-100, log 50-200", Build(1));
    }

    [Fact]
    public void Stripes_are_one_backup_and_all_are_needed()
    {
        Full(0, 100);
        Log(50, 200, 1);
        Guid medium = Guid.NewGuid();
        MediaBackup full = _backups[0] with { Label = new MediaLabel(medium, 2, 1) };
        _backups[0] = full;
        Assert.StartsWith("LogChainBroken", Build(1), StringComparison.Ordinal);
        _backups.Add(new MediaBackup("/c/second", full.Header) { Label = new MediaLabel(medium, 2, 2) });
        MemberChain chain = ChainBuilder.Build(new BackupCatalogue(_backups), Member, MarkOf(1), null, out _)!;
        Assert.Equal([full.Path, "/c/second"], chain.Full.Paths);
    }

    [Fact]
    public void A_renamed_database_keeps_its_chain()
    {
        Full(0, 100);
        _backups[0] = new MediaBackup(_backups[0].Path, _backups[0].Header with { DatabaseName = "Old" });
        Log(50, 200, 1);
        Assert.Equal("full 0-100, log 50-200", Build(1));
    }

    [Fact]
    public void A_name_that_two_transactions_bear_is_refused()
    {
        Full(0, 100);
        Log(100, 200, 1);
        Log(200, 300, 1);
        var catalogue = new BackupCatalogue(_backups);
        for (int i = 1; i <= 2; i++)
        {
            var position = new MarkPosition(new LogPosition(i * 150), new LogPosition((i * 150) + 1), MarkCertainty.Exact, "read");
            catalogue.Learn(_backups[i], new MarkKnowledge([new KnownMark(MarkOf(1), position, MarkSource.LogContents)], true));
        }

        Assert.Null(ChainBuilder.Build(catalogue, Member, MarkOf(1), null, out ChainFault? fault));
        Assert.Equal(RecoveryError.MarkAmbiguous, fault!.Code);
    }

    [Fact]
    public void The_log_says_which_mark_is_newer_when_the_clock_was_set_back()
    {
        Full(0, 100);
        Log(100, 200, 30);
        Log(200, 300, 10);
        Assert.Equal([MarkOf(10), MarkOf(30)], RecoveryPoints.From(new BackupCatalogue(_backups)).Select(p => p.Mark));
    }

    [Fact]
    public void A_mark_is_looked_for_beyond_the_stamps_of_an_hour_that_was_repeated()
    {
        Log(100, 200, 30);
        Log(200, 300, 10);
        Log(300, 400, 50);
        Assert.Equal(3, MarkNeighbourhood.Of(_backups, MarkOf(20), l => [l.Mark!]).Count());
    }

    [Fact]
    public void A_mark_is_looked_for_between_names_that_contradict_the_log()
    {
        Log(100, 200, 10);
        Log(200, 300, 300);
        Log(300, 400, 150);
        Log(400, 500, 20);
        Log(500, 600, 310);
        Assert.Equal(
            ["log 200-300", "log 300-400", "log 400-500"], MarkNeighbourhood.Of(_backups, MarkOf(150), l => [l.Mark!]).Select(Describe));
    }

    [Fact]
    public void What_was_read_in_a_log_counts_more_than_its_name()
    {
        Full(0, 100);
        Log(100, 200, 1);
        Log(200, 300, 2);
        var catalogue = new BackupCatalogue(_backups);
        catalogue.Learn(_backups[1], new MarkKnowledge([], true));
        Assert.Null(ChainBuilder.Build(catalogue, Member, MarkOf(1), null, out ChainFault? fault));
        Assert.Equal(RecoveryError.LogMarkNotFound, fault!.Code);
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

    private static string Describe(MediaBackup backup) => string.Create(CultureInfo.InvariantCulture, $"{(backup.Header.Kind switch { MediaBackupKind.Log => "log", MediaBackupKind.Full => "full", _ => "differential" })} {backup.Header.FirstLsn}-{backup.Header.LastLsn}");

    private static string MarkOf(int minute) => string.Create(CultureInfo.InvariantCulture, $"BTS_2026_01_01_{minute / 60:00}_{minute % 60:00}_00_000");

    private string Build(int minute, decimal? markLsn = null)
    {
        MemberChain? chain = ChainBuilder.Build(new BackupCatalogue(_backups), Member, MarkOf(minute), markLsn is { } lsn ? new LogPosition(lsn) : null, out ChainFault? fault);
        Assert.True(chain is null ^ fault is null);
        return chain is null ? $"{fault!.Code}: {fault.Text}" : string.Join(", ", chain.Backups.Select(Describe));
    }

    private void Differential(int first, int last, MediaBackup full) => _backups.Add(new MediaBackup("/b/diff.bak", Header(MediaBackupKind.Differential, first, last) with
    {
        DifferentialBaseGuid = full.Header.BackupSetGuid,
        DifferentialBaseLsn = full.Header.CheckpointLsn,
    }));

    private void Full(int first, int last, bool damaged = false, Guid? family = null, Guid? fork = null) =>
        _backups.Add(new MediaBackup($"/b/S_D_Full_BTS_2026_01_01_00_00_00_{_backups.Count:000}.bak", Header(MediaBackupKind.Full, first, last) with { IsDamaged = damaged, FamilyGuid = family ?? Family, RecoveryForkGuid = fork ?? Fork1 }));

    private void Log(int first, int last, int minute, Guid? startFork = null, Guid? endFork = null, bool damaged = false, bool bulk = false, int forkPoint = 0) =>
        _backups.Add(new MediaBackup($"/b/S_D_Log_{MarkOf(minute)}.bak", Header(MediaBackupKind.Log, first, last) with
        {
            FirstRecoveryForkGuid = startFork ?? Fork1,
            RecoveryForkGuid = endFork ?? Fork1,
            ForkPointLsn = new LogPosition(forkPoint),
            IsDamaged = damaged,
            HasBulkLoggedData = bulk,
        }));

    private static BackupHeader Header(MediaBackupKind kind, int first, int last) => new(1, kind, "S", "D")
    {
        FirstLsn = new LogPosition(first),
        LastLsn = new LogPosition(last),
        CheckpointLsn = new LogPosition(first),
        FamilyGuid = Family,
        RecoveryForkGuid = Fork1,
        BackupSetGuid = Guid.NewGuid(),
    };
}
