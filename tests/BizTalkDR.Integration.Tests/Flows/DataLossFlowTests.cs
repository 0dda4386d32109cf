using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Loss;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>What started and completed after the mark, told by the database that lived on, and by a copy with its tail.</summary>
public sealed class DataLossFlowTests
{
    private const string Copy = "BizTalkDTADb_lost";

    [Fact]
    public async Task Exactly_what_came_after_the_mark_is_listed_from_the_survivor_and_from_its_tail()
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        GroupMember tracking = lab.Discover().Members.Single(m => m.Role == MemberRole.Tracking);
        SqlInstanceAddress address = lab.Address(tracking.Server!);
        using SqlConnection database = Open(lab, tracking.Server!, tracking.Database);
        Guid[] ids = [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid())];
        void Track(int which) => PracticeLab.Execute(database, $"EXEC dbo.LabTrack '{ids[which]}';");

        // 0 is over before the mark, 1 runs through it, 2 completes after it, 3 starts after it, 4 does both.
        Track(0);
        Track(0);
        Track(1);
        Track(2);
        string mark = lab.BackUp(BackupType.FullAndLog)[^1].Mark!;
        Assert.Equal(RecoveryError.TrackingNotAhead, Refuse(address, tracking.Database, mark).Code);
        Track(2);
        Track(3);
        Track(4);
        Track(4);
        List<string> expected = [$"{LossKind.Completed} {ids[2]} Completed", $"{LossKind.Started} {ids[3]} Started", $"{LossKind.StartedAndCompleted} {ids[4]} Completed"];
        Assert.Equal(expected, Lost(address, tracking.Database, mark, out List<string> warnings));
        Assert.Contains("is not listed", Assert.Single(warnings), StringComparison.Ordinal);

        RestoreResult restored = Replace(lab);
        Assert.Equal(mark, restored.Mark);
        Assert.Equal(RecoveryError.TrackingNotAhead, Refuse(address, tracking.Database, mark).Code);
        RestoreBeside(lab, tracking, restored.Members.Single(m => m.Name == tracking.Database));
        Assert.Equal(expected, Lost(address, Copy, mark, out _));
    }

    /// <summary>As the help says: full and logs of the Tracking database and then its tail, under another name.</summary>
    private static void RestoreBeside(FlowLab lab, GroupMember tracking, MemberResult member)
    {
        string Newest(string kind) => System.IO.Directory.GetFiles(lab.Backups, $"{tracking.Server}_{tracking.Database}_{kind}_*").Order(StringComparer.Ordinal).Last();
        using SqlConnection master = Open(lab, tracking.Server!, "master");
        string folder = PracticeLab.Scalar<string>(master, "SELECT CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(512));");
        string moves = string.Join(", ", PracticeLab.Rows(master, $"RESTORE FILELISTONLY FROM DISK = N'{Newest("Full")}';").Select(r => $"MOVE N'{r[0]}' TO N'{folder}{Copy}_{r[0]}'"));
        PracticeLab.Execute(master, $"RESTORE DATABASE [{Copy}] FROM DISK = N'{Newest("Full")}' WITH NORECOVERY, {moves};");
        Assert.Equal(RecoveryError.TrackingNotReadable, Refuse(lab.Address(tracking.Server!), Copy, "BTS_2026_05_06_14_15_01_327").Code);
        PracticeLab.Execute(master, $"RESTORE LOG [{Copy}] FROM DISK = N'{Newest("Log")}' WITH NORECOVERY;");
        PracticeLab.Execute(master, $"RESTORE LOG [{Copy}] FROM DISK = N'{Assert.Single(member.Tails).Path}' WITH RECOVERY;");
    }

    private static RestoreResult Replace(FlowLab lab)
    {
        RecoveryPorts ports = FlowLab.Ports();
        RestorePlan plan = new RestorePreparer(ports).Prepare(new RestoreRequest([lab.Backups], [lab.Address("LABSQL1"), lab.Address("LABSQL2")]) { Force = true });
        string journal = System.IO.Path.Combine(lab.Lab.Environment.Folder.FullPath, "restore.jsonl");
        using var file = new RestoreJournalFile(journal, ports.Clock);
        return new RestoreRunner(ports).Run(plan, file);
    }

    private static List<string> Lost(SqlInstanceAddress address, string database, string mark, out List<string> warnings)
    {
        var said = new List<string>();
        IReadOnlyList<LostInstance> lost = new DataLossReader(FlowLab.Ports(new Warnings(said))).Read(new DataLossRequest(address, database) { Mark = mark });
        warnings = said;
        Assert.All(lost, l => Assert.Equal(("Orders.Fulfilment", "Orchestration", "BizTalkServerApplication"), (l.Service, l.ServiceType, l.Host)));
        return [.. lost.Select(l => $"{l.Change} {l.InstanceId} {l.State}")];
    }

    private sealed class Warnings(List<string> said) : IRecoveryLog
    {
        public void Write(RecoveryLogEntry entry)
        {
            if (entry.Level == RecoveryLogLevel.Warning)
                said.Add(entry.Text);
        }
    }

    private static RecoveryException Refuse(SqlInstanceAddress address, string database, string mark)
    {
        RecoveryException error = Assert.Throws<RecoveryException>(() => new DataLossReader(FlowLab.Ports()).Read(new DataLossRequest(address, database) { Mark = mark }));
        Assert.NotEmpty(error.Hint);
        return error;
    }

    private static SqlConnection Open(FlowLab lab, string server, string database)
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(lab.Lab.Environment.ConnectionStrings[server]) { InitialCatalog = database, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }
}
