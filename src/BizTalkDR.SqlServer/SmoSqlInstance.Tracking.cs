using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public TrackingFacts ReadTracking(string database, DateTime fromUtc, CancellationToken cancellationToken = default) => InDatabase(
        database,
        () =>
        {
            var there = new HashSet<string>(Query("Looking for the tracking view", TrackingText.Columns, r => r.GetString(0), cancellationToken), StringComparer.OrdinalIgnoreCase);
            List<string> missing = TrackingText.ReadColumns.Where(c => !there.Contains(c)).ToList();
            return missing.Count > 0 ? new TrackingFacts(missing) : new TrackingFacts(missing)
            {
                NewestUtc = Query("Reading the newest tracked time", TrackingText.Newest, r => Time(r, 0), cancellationToken).FirstOrDefault(),
                Instances = Query("Reading tracked instances", TrackingText.Instances, InstanceFrom, cancellationToken, ("@from", fromUtc)),
            };
        },
        cancellationToken);

    private static TrackedInstance InstanceFrom(SqlDataReader r) => new(r.GetGuid(0), Id(r, 1), Text(r, 2), Text(r, 3))
    {
        Host = Text(r, 4),
        State = Text(r, 5),
        StartedUtc = Time(r, 6),
        EndedUtc = Time(r, 7),
    };

    private static DateTime? Time(SqlDataReader r, int column) => r.IsDBNull(column) ? null : DateTime.SpecifyKind(r.GetDateTime(column), DateTimeKind.Utc);
}
