using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>Says in what an object differs from the one that was kept; pure. Names alone: a value may be long or secret.</summary>
internal static class SqlObjectDifferences
{
    /// <summary>Finds an object by kind and name.</summary>
    public static SqlObject? Find(IEnumerable<SqlObject> objects, SqlObject wanted) => objects.FirstOrDefault(o => o.Kind == wanted.Kind && string.Equals(o.Name, wanted.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Names what differs; empty when nothing does.</summary>
    public static IReadOnlyList<string> Of(SqlObject kept, SqlObject there)
    {
        List<string> differences = kept.Values.Where(v => IsCompared(kept, v.Key, v.Value, there[v.Key]) && (v.Value ?? string.Empty) != (there[v.Key] ?? string.Empty)).Select(v => v.Key).ToList();
        foreach (SqlObject part in kept.Parts)
        {
            string name = $"{part.Kind} {part.Name}";
            if (Find(there.Parts, part) is { } same)
                differences.AddRange(Of(part, same).Select(d => $"{name}: {d}"));
            else
                differences.Add($"{name} is missing");
        }

        differences.AddRange(there.Parts.Where(p => Find(kept.Parts, p) is null).Select(p => $"{p.Kind} {p.Name} is new"));
        return differences;
    }

    /// <summary>Whether an object starts jobs by itself: it comes back disabled.</summary>
    public static bool ComesDisabled(SqlObject what) => what.Kind == SqlObjectKind.Job || (what.Kind == SqlObjectKind.Alert && what["job_name"] is not null);

    /// <summary>Whether it was to run when it was kept.</summary>
    public static bool WasEnabled(SqlObject what) => ComesDisabled(what) && what["enabled"] is { } enabled && enabled != "0";

    private static bool IsCompared(SqlObject kept, string name, string? value, string? there) =>
        value != SqlObjectSecrets.Elsewhere && !(name == "enabled" && ComesDisabled(kept)) && !(name == SqlObject.PasswordHash && (value is null || there is null));
}
