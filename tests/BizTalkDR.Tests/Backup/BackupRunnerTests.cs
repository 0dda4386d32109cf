using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Backup;

public sealed class BackupRunnerTests
{
    private readonly FakeWorld _world = new();

    [Fact]
    public void A_full_and_a_log_set_come_back_as_what_was_written()
    {
        IReadOnlyList<BackupSet> sets = _world.BackUp(new BackupRequest(BackupType.FullAndLog, FakeWorld.Folder) { Compression = true });
        Assert.Equal([BackupSetKind.Full, BackupSetKind.Log], sets.Select(s => s.Kind));
        Assert.All(sets, s => Assert.True(s.IsComplete));
        Assert.All(sets, s => Assert.Equal(4, s.Files.Count));
        Assert.All(sets.SelectMany(s => s.Files), f => Assert.NotNull(f.Header));
        Assert.Null(sets[0].Mark);
        Assert.StartsWith("BTS_2026_05_06_", sets[1].Mark, StringComparison.Ordinal);
        Assert.Equal(DateTimeKind.Utc, sets[1].MarkTimeUtc!.Value.Kind);
        Assert.Equal(
            ["SRC1: SetBackupCompression", "SRC1: ForceFullBackup", "SRC1: BackupAllFull BTS /backup", "SRC1: MarkAll BTS /backup"],
            _world.Calls);
    }

    [Fact]
    public void A_mark_in_local_time_is_turned_into_utc()
    {
        _world.BackUpFull();
        BackupSet set = _world.BackUp(new BackupRequest(BackupType.Log, FakeWorld.Folder) { UseLocalTime = true })[0];
        Assert.Equal(TimeSpan.FromHours(2), LogMark.TryParse(set.Mark)!.Time - set.MarkTimeUtc!.Value);
    }

    [Fact]
    public void Refuses_a_log_set_before_the_first_full_and_does_nothing()
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Log, FakeWorld.Folder)));
        Assert.Equal(RecoveryError.FullBackupMissing, error.Code);
        Assert.Empty(_world.Calls);
    }

    [Theory]
    [InlineData(50000, RecoveryError.BackupFailed)]
    [InlineData(3201, RecoveryError.BackupMediaNotWritable)]
    [InlineData(3202, RecoveryError.BackupMediaNotWritable)]
    [InlineData(2812, RecoveryError.BackupProceduresMissing)]
    [InlineData(4214, RecoveryError.FullBackupMissing)]
    [InlineData(4208, RecoveryError.RecoveryModelUnsuitable)]
    [InlineData(7411, RecoveryError.LinkedServerFailed)]
    [InlineData(8501, RecoveryError.LinkedServerFailed)]
    [InlineData(3928, RecoveryError.MarkFailed)]
    [InlineData(229, RecoveryError.PermissionDenied)]
    public void A_raised_error_counts_whatever_the_return_code_says(int number, RecoveryError code)
    {
        _world.FailWith("BackupAllFull", number, 3013);
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder)));
        Assert.Equal(code, error.Code);
        Assert.Contains("next scheduled backup will still be a full", error.StateLeftBehind, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_a_server_does_not_see_is_refused_before_anything_is_done()
    {
        _world.Servers["SRC2"].SeesFolder = false;
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder)));
        Assert.Equal(RecoveryError.FolderNotVisibleToServer, error.Code);
        Assert.Contains("SRC2", error.Message, StringComparison.Ordinal);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void A_log_set_that_fails_after_its_full_says_that_the_full_is_good()
    {
        _world.FailWith("MarkAll", 3928);
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.FullAndLog, FakeWorld.Folder)));
        Assert.Contains("(Full) before it is complete and confirmed", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.DoesNotContain("still be a full", error.StateLeftBehind, StringComparison.Ordinal);
    }

    [Fact]
    public void Silence_without_a_new_set_is_no_success()
    {
        _world.Say("BackupAllFull");
        Assert.Equal(RecoveryError.BackupNotConfirmed, Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder))).Code);
    }

    [Fact]
    public void A_set_that_stays_incomplete_is_an_error()
    {
        _world.TamperHistory = rows => [.. rows.Take(2).Select(r => r with { SetComplete = false })];
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder)));
        Assert.Equal(RecoveryError.BackupSetIncomplete, error.Code);
        Assert.Contains("2 of 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_complete_set_without_a_member_is_not_confirmed()
    {
        _world.TamperHistory = rows => [.. rows.Skip(1)];
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder)));
        Assert.Equal(RecoveryError.BackupNotConfirmed, error.Code);
        Assert.False(Assert.IsType<BackupSet>(error.PartialResult).IsComplete);
    }

    [Fact]
    public void A_member_twice_in_a_set_is_not_confirmed()
    {
        _world.TamperHistory = rows => [.. rows, rows[0]];
        Assert.Equal(RecoveryError.BackupNotConfirmed, Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder))).Code);
    }

    [Fact]
    public void Two_marks_in_a_set_are_not_confirmed()
    {
        _world.BackUpFull();
        _world.TamperHistory = rows => [rows[0] with { MarkName = "BTS_2020_01_01_00_00_00_000" }, .. rows.Skip(1)];
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Log, FakeWorld.Folder)));
        Assert.Equal(RecoveryError.BackupNotConfirmed, error.Code);
        Assert.Contains("2 marks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_missing_in_the_servers_history_is_not_confirmed()
    {
        _world.BackUpFull();
        _world.NoMarkHistory = true;
        Assert.Equal(RecoveryError.BackupNotConfirmed, Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Log, FakeWorld.Folder))).Code);
    }

    [Fact]
    public void Checks_that_the_login_may_not_make_are_said_not_to_be_made()
    {
        _world.BackUpFull();
        _world.NoPermission = true;
        BackupSet set = _world.BackUp(new BackupRequest(BackupType.Log, FakeWorld.Folder))[0];
        Assert.True(set.IsComplete);
        Assert.Contains(set.Findings, f => f.Text.Contains("was not checked", StringComparison.Ordinal));
    }

    [Fact]
    public void An_instance_that_cannot_be_asked_leaves_a_warning()
    {
        BackupPlan plan = BackupPlanner.Plan(_world.Group, new BackupRequest(BackupType.Full, FakeWorld.Folder));
        _world.Servers["SRC2"].RefusesConnections = RecoveryError.InstanceUnreachable;
        BackupSet set = new BackupRunner(_world.Ports, _world.Directory).Run(plan)[0];
        Assert.Contains(set.Findings, f => f.Text.Contains("not read back", StringComparison.Ordinal));
        Assert.Contains(_world.Said, s => s.Level == RecoveryLogLevel.Warning);
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("other database")]
    [InlineData("other kind")]
    [InlineData("other server")]
    [InlineData("empty")]
    [InlineData("unreadable")]
    public void A_file_that_is_not_what_it_should_be_is_not_confirmed(string fault)
    {
        _world.TamperHistory = rows =>
        {
            FakeFile file = _world.Files[^1];
            file.Header = fault switch
            {
                "damaged" => file.Header with { IsDamaged = true },
                "other database" => file.Header with { DatabaseName = "x" },
                "other kind" => file.Header with { Kind = MediaBackupKind.Differential },
                "other server" => file.Header with { ServerName = "x" },
                _ => file.Header,
            };
            file.SizeBytes = fault == "empty" ? 0 : 1;
            file.UnreadableWith = fault == "unreadable" ? 3241 : 0;
            return rows;
        };
        Assert.Equal(RecoveryError.BackupNotConfirmed, Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder))).Code);
    }

    [Fact]
    public void A_lost_connection_says_what_the_history_holds()
    {
        _world.Throw("BackupAllFull", new RecoveryException(RecoveryError.ConnectionLost, "SRC1", "Gone."));
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder)));
        Assert.Equal(RecoveryError.ConnectionLost, error.Code);
        Assert.Contains("no new row", error.StateLeftBehind, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_of_the_scheduled_job_in_between_is_told_apart()
    {
        _world.TamperHistory = rows => [.. rows.Select(r => r with { SetId = r.SetId + 1 }), .. rows];
        BackupSet set = _world.BackUp(new BackupRequest(BackupType.Full, FakeWorld.Folder))[0];
        Assert.Equal(2, set.SetId);
        Assert.Contains(set.Findings, f => f.Text.Contains("in between", StringComparison.Ordinal));
    }
}
