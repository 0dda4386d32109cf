using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace BizTalkDR.Lab.Group;

/// <summary>One seeded piece of business: which members it writes, with which statements and content.</summary>
/// <param name="Id">Identifier; the row has it in every member.</param>
/// <param name="Members">Members in the order of the group, on two instances whenever the group has two.</param>
/// <param name="Payload">Content of the row.</param>
/// <param name="Statements">The inserts, for a session on the coordinating instance; parameters @Id and @Payload.</param>
internal sealed record BusinessTransaction(long Id, IReadOnlyList<MemberDefinition> Members, string Payload, string Statements)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789 ";

    /// <summary>Makes the transaction with this number: the same for the same seed, whoever runs it and when.</summary>
    public static BusinessTransaction Create(GroupDefinition group, WorkloadOptions options, long id, string coordinator)
    {
        Random random = new(Mix(options.Seed, id));
        HashSet<MemberDefinition> chosen = [];
        foreach (string server in group.Servers)
        {
            MemberDefinition[] here = group.Members.Where(member => SameServer(member.Server, server)).ToArray();
            if (here.Length > 0)
                chosen.Add(here[random.Next(here.Length)]);
        }

        int count = Math.Min(random.Next(options.MembersAtLeast, options.MembersAtMost + 1), group.Members.Count);
        while (chosen.Count < count)
            chosen.Add(group.Members[random.Next(group.Members.Count)]);

        // Every transaction takes its locks in the same order, so none waits for another in a circle.
        MemberDefinition[] members = group.Members.Where(chosen.Contains).ToArray();
        StringBuilder statements = new();
        foreach (MemberDefinition member in members)
        {
            string place = (SameServer(member.Server, coordinator) ? string.Empty : Quote(member.Server) + ".") + Quote(member.Database) + ".[dbo].";
            statements.AppendLine(random.Next(2) == 0
                ? $"INSERT INTO {place}[LabWork] ([Id], [Payload]) VALUES (@Id, @Payload);"
                : $"EXEC {place}[LabWork_Write] @Id, @Payload;");
        }

        return new BusinessTransaction(id, members, Text(random, id), statements.ToString());
    }

    private static bool SameServer(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string Quote(string name) => "[" + name.Replace("]", "]]", StringComparison.Ordinal) + "]";

    private static string Text(Random random, long id)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"order {id}: ");
        int length = random.Next(40, 320);
        for (int i = 0; i < length; i++)
            text.Append(Letters[random.Next(Letters.Length)]);
        return text.ToString();
    }

    // HashCode.Combine is seeded anew in each process; this is not.
    private static int Mix(int seed, long id)
    {
        ulong value = ((ulong)(uint)seed << 32) ^ (ulong)id;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return (int)((value ^ (value >> 31)) & 0x7FFFFFFF);
    }
}
