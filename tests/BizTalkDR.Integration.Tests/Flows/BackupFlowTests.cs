using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.History;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Catalogue.WithoutServer;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>Discovery and backup, and everything that must be noticed although the procedures end with 0.</summary>
[Collection("flows")]
public sealed class BackupFlowTests(BackedUpGroup shared)
{
    [Fact]
    public void A_group_is_found_with_roles_and_real_names()
    {
        BizTalkGroup group = shared.Lab.Discover();
        Assert.Equal(("BizTalk Group", "BizTalkMgmtDb", "LABSQL1"), (group.Name, group.ManagementDatabase, group.ManagementServer));
        Assert.Equal(
            [(MemberRole.Management, "BizTalkMgmtDb", "LABSQL1"), (MemberRole.MessageBox, "BizTalkMsgBoxDb", "LABSQL1"), (MemberRole.Tracking, "BizTalkDTADb", "LABSQL2"), (MemberRole.Sso, "SSODB", "LABSQL2")],
            group.Members.Select(m => (m.Role, m.Database, m.Server!)));
        Assert.True(group.Members[1].IsMasterMessageBox);
        Assert.Empty(group.Findings);
        Assert.NotNull(group.Id);
    }

    [Fact]
    public void Sets_are_confirmed_file_by_file()
    {
        Assert.Equal([BackupSetKind.Full, BackupSetKind.Log, BackupSetKind.Log, BackupSetKind.Log], shared.Sets.Select(s => s.Kind));
        Assert.Equal([1L, 2L, 3L, 4L], shared.Sets.Select(s => s.SetId!.Value));
        foreach (BackupSet set in shared.Sets)
        {
            Assert.True(set.IsComplete);
            Assert.Equal(4, set.Files.Count);
            Assert.All(set.Files, f => Assert.True(f.SizeBytes > 0 && f.Header is not null && File.Exists(f.Path)));
            Assert.Equal(set.Kind == BackupSetKind.Log, set.Mark is not null);
            Assert.Equal(DateTimeKind.Utc, set.MarkTimeUtc!.Value.Kind);
        }

        Assert.Equal(shared.Sets.Count, shared.Sets.Select(s => s.Mark ?? "full").Distinct().Count());
    }

    [Fact]
    public void Each_set_has_a_manifest_that_agrees_with_its_files()
    {
        BizTalkGroup group = shared.Lab.Discover();
        foreach (BackupSet set in shared.Sets)
        {
            BackupManifest manifest = BackupManifestFile.Read(set.ManifestPath!);
            Assert.Equal((set.Kind, set.Stamp, set.Mark, set.SetId), (manifest.Set.Kind, manifest.Set.Stamp, manifest.Set.Mark, manifest.Set.Id));
            Assert.Equal((group.Id, group.Name), (manifest.Group.Id, manifest.Group.Name));
            Assert.Equal(group.Members, manifest.Members);
            foreach (ManifestFile file in manifest.Files)
            {
                string path = Path.Combine(shared.Lab.Backups, file.Name);
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), file.Sha256);
                Assert.Equal(new FileInfo(path).Length, file.SizeBytes);
                Assert.Equal(set.Files.Single(f => f.Path == path).Header!.BackupSetGuid, file.Header!.BackupSetGuid);
                Assert.Equal(set.Mark is not null, file.MarkLsn is not null);
            }
        }

        BackupCatalogue catalogue = new OfflineFolderReader(NullRecoveryLog.Instance).Read([shared.Lab.Backups]);
        Assert.Empty(catalogue.Findings);
        Assert.Equal(shared.Sets.Select(s => s.ManifestPath), catalogue.Sets.Select(s => s.ManifestPath));
        Assert.Equal(shared.Sets.Select(s => s.SetId), catalogue.Sets.Select(s => s.SetId));
        Assert.All(RecoveryPoints.From(catalogue).Where(p => p.Kind == RecoveryPointKind.Mark), p => Assert.Equal(MarkSource.History, p.Evidence));
        Assert.Equal(shared.Sets.Select(s => s.Point), catalogue.Sets.Select(s => s.Point));
    }

    [Fact]
    public void What_the_instances_remember_agrees_with_the_files_and_names_what_is_not_there()
    {
        string copy = Directory.CreateTempSubdirectory("bizdr-history").FullName;
        using SqlConnection master = new(shared.Lab.Lab.Environment.ConnectionStrings["LABSQL2"] + ";Pooling=false");
        master.Open();
        try
        {
            foreach (string file in Directory.GetFiles(shared.Lab.Backups, "*.bak"))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }

            BackupCatalogue whole = WithHistory(copy);
            Assert.Empty(whole.Findings);
            Assert.All(RecoveryPoints.From(whole), p => Assert.Equal(MarkSource.History, p.Evidence));

            string lost = Directory.GetFiles(copy, $"*_Log_{shared.Sets[2].Mark}.bak")[0];
            File.Delete(lost);
            BackupCatalogue gap = WithHistory(copy);
            Assert.Contains(Path.GetFileName(lost), Assert.Single(gap.Findings).Text, StringComparison.Ordinal);
            Assert.Contains(RecoveryPoints.PointOf(gap, shared.Sets[3].Mark!).Faults, f => f.Text.Contains("knows it as", StringComparison.Ordinal) && f.Text.Contains(Path.GetFileName(lost), StringComparison.Ordinal));

            PracticeLab.Execute(master, "CREATE TABLE dbo.bts_LogShippingHistory (BackupSetId bigint NOT NULL, MarkName nvarchar(32) NULL, DatabaseName nvarchar(128) NOT NULL, ServerName nvarchar(128) NULL, BackupFileName nvarchar(500) NOT NULL, BackupFileLocation nvarchar(3000) NOT NULL, BackupType char(2) NOT NULL, BackupDateTime datetime NOT NULL, SetComplete bit NOT NULL, Restored bit NOT NULL);");
            PracticeLab.Execute(master, $"INSERT INTO dbo.bts_LogShippingHistory VALUES (9, N'BTS_2099_01_01_00_00_00_000', N'SSODB', N'LABSQL1', N'LABSQL1_SSODB_Log_BTS_2099_01_01_00_00_00_000.bak', N'/share', 'lg', '2099-01-01', 1, 0);");
            Finding shipped = Assert.Single(WithHistory(copy).Findings, f => f.Text.StartsWith("the log shipping on LABSQL2 knows", StringComparison.Ordinal));
            Assert.Contains("/share/LABSQL1_SSODB_Log_BTS_2099_01_01_00_00_00_000.bak", shipped.Text, StringComparison.Ordinal);
        }
        finally
        {
            PracticeLab.Execute(master, "DROP TABLE IF EXISTS dbo.bts_LogShippingHistory;");
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void Stripes_in_folders_of_a_folder_make_one_backup_and_a_link_back_is_not_followed()
    {
        string tree = Directory.CreateTempSubdirectory("bizdr-tree").FullName;
        try
        {
            string[] stripes = [Path.Combine(tree, "one", "model-1.bak"), Path.Combine(tree, "two", "model-2.bak")];
            Array.ForEach(stripes, s => Directory.CreateDirectory(Path.GetDirectoryName(s)!));
            using (SqlConnection master = new(shared.Lab.Lab.Environment.ConnectionStrings["LABSQL2"] + ";Pooling=false"))
            {
                master.Open();
                PracticeLab.Execute(master, $"BACKUP DATABASE model TO {string.Join(", ", stripes.Select(s => $"DISK = N'{s}'"))} WITH COPY_ONLY;");
            }

            Directory.CreateSymbolicLink(Path.Combine(tree, "one", "round"), tree);
            BackupCatalogue there = new FolderCatalogueReader(FlowLab.Ports()) { Recurse = true }.Read([tree], shared.Lab.Address("LABSQL2"));
            BackupCatalogue here = new OfflineFolderReader(NullRecoveryLog.Instance) { Recurse = true }.Read([tree]);
            foreach (BackupCatalogue catalogue in new[] { there, here })
            {
                MediaBackup striped = Assert.Single(catalogue.Backups);
                Assert.True(striped.IsUsable);
                Assert.Equal(stripes, striped.Paths);
                Assert.Contains("round", Assert.Single(catalogue.Findings, f => f.Level == FindingLevel.Warning).ToString(), StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(tree, recursive: true);
        }
    }

    [Fact]
    public void History_and_folder_tell_the_same_sets()
    {
        BackupCatalogue catalogue = new FolderCatalogueReader(FlowLab.Ports()).Read([shared.Lab.Backups], shared.Lab.Address("LABSQL2"));
        using ISqlInstance management = FlowLab.Ports().Sql.Open(shared.Lab.Address("LABSQL1"));
        IReadOnlyList<BackupSet> history = BackupSets.FromHistory(management.ReadBackupHistory("BizTalkMgmtDb", 0), shared.Lab.Discover());
        Assert.Equal(shared.Sets.Select(s => s.Mark ?? s.Stamp), history.Select(s => s.Mark ?? s.Stamp));
        Assert.Equal(shared.Sets.Select(s => s.Mark ?? s.Stamp).Order(), catalogue.Sets.Select(s => s.Mark ?? s.Stamp).Order());
        Assert.All(catalogue.Sets, s => Assert.True(s.IsComplete, s.ToString()));
    }

    [Fact]
    public void A_test_of_the_backups_passes_and_counts_every_check()
    {
        SqlInstanceAddress address = shared.Lab.Address("LABSQL1");
        BackupCatalogue catalogue = new FolderCatalogueReader(FlowLab.Ports()).Read([shared.Lab.Backups], address);
        IReadOnlyList<BackupTestResult> results = new BackupVerifier(FlowLab.Ports()).Test(catalogue, address);
        Assert.All(results, r => Assert.True(r.Outcome == BackupTestOutcome.Passed, r.ToString()));
        Assert.Equal(16, results.Count(r => r.Check == BackupCheck.Media));
        Assert.Equal(12, results.Count(r => r.Check == BackupCheck.Mark));
    }

    [Fact]
    public async Task A_log_before_any_full_is_refused()
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        string before = lab.State();
        Refused.With(RecoveryError.FullBackupMissing, () => lab.BackUp(BackupType.Log));
        Assert.Equal(before, lab.State());
    }

    [Theory]
    [InlineData(BackupType.Full)]
    [InlineData(BackupType.Log)]
    public async Task A_member_that_is_offline_fails_the_backup_by_name(BackupType type)
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        lab.BackUp(BackupType.FullAndLog);
        BizTalkGroup group = lab.Discover();
        PracticeLab.Execute(lab.Lab.Open("LABSQL2", "master"), "ALTER DATABASE SSODB SET OFFLINE WITH ROLLBACK IMMEDIATE;");
        RecoveryException error = Assert.Throws<RecoveryException>(() => lab.BackUp(group, new BackupRequest(type, lab.Backups)));
        Assert.True(error.Code is RecoveryError.BackupFailed or RecoveryError.DatabaseNotFound or RecoveryError.MarkFailed, $"{error.Code}: {error.Message}");
        Assert.NotEmpty(error.Hint);
        Assert.NotNull(error.StateLeftBehind);
        Assert.Contains("SSODB", error.Message + error.StateLeftBehind, StringComparison.OrdinalIgnoreCase);

        // The member comes back: the next full and log are whole again.
        PracticeLab.Execute(lab.Lab.Open("LABSQL2", "master"), "ALTER DATABASE SSODB SET ONLINE;");
        Assert.All(lab.BackUp(BackupType.FullAndLog), s => Assert.True(s.IsComplete));
    }

    [Fact]
    public async Task A_folder_nobody_sees_is_refused_before_anything_is_done()
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        string missing = Path.Combine(lab.Backups, "missing");
        Refused.With(RecoveryError.FolderNotVisibleToServer, () => lab.BackUp(BackupType.Full, missing));
        Assert.Equal(false, PracticeLab.Scalar<bool>(lab.Lab.OpenManagement(), "SELECT ForceFull FROM dbo.adm_BackupSettings;"));
        Assert.False(Directory.Exists(missing));
        Assert.Equal(0, PracticeLab.Scalar<int>(lab.Lab.OpenManagement(), "SELECT COUNT(*) FROM dbo.adm_BackupHistory;"));
    }

    [Fact]
    public async Task A_set_that_stops_midway_is_an_error_although_the_procedure_returns_0()
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        lab.BackUp(BackupType.FullAndLog);
        int logs = Directory.GetFiles(lab.Backups, "*_Log_*").Length;
        PracticeLab.Execute(lab.Lab.Open("LABSQL2", "SSODB"), "DROP PROCEDURE dbo.sp_BackupBizTalkLog;");
        RecoveryException error = Refused.With(RecoveryError.BackupProceduresMissing, () => lab.BackUp(BackupType.Log));
        Assert.Contains("2812", error.Message, StringComparison.Ordinal);
        Assert.Contains("incomplete", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.InRange(Directory.GetFiles(lab.Backups, "*_Log_*").Length, logs + 1, logs + 3);

        // What the partial set wrote must not be taken for a recovery point.
        using ISqlInstance management = FlowLab.Ports().Sql.Open(lab.Address("LABSQL1"));
        IReadOnlyList<BackupSet> history = BackupSets.FromHistory(management.ReadBackupHistory("BizTalkMgmtDb", 0), lab.Discover());
        Assert.False(history.Single(s => s.SetId == 3).IsComplete);
        BackupCatalogue catalogue = new FolderCatalogueReader(FlowLab.Ports()).Read([lab.Backups], lab.Address("LABSQL1"));
        Assert.Equal(1, catalogue.Sets.Count(s => !s.IsComplete));
    }

    [Fact]
    public async Task A_procedure_that_ends_with_0_and_wrote_nothing_is_not_believed()
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        lab.BackUp(BackupType.Full);
        PracticeLab.Execute(lab.Lab.OpenManagement(), "DROP PROCEDURE dbo.sp_MarkAll;");
        PracticeLab.Execute(lab.Lab.OpenManagement(), "CREATE PROCEDURE dbo.sp_MarkAll @MarkName nvarchar(8) = N'BTS', @BackupPath nvarchar(128), @UseLocalTime bit = 0 AS RETURN 0;");
        RecoveryException error = Refused.With(RecoveryError.BackupNotConfirmed, () => lab.BackUp(BackupType.Log));
        Assert.Contains("ended without an error", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_linked_server_without_rpc_out_is_named_before_anything_runs()
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        PracticeLab.Execute(lab.Lab.Open("LABSQL1", "master"), "EXEC sp_serveroption @server = N'LABSQL2', @optname = 'rpc out', @optvalue = 'false';");
        string before = lab.State();
        RecoveryException error = Refused.With(RecoveryError.MemberUnresolved, () => lab.BackUp(BackupType.Full));
        Assert.Contains("LABSQL2", error.Message, StringComparison.Ordinal);
        Assert.Contains("RPC Out", error.Hint, StringComparison.Ordinal);
        Assert.Equal(before, lab.State());

        // Switched off after the plan was made, the procedures themselves fail.
        PracticeLab.Execute(lab.Lab.Open("LABSQL1", "master"), "EXEC sp_serveroption @server = N'LABSQL2', @optname = 'rpc out', @optvalue = 'true';");
        BizTalkGroup group = lab.Discover();
        PracticeLab.Execute(lab.Lab.Open("LABSQL1", "master"), "EXEC sp_serveroption @server = N'LABSQL2', @optname = 'rpc out', @optvalue = 'false';");
        error = Refused.With(RecoveryError.LinkedServerFailed, () => lab.BackUp(group, new BackupRequest(BackupType.Full, lab.Backups)));
        Assert.Contains("7411", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_does_not_run_is_named_before_anything_runs()
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        await lab.Lab.Environment.StopInstanceAsync("LABSQL2");
        SqlConnection.ClearAllPools();
        string before = lab.State();
        RecoveryException error = Refused.With(RecoveryError.MemberUnresolved, () => lab.BackUp(BackupType.Full));
        Assert.Contains("LABSQL2", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, lab.State());
    }

    [Fact]
    public async Task Compression_and_local_time_are_what_was_asked_for()
    {
        await using FlowLab lab = await FlowLab.StartAsync();
        IReadOnlyList<BackupSet> sets = lab.BackUp(BackupType.FullAndLog, change: r => r with { Compression = true, MarkName = "DR1" });
        Assert.True(PracticeLab.Scalar<bool>(lab.Lab.OpenManagement(), "SELECT UseCompression FROM dbo.adm_BackupSettings;"));
        Assert.StartsWith("DR1_", sets[1].Mark, StringComparison.Ordinal);
    }

    private BackupCatalogue WithHistory(string folder) => HistoryReader.Apply(
        new OfflineFolderReader(NullRecoveryLog.Instance).Read([folder]), [shared.Lab.Address("LABSQL1"), shared.Lab.Address("LABSQL2")], "BizTalkMgmtDb", FlowLab.Ports().Sql);
}
