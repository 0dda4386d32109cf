using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <remarks>This part counts what statements did to the table since the instance started.</remarks>
public sealed partial class LabTable
{
    private readonly Dictionary<int, (long Updates, DateTime Last)> _use = [];

    /// <summary>Statements that changed the table, for each of its indexes that took part (0 = the heap), whether or not they changed a row.</summary>
    public IReadOnlyList<(int IndexId, long Updates, DateTime Last)> Use
    {
        get
        {
            lock (Database.Gate)
            {
                HashSet<int> there = [.. IndexIds(null)];
                return [.. _use.Where(u => there.Contains(u.Key)).OrderBy(u => u.Key).Select(u => (u.Key, u.Value.Updates, u.Value.Last))];
            }
        }
    }

    /// <summary>Counts one statement.</summary>
    /// <param name="columns">Columns that an UPDATE assigns: indexes without them take no part; null for a statement that concerns whole rows.</param>
    internal void CountUse(IReadOnlyCollection<string>? columns)
    {
        lock (Database.Gate)
        {
            foreach (int id in IndexIds(columns))
            {
                _use[id] = (_use.GetValueOrDefault(id).Updates + 1, Database.Instance.Now);
            }
        }
    }

    private IEnumerable<int> IndexIds(IReadOnlyCollection<string>? columns)
    {
        if (!Def.Indexes.Exists(i => i.IsClustered))
        {
            yield return 0;
        }

        foreach (IndexDef index in Def.Indexes.Where(i => i.IsClustered || columns is null || i.Columns.Exists(c => columns.Contains(c.Column, StringComparer.OrdinalIgnoreCase))))
        {
            yield return index.IndexId;
        }
    }
}
