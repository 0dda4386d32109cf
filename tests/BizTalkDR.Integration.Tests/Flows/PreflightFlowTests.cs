using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Faults;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>What a destination says before anything is touched.</summary>
[Collection("flows")]
public sealed class PreflightFlowTests(BackedUpGroup shared)
{
    [Fact]
    public async Task One_report_says_all_that_is_in_the_way_and_touches_nothing()
    {
        await using Destination lab = await Destination.StartAsync("DR1", "DR2");
        RestorePlan plan = Plan(lab.Request(shared.Lab.Backups));
        IReadOnlyList<PlanTestResult> results = Test(plan);
        // Nothing lives there whose tail would be saved.
        Assert.Equal(Enum.GetValues<PlanCheck>().Where(c => c != PlanCheck.Tail), results.Select(r => r.Check).Distinct().Order());

        // Nobody has linked these instances yet; the manifest beside the backups says that the Management database goes to DR1, which calls.
        Assert.All(results, r => Assert.True(r.Outcome == BackupTestOutcome.Passed || r.Check == PlanCheck.LinkedServer, r.ToString()));
        Assert.Equal(["DR1"], results.Where(r => r.IsWarning).Select(r => r.Subject));
        Assert.Contains("Developer", results.First(r => r.Check == PlanCheck.Edition).Reason, StringComparison.Ordinal);
        PracticeLab.Execute(lab.Open("DR1", "master"), "EXEC sp_addlinkedserver N'DR2'; EXEC sp_serveroption N'DR2', 'rpc out', 'true';");
        Assert.DoesNotContain(Test(plan), r => r.IsWarning);

        string before = lab.State();
        string way = plan.Members[0].Steps[0].Statement!.Moves[0].PhysicalName;
        File.WriteAllText(way, "not a database");
        RecoveryException error = Refused.With(RecoveryError.FileInUse, () => new RestorePlanTester(FlowLab.Ports()).RefuseChanges(plan));
        Assert.Equal(way, error.Target);
        File.Delete(way);

        // Both instances of the lab live on one disk of one computer: the limit of the first counts for both.
        var disk = new LimitedDisk { Left = 1000 };
        lab.Environment.Host("DR1").Instance.Storage.Disk = disk;
        error = Refused.With(RecoveryError.NotEnoughSpace, () => new RestorePlanTester(FlowLab.Ports()).RefuseChanges(plan));
        Assert.Contains("1000 bytes are free", error.Message, StringComparison.Ordinal);
        disk.Left = long.MaxValue;

        RestorePlan elsewhere = Plan(lab.Request(shared.Lab.Backups) with { Files = new FilePlacement { DataFolder = lab["nowhere"] } });
        Refused.With(RecoveryError.DestinationInvalid, () => new RestorePlanTester(FlowLab.Ports()).RefuseChanges(elsewhere));
        Assert.Equal(before, lab.State());
        Assert.True(new RestorePlanTester(FlowLab.Ports()).RefuseChanges(plan));
    }

    [Fact]
    public async Task What_lives_in_the_place_of_the_databases_to_come_is_named()
    {
        await using Destination lab = await Destination.StartAsync("DR1");
        RestoreRequest request = lab.Request(shared.Lab.Backups) with { Force = true };
        Assert.True(lab.Restore(request).IsSuccess);
        RestorePlan plan = Plan(request);
        Assert.All(Test(plan), r => Assert.Equal(BackupTestOutcome.Passed, r.Outcome));
        Assert.Contains(Test(plan), r => r.Check == PlanCheck.Tail);

        using (SqlConnection user = lab.Open("DR1", "SSODB"))
        {
            PlanTestResult session = Test(plan).Single(r => r.Outcome != BackupTestOutcome.Passed);
            Assert.Equal((PlanCheck.Sessions, "SSODB on DR1", true), (session.Check, session.Subject, session.IsWarning));
            Assert.StartsWith("1 session uses it, which the restore ends: sa from ", session.Reason, StringComparison.Ordinal);
        }

        PracticeLab.Execute(lab.Open("DR1", "master"), $"BACKUP DATABASE SSODB TO DISK = N'{lab["sso.bak"]}'; CREATE AVAILABILITY GROUP [AG 1] FOR DATABASE SSODB REPLICA ON N'DR1' WITH (ENDPOINT_URL = N'TCP://a:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = AUTOMATIC);");
        string before = lab.State();
        RecoveryException error = Refused.With(RecoveryError.MemberInAvailabilityGroup, () => Plan(request));
        Assert.Contains("'AG 1'", error.Message, StringComparison.Ordinal);
        string hint = error.Hint;
        error = Refused.With(RecoveryError.MemberInAvailabilityGroup, () => new RestorePlanTester(FlowLab.Ports()).RefuseChanges(plan));
        Assert.Equal("SSODB on DR1", error.Target);

        // Without the preflight SQL Server itself refuses: ALTER DATABASE with 1468, RESTORE with 3104.
        error = Refused.With(RecoveryError.MemberInAvailabilityGroup, () => new RestoreRunner(FlowLab.Ports()) { Parallelism = 1 }.Run(plan with { Members = [.. plan.Members.Where(m => m.Database == "SSODB")] }, new RestoreJournalFile(lab["x.jsonl"], FlowLab.Ports().Clock)));
        Assert.Contains("1468", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, lab.State());

        // The statements of the error, run as they are, make the restore possible and end with the database in its group again.
        const string Leave = "ALTER AVAILABILITY GROUP [AG 1] REMOVE DATABASE [SSODB];";
        const string Join = "ALTER AVAILABILITY GROUP [AG 1] ADD DATABASE [SSODB];";
        Assert.Contains(Leave, hint, StringComparison.Ordinal);
        Assert.Contains("DROP DATABASE [SSODB]; And on the primary replica: " + Join, hint, StringComparison.Ordinal);
        PracticeLab.Execute(lab.Open("DR1", "master"), Leave);
        Assert.True(lab.Restore(request).IsSuccess);
        PracticeLab.Execute(lab.Open("DR1", "master"), $"BACKUP DATABASE SSODB TO DISK = N'{lab["after.bak"]}'; {Join}");
        Refused.With(RecoveryError.MemberInAvailabilityGroup, () => Plan(request));
    }

    [Fact]
    public async Task Certificates_are_found_by_their_thumbprint()
    {
        await using Destination lab = await Destination.StartAsync("DR1", "DR2");
        string file = lab["encrypted.bak"];
        using SqlConnection owner = lab.Open("DR1", "master");
        PracticeLab.Execute(owner, $"CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Practice-1'; CREATE CERTIFICATE Backups WITH SUBJECT = 'lab', EXPIRY_DATE = '20990101'; CREATE DATABASE Kept; BACKUP DATABASE Kept TO DISK = N'{file}' WITH ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = Backups);");
        using ISqlInstance one = FlowLab.Ports().Sql.Open(FlowLab.At(lab.Environment.ConnectionStrings["DR1"]));
        ServerKey key = Assert.Single(one.ReadReadiness([]).Keys!);
        Assert.Equal(("Backups", true), (key.Name, key.HasPrivateKey));
        Assert.Equal("0x" + Convert.ToHexString(PracticeLab.Scalar<byte[]>(owner, "SELECT thumbprint FROM sys.certificates WHERE name = N'Backups';")), key.Thumbprint);
        Assert.Equal(key.Thumbprint, one.ReadHeaders(file).Single().EncryptorThumbprint);
        Assert.NotNull(one.ReadHeaders(file).Single().Collation);

        // The other instance names the certificate it misses (33111).
        using ISqlInstance two = FlowLab.Ports().Sql.Open(FlowLab.At(lab.Environment.ConnectionStrings["DR2"]));
        RecoveryException error = Refused.With(RecoveryError.EncryptionKeyMissing, () => two.ReadHeaders(file));
        Assert.Contains(key.Thumbprint, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(two.ReadReadiness([]).Keys!);

        PracticeLab.Execute(owner, "USE Kept; CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE Backups; ALTER DATABASE Kept SET ENCRYPTION ON;");
        PracticeLab.Execute(owner, $"USE master; BACKUP DATABASE Kept TO DISK = N'{lab["tde.bak"]}';");
        Assert.Equal(key.Thumbprint, two.ReadFileList([lab["tde.bak"]], 1)[0].TdeThumbprint);
    }

    [Fact]
    public async Task A_login_without_rights_gets_answers_and_no_exception()
    {
        await using Destination lab = await Destination.StartAsync("DR1");
        RestorePlan plan = Plan(lab.Request(shared.Lab.Backups));
        PracticeLab.Execute(lab.Open("DR1", "master"), "CREATE LOGIN weak WITH PASSWORD = 'Practice-1';");
        var password = new SecureString();
        foreach (char c in "Practice-1")
            password.AppendChar(c);
        SqlInstanceAddress sa = FlowLab.At(lab.Environment.ConnectionStrings["DR1"]);
        IReadOnlyList<PlanTestResult> results = Test(plan.At(_ => sa with { Login = new SqlLogin("weak", password) }));
        Assert.Contains(results, r => r is { Check: PlanCheck.Permission, Code: RecoveryError.PermissionDenied });
        Assert.Contains(results, r => r is { Check: PlanCheck.Space, Outcome: BackupTestOutcome.NotChecked });
        Assert.All(results.Where(r => r.Outcome != BackupTestOutcome.Passed), r => Assert.True(r.Remedy.Length > 0, r.ToString()));
    }

    private static RestorePlan Plan(RestoreRequest request) => new RestorePreparer(FlowLab.Ports()).Prepare(request);

    private static IReadOnlyList<PlanTestResult> Test(RestorePlan plan) => new RestorePlanTester(FlowLab.Ports()).Test(plan);
}
