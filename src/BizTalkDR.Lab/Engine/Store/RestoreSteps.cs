using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>The steps of backup and restore on a database.</summary>
internal sealed class RestoreSteps(LabDatabase database) : IRestorePrimitives
{
    public IDatabaseSnapshot BeginSnapshot() => database.BeginSnapshot();

    public void LogBackedUp(Lsn endLsn) => database.LogBackedUp(endLsn);

    public void FullBackedUp(Lsn checkpointLsn, Guid backupSetGuid) => database.FullBackedUp(checkpointLsn, backupSetGuid);

    public void LoadPages(IEnumerable<ReadOnlyMemory<byte>> pages, Lsn redoLsn) => database.LoadBackup(pages, redoLsn);

    public RollForwardResult RollForward(IEnumerable<RawLogBlock> blocks, StopRule? stop, Lsn? endLsn = null) => database.RollForward(blocks, stop, endLsn);

    public void EnterFork(Guid fork) => database.EnterFork(fork);

    public void Recover() => database.Recover();

    public void EnterStandby(string standbyFile) => database.EnterStandby(standbyFile);

    public void LeaveStandby() => database.LeaveStandby();

    public void EnterRestoring() => database.EnterRestoring();
}
