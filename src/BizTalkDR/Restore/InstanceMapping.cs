using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Restore;

/// <summary>Says which source instance goes to which destination.</summary>
public static class InstanceMapping
{
    /// <summary>Maps every source instance.</summary>
    /// <param name="sources">Real names of the source instances.</param>
    /// <param name="request">Destinations and, if given, the map.</param>
    /// <param name="facts">What is known of the destinations; a map may name them as typed or by their real name.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.InstanceMapIncomplete"/>.</exception>
    public static IReadOnlyDictionary<string, DestinationFacts> Map(IEnumerable<string> sources, RestoreRequest request, IReadOnlyList<DestinationFacts> facts)
    {
        List<string> ordered = sources.Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(s => s, StringComparer.OrdinalIgnoreCase).ToList();
        var map = new Dictionary<string, DestinationFacts>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < ordered.Count; i++)
        {
            map.Add(ordered[i], DestinationOf(ordered, i, request, facts));
        }

        return map;
    }

    private static DestinationFacts DestinationOf(List<string> sources, int index, RestoreRequest request, IReadOnlyList<DestinationFacts> facts)
    {
        string source = sources[index];
        if (request.InstanceMap.Count > 0)
        {
            string? target = request.InstanceMap.FirstOrDefault(e => string.Equals(e.Key, source, StringComparison.OrdinalIgnoreCase)).Value
                ?? throw new RecoveryException(RecoveryError.InstanceMapIncomplete, source, $"The instance map names no destination for the source instance '{source}'.");
            return facts.FirstOrDefault(f => Is(f, target))
                ?? throw new RecoveryException(RecoveryError.InstanceMapIncomplete, target, $"The instance map sends '{source}' to '{target}', which is none of the destinations.");
        }

        if (facts.Count == 1)
        {
            return facts[0];
        }

        return facts.Count == sources.Count
            ? facts[index]
            : throw new RecoveryException(
                RecoveryError.InstanceMapIncomplete, source, $"There are {sources.Count} source instances ({string.Join(", ", sources)}) and {facts.Count} destinations: which goes where is not clear.");
    }

    private static bool Is(DestinationFacts facts, string name) =>
        string.Equals(facts.Address.Name, name, StringComparison.OrdinalIgnoreCase) || string.Equals(facts.Identity.ServerName, name, StringComparison.OrdinalIgnoreCase);
}
