using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    // Seconds. Whoever looks waits for nobody.
    private const int ActivityTimeoutSeconds = 15;

    private const int ObjectColumns = 6;
    private const int MarkColumns = 2;

    /// <inheritdoc/>
    public InstanceActivity? ReadActivity(IReadOnlyCollection<string> databases, CancellationToken cancellationToken = default)
    {
        List<string> names = [.. databases];
        List<List<object?[]>> sets = QuerySets("Looking at what is at work", ActivityText.Everything(names.Count), cancellationToken, [.. Named(names)]);
        if (sets.Count == 0)
        {
            return null;
        }

        List<string> online = names.FindAll(n => sets[1].Exists(r => IsOf(r, n)));
        ILookup<int, object?[]> contents = ContentsOf(online, cancellationToken);
        return new InstanceActivity(
            (DateTime)sets[0][0][0]!,
            [
                .. online.Select(n => new DatabaseActivity(n)
                {
                    Updates = sets[2].Where(r => IsOf(r, n)).ToDictionary(TableOf, r => Number(r[4]), StringComparer.Ordinal),
                    OpenWriters = (int)sets[3].Where(r => IsOf(r, n)).Sum(r => Number(r[1])),
                    WriteTransactions = sets[4].Where(r => IsOf(r, n)).Select(r => (long?)Number(r[1])).FirstOrDefault(),
                    Sessions = [.. sets[5].Where(r => IsOf(r, n)).Select(r => $"{Word(r[1], "a program without a name")} on {Word(r[2], "an unknown computer")}").Distinct(StringComparer.Ordinal).OrderBy(s => s, StringComparer.Ordinal)],
                    Objects = ObjectsOf(contents[ObjectColumns].Where(r => IsOf(r, n))),
                    NewestMark = (string?)contents[MarkColumns].FirstOrDefault(r => IsOf(r, n))?[1],
                }),
            ]);
    }

    private static IEnumerable<(string Name, object? Value)> Named(List<string> databases) => databases.Select((n, i) => (FormattableString.Invariant($"@d{i}"), (object?)n));

    private static bool IsOf(object?[] row, string database) => string.Equals(row[0] as string, database, StringComparison.OrdinalIgnoreCase);

    // One whose name is not told is told apart by its number all the same.
    private static string TableOf(object?[] row) => row[1] is string schema && row[2] is string name ? $"{schema}.{name}" : FormattableString.Invariant($"object {row[3]}");

    private static long Number(object? value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);

    private static string Word(object? value, string otherwise) => value is string { Length: > 0 } text ? text.Trim() : otherwise;

    private static Dictionary<string, string> ObjectsOf(IEnumerable<object?[]> rows)
    {
        var objects = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (object?[] row in rows)
        {
            objects[FormattableString.Invariant($"{row[1]}.{row[2]}")] = FormattableString.Invariant($"{row[3]}, {row[4]:O}, {row[5]}");
        }

        return objects;
    }

    // Marks that may not be read are not "none": the proof behind a restore compares them.
    private ILookup<int, object?[]> ContentsOf(List<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return Array.Empty<object?[]>().ToLookup(r => r.Length);
        }

        IEnumerable<(string Name, object? Value)> tables = names.Select((n, i) => (FormattableString.Invariant($"@t{i}"), (object?)$"{SqlText.Name(n)}.dbo.MarkLog"));
        return QuerySets("Reading objects and the newest marks", ActivityText.Contents(names), cancellationToken, [.. Named(names), .. tables]).SelectMany(s => s).ToLookup(r => r.Length);
    }

    private List<List<object?[]>> QuerySets(string what, string text, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        using SqlCommand command = Command(text, parameters);
        command.CommandTimeout = ActivityTimeoutSeconds;
        return Guarded(what, command, () =>
        {
            var sets = new List<List<object?[]>>();
            using SqlDataReader reader = command.ExecuteReader();
            do
            {
                if (reader.FieldCount > 0)
                {
                    sets.Add(RowsOf(reader));
                }
            }
            while (reader.NextResult());
            return sets;
        }, cancellationToken);
    }

    private static List<object?[]> RowsOf(SqlDataReader reader)
    {
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            var row = new object?[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            }

            rows.Add(row);
        }

        return rows;
    }
}
