using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Groups;

namespace BizTalkDR.Catalogue;

/// <summary>Finds the members an operator names.</summary>
public static class MemberNames
{
    private const string From = " from ";

    /// <summary>Makes named databases the members of a catalogue's group.</summary>
    /// <param name="names">A database, or <c>database from server</c>; empty leaves the catalogue as it is.</param>
    /// <param name="catalogue">The files.</param>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.MemberMissing"/>: no file of a member; <see cref="RecoveryError.NameConflict"/>: databases of several servers bear the name.
    /// </exception>
    public static BackupCatalogue Apply(IReadOnlyList<string> names, BackupCatalogue catalogue)
    {
        if (names.Count == 0)
        {
            return catalogue;
        }

        List<MemberKey> members = names.Select(n => Find(n, catalogue)).Distinct().ToList();
        return catalogue.With(members.ConvertAll(m => new GroupMember(catalogue.RoleOf(m), m.Database, m.Server, m.Server)));
    }

    private static MemberKey Find(string name, BackupCatalogue catalogue)
    {
        List<MemberKey> found = catalogue.Members.Where(m => Same(m.Database, name)).ToList();
        if (found.Count == 0 && name.LastIndexOf(From, StringComparison.OrdinalIgnoreCase) is > 0 and var at)
        {
            found = catalogue.Members.Where(m => Same(m.Database, name.Substring(0, at)) && Same(m.Server, name.Substring(at + From.Length))).ToList();
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw new RecoveryException(
                RecoveryError.MemberMissing,
                name,
                $"There is no backup file of the member '{name}'. There are files of {string.Join(", ", catalogue.Members)}.",
                "Bring this member's backup files into the folder, or correct its name in -Member."),
            _ => throw new RecoveryException(RecoveryError.NameConflict, name, $"Several servers have a database of this name: {string.Join(", ", found)}.", $"Name it with its server in -Member, for example '{found[0]}'."),
        };
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
