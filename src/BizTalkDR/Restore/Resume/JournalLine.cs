using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace BizTalkDR.Restore;

/// <summary>One line of a journal.</summary>
/// <param name="Event">What happened.</param>
/// <param name="TimeUtc">When.</param>
/// <param name="Details">Everything else it says.</param>
public sealed record JournalLine(string Event, DateTime? TimeUtc, IReadOnlyDictionary<string, string?> Details)
{
    /// <summary>One of its details; null when it does not say.</summary>
    public string? this[string name] => Details.TryGetValue(name, out string? value) ? value : null;

    /// <summary>Reads a line; null when it is no whole line of a journal.</summary>
    internal static JournalLine? TryParse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("schemaVersion", out JsonElement version) || !version.TryGetInt32(out int number) || number != RestoreJournalFile.SchemaVersion
                || !root.TryGetProperty("event", out JsonElement what) || what.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            var details = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (JsonProperty property in root.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null))
            {
                details[property.Name] = property.Value.GetString();
            }

            DateTime? time = root.TryGetProperty("timeUtc", out JsonElement stamp) && stamp.TryGetDateTime(out DateTime value) ? value : null;
            return new JournalLine(what.GetString()!, time, details);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
