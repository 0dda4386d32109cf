using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Tests.Support;

/// <summary>A database of a fake server: online at a source, restoring or recovered at a destination.</summary>
internal sealed class FakeDatabase
{
    public required string Name { get; set; }

    public DateTime Created { get; set; } = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    public string State { get; set; } = "ONLINE";

    public bool Standby { get; set; }

    public DatabaseAccess Access { get; set; }

    public Guid Id { get; set; } = Guid.NewGuid();

    public Guid Family { get; set; } = Guid.NewGuid();

    public Guid Fork { get; set; } = Guid.NewGuid();

    public decimal RedoLsn { get; set; }

    /// <summary>A full restore was cut short: redo_start_lsn is NULL.</summary>
    public bool RedoUnknown { get; set; }

    public string? LogEnd { get; set; } = "00000001:00000001:0001";

    /// <summary>Where its next log backup begins.</summary>
    public decimal LastLogBackupLsn { get; set; } = 1;

    /// <summary>No log backup can be taken of it.</summary>
    public bool IsSimple { get; set; }

    public List<FakeMark> Marks { get; } = [];

    public List<RestoreHistoryRow> Restores { get; } = [];

    public bool HasMarkLog { get; set; } = true;

    public GroupRecords? Group { get; set; }

    public DatabaseFacts Facts => new(Name, Standby ? "ONLINE" : State)
    {
        IsInStandby = Standby,
        Access = Access,
        CreatedLocal = Created,
        DatabaseGuid = State == "ONLINE" || Standby ? Id : null,
        FamilyGuid = State == "ONLINE" || Standby ? Family : null,
        RecoveryForkGuid = State == "ONLINE" || Standby ? Fork : null,
        RecoveryModel = IsSimple ? "SIMPLE" : "FULL",
        NextLogBackupLsn = (State == "ONLINE" || Standby) && !IsSimple ? new LogPosition(LastLogBackupLsn) : null,
    };

    /// <summary>The history says that a restore brought it where it stands.</summary>
    public FakeDatabase LeftByRestore()
    {
        Restores.Insert(0, new RestoreHistoryRow(Restores.Count + 1, Name, 'L', null, false) { BackupSetGuid = Guid.NewGuid(), RestoredLocal = new DateTime(2026, 5, 6, 14, 0, 0, DateTimeKind.Utc), LastLsn = new LogPosition(RedoLsn), ForkGuid = Fork });
        return this;
    }

    public IReadOnlyList<FakeMark> VisibleMarks => Marks.Where(m => State == "ONLINE" && !Standby ? true : m.Lsn < RedoLsn).ToList();
}
