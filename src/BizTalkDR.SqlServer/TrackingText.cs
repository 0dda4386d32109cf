using System.Collections.Generic;

namespace BizTalkDR.SqlServer;

/// <summary>The questions that are put to a Tracking database, run in it.</summary>
public static class TrackingText
{
    /// <summary>The columns of the view that are read, in the order of <see cref="Instances"/>.</summary>
    public static readonly IReadOnlyList<string> ReadColumns =
    [
        "ServiceInstance/InstanceID", "ServiceInstance/ActivityID", "Service/Name", "Service/Type", "ServiceInstance/Host", "ServiceInstance/State", "ServiceInstance/StartTime", "ServiceInstance/EndTime",
    ];

    /// <summary>Columns of the view; none when there is no view.</summary>
    public const string Columns = "SELECT c.name FROM sys.columns AS c WHERE c.object_id = OBJECT_ID(N'dbo.dtav_ServiceFacts');";

    /// <summary>The newest start or end.</summary>
    public const string Newest =
        "SELECT MAX(CASE WHEN f.[ServiceInstance/EndTime] > f.[ServiceInstance/StartTime] OR f.[ServiceInstance/StartTime] IS NULL THEN f.[ServiceInstance/EndTime] ELSE f.[ServiceInstance/StartTime] END) "
        + "FROM dbo.dtav_ServiceFacts AS f;";

    /// <summary>Instances that started or ended at a time or later.</summary>
    public const string Instances =
        "SELECT f.[ServiceInstance/InstanceID], f.[ServiceInstance/ActivityID], f.[Service/Name], f.[Service/Type], f.[ServiceInstance/Host], f.[ServiceInstance/State], f.[ServiceInstance/StartTime], f.[ServiceInstance/EndTime] "
        + "FROM dbo.dtav_ServiceFacts AS f WHERE f.[ServiceInstance/StartTime] >= @from OR f.[ServiceInstance/EndTime] >= @from "
        + "ORDER BY f.[ServiceInstance/StartTime], f.[ServiceInstance/EndTime], f.[ServiceInstance/InstanceID];";
}
