using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.SqlServer;

/// <summary>The first script of an instance: everything up to the mark, without recovery, and a report.</summary>
internal static class ToMarkScript
{
    private const string DataFile = "SELECT 1 FROM sys.master_files AS x WHERE x.database_id = d.database_id AND x.type = 0";

    public static string Write(RestorePlan plan, string instance, IReadOnlyList<MemberPlan> members)
    {
        StringBuilder text = RestoreScript.Head(plan, instance, $"Part 1 of 2: {members.Count} databases to {RestoreScript.Place(plan)}, without recovery.");
        foreach (MemberPlan member in members)
        {
            if (member.Tail is not null)
            {
                TailScript.Expect(text, member);
            }
            else
            {
                Expect(text, member);
            }
        }

        foreach (MemberPlan member in members.Where(m => m.Tail is not null))
        {
            TailScript.Verify(text, member, "Nothing was touched.");
        }

        foreach (MemberPlan member in members)
        {
            RestoreScript.Line(text, "\n-- {0}", RestoreScript.Comment(member.ToString()));
            foreach (RestoreStep step in member.Tail is null ? member.Steps : member.Steps.Skip(member.TailSteps.Count()))
            {
                Step(text, member, step);
            }
        }

        string place = RestoreScript.Place(plan);
        RestoreScript.Line(text, "\n-- Report. Every member must be RESTORING and at {0} before any instance runs part 2.", place);
        RestoreScript.Members(text, members);
        RestoreScript.Line(
            text,
            "SELECT s.[name] AS [Database], s.[state] AS [State], s.[lowest] AS [RedoLsn], s.[mark_lsn] AS [MarkLsn], CASE WHEN s.[at_mark] = 1 THEN N'at {1}' ELSE N'NOT AT {2}' END AS [Verdict]\nFROM ({0}) AS s ORDER BY s.[name];",
            RestoreScript.State(plan),
            place,
            place.ToUpperInvariant());
        return text.ToString();
    }

    /// <summary>What is there must be what was there when the plan was made.</summary>
    internal static void Expect(StringBuilder text, MemberPlan member)
    {
        string name = SqlText.Literal(member.Database);
        if (member.Keeps is { } keeps)
        {
            ExpectKept(text, member, keeps);
            return;
        }

        if (member.Replaces is not { } planned)
        {
            RestoreScript.Line(text, "IF DB_ID({0}) IS NOT NULL THROW 50002, {1}, 1;", name, SqlText.Literal($"The database {member.Database} exists, and the plan replaces nothing of this name. Nothing was touched."));
            return;
        }

        RestoreScript.Line(
            text,
            "IF NOT EXISTS (SELECT 1 FROM sys.databases AS d LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id WHERE d.name = {0} AND d.create_date = {1}{2}{3}{5})\n    THROW 50003, {4}, 1;",
            name,
            Created(planned),
            planned.DatabaseGuid is { } id ? $" AND r.database_guid = '{id}'" : string.Empty,
            planned.RecoveryForkGuid is { } fork ? $" AND r.recovery_fork_guid = '{fork}'" : string.Empty,
            SqlText.Literal($"The database {member.Database} is not the one the plan replaces, or was opened since the plan was made. Nothing was touched."),
            StillClosed(planned));
    }

    private static void ExpectKept(StringBuilder text, MemberPlan member, KeptDatabase keeps) => RestoreScript.Line(
        text,
        "IF DB_ID({0}) IS NOT NULL OR NOT EXISTS (SELECT 1 FROM sys.databases AS d INNER JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id WHERE d.name = {1} AND d.state_desc = N'ONLINE' AND d.is_in_standby = 0 AND r.database_guid = '{2}'{3})\n    THROW 50011, {4}, 1;",
        SqlText.Literal(keeps.As),
        SqlText.Literal(member.Database),
        keeps.Database.DatabaseGuid!.Value,
        keeps.Database.RecoveryForkGuid is { } fork ? $" AND r.recovery_fork_guid = '{fork}'" : string.Empty,
        SqlText.Literal($"The database {member.Database} is not the one that the plan keeps under the name {keeps.As}, or that name is taken. Nothing was touched."));

    /// <summary>A database that was RESTORING is so still, and nobody opened it since: it stands on the recovery fork that it stood on.</summary>
    private static string StillClosed(DatabaseFacts planned) => planned switch
    {
        { IsRestoring: false } => string.Empty,
        { Closed: { IsContentUnknown: true } } => $" AND d.state_desc = N'RESTORING' AND NOT EXISTS ({DataFile} AND x.redo_start_lsn IS NOT NULL)",
        { Closed.ForkGuid: { } fork } => $" AND d.state_desc = N'RESTORING' AND NOT EXISTS ({DataFile} AND (x.redo_start_fork_guid IS NULL OR x.redo_start_fork_guid <> '{fork}'))",
        _ => " AND d.state_desc = N'RESTORING'",
    };

    internal static string Created(DatabaseFacts planned) => SqlText.Literal(planned.CreatedLocal.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture));

    internal static void Step(StringBuilder text, MemberPlan member, RestoreStep step)
    {
        RestoreScript.Line(text, "-- {0}. {1}", step.Number, RestoreScript.Comment(step.Text));
        text.Append(step switch
        {
            { Statement: { } statement } => SqlText.Restore(statement),
            { Tail: { } tail } => SqlText.BackUpTail(tail),
            { KeepAs: { } name } => SqlText.Rename(member.Database, name),
            _ => SqlText.SetAccess(member.Database, step.Access ?? DatabaseAccess.SingleUser),
        }).Append('\n');
        string? access = step.KeepAs is { } kept ? SqlText.SetAccess(kept, member.Keeps!.Database.Access) : null;
        RestoreScript.Line(
            text, "IF @@ERROR <> 0 THROW 50004, {0}, 1;", SqlText.Literal($"{member.Database}: step {step.Number} failed; nothing after it was run. Its own error stands before this one."));
        text.Append(access is null ? string.Empty : access + "\n");
    }
}
