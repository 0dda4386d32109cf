using System;
using System.Collections.Generic;

namespace BizTalkDR.Restore;

/// <summary>A mark, and whether every member's files reach it.</summary>
/// <param name="Mark">The mark.</param>
/// <param name="MarkTimeUtc">Its stamp; UTC is the group's default.</param>
/// <param name="Chains">One chain for each member that can reach it.</param>
/// <param name="Faults">Why the others cannot.</param>
public sealed record RecoveryPoint(string Mark, DateTime MarkTimeUtc, IReadOnlyList<MemberChain> Chains, IReadOnlyList<ChainFault> Faults)
{
    /// <summary>Whether every member reaches it.</summary>
    public bool IsReachable => Faults.Count == 0 && Chains.Count > 0;

    /// <summary>Why not, one line for each member; empty when it is reachable.</summary>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            var reasons = new List<string>(Faults.Count);
            foreach (ChainFault fault in Faults)
            {
                reasons.Add(fault.ToString());
            }

            return reasons;
        }
    }

    /// <summary>Gives mark and reachability.</summary>
    public override string ToString() => IsReachable ? $"{Mark}: {Chains.Count} members reach it" : $"{Mark}: not reachable: {string.Join("; ", Faults)}";
}
