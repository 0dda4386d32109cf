using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Repair;

/// <summary>Judges the jobs of a member, apart from the one that backs up the group.</summary>
/// <remarks>
/// Names and defaults: "Description of the SQL Server Agent jobs in BizTalk Server",
/// https://learn.microsoft.com/en-us/troubleshoot/biztalk/sql-server-agent-jobs-biztalk; "the names of the jobs change depending on the database names",
/// https://learn.microsoft.com/en-us/biztalk/core/database-structure-and-jobs. Of a restore that was not ended the jobs are still disabled.
/// </remarks>
internal static class MemberJobCheck
{
    private const string BackupJob = "Backup BizTalk Server";

    private static readonly string[] Management = ["CleanupBTFExpiredEntriesJob_{0}"];

    private static readonly string[] MessageBox =
    [
        "MessageBox_DeadProcesses_Cleanup_{0}", "MessageBox_Message_ManageRefCountLog_{0}", "MessageBox_Parts_Cleanup_{0}", "MessageBox_UpdateStats_{0}", "PurgeSubscriptionsJob_{0}",
        "TrackedMessages_Copy_{0}",
    ];

    private static readonly string[] RuleEngine = ["Rules_Database_Cleanup_{0}"];

    /// <summary>Started by another job; nobody else is to start it.</summary>
    private const string CleanupOfMessages = "MessageBox_Message_Cleanup_{0}";

    /// <summary>One result for what is missing, and one for each job that is disabled.</summary>
    public static IEnumerable<RepairItem> Of(MemberRole role, MemberHome home, string subject)
    {
        if (home.Jobs is not { } jobs)
        {
            yield return RepairPlanner.NotChecked(RepairCheck.Jobs, subject, "this login may not read msdb");
            yield break;
        }

        string database = home.Database.State.Name;
        List<string> expected = ExpectedOf(role).Select(n => n.Replace("{0}", database)).ToList();
        List<string> missing = expected.Where(n => !jobs.Any(j => Same(j.Name, n))).ToList();
        List<AgentJob> off = jobs.Where(j => !j.IsEnabled && j.Steps.Any(s => Same(s.Database, database)) && !j.Name.StartsWith(BackupJob, StringComparison.OrdinalIgnoreCase) && !Same(j.Name, CleanupOfMessages.Replace("{0}", database))).ToList();
        if (missing.Count > 0)
        {
            yield return RepairPlanner.Failed(
                RepairCheck.Jobs, subject, $"{missing.Count} of its jobs are not there: {string.Join(", ", missing)}; jobs are in msdb, which is in no backup of the group", "Create them from the scripts of the old instance, or let BizTalk's configuration create them.");
        }
        else if (off.Count == 0)
        {
            yield return RepairPlanner.Passed(RepairCheck.Jobs, subject, expected.Count == 0 ? "no job of it is disabled" : $"its {expected.Count} jobs are there, and none is disabled");
        }

        foreach (AgentJob job in off)
        {
            yield return expected.Exists(n => Same(n, job.Name))
                ? RepairPlanner.Failed(
                    RepairCheck.Jobs,
                    $"{job.Name} on {home.Instance.Server}",
                    "disabled; BizTalk needs it",
                    "Let this cmdlet enable it, when no restore of the group is to be resumed.",
                    new RepairFix(home.Instance, $"Enable the job {job.Name}", [new UpkeepStatement(UpkeepAction.EnableJob, job.Name)]))
                : RepairPlanner.NotChecked(RepairCheck.Jobs, $"{job.Name} on {home.Instance.Server}", "disabled, and nobody here can tell whether on purpose", "Enable it if it was enabled before the disaster.");
        }
    }

    private static string[] ExpectedOf(MemberRole role) => role switch
    {
        MemberRole.Management => Management,
        MemberRole.MessageBox => MessageBox,
        MemberRole.RuleEngine => RuleEngine,
        _ => [],
    };

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
