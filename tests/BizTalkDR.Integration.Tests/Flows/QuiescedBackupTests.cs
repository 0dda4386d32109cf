using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>A practice group at rest, with a table to write to in its MessageBox.</summary>
public sealed class QuietGroup : IAsyncLifetime
{
    internal FlowLab Lab { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Lab = await FlowLab.StartAsync();
        using SqlConnection box = Open("LABSQL1", "BizTalkMsgBoxDb");
        PracticeLab.Execute(box, "CREATE TABLE dbo.Work (Id int NOT NULL);");
        using SqlConnection management = Open("LABSQL1", "BizTalkMgmtDb");
        PracticeLab.Execute(management, "CREATE TABLE dbo.Filled (Id int NOT NULL); INSERT INTO dbo.Filled VALUES (1);");
    }

    public async Task DisposeAsync() => await Lab.DisposeAsync();

    /// <summary>Opens a connection that the test closes.</summary>
    internal SqlConnection Open(string server, string database, string? program = null)
    {
        SqlConnection connection = new(new SqlConnectionStringBuilder(Lab.Lab.Environment.ConnectionStrings[server]) { InitialCatalog = database, Pooling = false, ApplicationName = program ?? "Writer" }.ConnectionString);
        connection.Open();
        return connection;
    }
}

/// <summary>What the manifest of a full set tells of a group that rests, and of one that does not.</summary>
public sealed class QuiescedBackupTests(QuietGroup quiet) : IClassFixture<QuietGroup>
{
    [Fact]
    public void A_group_at_rest_gives_a_full_that_proves_it_and_its_own_history_does_not_spoil_it()
    {
        var said = new Said();
        IReadOnlyList<BackupSet> sets = BackUp(BackupType.FullAndLog, said, require: true);
        BackupManifest manifest = BackupManifestFile.Read(sets[0].ManifestPath!);
        Assert.Null(QuiescenceJudge.WhyNot(manifest));
        Assert.Equal("BTS_" + sets[0].Stamp, sets[0].Point);
        Quiescence seen = manifest.Set.Quiescence!;
        Assert.True(seen.BeforeUtc < seen.AfterUtc && seen.AfterUtc <= manifest.WrittenUtc);
        Assert.Equal(manifest.Members.Select(m => m.Database), seen.Members.Select(m => m.Database));
        foreach (MemberQuiescence member in seen.Members.Where(m => m.Database != "BizTalkMgmtDb"))
        {
            Assert.Equal((0L, 0, 0), (member.Commits, member.OpenBefore, member.OpenAfter));
            Assert.Empty(member.ChangedTables!);
            Assert.Empty(member.Sessions);
        }

        MemberQuiescence management = seen.Members[0];
        Assert.True(management.Commits > 0);
        Assert.Contains("dbo.adm_BackupHistory", management.ChangedTables!);
        Assert.All(management.ChangedTables!, t => Assert.Contains(t, QuiescenceJudge.OwnTables));
        Assert.Contains(said.Texts, t => t.Contains("is a quiesced recovery point", StringComparison.Ordinal));
        Assert.Null(BackupManifestFile.Read(sets[1].ManifestPath!).Set.Quiescence);

        // The mark of that log set is the newest when the next full is looked at.
        BackupManifest next = BackupManifestFile.Read(BackUp(BackupType.Full)[0].ManifestPath!);
        Assert.All(next.Set.Quiescence!.Members, m => Assert.Equal(sets[1].Mark, m.NewestMark));
    }

    [Theory]
    [InlineData("LABSQL1", "BizTalkMsgBoxDb", "INSERT INTO dbo.Work VALUES (1);", "BizTalkMsgBoxDb on LABSQL1: dbo.Work was changed")]
    [InlineData("LABSQL1", "BizTalkMgmtDb", "UPDATE dbo.bas_Properties SET PropertyValue = N'x' WHERE 1 = 0;", "BizTalkMgmtDb on LABSQL1: dbo.bas_Properties was changed")]
    [InlineData("LABSQL1", "BizTalkMgmtDb", "TRUNCATE TABLE dbo.Filled;", "BizTalkMgmtDb on LABSQL1: dbo.Filled was changed")]
    [InlineData("LABSQL1", "BizTalkMgmtDb", "CREATE TABLE dbo.Strange (Id int NOT NULL);", "BizTalkMgmtDb on LABSQL1: dbo.Strange was changed")]
    [InlineData("LABSQL1", "BizTalkMgmtDb", "DROP TABLE dbo.Filled; CREATE TABLE dbo.Filled (Id int NOT NULL);", "BizTalkMgmtDb on LABSQL1: what was changed could not be seen")]
    [InlineData("LABSQL2", "SSODB", "CREATE TABLE dbo.Passing (Id int); DROP TABLE dbo.Passing;", "SSODB on LABSQL2: 2 transactions were committed")]
    public void A_commit_while_the_members_are_backed_up_is_named(string server, string database, string statement, string why)
    {
        var said = new Said();
        var writer = new Interrupter(IsFirstBackupDone, () =>
        {
            using SqlConnection other = quiet.Open(server, database);
            PracticeLab.Execute(other, statement);
        });
        BackupSet set = BackUp(BackupType.Full, new Both(writer, said))[0];
        Assert.Equal(why, QuiescenceJudge.WhyNot(BackupManifestFile.Read(set.ManifestPath!)));
        Assert.Null(set.Point);
        Assert.Contains(said.Texts, t => t.Contains($"is not proven to be a quiesced recovery point: {why}.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_that_has_to_prove_it_and_does_not_ends_with_an_error_that_says_what_there_is()
    {
        var writer = new Interrupter(IsFirstBackupDone, () =>
        {
            using SqlConnection other = quiet.Open("LABSQL1", "BizTalkMsgBoxDb");
            PracticeLab.Execute(other, "INSERT INTO dbo.Work VALUES (2);");
        });
        RecoveryException error = Refused.With(RecoveryError.QuiescenceUnproven, () => BackUp(BackupType.Full, writer, require: true));
        Assert.Contains("BizTalkMsgBoxDb on LABSQL1: dbo.Work was changed", error.Message, StringComparison.Ordinal);
        BackupSet set = Assert.IsType<BackupSet>(error.PartialResult);
        Assert.Equal($"The full set {set.SetId} is complete and confirmed, but it is no quiesced recovery point.", error.StateLeftBehind);
        Assert.All(BackupManifestFile.Read(set.ManifestPath!).Files, f => Assert.NotNull(f.Sha256));
    }

    [Fact]
    public void A_transaction_that_stays_open_is_named()
    {
        // Its session is in master: only its records are in the member's log.
        using SqlConnection other = quiet.Open("LABSQL1", "master");
        using SqlTransaction open = other.BeginTransaction();
        using (SqlCommand command = new("INSERT INTO BizTalkMsgBoxDb.dbo.Work VALUES (3);", other, open))
            command.ExecuteNonQuery();
        BackupManifest manifest = BackupManifestFile.Read(BackUp(BackupType.Full)[0].ManifestPath!);
        MemberQuiescence box = manifest.Set.Quiescence!.Members.Single(m => m.Database == "BizTalkMsgBoxDb");
        Assert.Equal((1, 1, 0L), (box.OpenBefore, box.OpenAfter, box.Commits));
        Assert.Equal("BizTalkMsgBoxDb on LABSQL1: 1 open transactions had written before the first backup", QuiescenceJudge.WhyNot(manifest));

        string before = quiet.Lab.State();
        RecoveryException error = Refused.With(RecoveryError.GroupInUse, () => BackUp(BackupType.Full, require: true));
        Assert.Contains("BizTalkMsgBoxDb on LABSQL1 has 1 open transactions that have written", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, quiet.Lab.State());
        open.Rollback();
    }

    [Fact]
    public void Whoever_is_connected_is_named_before_anything_is_done()
    {
        using (SqlConnection other = quiet.Open("LABSQL2", "BizTalkDTADb", "BizTalk host"))
        {
            RecoveryException error = Refused.With(RecoveryError.GroupInUse, () => BackUp(BackupType.FullAndLog, require: true));
            Assert.Contains($"BizTalkDTADb on LABSQL2 is in use by BizTalk host on {Environment.MachineName}", error.Message, StringComparison.Ordinal);
            Assert.Contains("Stop every host instance", error.Hint, StringComparison.Ordinal);
            Assert.Contains("in use by BizTalk host", QuiescenceJudge.WhyNot(BackupManifestFile.Read(BackUp(BackupType.Full)[0].ManifestPath!)), StringComparison.Ordinal);
        }

        Assert.Null(QuiescenceJudge.WhyNot(BackupManifestFile.Read(BackUp(BackupType.Full)[0].ManifestPath!)));
    }

    [Fact]
    public void A_login_that_may_not_see_it_sees_nothing_and_not_zero()
    {
        using (SqlConnection master = quiet.Open("LABSQL1", "master"))
            PracticeLab.Execute(master, "CREATE LOGIN looker WITH PASSWORD = 'Looker!2026x';");
        SqlConnectionStringBuilder looker = new(quiet.Lab.Lab.Environment.ConnectionStrings["LABSQL1"]) { UserID = "looker" };
        using ISqlInstance instance = FlowLab.Ports().Sql.Open(FlowLab.At(looker.ConnectionString, "Looker!2026x"));
        Assert.Null(instance.ReadActivity(["BizTalkMsgBoxDb"]));
    }

    [Fact]
    public void One_look_tells_of_each_database_whatever_its_name()
    {
        const string Odd = "odd ]\"' ; DROP TABLE x --";
        using SqlConnection master = quiet.Open("LABSQL2", "master");
        PracticeLab.Execute(master, "CREATE DATABASE [odd ]]\"' ; DROP TABLE x --];");
        try
        {
            using ISqlInstance instance = FlowLab.Ports().Sql.Open(quiet.Lab.Address("LABSQL2"));
            InstanceActivity before = instance.ReadActivity([Odd, "SSODB", "no such"])!;
            Assert.Equal([Odd, "SSODB"], before.Databases.Select(d => d.Database));
            PracticeLab.Execute(master, "CREATE TABLE [odd ]]\"' ; DROP TABLE x --].dbo.[t]].ü] (i int); INSERT INTO [odd ]]\"' ; DROP TABLE x --].dbo.[t]].ü] VALUES (1);");
            InstanceActivity after = instance.ReadActivity([Odd])!;
            Assert.Equal(before.Started, after.Started);
            Assert.Equal(before.Databases[0].WriteTransactions + 2, after.Databases[0].WriteTransactions);
            Assert.Equal(1, after.Databases[0].Updates["dbo.t].ü"]);
            Assert.Null(after.Databases[0].NewestMark);
        }
        finally
        {
            PracticeLab.Execute(master, "DROP DATABASE [odd ]]\"' ; DROP TABLE x --];");
        }
    }

    // What the server says is told while the procedure goes on, and nothing goes on here before it was heard.
    private static bool IsFirstBackupDone(RecoveryLogEntry entry) => entry.Text.Contains("successfully processed", StringComparison.Ordinal);

    private IReadOnlyList<BackupSet> BackUp(BackupType type, IRecoveryLog? log = null, bool require = false) =>
        quiet.Lab.BackUp(quiet.Lab.Discover(), new BackupRequest(type, quiet.Lab.Backups) { RequireQuiesced = require }, log);

    private sealed class Said : IRecoveryLog
    {
        public List<string> Texts { get; } = [];

        public void Write(RecoveryLogEntry entry) => Texts.Add(entry.Text);
    }

    private sealed class Both(IRecoveryLog first, IRecoveryLog second) : IRecoveryLog
    {
        public void Write(RecoveryLogEntry entry)
        {
            first.Write(entry);
            second.Write(entry);
        }
    }
}
