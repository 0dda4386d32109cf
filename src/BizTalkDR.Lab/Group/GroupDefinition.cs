using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Group;

/// <summary>Describes a practice group: which databases, on which instances, of which size.</summary>
public sealed record GroupDefinition
{
    /// <summary>What the job says as long as nobody has configured it (backup-job.md §2).</summary>
    public const string UnconfiguredPath = "<destination path>";

    /// <summary>Name of the Management database of a group with the usual names.</summary>
    public const string DefaultManagementDatabase = "BizTalkMgmtDb";

    public string Name { get; init; } = "BizTalk Group";

    /// <summary>Network names of the instances; the first one holds the Management database.</summary>
    public required IReadOnlyList<string> Servers { get; init; }

    /// <summary>The members in the order in which every business transaction writes them.</summary>
    public required IReadOnlyList<MemberDefinition> Members { get; init; }

    /// <summary>Name of the only BizTalk computer, which is the master secret server as well.</summary>
    public string BizTalkComputer { get; init; } = "LABBTS1";

    public string MarkName { get; init; } = "BTS";

    /// <summary>Destination in steps 2 and 3 of the job.</summary>
    public string JobBackupPath { get; init; } = UnconfiguredPath;

    public MemberDefinition Management => Members.Single(member => member.Role == MemberRole.Management);

    /// <summary>Gives the group of eight databases with their usual names over two instances.</summary>
    public static GroupDefinition Default(string firstServer, string secondServer, long fillerBytes = MemberDefinition.DefaultFillerBytes) => new()
    {
        Servers = [firstServer, secondServer],
        Members =
        [
            new(MemberRole.Management, DefaultManagementDatabase, firstServer, fillerBytes),
            new(MemberRole.MessageBox, "BizTalkMsgBoxDb", firstServer, fillerBytes),
            new(MemberRole.Sso, "SSODB", firstServer, fillerBytes),
            new(MemberRole.RuleEngine, "BizTalkRuleEngineDb", firstServer, fillerBytes),
            new(MemberRole.MessageBox, "BizTalkMsgBoxDb2", secondServer, fillerBytes),
            new(MemberRole.Tracking, "BizTalkDTADb", secondServer, fillerBytes),
            new(MemberRole.BamPrimaryImport, "BAMPrimaryImport", secondServer, fillerBytes),
            new(MemberRole.Custom, "OrdersDb", secondServer, fillerBytes),
        ],
    };

    /// <summary>Refuses a group that no BizTalk group could be.</summary>
    /// <exception cref="ArgumentException">The message says which rule is broken.</exception>
    public void Validate()
    {
        Require(Servers.Count > 0, "A group needs at least one instance.");
        Require(Unique(Servers), "The instances of a group need different names.");
        Require(Count(MemberRole.Management) == 1, "A group has exactly one Management database.");
        Require(string.Equals(Management.Server, Servers[0], StringComparison.OrdinalIgnoreCase), "The Management database lives on the first instance.");
        Require(Count(MemberRole.MessageBox) > 0, "A group has at least one MessageBox.");
        foreach (MemberRole role in (MemberRole[])[MemberRole.Tracking, MemberRole.Sso, MemberRole.RuleEngine, MemberRole.BamPrimaryImport])
            Require(Count(role) <= 1, $"A group has at most one database of the role {role}.");
        Require(Count(MemberRole.Tracking) == 1, "A group has a Tracking database.");
        Require(Unique(Members.Select(member => member.Key)), "Two members have the same name on the same instance.");
        Require(Unique(Members.Where(member => member.Role == MemberRole.Custom).Select(member => member.Database)), "Two custom databases have the same name.");
        foreach (MemberDefinition member in Members)
        {
            Require(member.Database.Length is > 0 and <= 128, $"The name '{member.Database}' is empty or longer than 128 characters.");
            Require(member.Server.Length is > 0 and <= 80, $"The server name '{member.Server}' is empty or longer than 80 characters.");
            Require(member.FillerBytes >= 0, $"The size of {member.Database} is negative.");
            Require(Servers.Contains(member.Server, StringComparer.OrdinalIgnoreCase), $"{member.Database} lives on '{member.Server}', which is not an instance of the group.");
        }
    }

    /// <summary>Gives the first member of a role; null when the group has none.</summary>
    public MemberDefinition? Find(MemberRole role) => Members.FirstOrDefault(member => member.Role == role);

    private static bool Unique(IEnumerable<string> names)
    {
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        return names.All(seen.Add);
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }

    private int Count(MemberRole role) => Members.Count(member => member.Role == role);
}
