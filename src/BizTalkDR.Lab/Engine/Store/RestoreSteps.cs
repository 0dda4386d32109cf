using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>The steps of backup and restore on a database.</summary>
internal sealed class RestoreSteps(LabDatabase database) : IRestorePrimitives
{
    public IDatabaseSnapshot BeginSnapshot() => database.BeginSnapshot();

    public void LogBackedUp(Lsn endLsn) => database.LogBackedUp(endLsn);

    public void FullBackedUp(Lsn checkpointLsn, Guid backupSetGuid) => database.FullBackedUp(checkpointLsn, backupSetGuid);

    public void DifferentialBackedUp(Lsn firstLsn) => database.DifferentialBackedUp(firstLsn);

    public void LoadPages(IEnumerable<NumberedPage> pages, Lsn redoLsn, bool acceptDamage = false) => database.LoadBackup(pages, redoLsn, acceptDamage);

    public void LoadDifferential(DifferentialPages differential) => database.LoadDifferential(differential);

    public RollForwardResult RollForward(IEnumerable<RawLogBlock> blocks, StopRule? stop, Lsn? endLsn = null) => database.RollForward(blocks, stop, endLsn);

    public void NoteDamage() => database.NoteDamage();

    public void NoteTime(DateTime? time) => database.NoteTime(time);

    public void EnterFork(Guid fork) => database.EnterFork(fork);

    public void Recover() => database.Recover();

    public void EnterStandby(string standbyFile) => database.EnterStandby(standbyFile);

    public void LeaveStandby() => database.LeaveStandby();

    public void EnterRestoring(bool isClosing = false) => database.EnterRestoring(isClosing);

    public void StayRestoring() => database.StayRestoring();

    public void LeaveRestoring() => database.LeaveRestoring();
}
