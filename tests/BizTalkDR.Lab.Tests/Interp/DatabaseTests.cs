using BizTalkDR.Lab.Engine;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Faults;
using BizTalkDR.Lab.Tds;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

public sealed class DatabaseTests
{
    [Theory]
    [InlineData("CREATE DATABASE master", 1801)]
    [InlineData("DROP DATABASE missing", 3701)]
    [InlineData("DROP DATABASE msdb", 3708)]
    [InlineData("USE missing", 911)]
    [InlineData("BEGIN TRAN; CREATE DATABASE x", 226)]
    [InlineData("BACKUP DATABASE missing TO DISK = N'/x.bak'", 911)]
    [InlineData("RESTORE LOG missing FROM DISK = N'/nowhere/x.trn'", 3201)]
    [InlineData("BACKUP DATABASE model TO URL = N'https://a.blob/c/x.bak'", 3201)]
    [InlineData("BACKUP DATABASE model TO DISK = N'/x.bak' MIRROR TO DISK = N'/y.bak' WITH FORMAT", 3218)]
    [InlineData("BACKUP DATABASE model TO DISK = N'/x.bak' WITH BLOCKSIZE = 1000", 3253)]
    [InlineData("BACKUP DATABASE model TO DISK = N'/x.bak' WITH MAXTRANSFERSIZE = 100000", 3250)]
    [InlineData("BACKUP DATABASE model TO DISK = N'/x.bak', DISK = N'/y.bak' WITH BUFFERCOUNT = 1", 3273)]
    [InlineData("BACKUP DATABASE model TO DISK = N'/x.bak' WITH NORECOVERY", 3032)]
    [InlineData("BACKUP DATABASE model TO DISK = N'/x.bak' WITH RETAINDAYS = 3, EXPIREDATE = '2030-01-01'", 3031)]
    [InlineData("BACKUP DATABASE model TO DISK = N'/x.bak' WITH INIT, NOINIT", 3031)]
    [InlineData("BACKUP DATABASE tempdb TO DISK = N'/x.bak'", 3147)]
    [InlineData("KILL 4711", 6106)]
    public void Refuses_with_the_documented_number(string text, int number)
    {
        using var lab = new InterpLab();
        Assert.Contains(number, lab.Run(text).ErrorNumbers);
    }

    // sys.dm_os_volume_stats: volume_mount_point is "the mount point at which the volume is rooted", available_bytes the "available free space on the volume".
    [Fact]
    public void All_files_of_a_folder_lie_on_one_volume_whose_free_space_is_the_disks()
    {
        using var lab = new InterpLab();
        const string volumes = "SELECT COUNT(DISTINCT v.volume_id), COUNT(*), MIN(v.available_bytes) FROM sys.master_files AS f CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v WHERE f.physical_name LIKE v.volume_mount_point + '%' AND v.available_bytes <= v.total_bytes";
        object?[] row = lab.Do(volumes).Results[0].Rows[0];
        Assert.Equal((1, lab.Scalar("SELECT COUNT(*) FROM sys.master_files")), (row[0], row[1]));
        Assert.True((long)row[2]! > 1000);
        IDisk? whole = lab.Instance.Storage.Disk;
        lab.Instance.Storage.Disk = new LimitedDisk { Left = 1000 };
        Assert.Equal(1000L, lab.Do(volumes).Results[0].Rows[0][2]);

        // An instance that ends writes what it holds.
        lab.Instance.Storage.Disk = whole;
    }

    [Fact]
    public void Refuses_to_drop_a_database_in_use()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE work");
        using (ISqlSession other = lab.Open(database: "work"))
        {
            Assert.Equal([3702], lab.Run("DROP DATABASE work").ErrorNumbers);
        }

        lab.Do("DROP DATABASE work");
        Assert.Equal(0, lab.Scalar("SELECT COUNT(*) FROM sys.databases WHERE name = N'work'"));
    }

    [Fact]
    public void Single_user_with_rollback_immediate_ends_other_sessions()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE work");
        using ISqlSession other = lab.Open(database: "work");
        InterpLab.Run(other, "CREATE TABLE dbo.t (a int)");
        InterpLab.Run(other, "BEGIN TRAN; INSERT dbo.t VALUES (1)");
        Assert.Contains(lab.Run("ALTER DATABASE work SET SINGLE_USER WITH NO_WAIT").ErrorNumbers, n => n == 5070);
        lab.Do("ALTER DATABASE work SET SINGLE_USER WITH ROLLBACK IMMEDIATE");
        Assert.Equal([596], InterpLab.Run(other, "SELECT 1").ErrorNumbers);
        Assert.Equal(0, lab.Scalar("SELECT COUNT(*) FROM work.dbo.t"));
        Assert.Equal("SINGLE_USER", lab.Scalar("SELECT user_access_desc FROM sys.databases WHERE name = N'work'"));
        lab.Do("ALTER DATABASE work SET MULTI_USER");
    }

    [Fact]
    public void Goes_offline_and_online_again()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE work; ALTER DATABASE work SET RECOVERY SIMPLE; ALTER DATABASE work SET OFFLINE");
        Assert.Equal("OFFLINE,SIMPLE", lab.Do("SELECT state_desc, recovery_model_desc FROM sys.databases WHERE name = N'work'").Text());
        Assert.Equal([942], lab.Run("USE work").ErrorNumbers);
        Assert.Equal([942], lab.Run("SELECT * FROM work.sys.objects").ErrorNumbers);
        lab.Do("ALTER DATABASE work SET ONLINE; ALTER DATABASE work SET READ_ONLY");
        Assert.Equal([3906], lab.Run("CREATE TABLE work.dbo.t (a int)").ErrorNumbers);
        lab.Do("ALTER DATABASE work SET READ_WRITE; ALTER DATABASE work MODIFY NAME = renamed; DROP DATABASE renamed");
    }

    [Fact]
    public void Backs_up_and_restores_to_a_mark()
    {
        using var lab = new InterpLab();
        string full = Path.Combine(lab.Folder, "full.bak");
        string log = Path.Combine(lab.Folder, "log.trn");
        lab.Do("CREATE DATABASE work"); lab.Do("USE work");
        lab.Do("CREATE TABLE dbo.t (a int)");
        Reply backup = lab.Do($"USE master; BACKUP DATABASE work TO DISK = N'{full}' WITH INIT, NAME = N'n', STATS = 10, CHECKSUM");
        Assert.Contains(backup.Messages, m => m.Number == 3014 && m.Class == 0);
        lab.Do("INSERT work.dbo.t VALUES (1); BEGIN TRAN m WITH MARK 'd'; INSERT work.dbo.t VALUES (2); COMMIT; INSERT work.dbo.t VALUES (3)");
        lab.Do($"DECLARE @to nvarchar(300) = N'{log}', @db sysname = N'work'; BACKUP LOG @db TO DISK = @to WITH NO_COMPRESSION");
        Assert.Equal([3102, 3013], lab.Run($"USE work; RESTORE DATABASE work FROM DISK = N'{full}' WITH REPLACE").ErrorNumbers);
        lab.Do("USE master");
        Assert.Equal([3159, 3013], lab.Run($"INSERT work.dbo.t VALUES (4); RESTORE DATABASE work FROM DISK = N'{full}' WITH NORECOVERY").ErrorNumbers);
        lab.Do($"RESTORE DATABASE work FROM DISK = N'{full}' WITH REPLACE, NORECOVERY, FILE = 1");
        Assert.Equal("RESTORING", lab.Scalar("SELECT state_desc FROM sys.databases WHERE name = N'work'"));
        Assert.Equal([927], lab.Run("USE work").ErrorNumbers);
        lab.Do($"RESTORE LOG work FROM DISK = N'{log}' WITH NORECOVERY, STOPATMARK = N'm'");
        Assert.NotNull(lab.Scalar("SELECT redo_start_lsn FROM sys.master_files WHERE database_id = DB_ID(N'work') AND file_id = 1"));
        lab.Do("RESTORE DATABASE work WITH RECOVERY");
        Assert.Equal("1\n2", lab.Do("SELECT a FROM work.dbo.t ORDER BY a").Text());
        Assert.Equal("L,work\nD,work", lab.Do("SELECT type, database_name FROM msdb.dbo.backupset ORDER BY backup_set_id DESC").Text());
        Reply header = lab.Do($"RESTORE HEADERONLY FROM DISK = N'{full}'");
        Assert.Contains(header.Results[0].Columns, c => c.Name == "FirstLSN");
    }

    [Fact]
    public void A_failed_backup_in_try_is_caught_as_3013()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Do("BEGIN TRY BACKUP DATABASE master TO DISK = N'/no/such/folder/x.bak' END TRY BEGIN CATCH PRINT ERROR_NUMBER() END CATCH");
        Assert.Equal(["3013"], reply.Prints);
        Assert.Equal([3201, 3013], lab.Run("BACKUP DATABASE master TO DISK = N'/no/such/folder/x.bak'").ErrorNumbers);
    }

    [Fact]
    public void Lists_the_sessions_in_a_database_and_kills_one()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE work");
        using ISqlSession other = lab.Open(database: "work");
        Assert.Equal(other.SessionId, lab.Scalar("SELECT DISTINCT dtl.request_session_id FROM sys.dm_tran_locks dtl LEFT JOIN sys.dm_exec_sessions des ON dtl.request_session_id = des.session_id WHERE dtl.resource_type = 'DATABASE' AND dtl.resource_database_id = db_id(N'work') AND dtl.request_session_id != @@spid"));
        lab.Do($"KILL {other.SessionId}");
        Assert.Equal(21, InterpLab.Run(other, "SELECT 1").Errors.Single().Class);
        Assert.Equal([6104], lab.Run("DECLARE @k nvarchar(20) = N'KILL ' + CONVERT(nvarchar(10), @@SPID); EXEC(@k)").ErrorNumbers);
    }

    [Fact]
    public void Checks_a_database()
    {
        using var lab = new InterpLab();
        Assert.Empty(lab.Do("DBCC CHECKDB(N'msdb') WITH NO_INFOMSGS").Messages);
        Assert.Equal([2520], lab.Run("DBCC CHECKDB(N'missing')").ErrorNumbers);
    }
}
