using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>Makes what an instance brings along as ordinary tables and procedures: the parts of msdb that belong to the Agent and to Database Mail.</summary>
internal static class SystemObjects
{
    public static void Ensure(LabSqlServer server)
    {
        LabDatabase msdb = server.Instance.Find("msdb")!;
        if (msdb.State != DatabaseState.Online || msdb.FindTable("dbo", "sysjobs") is not null)
        {
            return;
        }

        using SqlSession session = server.OpenInternal("sa", msdb, "BizTalkDR Lab");
        session.Query("BEGIN TRANSACTION");
        foreach (string batch in new[] { "msdb-agent.sql", "msdb-operators.sql", "msdb-mail.sql" }.SelectMany(Batches))
        {
            session.Query(batch);
        }

        session.Query("COMMIT TRANSACTION");
    }

    /// <summary>Reads an embedded script and splits it at its GO lines.</summary>
    private static IEnumerable<string> Batches(string name)
    {
        using Stream stream = typeof(SystemObjects).Assembly.GetManifestResourceStream("BizTalkDR.Lab.TSql.Scripts." + name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        var batch = new System.Text.StringBuilder();
        while (reader.ReadLine() is { } line)
        {
            if (line.Trim().Equals("GO", StringComparison.OrdinalIgnoreCase))
            {
                yield return batch.ToString();
                batch.Clear();
                continue;
            }

            batch.Append(line).Append('\n');
        }
    }
}

internal sealed partial class SqlSession
{
    /// <summary>Runs a batch of the server's own and gives its result sets; throws its first error.</summary>
    public IReadOnlyList<(IReadOnlyList<ResultColumn> Columns, List<object?[]> Rows)> Query(string text)
    {
        SqlMessage? failure = null;
        var sink = new CapturingSink(m => failure ??= m.IsError ? m : null);
        ExecuteBatch(text, sink, default);
        return failure is null ? sink.Results : throw new LabSqlException(failure);
    }
}
