using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Text.Json;
using System.Xml.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Applications;

/// <summary>A value of ports that is another one at the destination.</summary>
/// <param name="From">Text as it is in the backup.</param>
/// <param name="To">Text that takes its place.</param>
public sealed record BindingsMapValue(string From, string To)
{
    /// <summary>Send port or receive location; null for all.</summary>
    public string? Port { get; init; }
}

/// <summary>The operator's list of values that differ at the destination.</summary>
/// <param name="SchemaVersion">Version of the form; 1.</param>
/// <param name="Values">In the order in which they are applied.</param>
public sealed record BindingsMap(int SchemaVersion, IReadOnlyList<BindingsMapValue> Values)
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads the JSON text of a map.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.BindingsMapInvalid"/>.</exception>
    public static BindingsMap Parse(string json, string name)
    {
        try
        {
            BindingsMap? map = JsonSerializer.Deserialize<BindingsMap>(json, s_options);
            if (map is not { SchemaVersion: 1, Values: not null })
                throw Invalid(name, "its schemaVersion is not 1, or it has no values");
            return map.Values.Any(v => v is not { From.Length: > 0, To: not null }) ? throw Invalid(name, "an entry lacks 'from' or 'to'") : map;
        }
        catch (Exception damaged) when (damaged is JsonException or NotSupportedException)
        {
            throw Invalid(name, damaged.Message, damaged);
        }
    }

    /// <summary>Replaces values in addresses and in the configuration of adapters.</summary>
    /// <param name="bindings">The file that is changed.</param>
    /// <returns>The ports that were changed.</returns>
    internal IReadOnlyCollection<string> ApplyTo(BindingFile bindings)
    {
        HashSet<string> changed = new(StringComparer.OrdinalIgnoreCase);
        foreach (BoundTransport transport in bindings.Transports)
        {
            foreach (BindingsMapValue value in Values.Where(v => v.Port is null || string.Equals(v.Port, transport.Port, StringComparison.OrdinalIgnoreCase)))
            {
                // The configuration of an adapter is XML as text: a value stands in it with its own escapes.
                if (Replace(transport.Address, value.From, value.To) | Replace(transport.Data, SecurityElement.Escape(value.From), SecurityElement.Escape(value.To)))
                    changed.Add(transport.Port);
            }
        }

        return changed;
    }

    /// <summary>Refuses a map that does not fit what is kept: a value that is found nowhere would be a value that stays the old one.</summary>
    /// <param name="bindings">All binding files that are kept.</param>
    /// <param name="name">What the map is called, for messages.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.BindingsMapInvalid"/>.</exception>
    internal void RequireUsed(IEnumerable<BindingFile> bindings, string name)
    {
        List<BoundTransport> all = bindings.SelectMany(b => b.Transports).ToList();
        BindingsMapValue? unused = Values.FirstOrDefault(v => !all.Exists(t =>
            (v.Port is null || string.Equals(v.Port, t.Port, StringComparison.OrdinalIgnoreCase)) && (Holds(t.Address, v.From) || Holds(t.Data, SecurityElement.Escape(v.From)))));
        if (unused is not null)
            throw Invalid(name, $"'{unused.From}' stands in no address and no adapter's configuration{(unused.Port is null ? string.Empty : " of " + unused.Port)}");
    }

    private static bool Holds(XElement? element, string text) => element is not null && element.Value.IndexOf(text, StringComparison.Ordinal) >= 0;

    private static bool Replace(XElement? element, string from, string to)
    {
        if (!Holds(element, from))
            return false;
        element!.Value = element.Value.Replace(from, to);
        return true;
    }

    private static RecoveryException Invalid(string name, string why, Exception? cause = null) =>
        new(RecoveryError.BindingsMapInvalid, name, $"The bindings map {name} cannot be used: {why}. Nothing was changed.", null, cause);
}
