using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Groups;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>Runs on real servers when BIZTALKDR_TEST_SQL names them (connection strings, separated by |); otherwise it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealServerFactAttribute : FactAttribute
{
    public const string Variable = "BIZTALKDR_TEST_SQL";

    public RealServerFactAttribute()
    {
        if (RealServers.Count == 0)
            Skip = $"There is no real SQL Server here: {Variable} is not set.";
    }

    internal static IReadOnlyList<string> RealServers =>
        (Environment.GetEnvironmentVariable(Variable) ?? string.Empty).Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>The group, its backup and its restore on real servers: what the lab claims must be true there.</summary>
/// <remarks>
/// The servers reach each other by their own names; every one reads and writes the folder BIZTALKDR_TEST_FOLDER, or without it the first
/// server's default backup folder. The members have names of their own, are dropped at the end, and nothing else is touched.
/// </remarks>
public sealed class RealServerTests
{
    [RealServerFact]
    public async Task A_group_is_built_backed_up_and_restored()
    {
        string suffix = Guid.NewGuid().ToString("N")[..8];
        Dictionary<string, string> servers = RealServerFactAttribute.RealServers.ToDictionary(NameOf, c => c, StringComparer.OrdinalIgnoreCase);
        string first = servers.Keys.First();
        string second = servers.Keys.Last();
        GroupDefinition group = Group(first, second, suffix);
        try
        {
            await new GroupBuilder(group, servers).BuildAsync();
            Dictionary<string, SqlInstanceAddress> known = servers.ToDictionary(s => s.Key, s => FlowLab.At(s.Value), StringComparer.OrdinalIgnoreCase);
            BizTalkGroup found;
            string folder;
            using (ISqlInstance management = FlowLab.Ports().Sql.Open(known[first]))
            {
                found = GroupDiscovery.Read(management, group.Management.Database);
                folder = Environment.GetEnvironmentVariable("BIZTALKDR_TEST_FOLDER") ?? Scalar(servers[first], "SELECT CAST(SERVERPROPERTY('InstanceDefaultBackupPath') AS nvarchar(256));");
            }

            IReadOnlyList<BackupSet> sets = new BackupRunner(FlowLab.Ports(), new InstanceDirectory(known[first], known)).Run(BackupPlanner.Plan(found, new BackupRequest(BackupType.FullAndLog, folder)));
            Assert.All(sets, s => Assert.True(s.IsComplete));

            using var scratch = new ScratchFolder();
            var request = new RestoreRequest([folder], known.Values.Distinct().ToList()) { Mark = sets[1].Mark, Force = true, ExpectedMembers = found.Members };
            RestorePlan plan = new RestorePreparer(FlowLab.Ports()).Prepare(request);
            Assert.All(plan.Members, m => Assert.EndsWith(suffix, m.Database, StringComparison.Ordinal));
            using var journal = new RestoreJournalFile(scratch["journal.jsonl"], FlowLab.Ports().Clock);
            RestoreResult result = new RestoreRunner(FlowLab.Ports()).Run(plan, journal, CancellationToken.None);
            Assert.True(result.IsSuccess);
            Assert.All(result.Members, m => Assert.True(m.ReachedMark));
        }
        finally
        {
            foreach (MemberDefinition member in group.Members)
                Drop(servers[member.Server], member.Database);
        }
    }

    private static GroupDefinition Group(string first, string second, string suffix)
    {
        GroupDefinition small = PracticeLab.Small(first, second);
        return small with
        {
            Servers = small.Servers.Distinct(StringComparer.OrdinalIgnoreCase).ToList(),
            Members = small.Members.Select(m => m with { Database = $"{m.Database}_{suffix}" }).ToList(),
        };
    }

    private static string NameOf(string connectionString) => Scalar(connectionString, "SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(256));");

    private static string Scalar(string connectionString, string text)
    {
        using SqlConnection connection = new(connectionString);
        connection.Open();
        return PracticeLab.Scalar<string>(connection, text);
    }

    private static void Drop(string connectionString, string database)
    {
        using SqlConnection connection = new(connectionString);
        connection.Open();
        PracticeLab.Execute(connection, $"IF DB_ID(N'{database}') IS NOT NULL BEGIN IF DATABASEPROPERTYEX(N'{database}', 'Status') = 'ONLINE' ALTER DATABASE [{database}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [{database}]; END");
    }
}
