using System;
using System.Collections.Generic;
using BizTalkDR.Ports;

namespace BizTalkDR.Groups;

/// <summary>Knows under which address a server name of the group can be reached from here.</summary>
public sealed class InstanceDirectory
{
    private readonly Dictionary<string, SqlInstanceAddress> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly SqlInstanceAddress _pattern;

    /// <summary>Creates the directory.</summary>
    /// <param name="pattern">Gives login and encryption for servers that are not listed; they are reached under their own name.</param>
    /// <param name="known">Server name (real or configured) to address.</param>
    public InstanceDirectory(SqlInstanceAddress pattern, IReadOnlyDictionary<string, SqlInstanceAddress>? known = null)
    {
        _pattern = pattern;
        if (known is not null)
        {
            foreach (KeyValuePair<string, SqlInstanceAddress> entry in known)
            {
                _known[entry.Key] = entry.Value;
            }
        }
    }

    /// <summary>Gives the address of a server.</summary>
    public SqlInstanceAddress AddressOf(string serverName) =>
        _known.TryGetValue(serverName, out SqlInstanceAddress? address) ? address : _pattern with { Name = serverName };

    /// <summary>Gives the address of a member: by its real name, or by the name configured for it.</summary>
    public SqlInstanceAddress AddressOf(GroupMember member)
    {
        if (member.Server is { } server && _known.TryGetValue(server, out SqlInstanceAddress? address))
        {
            return address;
        }

        return _known.TryGetValue(member.ConfiguredServer, out address) ? address : _pattern with { Name = member.Server ?? member.ConfiguredServer };
    }
}
