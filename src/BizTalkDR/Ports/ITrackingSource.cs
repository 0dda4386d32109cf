using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Reads what a Tracking database knows of service instances.</summary>
/// <remarks>
/// From the view <c>dbo.dtav_ServiceFacts</c>, the one that the tools of BizTalk and public queries read. Its columns (<c>ServiceInstance/StartTime</c> and others) are those that public
/// queries name; that its times are UTC is [inferred] from queries that add the local offset to show them. Columns that are not there are an answer of their own.
/// </remarks>
public interface ITrackingSource
{
    /// <summary>Reads the instances that started or ended at a time or later, and the newest time that is known at all.</summary>
    /// <param name="database">A database that is open for reading.</param>
    /// <param name="fromUtc">The time.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    TrackingFacts ReadTracking(string database, DateTime fromUtc, CancellationToken cancellationToken = default);
}

/// <summary>What a database knows of service instances.</summary>
/// <param name="MissingColumns">Columns of the view that are not there; all of them when there is no view.</param>
public sealed record TrackingFacts(IReadOnlyList<string> MissingColumns)
{
    /// <summary>The newest start or end of any instance; null when there is none.</summary>
    public DateTime? NewestUtc { get; init; }

    /// <summary>Instances that started or ended at the time or later, by their start.</summary>
    public IReadOnlyList<TrackedInstance> Instances { get; init; } = [];
}

/// <summary>A service instance as it was tracked: an orchestration, a pipeline, a messaging service.</summary>
/// <param name="InstanceId">ServiceInstance/InstanceID.</param>
/// <param name="ActivityId">ServiceInstance/ActivityID: one instance may have several.</param>
/// <param name="Service">Service/Name.</param>
/// <param name="ServiceType">Service/Type.</param>
public sealed record TrackedInstance(Guid InstanceId, Guid? ActivityId, string Service, string ServiceType)
{
    /// <summary>ServiceInstance/Host.</summary>
    public string Host { get; init; } = string.Empty;

    /// <summary>ServiceInstance/State, in BizTalk's words.</summary>
    public string State { get; init; } = string.Empty;

    /// <summary>ServiceInstance/StartTime; null when it was not tracked.</summary>
    public DateTime? StartedUtc { get; init; }

    /// <summary>ServiceInstance/EndTime; null as long as it has not ended.</summary>
    public DateTime? EndedUtc { get; init; }
}
