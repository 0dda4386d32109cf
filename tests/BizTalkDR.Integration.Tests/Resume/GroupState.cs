using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Restore;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>What a restored group holds: for each member its state, its newest mark, and every row of every table.</summary>
internal static class GroupState
{
    /// <summary>Reads it; two restores to one mark must give the same.</summary>
    public static IReadOnlyList<string> Read(Destination destination, RestorePlan plan) => plan.Members
        .OrderBy(m => m.ToString(), StringComparer.Ordinal)
        .Select(m => $"{m}: {destination.States().GetValueOrDefault(m.Database)}: {Content(destination, m)}")
        .ToList();

    /// <summary>Where each member stood at the gate.</summary>
    public static IReadOnlyList<string> RedoLsns(string journalText) => journalText.Split('\n')
        .Select(JournalText.Parse)
        .Where(l => l?.GetValueOrDefault("event") == "gate" && l["passed"] == "true")
        .GroupBy(l => l!["member"], StringComparer.Ordinal)
        .Select(g => $"{g.Key} {g.Last()!["redoLsn"]}")
        .Order(StringComparer.Ordinal)
        .ToList();

    private static string Content(Destination destination, MemberPlan member)
    {
        using SqlConnection open = destination.Open(member.DestinationServer, member.Database);
        return Content(open);
    }

    /// <summary>The newest mark and every row of an open database.</summary>
    public static string Content(SqlConnection open)
    {
        var text = new StringBuilder();
        int rows = 0;
        foreach (object?[] table in PracticeLab.Rows(open, "SELECT s.name, t.name FROM sys.tables AS t INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id ORDER BY s.name, t.name;"))
        {
            List<string> lines = PracticeLab.Rows(open, $"SELECT * FROM [{table[0]}].[{table[1]}];").ConvertAll(Line);
            lines.Sort(StringComparer.Ordinal);
            rows += lines.Count;
            text.Append(CultureInfo.InvariantCulture, $"{table[0]}.{table[1]}\n{string.Join('\n', lines)}\n");
        }

        Assert.True(rows > 0, $"{open.Database} holds no row.");
        string mark = PracticeLab.Scalar<string>(open, "SELECT TOP (1) MarkName FROM dbo.MarkLog ORDER BY RIGHT(MarkName, 23) DESC;");
        return $"{mark}, {rows} rows, {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))}";
    }

    private static string Line(object?[] row) => string.Join('|', row.Select(v => v is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(v, CultureInfo.InvariantCulture)));
}
