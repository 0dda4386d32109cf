using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Backup;

/// <summary>Looks at what is at work in a group. A look that is refused is no error: it proves nothing.</summary>
internal sealed class GroupWatch
{
    private readonly RecoveryPorts _ports;
    private readonly InstanceDirectory _directory;
    private readonly BackupPlan _plan;

    // Nobody waits twice for an instance that does not answer.
    private readonly Dictionary<string, string> _unreachable = new(StringComparer.OrdinalIgnoreCase);

    public GroupWatch(RecoveryPorts ports, InstanceDirectory directory, BackupPlan plan)
    {
        _ports = ports;
        _directory = directory;
        _plan = plan;
    }

    /// <summary>Takes note of an instance that does not answer.</summary>
    public void NotReachable(string server, string why) => _unreachable[server] = why;

    /// <summary>Looks at every member once.</summary>
    public GroupLook Look(CancellationToken cancellationToken)
    {
        DateTime began = _ports.Clock.UtcNow;
        var members = new List<MemberLook>();
        foreach (IGrouping<string, GroupMember> server in _plan.MembersByServer().Where(s => !_unreachable.ContainsKey(s.Key)))
        {
            try
            {
                using ISqlInstance instance = _ports.Sql.Open(_directory.AddressOf(server.First()), cancellationToken);
                InstanceActivity? seen = Ask(instance, server, cancellationToken);
                members.AddRange(server.Select(m => new MemberLook(
                    server.Key, m.Database, seen?.Started, seen?.Databases.FirstOrDefault(d => string.Equals(d.Database, m.Database, StringComparison.OrdinalIgnoreCase)))));
            }
            catch (RecoveryException error)
            {
                NotReachable(server.Key, error.Message);
                _ports.Log.Verbose($"Nobody looked at what is at work on {server.Key}: {error.Message}");
            }
        }

        return new GroupLook(began, _ports.Clock.UtcNow, members, [.. _unreachable.Select(u => $"{u.Key} could not be seen: {u.Value}")]);
    }

    private InstanceActivity? Ask(ISqlInstance instance, IGrouping<string, GroupMember> server, CancellationToken cancellationToken)
    {
        try
        {
            InstanceActivity? seen = instance.ReadActivity([.. server.Select(m => m.Database)], cancellationToken);
            if (seen is null)
            {
                _ports.Log.Verbose($"What is at work on {server.Key} could not be seen: the login lacks VIEW SERVER STATE or VIEW ANY DEFINITION.");
            }

            return seen;
        }
        catch (RecoveryException error)
        {
            _ports.Log.Verbose($"What is at work on {server.Key} could not be seen: {error.Message}");
            return null;
        }
    }
}
