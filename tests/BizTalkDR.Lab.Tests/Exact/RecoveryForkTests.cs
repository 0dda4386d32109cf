using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tests.Backup;
using Xunit;

namespace BizTalkDR.Lab.Tests.Exact;

/// <summary>What becomes of the log chain when a restored database is recovered before the end of its log.</summary>
public sealed class RecoveryForkTests : IDisposable
{
    private readonly BackupFixture _lab = new();
    private readonly BackupEngine _target;
    private readonly LabDatabase _source;

    public RecoveryForkTests()
    {
        _source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _target = new BackupEngine(_lab.NewInstance("LABSQL2"));
        BackupFixture.Insert(_source, 1);
        _lab.Full(_source, "full.bak");
        LabTransaction open = _source.Instance.Begin();
        _source.FindTable("dbo", "Numbers")!.Insert(open, [99]);
        BackupFixture.Insert(_source, 2, "M1");
        _source.Instance.Commit(open);
        BackupFixture.Insert(_source, 3);
        _lab.Log("Orders", "old1.trn");
        BackupFixture.Insert(_source, 4);
        _lab.Log("Orders", "old2.trn");
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void The_log_chain_goes_on_after_a_recovery_without_a_new_full_backup()
    {
        Lsn redo = RecoverAtMark();
        LabDatabase recovered = _target.Instance.Find("Orders")!;
        BackupFixture.Insert(recovered, 10);
        Messages log = _lab.Log("Orders", "new1.trn", engine: _target);
        Assert.True(log.Succeeded, log.ToString());

        ResultTable header = _target.HeaderOnly([_lab.File("new1.trn")], null);
        object? Of(string column) => header.Rows.Single()[header.Columns.ToList().FindIndex(c => c.Name == column)];
        Assert.Equal(redo.ToDecimal(), Of("FirstLSN"));
        Assert.Equal(redo.ToDecimal(), Of("ForkPointLSN"));
        Assert.Equal(_source.RecoveryForkGuid, Of("FirstRecoveryForkID"));
        Assert.Equal(recovered.RecoveryForkGuid, Of("RecoveryForkID"));
        Assert.NotEqual(_source.RecoveryForkGuid, recovered.RecoveryForkGuid);

        BackupFixture.Insert(recovered, 11);
        _lab.Log("Orders", "new2.trn", engine: _target);
        header = _target.HeaderOnly([_lab.File("new2.trn")], null);
        Assert.Equal(recovered.RecoveryForkGuid, Of("FirstRecoveryForkID"));
        Assert.Null(Of("ForkPointLSN"));
    }

    [Fact]
    public void The_old_logs_to_the_mark_and_the_logs_of_the_new_fork_restore_the_new_content()
    {
        Fork();
        BackupEngine third = Third();
        Assert.True(_lab.RestoreLog(third, "Orders", "old1.trn", BackupFixture.AtMark("M1")).Succeeded);
        Messages first = _lab.RestoreLog(third, "Orders", "new1.trn");
        Assert.True(first.Succeeded, first.ToString());
        LabDatabase restored = third.Instance.Find("Orders")!;
        Assert.Equal(_target.Instance.Find("Orders")!.RecoveryForkGuid, restored.RedoStartForkGuid);

        // A restart in the middle must not bring back what lay behind the mark in the same block of the old log.
        third = _lab.Restart(third);
        Messages second = _lab.RestoreLog(third, "Orders", "new2.trn");
        Assert.True(second.Succeeded, second.ToString());
        Assert.Equal([4330, 3013], _lab.RestoreLog(third, "Orders", "old2.trn").Errors);
        Assert.True(BackupFixture.Recover(third, "Orders").Succeeded);
        Assert.Equal([1, 2, 10, 11], BackupFixture.Numbers(third.Instance.Find("Orders")!));
    }

    [Fact]
    public void Logs_of_two_forks_do_not_mix()
    {
        Fork();
        BackupEngine third = Third();
        Assert.Equal([4305, 3013], _lab.RestoreLog(third, "Orders", "new1.trn").Errors);
        Assert.True(_lab.RestoreLog(third, "Orders", "old1.trn").Succeeded);
        Assert.Equal([4330, 3013], _lab.RestoreLog(third, "Orders", "new1.trn").Errors);
        Assert.Equal([4330, 3013], _lab.RestoreLog(third, "Orders", "new2.trn").Errors);
        Assert.True(_lab.RestoreLog(third, "Orders", "old2.trn").Succeeded);
        Assert.True(BackupFixture.Recover(third, "Orders").Succeeded);
        Assert.Equal([1, 2, 3, 4, 99], BackupFixture.Numbers(third.Instance.Find("Orders")!));
    }

    private void Fork()
    {
        RecoverAtMark();
        LabDatabase recovered = _target.Instance.Find("Orders")!;
        BackupFixture.Insert(recovered, 10);
        Assert.True(_lab.Log("Orders", "new1.trn", engine: _target).Succeeded);
        BackupFixture.Insert(recovered, 11);
        Assert.True(_lab.Log("Orders", "new2.trn", engine: _target).Succeeded);
    }

    private Lsn RecoverAtMark()
    {
        Assert.True(_lab.RestoreFull(_target, "Orders", "full.bak").Succeeded);
        Assert.True(_lab.RestoreLog(_target, "Orders", "old1.trn", BackupFixture.AtMark("M1")).Succeeded);
        Lsn redo = _target.Instance.Find("Orders")!.RedoStartLsn!.Value;
        Assert.True(BackupFixture.Recover(_target, "Orders").Succeeded);
        Assert.Equal([1, 2], BackupFixture.Numbers(_target.Instance.Find("Orders")!));
        return redo;
    }

    private BackupEngine Third()
    {
        BackupEngine third = new(_lab.NewInstance("LABSQL3"));
        Assert.True(_lab.RestoreFull(third, "Orders", "full.bak").Succeeded);
        return third;
    }
}
