using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Catalogue;

/// <summary>Says, set by set, who belonged to the group when only files are known.</summary>
/// <remarks>
/// Whoever appears in the last full set or in any set after it is a member: a member that one set lacks is then noticed, and one
/// that was taken out of the group stops counting two full sets later at the latest. One whose place a database of the same family
/// takes under another name was renamed or moved. Whom a manifest names is a member until a newer manifest does not name it any more:
/// that all its files are gone says nothing about the group. For the sets before the first manifest that goes for those without any file.
/// </remarks>
internal sealed class MemberWindow(Func<MemberKey, MemberKey, bool> sameDatabase, IEnumerable<MemberKey> lost)
{
    private HashSet<MemberKey> _sinceLastFull = [];
    private HashSet<MemberKey> _named = [.. lost];

    /// <summary>The members at the set added last.</summary>
    public IReadOnlyCollection<MemberKey> Members { get; private set; } = [];

    /// <summary>Goes on to the next set.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="members">Who has a file in it.</param>
    /// <param name="named">Whom its manifest names; null when it has none.</param>
    public void Add(BackupSetKind kind, IEnumerable<MemberKey> members, IEnumerable<MemberKey>? named = null)
    {
        HashSet<MemberKey> own = [.. members];
        if (named is not null)
        {
            _named = [.. named];
            _sinceLastFull = [];
        }

        List<MemberKey> appeared = own.Where(m => !_sinceLastFull.Contains(m)).ToList();
        var all = new HashSet<MemberKey>(_sinceLastFull.Where(m => own.Contains(m) || !appeared.Exists(a => sameDatabase(a, m))));
        all.UnionWith(own);
        _sinceLastFull = kind == BackupSetKind.Full ? own : all;
        Members = [.. all.Union(_named.Where(n => !own.Any(o => !_named.Contains(o) && sameDatabase(o, n))))];
    }
}
