using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>One row of expected-headers.csv: a backup set and what its headers must say.</summary>
internal sealed class ExpectedHeader(Dictionary<string, string> values)
{
    public string File => values["file"];

    public int Position => int.Parse(values["position"], System.Globalization.CultureInfo.InvariantCulture);

    public string this[string column] => values[column];

    public IEnumerable<string> Columns => values.Keys;

    public override string ToString() => $"{File} #{Position}";

    public static IReadOnlyList<ExpectedHeader> ReadAll()
    {
        if (Samples.Folder is null)
            return [];
        string[] lines = System.IO.File.ReadAllLines(Path.Combine(Samples.Folder, "expected-headers.csv"));
        string[] columns = Split(lines[0]);
        return [.. lines.Skip(1).Where(l => l.Length > 0).Select(l =>
        {
            string[] cells = Split(l);
            if (cells.Length != columns.Length)
                throw new InvalidDataException($"The table of expected values has a row of {cells.Length} cells: {l}");
            return new ExpectedHeader(columns.Zip(cells).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal));
        })];
    }

    private static string[] Split(string line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        foreach (char c in line)
        {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
                cell.Append(c);
        }

        cells.Add(cell.ToString());
        return [.. cells];
    }
}
