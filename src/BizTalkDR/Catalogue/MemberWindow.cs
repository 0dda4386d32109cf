using System.Collections.Generic;

namespace BizTalkDR.Catalogue;

/// <summary>Says, set by set, who belonged to the group when only files are known.</summary>
/// <remarks>
/// Whoever appears in the last full set or in any set after it is a member: a member that one set lacks is then noticed, and one
/// that was taken out of the group stops counting two full sets later at the latest.
/// </remarks>
internal sealed class MemberWindow
{
    private HashSet<MemberKey> _sinceLastFull = [];

    /// <summary>The members at the set added last.</summary>
    public IReadOnlyCollection<MemberKey> Members { get; private set; } = new HashSet<MemberKey>();

    /// <summary>Goes on to the next set.</summary>
    public void Add(BackupSetKind kind, IEnumerable<MemberKey> members)
    {
        HashSet<MemberKey> own = [.. members];
        var all = new HashSet<MemberKey>(_sinceLastFull);
        all.UnionWith(own);
        Members = all;
        _sinceLastFull = kind == BackupSetKind.Full ? own : all;
    }
}
