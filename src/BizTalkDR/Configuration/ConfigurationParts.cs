using System.Collections.Generic;

namespace BizTalkDR.Configuration;

/// <summary>Every part the product knows, one line each. The cmdlets for whole computers run them in this order; steps of a restore in the order of their stages.</summary>
public static class ConfigurationParts
{
    /// <summary>The parts.</summary>
    public static IReadOnlyList<IConfigurationPart> All { get; } =
    [
    ];
}
