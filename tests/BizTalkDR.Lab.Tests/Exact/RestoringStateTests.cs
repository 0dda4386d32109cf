using System.Linq;
using BizTalkDR.Lab.Tests.Interp;
using Xunit;

namespace BizTalkDR.Lab.Tests.Exact;

public sealed class RestoringStateTests
{
    [Fact]
    public void A_restoring_database_refuses_everything_but_its_restore()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE R");
        lab.Do("BACKUP DATABASE R TO DISK = 'r.bak'");
        lab.Do("BACKUP LOG R TO DISK = 'r.trn' WITH NORECOVERY");
        Assert.Equal("1,RESTORING,0,MULTI_USER,NULL", lab.Do("SELECT state, state_desc, is_in_standby, user_access_desc, collation_name FROM sys.databases WHERE name = 'R'").Text());
        Assert.Equal("2", lab.Do("SELECT COUNT(*) FROM sys.master_files WHERE database_id = DB_ID('R') AND redo_start_lsn IS NOT NULL AND redo_start_fork_guid IS NOT NULL").Text());
        foreach (string change in new[] { "SET SINGLE_USER", "SET MULTI_USER", "SET RECOVERY SIMPLE", "SET OFFLINE", "SET READ_ONLY", "MODIFY NAME = R2" })
        {
            Assert.Equal([5052, 5069], lab.Run("ALTER DATABASE R " + change).ErrorNumbers);
        }

        Assert.Equal([927], lab.Run("USE R").ErrorNumbers);
        Assert.Equal([927, 3013], lab.Run("BACKUP DATABASE R TO DISK = 'r2.bak'").ErrorNumbers);
        Assert.Equal([927, 3013], lab.Run("BACKUP LOG R TO DISK = 'r2.bak'").ErrorNumbers);
        lab.Do("RESTORE DATABASE R WITH RECOVERY");
        Assert.Equal("0,ONLINE", lab.Do("SELECT state, state_desc FROM sys.databases WHERE name = 'R'").Text());
        Assert.Equal("0", lab.Do("SELECT COUNT(*) FROM sys.master_files WHERE database_id = DB_ID('R') AND redo_start_lsn IS NOT NULL").Text());
        Assert.Equal([3117, 3013], lab.Run("RESTORE LOG R FROM DISK = 'r.trn'").ErrorNumbers);
        lab.Do("BACKUP LOG R TO DISK = 'r3.trn'");
    }

    [Fact]
    public void A_backup_of_the_tail_that_fails_leaves_the_database_open_with_its_log()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE R");
        lab.Do("BACKUP DATABASE R TO DISK = 'r.bak'");
        lab.Do("CREATE TABLE R.dbo.t (a int)");
        lab.Do("BACKUP LOG R TO DISK = 'r1.trn'");
        lab.Do("INSERT R.dbo.t VALUES (0)");
        Assert.Equal([3202, 3013], lab.Run("BACKUP LOG R TO DISK = '/dev/full' WITH NORECOVERY").ErrorNumbers);
        Assert.Equal("ONLINE", lab.Do("SELECT state_desc FROM sys.databases WHERE name = 'R'").Text());
        lab.Do("INSERT R.dbo.t VALUES (1)");
        lab.Do("BACKUP LOG R TO DISK = 'r2.trn' WITH NORECOVERY");
        Assert.Equal("1", lab.Do("SELECT COUNT(*) FROM msdb.dbo.backupset a JOIN msdb.dbo.backupset b ON a.last_lsn = b.first_lsn WHERE a.type = 'L' AND b.type = 'L' AND a.backup_set_id < b.backup_set_id").Text());
        lab.Do("RESTORE DATABASE R FROM DISK = 'r.bak' WITH NORECOVERY, REPLACE; RESTORE LOG R FROM DISK = 'r1.trn' WITH NORECOVERY; RESTORE LOG R FROM DISK = 'r2.trn' WITH RECOVERY");
        Assert.Equal("1", lab.Do("SELECT SUM(a) FROM R.dbo.t HAVING COUNT(*) = 2").Text());
    }

    [Fact]
    public void Only_a_committed_mark_with_changes_is_in_the_history()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE M");
        lab.Do("USE M; CREATE TABLE t (a int)");
        lab.Do("BEGIN TRAN a WITH MARK 'first'; INSERT t VALUES (1); ROLLBACK");
        Reply nested = lab.Do("BEGIN TRAN b WITH MARK 'outer'; BEGIN TRAN c WITH MARK 'inner'; INSERT t VALUES (2); COMMIT; COMMIT");
        Assert.Contains(3920, nested.Messages.Select(m => m.Number));
        Assert.Equal("b,outer", lab.Do("SELECT mark_name, description FROM msdb.dbo.logmarkhistory").Text());
    }
}
