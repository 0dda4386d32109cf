using System;

namespace BizTalkDR.Catalogue;

/// <summary>Names a member by where its backups came from. Compared without regard to case, as server and most database names are.</summary>
/// <param name="Server">Real name of the source instance.</param>
/// <param name="Database">Database name.</param>
public sealed record MemberKey(string Server, string Database)
{
    public bool Equals(MemberKey? other) =>
        other is not null
        && string.Equals(Server, other.Server, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Database, other.Database, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        unchecked((StringComparer.OrdinalIgnoreCase.GetHashCode(Server) * 397) ^ StringComparer.OrdinalIgnoreCase.GetHashCode(Database));

    /// <summary>Gives <c>database from server</c>.</summary>
    public override string ToString() => $"{Database} from {Server}";
}
