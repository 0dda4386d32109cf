using System;
using System.Collections.Generic;
using System.Diagnostics;
using BizTalkDR.Lab.Group;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Benchmarks.Layer;

/// <summary>One backup and restore of the member on one side, statement by statement. What is no statement of the comparison is not timed.</summary>
internal sealed class Round(MemberLab lab, ISide side, SqlConnection helper)
{
    private readonly List<Cost> _costs = [];

    /// <summary>Runs the statements.</summary>
    /// <param name="number">Makes the changed rows of each round different ones.</param>
    public IReadOnlyList<Cost> Run(int number)
    {
        MemberLab.Touch(helper, number);
        GC.Collect();
        Time("force a full", () => side.Call(Procedure(GroupProcedure.ForceFullBackup)));
        Time("full backup", () => side.Call(Procedure(GroupProcedure.BackupAllFull)));
        Time("mark and log backup", () => side.Call(Procedure(GroupProcedure.MarkAll)));

        (string full, string log, string mark) = MemberLab.NewestFiles(helper);
        IReadOnlyList<FileMove> moves = lab.Moves(helper, full);
        GC.Collect();
        Time("read headers", () => Require(side.ReadHeaders(full) == 1));
        Time("restore full", () => side.Restore(new RestoreStatement(RestoreAction.Full, MemberLab.Copy) { Path = full, Moves = moves }));
        Time("restore log to mark", () => side.Restore(new RestoreStatement(RestoreAction.Log, MemberLab.Copy) { Path = log, StopAtMark = mark }));
        Time("recover", () => side.Restore(new RestoreStatement(RestoreAction.Recover, MemberLab.Copy)));
        Time("open", () => side.Open(MemberLab.Copy));
        FullBytes = MemberLab.SizeOf(full);
        LogBytes = MemberLab.SizeOf(log);
        lab.Clear(helper);
        return _costs;
    }

    public long FullBytes { get; private set; }

    public long LogBytes { get; private set; }

    private GroupProcedureCall Procedure(GroupProcedure procedure) =>
        new(GroupDefinition.DefaultManagementDatabase, procedure) { MarkName = "BTS", Path = lab.BackupFolder };

    private static void Require(bool holds)
    {
        if (!holds)
            throw new InvalidOperationException("A statement did not do what it is measured for.");
    }

    private void Time(string statement, Action run)
    {
        lab.Requests.Take();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        run();
        double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        _costs.Add(new Cost(statement, milliseconds, lab.Requests.Take(), GC.GetAllocatedBytesForCurrentThread() - allocated));
    }
}
