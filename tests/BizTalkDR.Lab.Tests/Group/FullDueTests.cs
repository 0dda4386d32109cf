using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

/// <summary>When a full is due (backup-job.md §8), in the order of its rules.</summary>
public sealed class FullDueTests : IAsyncLifetime
{
    // A Wednesday; the server's local time is ten hours ahead: the 17th, 06:30.
    private static readonly DateTimeOffset Now = new(2024, 7, 16, 20, 30, 0, TimeSpan.Zero);

    private PracticeLab _lab = null!;

    public async Task InitializeAsync() => _lab = await PracticeLab.StartAsync(
        PracticeLab.Small(), new LabEnvironmentOptions { UtcOffset = TimeSpan.FromHours(10), Clock = new FixedClock(Now) });

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public void Every_rule_decides_as_documented()
    {
        SqlConnection management = _lab.OpenManagement();
        (string Situation, string Arrange, (string, object?)[] Arguments, bool Due)[] table =
        [
            ("rule 3: no full in the history", "", [("@Frequency", "d")], true),
            ("rule 3 comes before rule 5", "", [("@Frequency", "d"), ("@BackupHour", 3)], true),
            ("rule 4: same UTC day", Row("db", 1, "2024-07-16T00:10:00"), [("@Frequency", "d")], false),
            ("rule 4: the day before", Row("db", 1, "2024-07-15T23:50:00"), [("@Frequency", "d")], true),
            ("rule 4: upper case", Row("db", 1, "2024-07-16T00:10:00"), [("@Frequency", "D")], false),
            ("rule 4: local day when asked", Row("db", 1, "2024-07-16T20:10:00"), [("@Frequency", "d"), ("@UseLocalTime", true)], true),
            ("rule 4: same hour", Row("db", 1, "2024-07-16T20:01:00"), [("@Frequency", "h")], false),
            ("rule 4: the hour before", Row("db", 1, "2024-07-16T19:59:00"), [("@Frequency", "h")], true),
            ("rule 4: same week", Row("db", 1, "2024-07-15T10:00:00"), [("@Frequency", "w")], false),
            ("rule 4: the week before", Row("db", 1, "2024-07-12T10:00:00"), [("@Frequency", "w")], true),
            ("rule 4: same month", Row("db", 1, "2024-07-01T00:00:00"), [("@Frequency", "m")], false),
            ("rule 4: the same month a year ago", Row("db", 1, "2023-07-16T20:30:00"), [("@Frequency", "m")], true),
            ("rule 4: same year", Row("db", 1, "2024-01-01T00:00:00"), [("@Frequency", "y")], false),
            ("trap: an incomplete full counts as done", Row("db", 1, "2024-07-16T00:10:00", false), [("@Frequency", "d")], false),
            ("rule 5: another local hour", Row("db", 1, "2024-07-14T00:00:00"), [("@Frequency", "d"), ("@BackupHour", 20)], false),
            ("rule 5: the local hour", Row("db", 1, "2024-07-14T00:00:00"), [("@Frequency", "d"), ("@BackupHour", 6)], true),
            ("rule 5: not for hourly fulls", Row("db", 1, "2024-07-14T00:00:00"), [("@Frequency", "h"), ("@BackupHour", 20)], true),
            ("an impossible hour becomes 0", Row("db", 1, "2024-07-14T00:00:00"), [("@Frequency", "d"), ("@BackupHour", 24)], false),
            ("rule 2: a partial log set and no later full", Row("db", 1, "2024-07-16T00:10:00") + Row("lg", 2, "2024-07-16T01:00:00", false), [("@Frequency", "d"), ("@ForceFullBackupAfterPartialSetFailure", true)], true),
            ("rule 2: off by default", Row("db", 1, "2024-07-16T00:10:00") + Row("lg", 2, "2024-07-16T01:00:00", false), [("@Frequency", "d")], false),
            ("rule 2: a later complete full", Row("lg", 1, "2024-07-16T00:10:00", false) + Row("db", 2, "2024-07-16T01:00:00"), [("@Frequency", "d"), ("@ForceFullBackupAfterPartialSetFailure", true)], false),
            ("rule 1: forced", Row("db", 1, "2024-07-16T00:10:00") + "EXEC dbo.sp_ForceFullBackup;", [("@Frequency", "d")], true),
            ("rule 1 comes before the unknown letter of rule 4", Row("db", 1, "2024-07-16T00:10:00") + "EXEC dbo.sp_ForceFullBackup;", [("@Frequency", "q")], true),
        ];
        foreach ((string situation, string arrange, (string, object?)[] arguments, bool due) in table)
            Assert.True(due == IsDue(management, arrange, arguments), situation);
    }

    [Fact]
    public void An_unknown_frequency_is_an_error()
    {
        SqlConnection management = _lab.OpenManagement();
        PracticeLab.Execute(management, Row("db", 1, "2024-07-14T00:00:00"));
        Assert.Equal([50000], Schedule(management, [("@Frequency", "q")]).Select(error => error.Number));
    }

    /// <summary>§8: "flag reset to 0 only after success".</summary>
    [Fact]
    public void The_force_flag_outlives_a_failed_full()
    {
        SqlConnection management = _lab.OpenManagement();
        PracticeLab.Execute(management, "EXEC dbo.sp_ForceFullBackup;");
        Assert.NotEmpty(PracticeLab.Call(management, "dbo.sp_BackupAllFull_Schedule", ("@Frequency", "d"), ("@MarkName", "BTS"), ("@BackupPath", "/nowhere/at/all")).Errors);
        Assert.True(PracticeLab.Scalar<bool>(management, "SELECT ForceFull FROM dbo.adm_BackupSettings;"));
        SqlConnection fresh = _lab.OpenManagement();
        management.Close();
        Assert.Empty(Schedule(fresh, [("@Frequency", "d")]));
        Assert.False(PracticeLab.Scalar<bool>(fresh, "SELECT ForceFull FROM dbo.adm_BackupSettings;"));
    }

    private static string Row(string type, int set, string time, bool complete = true) => string.Create(
        CultureInfo.InvariantCulture,
        $"INSERT INTO dbo.adm_BackupHistory (BackupSetId, DatabaseName, BackupFileName, BackupFileLocation, BackupType, BackupDateTime, SetComplete) VALUES ({set}, N'x', N'f', N'l', '{type}', '{time}', {(complete ? 1 : 0)});\n");

    // Whether a full is due shows in the set number it takes; to find out quickly it goes to a folder that does not exist.
    private static bool IsDue(SqlConnection management, string arrange, (string, object?)[] arguments)
    {
        PracticeLab.Execute(management, "DELETE FROM dbo.adm_BackupHistory; UPDATE dbo.adm_BackupSettings SET ForceFull = 0; UPDATE dbo.adm_BackupSetId SET NextBackupSetId = 1000;");
        if (arrange.Length > 0)
            PracticeLab.Execute(management, arrange);
        PracticeLab.Call(management, "dbo.sp_BackupAllFull_Schedule", [.. arguments, ("@MarkName", "BTS"), ("@BackupPath", "/nowhere/at/all")]);
        return PracticeLab.Scalar<long>(management, "SELECT NextBackupSetId FROM dbo.adm_BackupSetId;") > 1000;
    }

    private IReadOnlyList<SqlError> Schedule(SqlConnection management, (string, object?)[] arguments) =>
        PracticeLab.Call(management, "dbo.sp_BackupAllFull_Schedule", [.. arguments, ("@MarkName", "BTS"), ("@BackupPath", _lab.Backups)]).Errors;

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
