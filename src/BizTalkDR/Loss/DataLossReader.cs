using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Loss;

/// <summary>Lists what a surviving Tracking database knows of the time after a mark. Only reads.</summary>
/// <remarks>
/// "Identifying Lost Tracking Data": a Tracking database that was not lost tells which instances completed and started after the point of recovery. One that was closed by the
/// backup of its tail tells it when full, logs and tail are restored under another name.
/// </remarks>
public sealed class DataLossReader
{
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a reader.</summary>
    public DataLossReader(RecoveryPorts ports) => _ports = ports;

    /// <summary>Reads.</summary>
    /// <exception cref="RecoveryException">The database cannot answer; an empty answer is never given.</exception>
    public IReadOnlyList<LostInstance> Read(DataLossRequest request, CancellationToken cancellationToken = default)
    {
        SqlNames.Check(request.Database, "database");
        using ISqlInstance instance = _ports.Sql.Open(request.Instance, cancellationToken);
        DateTime from = DataLossJudge.From(request, Gather(request, instance, cancellationToken), out string? doubt);
        TrackingFacts facts = instance.ReadTracking(request.Database, from, cancellationToken);
        IReadOnlyList<LostInstance> lost = DataLossJudge.Lost(request, from, facts);
        foreach (string warning in DataLossJudge.Limits(request, facts, _ports.Clock.UtcNow))
        {
            _ports.Log.Warning(warning);
        }

        if (doubt is not null)
        {
            _ports.Log.Warning(doubt);
        }

        return lost;
    }

    private static DataLossEvidence Gather(DataLossRequest request, ISqlInstance instance, CancellationToken cancellationToken)
    {
        IReadOnlyList<DatabaseFacts> databases = instance.ReadDatabases([request.Database], cancellationToken);
        IReadOnlyList<RestoreHistoryRow> restores = instance.ReadRestoreHistory(request.Database, 1, cancellationToken);
        DatabaseFacts? database = databases.Count > 0 ? databases[0] : null;
        bool asks = request.Mark is not null && database is { IsOnline: true };
        return new DataLossEvidence(
            database,
            asks ? instance.ReadMarkLog(request.Database, request.Mark!, cancellationToken) : null,
            asks ? OrNull(() => HistoryOf(request, instance, cancellationToken)) : null,
            restores.Count > 0 ? restores[0] : null,
            instance.Identity.ServerTimeUtcOffset);
    }

    /// <summary>A mark is placed in every member at once: where the copy has another name than its source, any member's row tells the time.</summary>
    private static MarkHistoryRow? HistoryOf(DataLossRequest request, ISqlInstance instance, CancellationToken cancellationToken) =>
        instance.ReadMarkHistory(request.Database, request.Mark!, cancellationToken)
            ?? instance.ReadRecordedMarks(cancellationToken).FirstOrDefault(m => string.Equals(m.MarkName, request.Mark, StringComparison.OrdinalIgnoreCase));

    private static MarkHistoryRow? OrNull(Func<MarkHistoryRow?> read)
    {
        try
        {
            return read();
        }
        catch (RecoveryException error) when (error.Code == RecoveryError.PermissionDenied)
        {
            return null;
        }
    }
}
