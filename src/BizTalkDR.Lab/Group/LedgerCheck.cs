using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Group;

/// <summary>The second opinion on a recovered group: what the ledger says against what the members hold.</summary>
/// <remarks>Shares no code with the product and asks the servers nothing but the identifiers of the business rows.</remarks>
public static class LedgerCheck
{
    private enum Verdict : byte
    {
        Inside, Outside, Undecided,
    }

    /// <summary>Compares a group that was recovered to a mark.</summary>
    /// <param name="entries">The ledger.</param>
    /// <param name="mark">Name of the mark the group was recovered to.</param>
    /// <param name="found">Identifiers by member key.</param>
    /// <exception cref="ArgumentException">The ledger knows no such mark, or a member it names was not read.</exception>
    public static LedgerReport AtMark(IReadOnlyList<LedgerEntry> entries, string mark, IReadOnlyDictionary<string, IReadOnlySet<long>> found)
    {
        int returned = IndexOf(entries, entry => entry.Event == LedgerEvent.MarkReturned && string.Equals(entry.Mark, mark, StringComparison.Ordinal));
        if (returned < 0)
            throw new ArgumentException($"The ledger knows no mark '{mark}'.", nameof(mark));
        long number = entries[returned].Id;
        int began = IndexOf(entries, entry => entry.Event == LedgerEvent.MarkBegan && entry.Id == number);
        if (began < 0)
            throw new ArgumentException($"The ledger does not say when mark '{mark}' began.", nameof(entries));
        return Compare(entries, began, returned, found);
    }

    /// <summary>Compares a group that was never taken back: all that was acknowledged is there.</summary>
    public static LedgerReport AtEnd(IReadOnlyList<LedgerEntry> entries, IReadOnlyDictionary<string, IReadOnlySet<long>> found) =>
        Compare(entries, entries.Count, entries.Count, found);

    /// <summary>Reads the identifiers a member holds.</summary>
    /// <exception cref="InvalidDataException">An identifier came twice.</exception>
    public static async Task<IReadOnlySet<long>> ReadAsync(string connectionString, string database, CancellationToken cancellation = default)
    {
        SqlConnectionStringBuilder builder = new(connectionString) { InitialCatalog = database, Pooling = false };
        using SqlConnection connection = new(builder.ConnectionString);
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        using SqlCommand command = new("SELECT Id FROM dbo.LabWork;", connection);
        using SqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        HashSet<long> identifiers = [];
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            if (!identifiers.Add(reader.GetInt64(0)))
                throw new InvalidDataException($"{database} holds the row {reader.GetInt64(0)} twice.");
        }

        return identifiers;
    }

    private static LedgerReport Compare(IReadOnlyList<LedgerEntry> entries, int began, int returned, IReadOnlyDictionary<string, IReadOnlySet<long>> found)
    {
        Dictionary<string, HashSet<long>> expected = found.Keys.ToDictionary(member => member, _ => new HashSet<long>(), StringComparer.Ordinal);
        List<long> halves = [];
        int undecided = 0;
        foreach ((long id, IReadOnlyList<string> members, Verdict verdict) in Judge(entries, began, returned))
        {
            if (members.FirstOrDefault(member => !found.ContainsKey(member)) is { } unread)
                throw new ArgumentException($"The ledger names the member '{unread}', which was not read.", nameof(found));
            int seen = members.Count(member => found[member].Contains(id));
            if (seen > 0 && seen < members.Count)
                halves.Add(id);
            if (verdict == Verdict.Undecided)
                undecided++;
            // An undecided transaction that is found anywhere has to be everywhere.
            if (verdict == Verdict.Inside || (verdict == Verdict.Undecided && seen > 0))
            {
                foreach (string member in members)
                    expected[member].Add(id);
            }
        }

        List<MemberComparison> comparisons = found
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new MemberComparison(
                pair.Key,
                expected[pair.Key].Count,
                pair.Value.Count,
                expected[pair.Key].Where(id => !pair.Value.Contains(id)).Order().ToList(),
                pair.Value.Where(id => !expected[pair.Key].Contains(id)).Order().ToList()))
            .ToList();
        return new LedgerReport(comparisons, halves, undecided);
    }

    // Acknowledged before the mark began: in. Sent after it returned, or refused: out. All else: in or out, but wholly.
    private static IEnumerable<(long Id, IReadOnlyList<string> Members, Verdict Verdict)> Judge(IReadOnlyList<LedgerEntry> entries, int began, int returned)
    {
        Dictionary<long, (LedgerEvent Event, int Line)> outcomes = [];
        for (int line = 0; line < entries.Count; line++)
        {
            if (entries[line].Event is LedgerEvent.Acknowledged or LedgerEvent.Failed or LedgerEvent.Unknown && !outcomes.TryAdd(entries[line].Id, (entries[line].Event, line)))
                throw new ArgumentException($"Transaction {entries[line].Id} has two outcomes in the ledger.", nameof(entries));
        }

        HashSet<long> seen = [];
        for (int line = 0; line < entries.Count; line++)
        {
            LedgerEntry entry = entries[line];
            if (entry.Event != LedgerEvent.Sent)
                continue;
            if (!seen.Add(entry.Id))
                throw new ArgumentException($"Transaction {entry.Id} was sent twice.", nameof(entries));
            (LedgerEvent outcome, int answered) = outcomes.GetValueOrDefault(entry.Id, (LedgerEvent.Unknown, entries.Count));
            Verdict verdict = outcome switch
            {
                LedgerEvent.Failed => Verdict.Outside,
                _ when line > returned => Verdict.Outside,
                LedgerEvent.Acknowledged when answered < began => Verdict.Inside,
                _ => Verdict.Undecided,
            };
            yield return (entry.Id, entry.Members ?? [], verdict);
        }
    }

    private static int IndexOf(IReadOnlyList<LedgerEntry> entries, Func<LedgerEntry, bool> condition)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (condition(entries[i]))
                return i;
        }

        return -1;
    }
}
