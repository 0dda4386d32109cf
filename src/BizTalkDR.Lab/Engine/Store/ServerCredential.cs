using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>A credential of the server. Its secret is kept in memory alone, and the credential with it: after a start it is made again.</summary>
public sealed record ServerCredential(int Id, string Name, string Identity, DateTime Created, DateTime Modified)
{
    /// <summary>The secret; a property that no text of the record shows.</summary>
    internal string Secret { get; init; } = string.Empty;

    public override string ToString() => Name;
}

public sealed partial class LabInstance
{
    private IReadOnlyList<ServerCredential> _credentials = [];

    public IReadOnlyList<ServerCredential> Credentials => _credentials;

    /// <summary>Changes the credentials.</summary>
    internal void ChangeCredentials(Func<IReadOnlyList<ServerCredential>, IReadOnlyList<ServerCredential>> change)
    {
        lock (_catalogueGate)
        {
            _credentials = change(_credentials);
        }
    }
}
