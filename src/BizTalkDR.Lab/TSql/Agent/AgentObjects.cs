using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Puts SQL Server Agent's tables and procedures into msdb of a new instance.</summary>
internal static class AgentObjects
{
    private const string Resource = "BizTalkDR.Lab.TSql.Scripts.msdb-agent.sql";

    public static void Ensure(LabSqlServer server)
    {
        LabDatabase msdb = server.Instance.Find("msdb")!;
        if (msdb.State != DatabaseState.Online || msdb.FindTable("dbo", "sysjobs") is not null)
        {
            return;
        }

        using SqlSession session = server.OpenInternal(LoginRecord.BuiltInAdministrator.Name, msdb, "Set-up");
        foreach (string batch in Batches())
        {
            SqlMessage? error = null;
            session.ExecuteBatch(batch, new CapturingSink(message => error ??= message.IsError ? message : null), CancellationToken.None);
            if (error is not null)
            {
                throw new InvalidOperationException($"The lab's own set-up of msdb failed: {error.Number} {error.Text}");
            }
        }
    }

    private static IEnumerable<string> Batches()
    {
        using Stream stream = typeof(AgentObjects).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The program lacks {Resource}.");
        using var reader = new StreamReader(stream);
        string text = reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal);
        return text.Split("\nGO\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(batch => batch.Length > 0).ToList();
    }
}
