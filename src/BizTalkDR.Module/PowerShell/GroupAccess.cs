using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Configuration;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.PowerShell;

/// <summary>How the parts of a computer reach the group's instances.</summary>
internal static class GroupAccess
{
    /// <summary>Adds the instances to a part's options, under the names BizTalk knows them by.</summary>
    /// <param name="options">The other options.</param>
    /// <param name="addresses">The instance of the Management database first; empty when the computer's registry tells.</param>
    /// <param name="managementDatabase">Its database; null when the registry tells.</param>
    /// <param name="defaults">How instances are reached that nobody named.</param>
    /// <param name="sql">Opens connections.</param>
    /// <param name="stop">Stops asking.</param>
    public static PartOptions Add(PartOptions options, IReadOnlyList<SqlInstanceAddress> addresses, string? managementDatabase, SqlInstanceAddress defaults, ISqlInstanceFactory sql, CancellationToken stop)
    {
        var known = new Dictionary<string, SqlInstanceAddress>(StringComparer.OrdinalIgnoreCase);
        foreach (SqlInstanceAddress address in addresses)
        {
            using ISqlInstance instance = sql.Open(address, stop);
            known[instance.Identity.ServerName] = address;
        }

        return options with { ManagementInstance = addresses.Count > 0 ? addresses[0] : null, ManagementDatabase = managementDatabase, Instances = known, InstanceDefaults = defaults };
    }
}
