using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.SqlServer;

/// <summary>The script of an instance that is run before any part 1: saves the tails of the databases that are replaced.</summary>
internal static class TailScript
{
    public static string Write(RestorePlan plan, string instance, IReadOnlyList<MemberPlan> members)
    {
        StringBuilder text = RestoreScript.Head(plan, instance, $"Before part 1: saves the tails of {members.Count} databases that are replaced. From then on nobody can use them.");
        text.Append("-- A database whose tail is in msdb's history is not backed up again: after an error the file can be run again as a whole.\n");
        foreach (MemberPlan member in members)
        {
            Unless(text, member);
            ToMarkScript.Expect(text, member);
            text.Append("END;\n");
        }

        foreach (MemberPlan member in members)
        {
            RestoreScript.Line(text, "\n-- {0}", RestoreScript.Comment(member.ToString()));
            Unless(text, member);
            foreach (RestoreStep step in member.TailSteps)
            {
                ToMarkScript.Step(text, member, step);
            }

            text.Append("END;\n");
            Verify(text, member, $"Nothing was restored; {ComeBack(member)}");
        }

        text.Append("\n-- Report. To open a database again as it was, as long as no part 1 has run: RESTORE DATABASE ... WITH RECOVERY; ALTER DATABASE ... SET MULTI_USER.\n");
        RestoreScript.Line(
            text,
            "SELECT d.name AS [Database], d.state_desc AS [State] FROM sys.databases AS d WHERE d.name IN ({0}) ORDER BY d.name;",
            string.Join(", ", members.Select(m => SqlText.Literal(m.Database))));
        return text.ToString();
    }

    /// <summary>What part 1 asks of a database whose tail was saved: that its backup is in the history, and that nobody has opened it, or put another in its place, since.</summary>
    public static void Expect(StringBuilder text, MemberPlan member)
    {
        RestoreScript.Line(
            text,
            "IF NOT EXISTS ({0}) OR NOT EXISTS (SELECT 1 FROM sys.databases AS d WHERE d.name = {1} AND d.create_date = {2}{3})\n    THROW 50010, {4}, 1;",
            Saved(member),
            SqlText.Literal(member.Database),
            ToMarkScript.Created(member.Replaces!),
            member.Tail!.IsDamaged ? string.Empty : " AND d.state_desc = N'RESTORING'",
            SqlText.Literal($"The tail of {member.Database} is not saved: run the file that ends in -0-tail.sql here first, on every instance that has one. Or the database was opened or replaced since: make a new plan. Nothing was touched."));
    }

    /// <summary>Reads the backup of a tail back.</summary>
    public static void Verify(StringBuilder text, MemberPlan member, string state)
    {
        text.Append(SqlText.Verify(member.Tail!.Path, 1, checksum: true)).Append('\n');
        RestoreScript.Line(text, "IF @@ERROR <> 0 THROW 50009, {0}, 1;", SqlText.Literal($"{member.Database}: the backup of its tail cannot be verified. {state}"));
    }

    private static void Unless(StringBuilder text, MemberPlan member) => RestoreScript.Line(text, "IF NOT EXISTS ({0})\nBEGIN", Saved(member));

    private static string Saved(MemberPlan member) => string.Format(
        CultureInfo.InvariantCulture,
        "SELECT 1 FROM msdb.dbo.backupset AS b INNER JOIN msdb.dbo.backupmediafamily AS f ON f.media_set_id = b.media_set_id WHERE b.type = 'L' AND b.database_name = {0} AND f.physical_device_name = {1}",
        SqlText.Literal(member.Database),
        SqlText.Literal(member.Tail!.Path));

    private static string ComeBack(MemberPlan member) => member.Tail!.IsDamaged ? "its state was not changed." : "RESTORE DATABASE ... WITH RECOVERY opens it again as it was.";
}
