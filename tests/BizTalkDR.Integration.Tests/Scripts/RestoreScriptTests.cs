using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Integration.Tests.Resume;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Xunit;

namespace BizTalkDR.Integration.Tests.Scripts;

/// <summary>A plan written as T-SQL, read by Microsoft's parser and run by a client that knows nothing of us.</summary>
[Collection("flows")]
public sealed class RestoreScriptTests(BackedUpGroup shared)
{
    private static readonly string[] s_names = ["BizTalkMsgBoxDb", "O'Brien", "a]b", "x\"; DROP DATABASE y--", "Bücher 库", "[x]", "two\nlines"];

    [Fact]
    public async Task Every_script_parses_whatever_the_names_are()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RestorePlan plan = lab.Plan();
        int statements = 0;
        foreach (string name in s_names)
        {
            RestorePlan named = Renamed(plan, name);
            foreach (RestoreScriptFile file in RestoreScript.Write(named).Concat(RestoreScript.Write(Keeping(plan, name))).Where(f => f.Instance is not null))
            {
                TSqlFragment fragment = new TSql150Parser(true).Parse(new StringReader(file.Text), out IList<ParseError> errors);
                Assert.True(errors.Count == 0, $"{file.Name}: {string.Join("; ", errors.Select(e => $"{e.Line}: {e.Message}"))}");
                TSqlBatch batch = Assert.Single(Assert.IsType<TSqlScript>(fragment).Batches);
                statements += batch.Statements.Count;
                Assert.DoesNotContain(batch.Statements, s => s is DropDatabaseStatement);
            }
        }

        Assert.True(statements > 100);
    }

    [Fact]
    public async Task Every_restore_to_the_mark_is_without_recovery_and_stops_at_it()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RestorePlan plan = lab.Plan();
        IReadOnlyList<RestoreScriptFile> files = RestoreScript.Write(plan);
        Assert.Equal(["DR1-1-to-mark.sql", "DR1-2-recover.sql", "DR2-1-to-mark.sql", "DR2-2-recover.sql", "restore-order.md"], files.Select(f => f.Name));
        string[] restores = [.. files.Where(f => f.Name.EndsWith("-1-to-mark.sql", StringComparison.Ordinal)).SelectMany(f => f.Text.Split('\n')).Where(l => l.StartsWith("RESTORE ", StringComparison.Ordinal))];
        Assert.Equal(plan.Members.Sum(m => m.Steps.Count), restores.Length);
        Assert.All(restores, r => Assert.Contains("NORECOVERY", r, StringComparison.Ordinal));
        Assert.All(restores.Where(r => r.StartsWith("RESTORE LOG", StringComparison.Ordinal)), r => Assert.Contains($"STOPATMARK = N'{plan.Mark}'", r, StringComparison.Ordinal));
        string page = files[^1].Text;
        Assert.All(files.SkipLast(1), f => Assert.Contains(f.Name, page, StringComparison.Ordinal));
        Assert.All(plan.Members, m => Assert.Contains(m.Database, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_scripts_restore_the_group_and_refuse_whatever_is_out_of_order()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RestorePlan plan = lab.Plan();
        Dictionary<string, string> scripts = RestoreScript.Write(plan).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        string confirmed = $"@OtherInstancesAreAt nvarchar(128) = N'{plan.Mark}'";
        string Confirm(string file) => scripts[file].Replace("@OtherInstancesAreAt nvarchar(128) = N''", confirmed, StringComparison.Ordinal);
        string Open(string file) => Confirm(file).Replace("@OpenToUsers bit = 0", "@OpenToUsers bit = 1", StringComparison.Ordinal);

        // Before anything, on the wrong instance, and after part 1 on one instance only.
        Assert.Equal(50006, Refused(lab, "DR1", Confirm("DR1-2-recover.sql")));
        Assert.Equal(50001, Refused(lab, "DR2", scripts["DR1-1-to-mark.sql"]));
        Assert.Equal(["at the mark", "at the mark"], Run(lab, "DR1", scripts["DR1-1-to-mark.sql"]).Select(r => r[^1]));
        Assert.Equal(50005, Refused(lab, "DR1", scripts["DR1-2-recover.sql"]));
        Assert.Equal(50006, Refused(lab, "DR2", Confirm("DR2-2-recover.sql")));
        Assert.Equal(50006, Refused(lab, "DR2", Open("DR2-2-recover.sql")));
        Assert.All(lab.Destination.States().Values, s => Assert.StartsWith("RESTORING", s, StringComparison.Ordinal));
        Assert.Equal(50002, Refused(lab, "DR1", scripts["DR1-1-to-mark.sql"]));

        // In their order.
        Assert.Equal(["at the mark", "at the mark"], Run(lab, "DR2", scripts["DR2-1-to-mark.sql"]).Select(r => r[^1]));
        Assert.Equal(2, Run(lab, "DR1", Confirm("DR1-2-recover.sql")).Count);
        Assert.Equal(2, Run(lab, "DR2", Confirm("DR2-2-recover.sql")).Count);
        Assert.All(lab.Destination.States().Values, s => Assert.Equal("ONLINE RESTRICTED_USER", s));
        Run(lab, "DR1", Open("DR1-2-recover.sql"));
        Run(lab, "DR2", Open("DR2-2-recover.sql"));
        Assert.All(lab.Destination.States().Values, s => Assert.Equal("ONLINE MULTI_USER", s));
        IReadOnlyList<string> byScript = GroupState.Read(lab.Destination, plan);
        lab.Clean();
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        Assert.Equal(GroupState.Read(lab.Destination, plan), byScript);
    }

    [Fact]
    public async Task A_member_that_was_rolled_on_past_the_mark_is_not_recovered()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RestorePlan plan = lab.Plan(r => r with { Mark = shared.Sets[2].Mark });
        Dictionary<string, string> scripts = RestoreScript.Write(plan).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        string spoilt = string.Join('\n', scripts["DR2-1-to-mark.sql"].Split('\n').Select(l => l.StartsWith("RESTORE LOG [SSODB]", StringComparison.Ordinal) ? l.Replace($", STOPATMARK = N'{plan.Mark}'", string.Empty, StringComparison.Ordinal) : l));
        Assert.NotEqual(scripts["DR2-1-to-mark.sql"], spoilt);
        Assert.Contains("NOT AT THE MARK", Run(lab, "DR2", spoilt).Select(r => r[^1]));
        Assert.Equal(50006, Refused(lab, "DR2", scripts["DR2-2-recover.sql"].Replace("@OtherInstancesAreAt nvarchar(128) = N''", $"@OtherInstancesAreAt nvarchar(128) = N'{plan.Mark}'", StringComparison.Ordinal)));
        Assert.All(lab.Destination.States().Values, s => Assert.StartsWith("RESTORING", s, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Part_1_replaces_only_the_database_that_was_planned_for()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        Dictionary<string, string> scripts = RestoreScript.Write(plan).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        Assert.Equal(50010, Refused(lab, "DR1", scripts["DR1-1-to-mark.sql"]));
        Assert.All(lab.Destination.States().Values, s => Assert.Equal("ONLINE MULTI_USER", s));
        Assert.Equal(["RESTORING", "RESTORING"], Run(lab, "DR1", scripts["DR1-0-tail.sql"]).Select(r => r[^1]));
        Assert.All(plan.Members.Where(m => m.DestinationServer == "DR1"), m => Assert.True(File.Exists(m.Tail!.Path)));
        Assert.Equal(["at the mark", "at the mark"], Run(lab, "DR1", scripts["DR1-1-to-mark.sql"]).Select(r => r[^1]));
        using (SqlConnection master = lab.Destination.Open("DR2", "master"))
            PracticeLab.Execute(master, "ALTER DATABASE SSODB SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE SSODB; CREATE DATABASE SSODB;");
        Assert.Equal(50003, Refused(lab, "DR2", scripts["DR2-0-tail.sql"]));
        Assert.Equal(50010, Refused(lab, "DR2", scripts["DR2-1-to-mark.sql"]));
        Assert.Equal("ONLINE MULTI_USER", lab.Destination.States()["SSODB"]);
    }

    [Fact]
    public async Task Part_1_puts_what_is_kept_under_its_other_name_and_no_other_database()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        RestorePlan plan = lab.Plan(r => r with { Force = true, KeepExisting = ["SSODB"] });
        KeptDatabase kept = plan.Members.Single(m => m.Database == "SSODB").Keeps!;
        Dictionary<string, string> scripts = RestoreScript.Write(plan).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        Run(lab, "DR2", scripts["DR2-0-tail.sql"]);
        using SqlConnection master = lab.Destination.Open("DR2", "master");
        PracticeLab.Execute(master, $"CREATE DATABASE {SqlText.Name(kept.As)};");
        Assert.Equal(50011, Refused(lab, "DR2", scripts["DR2-1-to-mark.sql"]));
        PracticeLab.Execute(master, $"DROP DATABASE {SqlText.Name(kept.As)};");
        Assert.Equal(["at the mark", "at the mark"], Run(lab, "DR2", scripts["DR2-1-to-mark.sql"]).Select(r => r[^1]));
        Assert.Equal("ONLINE MULTI_USER", lab.Destination.States()[kept.As]);
        Assert.Equal(kept.Database.DatabaseGuid, PracticeLab.Rows(master, $"SELECT database_guid FROM sys.database_recovery_status WHERE database_id = DB_ID({SqlText.Literal(kept.As)});")[0][0]);
        Assert.Contains(kept.As, scripts["restore-order.md"], StringComparison.Ordinal);
        Assert.Equal(50011, Refused(lab, "DR2", scripts["DR2-1-to-mark.sql"]));
    }

    [Fact]
    public async Task The_file_of_the_tails_goes_on_where_an_error_ended_it()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        Dictionary<string, string> scripts = RestoreScript.Write(plan).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        MemberPlan[] members = [.. plan.Members.Where(m => m.DestinationServer == "DR1")];
        Directory.CreateDirectory(members[1].Tail!.Path);
        Assert.Equal(50004, Refused(lab, "DR1", scripts["DR1-0-tail.sql"]));
        Assert.StartsWith("RESTORING", lab.Destination.States()[members[0].Database], StringComparison.Ordinal);
        byte[] first = await File.ReadAllBytesAsync(members[0].Tail!.Path);
        Directory.Delete(members[1].Tail!.Path);

        Assert.Equal(["RESTORING", "RESTORING"], Run(lab, "DR1", scripts["DR1-0-tail.sql"]).Select(r => r[^1]));

        Assert.Equal(first, await File.ReadAllBytesAsync(members[0].Tail!.Path));
        Assert.True(File.Exists(members[1].Tail!.Path));
        Assert.Equal(["at the mark", "at the mark"], Run(lab, "DR1", scripts["DR1-1-to-mark.sql"]).Select(r => r[^1]));
    }

    [Fact]
    public async Task Part_1_restores_nothing_over_a_tail_that_cannot_be_read()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        Dictionary<string, string> scripts = RestoreScript.Write(plan).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        Run(lab, "DR1", scripts["DR1-0-tail.sql"]);
        MemberPlan last = plan.Members.Last(m => m.DestinationServer == "DR1");
        using (FileStream tail = new(last.Tail!.Path, FileMode.Open))
            tail.SetLength(tail.Length / 2);
        Assert.Equal(50009, Refused(lab, "DR1", scripts["DR1-1-to-mark.sql"]));
        Assert.Equal(50009, Refused(lab, "DR1", scripts["DR1-0-tail.sql"]));
        using SqlConnection msdb = lab.Destination.Open("DR1", "msdb");
        foreach (MemberPlan member in plan.Members.Where(m => m.DestinationServer == "DR1"))
        {
            PracticeLab.Execute(msdb, $"RESTORE DATABASE {SqlText.Name(member.Database)} WITH RECOVERY; ALTER DATABASE {SqlText.Name(member.Database)} SET MULTI_USER;");
        }

        Assert.All(lab.Destination.States().Values, s => Assert.Equal("ONLINE MULTI_USER", s));
    }

    [Fact]
    public async Task Part_1_replaces_no_other_database_in_the_place_of_a_damaged_one()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        plan = plan with { Members = [.. plan.Members.Select(m => m with { Steps = [.. m.Steps.Select(s => s.Tail is null ? s : s with { Tail = s.Tail with { IsDamaged = true } })] })] };
        Dictionary<string, string> scripts = RestoreScript.Write(plan).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        Run(lab, "DR2", scripts["DR2-0-tail.sql"]);
        using (SqlConnection master = lab.Destination.Open("DR2", "master"))
            PracticeLab.Execute(master, "ALTER DATABASE SSODB SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE SSODB; CREATE DATABASE SSODB;");
        Assert.Equal(50010, Refused(lab, "DR2", scripts["DR2-1-to-mark.sql"]));
        Assert.Equal("ONLINE MULTI_USER", lab.Destination.States()["SSODB"]);
    }

    [Fact]
    public async Task Part_1_replaces_a_restoring_database_only_when_nobody_opened_it_since_the_plan()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        string full = SqlText.Restore(lab.Plan().Members.Single(m => m.Database == "SSODB").Steps[0].Statement! with { Replace = true });
        using SqlConnection master = lab.Destination.Open("DR2", "master");
        PracticeLab.Execute(master, full);
        Dictionary<string, string> scripts = RestoreScript.Write(lab.Plan(r => r with { Force = true })).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);

        // Opened, worked in and closed by a backup of its log, it is RESTORING as before.
        PracticeLab.Execute(master, $"RESTORE DATABASE SSODB WITH RECOVERY; BACKUP DATABASE SSODB TO DISK = N'{lab.NewFile("bak")}'; CREATE TABLE SSODB.dbo.Later (Id int); BACKUP LOG SSODB TO DISK = N'{lab.NewFile("trn")}' WITH NORECOVERY;");
        Assert.Equal(50003, Refused(lab, "DR2", scripts["DR2-1-to-mark.sql"]));
        Assert.Equal(RecoveryError.TailNotPossible, Assert.Throws<RecoveryException>(() => lab.Plan(r => r with { Force = true })).Code);

        PracticeLab.Execute(master, full);
        scripts = RestoreScript.Write(lab.Plan(r => r with { Force = true })).ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal);
        Assert.Equal(["at the mark", "at the mark"], Run(lab, "DR2", scripts["DR2-1-to-mark.sql"]).Select(r => r[^1]));
    }

    private static RestorePlan Renamed(RestorePlan plan, string name) => plan with
    {
        Members = [.. plan.Members.Select((m, i) => i > 0 ? m : m with
        {
            Chain = m.Chain with { Member = m.Chain.Member with { Database = name } },
            Replaces = new DatabaseFacts(name, "ONLINE"),
            Steps = [new RestoreStep(1, name) { Access = DatabaseAccess.SingleUser }, new RestoreStep(2, name) { Tail = new TailStatement(name, "/t/" + name) }, .. m.Steps.Select(s => s with { Text = s.Text + name, Statement = s.Statement is null ? null : s.Statement with { Database = name, Path = "/b/" + name } })],
        })],
    };

    private static RestorePlan Keeping(RestorePlan plan, string name) => plan with
    {
        Members = [.. plan.Members.Select((m, i) => i > 0 ? m : m with
        {
            Keeps = new KeptDatabase(new DatabaseFacts(m.Database, "ONLINE") { DatabaseGuid = Guid.NewGuid() }, name),
            Steps = [new RestoreStep(1, name) { Access = DatabaseAccess.SingleUser }, new RestoreStep(2, name) { KeepAs = name }, .. m.Steps],
        })],
    };

    /// <summary>The rows of the last result, as text.</summary>
    internal static List<string[]> Run(SweepLab lab, string server, string script)
    {
        using SqlConnection open = lab.Destination.Open(server, "master");
        using SqlCommand command = new(script, open) { CommandTimeout = 120 };
        using SqlDataReader reader = command.ExecuteReader();
        List<string[]> rows = [];
        do
        {
            if (reader.FieldCount > 0)
                rows.Clear();
            while (reader.Read())
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture)!)]);
        }
        while (reader.NextResult());
        return rows;
    }

    internal static int Refused(SweepLab lab, string server, string script) =>
        Assert.Throws<SqlException>(() => Run(lab, server, script)).Errors.Cast<SqlError>().First(e => e.Number >= 50000).Number;
}
