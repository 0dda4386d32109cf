using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>Remembers what was sent, what was acknowledged and what was found after each start.</summary>
internal sealed class EngineLedger
{
    private readonly ConcurrentDictionary<int, (int[] Databases, bool Acknowledged)> _sent = [];

    /// <summary>Transactions known to be there, or known to be gone, since an earlier start.</summary>
    private readonly Dictionary<int, bool> _known = [];

    public int SentCount => _sent.Count;

    public int AcknowledgedCount => _sent.Count(s => s.Value.Acknowledged);

    /// <summary>Transactions without an acknowledgement that are there all the same.</summary>
    public int KeptCount => _sent.Count(s => !s.Value.Acknowledged && _known.GetValueOrDefault(s.Key));

    public void Sent(int id, int[] databases) => _sent[id] = (databases, false);

    public void Acknowledged(int id) => _sent[id] = (_sent[id].Databases, true);

    /// <summary>Compares what is there now with all that was said before.</summary>
    public IReadOnlyList<string> Compare(IReadOnlyList<HashSet<int>> found)
    {
        List<string> wrong = [];
        foreach ((int id, (int[] databases, bool acknowledged)) in _sent.OrderBy(s => s.Key))
        {
            bool[] there = [.. databases.Select(d => found[d].Contains(id))];
            if (there.Distinct().Count() > 1)
                wrong.Add($"transaction {id} is half there: {string.Join(", ", databases.Zip(there, (d, t) => EngineLoad.Databases[d].Name + "=" + t))}");
            else if (acknowledged && !there[0])
                wrong.Add($"transaction {id} was acknowledged and is gone");
            else if (_known.TryGetValue(id, out bool was) && was != there[0])
                wrong.Add($"transaction {id} was {(was ? "there" : "gone")} after an earlier start and is not now");
            _known[id] = there[0];
        }

        for (int d = 0; d < found.Count; d++)
            wrong.AddRange(found[d].Where(id => !_sent.TryGetValue(id, out (int[] Databases, bool) sent) || !sent.Databases.Contains(d)).Select(id => $"row {id} of {EngineLoad.Databases[d].Name} was never sent"));
        return wrong;
    }
}
