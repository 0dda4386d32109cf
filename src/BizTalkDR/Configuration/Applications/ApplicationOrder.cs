using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Applications;

/// <summary>Puts applications behind those they reference.</summary>
internal static class ApplicationOrder
{
    /// <summary>Sorts: what is referenced comes first; otherwise by name. References to applications that are not in the list count for nothing.</summary>
    /// <typeparam name="T">An application.</typeparam>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.ApplicationReferencesInvalid"/>: they reference each other in a circle.</exception>
    public static IReadOnlyList<T> Sort<T>(IReadOnlyCollection<T> applications, Func<T, string> nameOf, Func<T, IEnumerable<string>> referencesOf)
    {
        Dictionary<string, T> byName = applications.ToDictionary(nameOf, StringComparer.OrdinalIgnoreCase);
        List<T> sorted = [];
        HashSet<string> done = new(StringComparer.OrdinalIgnoreCase);
        List<string> path = [];
        foreach (string name in byName.Keys.OrderBy(n => n, StringComparer.OrdinalIgnoreCase))
            Visit(name);
        return sorted;

        void Visit(string name)
        {
            if (done.Contains(name) || !byName.TryGetValue(name, out T? application))
                return;
            if (path.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new RecoveryException(
                    RecoveryError.ApplicationReferencesInvalid, name, $"These applications reference each other in a circle, so none can be imported first: {string.Join(" -> ", path.SkipWhile(p => !string.Equals(p, name, StringComparison.OrdinalIgnoreCase)))} -> {name}.");
            }

            path.Add(name);
            foreach (string reference in referencesOf(application).OrderBy(r => r, StringComparer.OrdinalIgnoreCase))
                Visit(reference);
            path.RemoveAt(path.Count - 1);
            done.Add(name);
            sorted.Add(application);
        }
    }
}
