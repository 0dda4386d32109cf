using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>A small group over two instances, for tests that end them.</summary>
internal static class KillGroup
{
    public static GroupDefinition Definition => new()
    {
        Servers = ["KILL1", "KILL2"],
        Members =
        [
            new(MemberRole.Management, "BizTalkMgmtDb", "KILL1", 0),
            new(MemberRole.MessageBox, "BizTalkMsgBoxDb", "KILL1", 0),
            new(MemberRole.Tracking, "BizTalkDTADb", "KILL2", 0),
            new(MemberRole.Sso, "SSODB", "KILL2", 0),
        ],
    };

    /// <summary>SqlClient knocks at the port of a dead instance until its timeout.</summary>
    public static Dictionary<string, string> Connections(LabEnvironment environment) =>
        environment.ConnectionStrings.ToDictionary(c => c.Key, c => new SqlConnectionStringBuilder(c.Value) { ConnectTimeout = 3 }.ConnectionString);

    /// <summary>Compares every member with what was sent and acknowledged.</summary>
    public static async Task<LedgerReport> CheckAsync(LabEnvironment environment, GroupDefinition group, Ledger ledger)
    {
        Dictionary<string, IReadOnlySet<long>> found = new(StringComparer.Ordinal);
        foreach (MemberDefinition member in group.Members)
            found[member.Key] = await LedgerCheck.ReadAsync(environment.ConnectionStrings[member.Server], member.Database);
        return LedgerCheck.AtEnd(Ledger.Read(ledger.Path), found);
    }
}
