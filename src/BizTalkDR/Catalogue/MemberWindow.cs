using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Catalogue;

/// <summary>Says, set by set, who belonged to the group when only files are known.</summary>
/// <remarks>
/// Whoever appears in the last full set or in any set after it is a member: a member that one set lacks is then noticed, and one
/// that was taken out of the group stops counting two full sets later at the latest. One whose place a database of the same family
/// takes under another name was renamed or moved.
/// </remarks>
internal sealed class MemberWindow(Func<MemberKey, MemberKey, bool> sameDatabase)
{
    private HashSet<MemberKey> _sinceLastFull = [];

    /// <summary>The members at the set added last.</summary>
    public IReadOnlyCollection<MemberKey> Members { get; private set; } = new HashSet<MemberKey>();

    /// <summary>Goes on to the next set.</summary>
    public void Add(BackupSetKind kind, IEnumerable<MemberKey> members)
    {
        HashSet<MemberKey> own = [.. members];
        List<MemberKey> appeared = own.Where(m => !_sinceLastFull.Contains(m)).ToList();
        var all = new HashSet<MemberKey>(_sinceLastFull.Where(m => own.Contains(m) || !appeared.Exists(a => sameDatabase(a, m))));
        all.UnionWith(own);
        Members = all;
        _sinceLastFull = kind == BackupSetKind.Full ? own : all;
    }
}
