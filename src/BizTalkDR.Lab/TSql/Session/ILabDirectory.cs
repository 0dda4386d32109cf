using System.Collections.Generic;

namespace BizTalkDR.Lab.TSql;

/// <summary>Says where an instance of the lab listens.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
public sealed record LabEndpoint(string Host, int Port);

/// <summary>Knows the instances of the lab, so that linked servers can reach each other by their network names.</summary>
public interface ILabDirectory
{
    /// <summary>Secret shared by the instances of one lab: proves that a link login comes from one of them.</summary>
    string LinkSecret { get; }

    /// <summary>Network names of all instances.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Gives the endpoint of an instance by its network name or an alias; null when the lab has no such instance.</summary>
    LabEndpoint? Find(string serverName);
}
