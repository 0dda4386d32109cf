using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.SqlServer;

/// <summary>One file of a plan that was written as scripts.</summary>
/// <param name="Name">File name.</param>
/// <param name="Instance">Instance it is run on; null for the page.</param>
/// <param name="Text">Its text.</param>
public sealed record RestoreScriptFile(string Name, string? Instance, string Text);

/// <summary>Writes a plan as T-SQL that a person can read, and run without this module: two files for each instance, one more where the tails of databases that are replaced are saved first, and a page with the order.</summary>
/// <remarks>
/// The first file rolls its members to the mark and leaves them RESTORING. The second refuses unless every member of its instance stands
/// at the mark and the operator has written down that the other instances do too: no script can see them. Each file is one batch, so that
/// what is refused ends it, whichever client runs it.
/// </remarks>
public static class RestoreScript
{
    /// <summary>Writes all files.</summary>
    public static IReadOnlyList<RestoreScriptFile> Write(RestorePlan plan)
    {
        List<string> instances = plan.Members.Select(m => m.DestinationServer).Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(s => s, StringComparer.OrdinalIgnoreCase).ToList();
        List<RestoreScriptFile> files = [.. AvailabilityScript.Write(plan, before: true).Select(s => s.File)];
        foreach (string instance in instances)
        {
            List<MemberPlan> members = plan.Members.Where(m => string.Equals(m.DestinationServer, instance, StringComparison.OrdinalIgnoreCase)).ToList();
            string name = FileLayout.SafeName(instance);
            List<MemberPlan> tails = members.Where(m => m.Tail is not null).ToList();
            if (tails.Count > 0)
            {
                files.Add(new RestoreScriptFile(name + "-0-tail.sql", instance, TailScript.Write(plan, instance, tails)));
            }

            files.Add(new RestoreScriptFile(name + "-1-to-mark.sql", instance, ToMarkScript.Write(plan, instance, members)));
            files.Add(new RestoreScriptFile(name + "-2-recover.sql", instance, RecoverScript.Write(plan, instance, members, instances.Where(i => i != instance).ToList())));
        }

        files.AddRange(AvailabilityScript.Write(plan, before: false).Select(s => s.File));
        files.Add(new RestoreScriptFile("restore-order.md", null, Page(plan, instances)));
        return files;
    }

    /// <summary>Head of a script: what it is, and that it runs where it should.</summary>
    internal static StringBuilder Head(RestorePlan plan, string instance, string title)
    {
        var text = new StringBuilder();
        Line(text, "-- {0}", title);
        Line(text, "-- {0} {1}; instance {2}. Written by BizTalkDR; the order of all files is in restore-order.md.", plan.Kind == RecoveryPointKind.Mark ? "Mark" : "Quiesced point", Comment(plan.Mark), Comment(instance));
        Line(text, "SET NOCOUNT ON;");
        Line(text, "USE [master];");
        Line(text, "IF CAST(SERVERPROPERTY('ServerName') AS nvarchar(256)) <> {0} THROW 50001, {1}, 1;", SqlText.Literal(instance), SqlText.Literal($"This script is for the instance {instance}."));
        return text;
    }

    /// <summary>A table of this instance's members: where the mark stands (or where the full of a quiesced point ends), on which forks, and the last backup.</summary>
    internal static void Members(StringBuilder text, IReadOnlyList<MemberPlan> members)
    {
        Line(text, "DECLARE @member TABLE ([name] nvarchar(128) NOT NULL, [mark_lsn] numeric(25,0) NOT NULL, [next_lsn] numeric(25,0) NOT NULL, [fork] uniqueidentifier NOT NULL, [first_fork] uniqueidentifier NOT NULL, [last_log] uniqueidentifier NOT NULL);");
        foreach (MemberPlan member in members)
        {
            MediaBackup last = member.Chain.Last;
            Line(
                text,
                "INSERT INTO @member ([name], [mark_lsn], [next_lsn], [fork], [first_fork], [last_log]) VALUES ({0}, {1}, {2}, '{3}', '{4}', '{5}');",
                SqlText.Literal(member.Database),
                member.MarkPosition.Lsn,
                member.MarkPosition.NextLsn,
                last.Header.RecoveryForkGuid,
                last.StartFork,
                last.Header.BackupSetGuid);
        }
    }

    /// <summary>What to call the place where every member has to stand.</summary>
    internal static string Place(RestorePlan plan) => plan.Kind == RecoveryPointKind.Mark ? "the mark" : "the point";

    /// <summary>The rows of the members with where they stand; a column says whether that is at the mark, or at the end of the full backup of a quiesced point.</summary>
    internal static string State(RestorePlan plan) => string.Format(
        CultureInfo.InvariantCulture,
        """
        SELECT m.[name], ISNULL(d.state_desc, N'not there') AS [state], CAST(ISNULL(d.user_access, 0) AS int) AS [access], f.[lowest], f.[highest], m.[mark_lsn], m.[next_lsn],
            CASE WHEN d.state_desc = N'RESTORING' AND f.[unknown] = 0 AND f.[files] > 0 AND f.[lowest] >= m.[mark_lsn] AND f.[highest] <= m.[next_lsn] AND f.[strange] = 0
                AND h.backup_set_uuid = m.[last_log] AND h.stop_at_mark_name {0} THEN 1 ELSE 0 END AS [at_mark]
        FROM @member AS m
        LEFT JOIN sys.databases AS d ON d.name = m.[name]
        OUTER APPLY (SELECT MIN(x.redo_start_lsn) AS [lowest], MAX(x.redo_start_lsn) AS [highest], COUNT(*) AS [files],
                ISNULL(SUM(CASE WHEN x.redo_start_lsn IS NULL THEN 1 ELSE 0 END), 0) AS [unknown],
                ISNULL(SUM(CASE WHEN x.redo_start_fork_guid = m.[fork] OR x.redo_start_fork_guid = m.[first_fork] THEN 0 ELSE 1 END), 0) AS [strange]
            FROM sys.master_files AS x WHERE x.database_id = d.database_id AND x.type = 0) AS f
        OUTER APPLY (SELECT TOP (1) b.backup_set_uuid, r.stop_at_mark_name FROM msdb.dbo.restorehistory AS r INNER JOIN msdb.dbo.backupset AS b ON b.backup_set_id = r.backup_set_id
            WHERE r.destination_database_name = m.[name] ORDER BY r.restore_history_id DESC) AS h
        """,
        plan.Kind == RecoveryPointKind.Mark ? "= " + SqlText.Literal(plan.Mark) : "IS NULL").Replace("\r", string.Empty);

    internal static void Line(StringBuilder text, string format, params object[] values) => text.AppendFormat(CultureInfo.InvariantCulture, format, values).Append('\n');

    // A name may hold a line break no more than SQL Server allows; what ends a comment early would be run.
    internal static string Comment(string text) => new(text.Select(c => char.IsControl(c) ? ' ' : c).ToArray());

    private static string Page(RestorePlan plan, List<string> instances)
    {
        var text = new StringBuilder();
        Line(text, "# Restore of {0} databases to {1}\n", plan.Members.Count, plan.Mark);
        Line(text, "Stop BizTalk and every client first. Run each file as a whole, in this order; stop where something is not as it says here.\n");
        int step = 1;
        foreach ((RestoreScriptFile file, string order) in AvailabilityScript.Write(plan, before: true))
        {
            Line(text, "{0}. On **{1}**: `{2}`. {3}", step++, file.Instance!, file.Name, order);
        }

        foreach (string instance in instances.Where(i => plan.Members.Any(m => m.Tail is not null && string.Equals(m.DestinationServer, i, StringComparison.OrdinalIgnoreCase))))
        {
            Line(text, "{0}. On **{1}**: `{2}-0-tail.sql`. It saves the newest work of the databases that are replaced; keep its files. Nothing is restored yet: on an error remove its cause and run the file again, which saves what is not saved yet; go no further until it ends without one.", step++, instance, FileLayout.SafeName(instance));
        }

        foreach (string instance in instances)
        {
            string tails = plan.Members.Any(m => m.Tail is not null && string.Equals(m.DestinationServer, instance, StringComparison.OrdinalIgnoreCase)) ? "reads the saved tails back before it restores anything, and " : string.Empty;
            Line(text, "{0}. On **{1}**: `{2}-1-to-mark.sql`. It {3}ends with a report; every member must be RESTORING and *at {4}*.", step++, instance, FileLayout.SafeName(instance), tails, Place(plan));
        }

        Line(text, "{0}. {1} One member that is not at {2} means: go no further. Nobody can use the databases until then, and nothing is lost.", step++, instances.Count == 1 ? "Read the report." : $"Compare the reports of all {instances.Count} instances.", Place(plan));
        foreach (string instance in instances)
        {
            Line(
                text,
                "{0}. On **{1}**: {2}run `{3}-2-recover.sql`. It recovers the members in restricted access and looks {4}.",
                step++,
                instance,
                instances.Count > 1 ? $"write the {plan.Point.Replace(plan.Mark, $"`{plan.Mark}`")} into `@OtherInstancesAreAt`, then " : string.Empty,
                FileLayout.SafeName(instance),
                plan.Kind == RecoveryPointKind.Mark ? "for the mark in each" : "whether the marks in each are those of the full set");
        }

        Line(text, "{0}. When every instance has reported its members *recovered at {1}*: set `@OpenToUsers` to 1 in each `…-2-recover.sql` and run it again. It opens them.", step++, Place(plan));
        foreach ((RestoreScriptFile file, string order) in AvailabilityScript.Write(plan, before: false))
        {
            Line(text, "{0}. On **{1}**: `{2}`. {3}", step++, file.Instance!, file.Name, order);
        }

        text.Append('\n');
        Line(text, "| Member | From | To | Files | {0} |\n| --- | --- | --- | --- | --- |", plan.Kind == RecoveryPointKind.Mark ? "Mark at LSN" : "Ends at LSN");
        foreach (MemberPlan member in plan.Members)
        {
            Line(text, "| {0} | {1} | {2} | {3} | {4} |", Cell(member.Database), Cell(member.Chain.Member.Server), Cell(member.DestinationServer), member.Steps.Count(s => s.Backup is not null), member.MarkPosition.Lsn);
        }

        foreach (MemberPlan member in plan.Members.Where(m => m.Keeps is not null))
        {
            Line(text, "\nThe database that is in the place of {0} is kept as `{1}` on {2}, with its files.", Cell(member.Database), Cell(member.Keeps!.As), Cell(member.DestinationServer));
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|");
}
