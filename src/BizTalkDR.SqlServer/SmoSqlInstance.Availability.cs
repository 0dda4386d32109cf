using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    private const int Automatic = 0;
    private const int SynchronousCommit = 1;

    /// <inheritdoc/>
    public AvailabilityMembership? ReadMembership(string database, CancellationToken cancellationToken = default)
    {
        List<(string Group, Guid Id, bool IsPrimary, AvailabilityReplicaFacts Replica)> rows;
        try
        {
            rows = Query(
                "Reading a database's availability group",
                AvailabilityText.Membership,
                r => (Text(r, 0), r.GetGuid(1), string.Equals(Text(r, 2), "PRIMARY", StringComparison.OrdinalIgnoreCase), new AvailabilityReplicaFacts(Text(r, 3), r.GetInt32(4) == 1, !r.IsDBNull(5) && r.GetInt32(5) == SynchronousCommit, !r.IsDBNull(6) && r.GetInt32(6) == Automatic, r.IsDBNull(7) ? null : r.GetString(7))),
                cancellationToken,
                ("@database", database));
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied)
        {
            return null;
        }

        return rows.Count == 0 ? null : new AvailabilityMembership(rows[0].Group, rows[0].Id, rows[0].IsPrimary, rows.Select(r => r.Replica).ToList());
    }

    /// <inheritdoc/>
    public AvailabilityRights ReadRights(string group, CancellationToken cancellationToken = default) => Query(
        "Asking what this login may do to an availability group",
        AvailabilityText.Rights,
        r => new AvailabilityRights(Text(r, 0))
        {
            MayAlterGroup = IsOne(r, 1) || IsOne(r, 2) || IsOne(r, 3) ? true : r.IsDBNull(1) && r.IsDBNull(2) ? null : false,
            MayAlterDatabases = IsOne(r, 4),
            MayCreateDatabases = IsOne(r, 5),
            MaySeeState = IsOne(r, 6) || IsOne(r, 7),
        },
        cancellationToken,
        ("@group", group))[0];

    /// <inheritdoc/>
    public StatementOutcome Change(AvailabilityStatement statement, CancellationToken cancellationToken = default) => Execute(AvailabilityText.Of(statement), null, cancellationToken);
}
