using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Restore;

/// <summary>Counts the members at work on each instance and volume, and says which may begin. Not safe for several threads.</summary>
internal sealed class MemberLanes(RestoreLimits limits, int atOnce)
{
    private readonly Dictionary<string, int> _instances = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _volumes = new(StringComparer.OrdinalIgnoreCase);
    private int _members;

    /// <summary>Lets a member begin when its instance and every volume it is known to lie on have room.</summary>
    public bool TryEnter(MemberPlan member)
    {
        if (_members >= Math.Max(1, atOnce) || Of(_instances, member.DestinationServer) >= Math.Max(1, limits.PerInstance) || member.Volumes.Any(v => Of(_volumes, v) >= Math.Max(1, limits.PerVolume)))
        {
            return false;
        }

        Count(member, 1);
        return true;
    }

    /// <summary>Takes a member out that has ended.</summary>
    public void Leave(MemberPlan member) => Count(member, -1);

    private static int Of(Dictionary<string, int> counts, string key) => counts.TryGetValue(key, out int count) ? count : 0;

    private void Count(MemberPlan member, int change)
    {
        _members += change;
        _instances[member.DestinationServer] = Of(_instances, member.DestinationServer) + change;
        foreach (string volume in member.Volumes)
        {
            _volumes[volume] = Of(_volumes, volume) + change;
        }
    }
}
