using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Machine;

/// <summary>A value of the registry that is another one than was kept.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Kept">As it was kept.</param>
/// <param name="There">As it is; null when it is not there.</param>
internal sealed record ValueDifference(string Key, RegistryValue Kept, RegistryValue? There)
{
    public override string ToString() => $@"{Key}\{(Kept.Name.Length == 0 ? "(default)" : Kept.Name)} {(There is null ? "is not there" : "is another value")}";
}

/// <summary>Says in what a computer differs from what was kept; pure.</summary>
internal static class MachineDifferences
{
    /// <summary>Values that were kept and are not so. One that came later is no difference: another program may have written it.</summary>
    public static IReadOnlyList<ValueDifference> OfKeys(IReadOnlyList<RegistryKeyText> kept, IReadOnlyList<RegistryKeyText> there)
    {
        List<ValueDifference> differences = [];
        foreach (RegistryKeyText key in kept)
        {
            IReadOnlyList<RegistryValue> values = there.FirstOrDefault(t => string.Equals(t.Key, key.Key, StringComparison.OrdinalIgnoreCase))?.Values ?? [];
            foreach (RegistryValue value in key.Values)
            {
                RegistryValue? now = values.FirstOrDefault(v => string.Equals(v.Name, value.Name, StringComparison.OrdinalIgnoreCase));
                if (now is null || !RegistryText.Same(now, value))
                    differences.Add(new ValueDifference(key.Key, value, now));
            }
        }

        return differences;
    }

    /// <summary>Says why a service is not as it was kept; null when it is. Its state is no setting.</summary>
    public static string? OfService(KeptService kept, ServiceInfo? there) => there is null ? "the service is not there"
        : !string.Equals(there.Account, kept.Account, StringComparison.OrdinalIgnoreCase) ? $"it runs as {there.Account}, not as {kept.Account}"
        : there.Start != kept.Start ? $"it starts {there.Start}, not {kept.Start}" : null;

    /// <summary>Lines that were kept and are not there; white space, case, comments and empty lines are none.</summary>
    public static IReadOnlyList<string> MissingLines(string kept, string there)
    {
        HashSet<string> known = new(Lines(there).Select(Normal), StringComparer.OrdinalIgnoreCase);
        return Lines(kept).Where(l => known.Add(Normal(l))).ToList();
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#');

    private static string Normal(string line) => string.Join(" ", line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
