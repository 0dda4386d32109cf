using System.Collections.Generic;
using System.Text;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.SqlServer;

/// <summary>The second script of an instance: refuses unless all stands at the mark, recovers in restricted access, proves, opens when told to.</summary>
internal static class RecoverScript
{
    public static string Write(RestorePlan plan, string instance, IReadOnlyList<MemberPlan> members, IReadOnlyList<string> others)
    {
        StringBuilder text = RestoreScript.Head(plan, instance, $"Part 2 of 2: recovers {members.Count} databases at {RestoreScript.Place(plan)}; run only when part 1 has ended well on every instance.");
        text.Append('\n');
        string place = RestoreScript.Place(plan);
        if (others.Count > 0)
        {
            RestoreScript.Line(text, "-- Write {0} between the quotes when part 1 reported every member at {1} on: {2}.", plan.Kind == RecoveryPointKind.Mark ? "the mark" : "the name of the point", place, RestoreScript.Comment(string.Join(", ", others)));
            text.Append("DECLARE @OtherInstancesAreAt nvarchar(128) = N'';\n");
        }

        text.Append("-- Set to 1, and run this file once more, when part 2 has ended well on every instance.\nDECLARE @OpenToUsers bit = 0;\n\n");
        RestoreScript.Members(text, members);
        text.Append("DECLARE @state TABLE ([name] nvarchar(128) NOT NULL, [state] nvarchar(60) NOT NULL, [access] int NOT NULL, [lowest] numeric(25,0) NULL, [highest] numeric(25,0) NULL, [mark_lsn] numeric(25,0) NOT NULL, [next_lsn] numeric(25,0) NOT NULL, [at_mark] int NOT NULL);\n");
        RestoreScript.Line(text, "INSERT INTO @state ([name], [state], [access], [lowest], [highest], [mark_lsn], [next_lsn], [at_mark])\n{0};", RestoreScript.State(plan));
        if (others.Count > 0)
        {
            RestoreScript.Line(
                text,
                "IF @OtherInstancesAreAt <> {0} THROW 50005, {1}, 1;",
                SqlText.Literal(plan.Mark),
                SqlText.Literal($"Nobody has confirmed that the members on {string.Join(", ", others)} stand at {place}: write {(plan.Kind == RecoveryPointKind.Mark ? "it" : "its name")} into @OtherInstancesAreAt. Nothing was recovered."));
        }

        // Behind an earlier run of this file members are ONLINE, and closed to users until they are opened.
        RestoreScript.Line(
            text,
            "IF EXISTS (SELECT 1 FROM @state WHERE [at_mark] = 0 AND NOT ([state] = N'ONLINE' AND [access] <> 0)) AND NOT (@OpenToUsers = 1 AND NOT EXISTS (SELECT 1 FROM @state WHERE [state] <> N'ONLINE'))\n    THROW 50006, {0}, 1;",
            SqlText.Literal($"Not every member on {instance} is RESTORING at {place}: run part 1 here first. Nothing was recovered."));
        text.Append(plan.Kind == RecoveryPointKind.Mark ? "DECLARE @count int, @newer int;\n" : "DECLARE @newest nvarchar(128);\n");
        foreach (MemberPlan member in members)
        {
            Recover(text, plan, member);
        }

        text.Append("\nIF @OpenToUsers = 1\nBEGIN\n");
        foreach (MemberPlan member in members)
        {
            text.Append("    ").Append(SqlText.SetAccess(member.Database, DatabaseAccess.MultiUser)).Append('\n');
        }

        text.Append("END;\n");
        RestoreScript.Line(
            text,
            "SELECT m.[name] AS [Database], d.state_desc AS [State], d.user_access_desc AS [Access], N'recovered at {0}' AS [Verdict] FROM @member AS m INNER JOIN sys.databases AS d ON d.name = m.[name] ORDER BY m.[name];",
            place);
        return text.ToString();
    }

    private static void Recover(StringBuilder text, RestorePlan plan, MemberPlan member)
    {
        string name = SqlText.Literal(member.Database);
        RestoreScript.Line(text, "\n-- {0}", RestoreScript.Comment(member.ToString()));
        RestoreScript.Line(text, "IF EXISTS (SELECT 1 FROM @state WHERE [name] = {0} AND [at_mark] = 1)\nBEGIN\n    {1}", name, SqlText.Restore(new RestoreStatement(RestoreAction.Recover, member.Database)));
        RestoreScript.Line(text, "    IF @@ERROR <> 0 THROW 50007, {0}, 1;\nEND;", SqlText.Literal($"{member.Database} could not be recovered; its own error stands before this one."));
        if (plan.Kind == RecoveryPointKind.Quiesced)
        {
            ProveQuiesced(text, member);
            return;
        }

        string look = $"SELECT @count = ISNULL(SUM(CASE WHEN MarkName = @mark THEN 1 ELSE 0 END), 0), @newer = ISNULL(SUM(CASE WHEN RIGHT(MarkName, 23) > RIGHT(@newest, 23) THEN 1 ELSE 0 END), 0) FROM {SqlText.Name(member.Database)}.dbo.MarkLog;";
        RestoreScript.Line(text, "EXEC sys.sp_executesql {0}, N'@mark nvarchar(128), @newest nvarchar(128), @count int OUTPUT, @newer int OUTPUT', @mark = {1}, @newest = {2}, @count = @count OUTPUT, @newer = @newer OUTPUT;", SqlText.Literal(look), SqlText.Literal(plan.Mark), SqlText.Literal(member.LaterStamp ?? plan.Mark));
        RestoreScript.Line(text, "IF @count <> 1 OR @newer <> 0 THROW 50008, {0}, 1;", SqlText.Literal($"{member.Database}: MarkLog does not hold the mark once and nothing newer. It stays in restricted access; do not open any member."));
    }

    /// <summary>A database that was never marked has no MarkLog.</summary>
    private static void ProveQuiesced(StringBuilder text, MemberPlan member)
    {
        string table = SqlText.Name(member.Database) + ".dbo.MarkLog";
        string look = $"SELECT TOP (1) @newest = MarkName FROM {table} WHERE MarkName IS NOT NULL ORDER BY RIGHT(MarkName, 23) DESC;";
        RestoreScript.Line(text, "SET @newest = NULL;\nIF OBJECT_ID({0}) IS NOT NULL EXEC sys.sp_executesql {1}, N'@newest nvarchar(128) OUTPUT', @newest = @newest OUTPUT;", SqlText.Literal(table), SqlText.Literal(look));
        RestoreScript.Line(
            text,
            "IF ISNULL(@newest, N'') <> {0} THROW 50008, {1}, 1;",
            SqlText.Literal(member.NewestMark ?? string.Empty),
            SqlText.Literal($"{member.Database}: the newest mark in MarkLog is not the one that it held when the full set was written. It stays in restricted access; do not open any member."));
    }
}
