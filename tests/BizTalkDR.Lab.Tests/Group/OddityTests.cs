using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

/// <summary>What is odd about the job's procedures, each as the facts describe it (backup-job.md, section in the test's comment).</summary>
public sealed class OddityTests : IAsyncLifetime
{
    private PracticeLab _lab = null!;

    public async Task InitializeAsync() =>
        _lab = await PracticeLab.StartAsync(PracticeLab.Small(), new LabEnvironmentOptions { UtcOffset = TimeSpan.FromHours(10) });

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    /// <summary>§6: "@MarkName longer than 8 characters and @BackupPath longer than 128 characters are cut by SQL Server without an error".</summary>
    [Fact]
    public void A_long_mark_name_and_a_long_path_are_cut_without_a_word()
    {
        string wrongFolder = Path.Combine(_lab.Backups, new string('x', 128 - _lab.Backups.Length - 1));
        Assert.Equal(128, wrongFolder.Length);
        string wanted = wrongFolder + "yz";
        Directory.CreateDirectory(wrongFolder);
        Directory.CreateDirectory(wanted);
        SqlConnection management = _lab.OpenManagement();
        (int _, IReadOnlyList<SqlError> errors) = PracticeLab.Call(
            management, "dbo.sp_BackupAllFull_Schedule", ("@Frequency", "d"), ("@MarkName", "BTSLONGNAME"), ("@BackupPath", wanted));

        Assert.Empty(errors);
        Assert.Empty(Directory.GetFiles(wanted));
        string[] files = Directory.GetFiles(wrongFolder);
        Assert.Equal(4, files.Length);
        Assert.All(files, file => Assert.Contains("_Full_BTSLONGN_2", file, StringComparison.Ordinal));
    }

    /// <summary>§7: "The procedure's return code is that of the lock release, so 0 even after a failure: only the raised error (severity 16) tells."</summary>
    [Fact]
    public void The_return_code_is_0_after_a_failure_and_only_raised_errors_tell()
    {
        SqlConnection management = _lab.OpenManagement();
        string missing = Path.Combine(_lab.Backups, "missing");
        (int full, IReadOnlyList<SqlError> fullErrors) = _lab.Full(management, missing);
        Assert.Equal(0, full);
        Assert.Contains(fullErrors, error => error.Class == 16 && error.Number == 50000);
        Assert.Contains(fullErrors, error => error.Number == 3201);

        management.Close();
        management = _lab.OpenManagement();
        Assert.Empty(_lab.Full(management).Errors);
        (int log, IReadOnlyList<SqlError> logErrors) = _lab.Log(management, missing);
        Assert.Equal(0, log);
        Assert.Contains(logErrors, error => error.Class == 16 && error.Number == 50000);
    }

    /// <summary>§7: set id "committed at once; never rolled back"; §8: "a run that fails before its first history row leaves no row at all".</summary>
    [Fact]
    public void A_run_that_fails_early_leaves_only_a_missing_number()
    {
        SqlConnection management = _lab.OpenManagement();
        Assert.NotEmpty(_lab.Full(management, Path.Combine(_lab.Backups, "missing")).Errors);
        Assert.Equal(0, PracticeLab.Scalar<int>(management, "SELECT COUNT(*) FROM dbo.adm_BackupHistory;"));
        Assert.Equal(2L, PracticeLab.Scalar<long>(management, "SELECT NextBackupSetId FROM dbo.adm_BackupSetId;"));
    }

    /// <summary>§15: 2812 for a member without the procedures; "nothing after it in the cursor is backed up"; §5: SetComplete stays 0.</summary>
    [Fact]
    public void A_set_that_fails_midway_stays_incomplete()
    {
        SqlConnection management = _lab.OpenManagement();
        Assert.Empty(_lab.Full(management).Errors);
        PracticeLab.Execute(_lab.Open("LABSQL2", "SSODB"), "DROP PROCEDURE dbo.sp_BackupBizTalkLog;");
        (int code, IReadOnlyList<SqlError> errors) = _lab.Log(management);
        Assert.Equal(0, code);
        Assert.Contains(errors, error => error.Number == 2812);
        Assert.Equal(2L, PracticeLab.Scalar<long>(management, "SELECT MAX(BackupSetId) FROM dbo.adm_BackupHistory WHERE BackupType = 'lg' AND SetComplete = 0;"));
        Assert.Equal(0, PracticeLab.Scalar<int>(management, "SELECT COUNT(*) FROM dbo.adm_BackupHistory WHERE BackupType = 'lg' AND SetComplete = 1;"));
        Assert.Equal(1, PracticeLab.Scalar<int>(_lab.Open("LABSQL2", "SSODB"), "SELECT COUNT(*) FROM dbo.MarkLog;"));
    }

    /// <summary>§7: "never call it directly without @TimeStamp: the NULL default is written to the NOT NULL BackupDateTime, the inserts fail and the run ends as failed although the files exist".</summary>
    [Fact]
    public void A_full_without_a_time_makes_files_and_no_history()
    {
        SqlConnection management = _lab.OpenManagement();
        (int _, IReadOnlyList<SqlError> errors) = PracticeLab.Call(management, "dbo.sp_BackupAllFull", ("@MarkName", "BTS"), ("@BackupPath", _lab.Backups));
        Assert.Contains(errors, error => error.Number == 515);
        Assert.Contains(errors, error => error.Number == 50000);
        Assert.Equal(4, Directory.GetFiles(_lab.Backups).Length);
        Assert.Equal(0, PracticeLab.Scalar<int>(management, "SELECT COUNT(*) FROM dbo.adm_BackupHistory;"));
    }

    /// <summary>§5: BackupDateTime is "UTC unless @UseLocalTime = 1"; §6: the mark is made from the same time. The servers of this lab are ten hours ahead of UTC.</summary>
    [Fact]
    public void Times_are_UTC_unless_told_otherwise()
    {
        SqlConnection management = _lab.OpenManagement();
        Assert.Empty(_lab.Full(management).Errors);
        Assert.Empty(_lab.Log(management).Errors);
        Assert.Empty(PracticeLab.Call(management, "dbo.sp_MarkAll", ("@MarkName", "BTS"), ("@BackupPath", _lab.Backups), ("@UseLocalTime", true)).Errors);
        List<object?[]> rows = PracticeLab.Rows(management, "SELECT DISTINCT BackupSetId, BackupDateTime, MarkName FROM dbo.adm_BackupHistory WHERE BackupType = 'lg' ORDER BY BackupSetId;");
        TimeSpan difference = (DateTime)rows[1][1]! - (DateTime)rows[0][1]!;
        Assert.InRange(difference.TotalHours, 10, 10.1);
        foreach (object?[] row in rows)
            Assert.Equal("BTS_" + ((DateTime)row[1]!).ToString("yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture), (string?)row[2]);
    }

    /// <summary>§7: sp_MarkBTSLogs "raises an error without rolling back: a caller other than the Agent must test @@TRANCOUNT and roll back itself".</summary>
    [Fact]
    public void A_failed_mark_leaves_the_transaction_open()
    {
        SqlConnection management = _lab.OpenManagement();
        PracticeLab.Execute(_lab.Open("LABSQL2", "BizTalkDTADb"), "DROP PROCEDURE dbo.sp_SetMark; DROP PROCEDURE dbo.sp_SetMarkRemote;");
        Assert.Contains(PracticeLab.Call(management, "dbo.sp_MarkBTSLogs", ("@MarkName", "BTS_x")).Errors, error => error.Class == 16 && error.Number == 50000);
        Assert.Equal(1, PracticeLab.Scalar<int>(management, "SELECT @@TRANCOUNT;"));
        PracticeLab.Execute(management, "ROLLBACK TRANSACTION;");
        foreach ((string server, string database) in ((string, string)[])[("LABSQL1", "BizTalkMgmtDb"), ("LABSQL1", "BizTalkMsgBoxDb"), ("LABSQL2", "SSODB")])
            Assert.Equal(0, PracticeLab.Scalar<int>(_lab.Open(server, database), "SELECT COUNT(*) FROM dbo.MarkLog;"));
    }

    /// <summary>§3, §7: application lock BTS_BackupJob_Lock, session-owned, exclusive; sp_BackupAllFull "leaves by its error path without releasing; the lock dies with the session".</summary>
    [Fact]
    public void The_lock_of_a_failed_full_dies_with_its_session()
    {
        const string Try = "DECLARE @code int; EXEC @code = sp_getapplock @Resource = N'BTS_BackupJob_Lock', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0; IF @code >= 0 EXEC sp_releaseapplock @Resource = N'BTS_BackupJob_Lock', @LockOwner = N'Session'; SELECT @code;";
        SqlConnection other = _lab.OpenManagement();
        SqlConnection management = _lab.OpenManagement();
        string missing = Path.Combine(_lab.Backups, "missing");
        Assert.NotEmpty(_lab.Full(management, missing).Errors);
        Assert.Equal(-1, PracticeLab.Scalar<int>(other, Try));
        management.Close();
        Assert.Equal(0, WaitForLock(other, Try));

        Assert.Empty(_lab.Full(other).Errors);
        SqlConnection second = _lab.OpenManagement();
        Assert.NotEmpty(_lab.Log(second, missing).Errors);
        Assert.Equal(0, PracticeLab.Scalar<int>(other, Try));
    }

    /// <summary>§4: "if the statement raises 3013 it is silently repeated without compression", which "then reports the real cause".</summary>
    [Fact]
    public void With_compression_the_first_failure_is_hidden_and_the_second_one_told()
    {
        SqlConnection management = _lab.OpenManagement();
        Assert.Empty(PracticeLab.Call(management, "dbo.sp_SetBackupCompression", ("@bCompression", true)).Errors);
        (int _, IReadOnlyList<SqlError> errors) = _lab.Full(management, Path.Combine(_lab.Backups, "missing"));
        Assert.Single(errors, error => error.Number == 3201);
        Assert.Single(errors, error => error.Number == 3013);
    }

    /// <summary>§4: "any other caught error is swallowed": the history names a file that was never written.</summary>
    [Fact]
    public void With_compression_an_error_other_than_3013_is_swallowed()
    {
        SqlConnection member = _lab.Open("LABSQL2", "SSODB");
        using SqlCommand command = new("DECLARE @code int; EXEC @code = dbo.sp_BackupBizTalk N'NoSuchDatabase', N'/nowhere/x.bak', 1, N'NONSENSE'; SELECT @code;", member);
        Assert.Equal(0, command.ExecuteScalar());
    }

    /// <summary>§10: SSODB "is never compressed because its copy of the procedures may be older"; another member's older copy fails with 8144 when the flag is on.</summary>
    [Fact]
    public void An_older_copy_of_the_procedures_is_good_enough_for_the_SSO_database_only()
    {
        const string Older = """
            CREATE OR ALTER PROCEDURE dbo.sp_BackupBizTalkFull @seq nvarchar(128), @path nvarchar(3000), @BackupLocation nvarchar(4000) OUTPUT AS
            BEGIN
                DECLARE @database sysname = DB_NAME();
                SET @BackupLocation = @path + N'/' + @database + N'_Full_' + @seq + N'.bak';
                BACKUP DATABASE @database TO DISK = @BackupLocation;
                RETURN 0;
            END
            """;
        SqlConnection management = _lab.OpenManagement();
        Assert.Empty(PracticeLab.Call(management, "dbo.sp_SetBackupCompression", ("@bCompression", true)).Errors);
        PracticeLab.Execute(_lab.Open("LABSQL2", "SSODB"), Older);
        Assert.Empty(_lab.Full(management).Errors);

        PracticeLab.Execute(_lab.Open("LABSQL2", "BizTalkDTADb"), Older);
        PracticeLab.Execute(management, "EXEC dbo.sp_ForceFullBackup;");
        Assert.Contains(_lab.Full(management).Errors, error => error.Number == 8144);
        management.Close();
        management = _lab.OpenManagement();
        Assert.Empty(PracticeLab.Call(management, "dbo.sp_SetBackupCompression", ("@bCompression", false)).Errors);
        Assert.Empty(_lab.Full(management).Errors);
    }

    /// <summary>§9: nothing without a number of days; whole old sets go, the newest full stays, marks go from every MarkLog, files stay.</summary>
    [Fact]
    public void Trimming_keeps_the_newest_full_and_every_file()
    {
        SqlConnection management = _lab.OpenManagement();
        Assert.Empty(_lab.Full(management).Errors);
        Assert.Empty(_lab.Log(management).Errors);
        PracticeLab.Execute(management, "UPDATE dbo.adm_BackupHistory SET BackupDateTime = DATEADD(day, -30, BackupDateTime);");
        Assert.Empty(PracticeLab.Call(management, "dbo.sp_DeleteBackupHistory").Errors);
        Assert.Equal(8, PracticeLab.Scalar<int>(management, "SELECT COUNT(*) FROM dbo.adm_BackupHistory;"));

        Assert.Empty(PracticeLab.Call(management, "dbo.sp_DeleteBackupHistory", ("@DaysToKeep", (short)14)).Errors);
        Assert.Equal(["db"], PracticeLab.Rows(management, "SELECT DISTINCT BackupType FROM dbo.adm_BackupHistory;").Select(row => (string?)row[0]));
        Assert.Equal(0, PracticeLab.Scalar<int>(_lab.Open("LABSQL2", "SSODB"), "SELECT COUNT(*) FROM dbo.MarkLog;"));
        Assert.Equal(8, Directory.GetFiles(_lab.Backups).Length);
    }

    /// <summary>§5: exactly one row; a value already used in the history is rejected.</summary>
    [Fact]
    public void The_next_set_number_is_guarded()
    {
        SqlConnection management = _lab.OpenManagement();
        Assert.Empty(_lab.Full(management).Errors);
        Assert.Throws<SqlException>(() => PracticeLab.Execute(management, "UPDATE dbo.adm_BackupSetId SET NextBackupSetId = 1;"));
        Assert.Throws<SqlException>(() => PracticeLab.Execute(management, "INSERT INTO dbo.adm_BackupSetId (NextBackupSetId) VALUES (99);"));
        Assert.Equal([2L], PracticeLab.Rows(management, "SELECT NextBackupSetId FROM dbo.adm_BackupSetId;").Select(row => (long)row[0]!));
    }

    // A session ends a moment after its connection: the lock is asked for until then, for at most a few seconds.
    private static int WaitForLock(SqlConnection connection, string text)
    {
        long deadline = Environment.TickCount64 + 10_000;
        int code;
        while ((code = PracticeLab.Scalar<int>(connection, text)) < 0 && Environment.TickCount64 < deadline)
            System.Threading.Thread.Yield();
        return code;
    }
}
