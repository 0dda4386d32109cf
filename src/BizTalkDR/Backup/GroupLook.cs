using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Ports;

namespace BizTalkDR.Backup;

/// <summary>What was seen of a group's members at one moment.</summary>
/// <param name="BeganUtc">When the look began.</param>
/// <param name="EndedUtc">When it was over.</param>
/// <param name="Members">The members whose instances answered.</param>
/// <param name="Unseen">Instances that did not, and why.</param>
internal sealed record GroupLook(DateTime BeganUtc, DateTime EndedUtc, IReadOnlyList<MemberLook> Members, IReadOnlyList<string> Unseen)
{
    /// <summary>Says what is at work, or cannot be seen.</summary>
    public IReadOnlyList<string> AtWork() => [.. Unseen, .. Members.SelectMany(m => m.AtWork())];

    /// <summary>Holds the look before the first backup of a set against the look after the last one. Pure.</summary>
    /// <remarks>A member whose instance did not answer both times is left out: nobody looked at it.</remarks>
    public static Quiescence Between(GroupLook before, GroupLook after) => new(
        before.BeganUtc,
        after.EndedUtc,
        [.. from was in before.Members from now in after.Members where was.IsSameAs(now) select Between(was, now)]);

    private static MemberQuiescence Between(MemberLook before, MemberLook after)
    {
        DatabaseActivity? was = before.Seen;
        DatabaseActivity? now = after.Seen;

        // Every count begins with the instance's start: across a restart a difference says nothing.
        bool isComparable = was is not null && now is not null && before.Started == after.Started;
        return new MemberQuiescence(before.Server, before.Database)
        {
            Commits = isComparable && now!.WriteTransactions - was!.WriteTransactions is { } commits and >= 0 ? commits : null,
            OpenBefore = was?.OpenWriters,
            OpenAfter = now?.OpenWriters,
            ChangedTables = isComparable ? Changed(was!, now!) : null,
            Sessions = was?.Sessions ?? [],
            NewestMark = now?.NewestMark,
        };
    }

    /// <summary>Gives the tables whose count has grown, and the objects that came, went, were altered or have other rows; null when a count has fallen or is gone, for then counting began anew.</summary>
    private static IReadOnlyList<string>? Changed(DatabaseActivity before, DatabaseActivity after) =>
        before.Updates.All(t => after.Updates.TryGetValue(t.Key, out long now) && now >= t.Value)
            ? [.. after.Updates.Where(t => !before.Updates.TryGetValue(t.Key, out long was) || t.Value > was).Select(t => t.Key)
                .Union(after.Objects.Where(o => !before.Objects.TryGetValue(o.Key, out string? was) || was != o.Value).Select(o => o.Key))
                .Union(before.Objects.Keys.Where(o => !after.Objects.ContainsKey(o)))
                .OrderBy(t => t, StringComparer.Ordinal)]
            : null;
}

/// <summary>What was seen of one member.</summary>
/// <param name="Server">Real name of its instance.</param>
/// <param name="Database">Its name.</param>
/// <param name="Started">When its instance was started; null when it would not tell.</param>
/// <param name="Seen">What is at work in it; null when the login may not see it, or it is not open.</param>
internal sealed record MemberLook(string Server, string Database, DateTime? Started, DatabaseActivity? Seen)
{
    /// <summary>Says what is at work, or cannot be seen.</summary>
    public IEnumerable<string> AtWork()
    {
        if (Seen is null)
        {
            yield return $"{this} could not be seen";
            yield break;
        }

        if (Seen.Sessions.Count > 0)
        {
            yield return $"{this} is in use by {string.Join(", ", Seen.Sessions)}";
        }

        if (Seen.OpenWriters > 0)
        {
            yield return $"{this} has {Seen.OpenWriters} open transactions that have written";
        }
    }

    public bool IsSameAs(MemberLook other) =>
        string.Equals(Database, other.Database, StringComparison.OrdinalIgnoreCase) && string.Equals(Server, other.Server, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gives the member.</summary>
    public override string ToString() => $"{Database} on {Server}";
}
