using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>Makes an object that is not on the instance.</summary>
/// <param name="Source">Instance that it was kept from.</param>
/// <param name="Destination">Instance that it is made on.</param>
/// <param name="Id">Its name in the plan.</param>
/// <param name="Text">What is made.</param>
internal sealed record MakeObjectStep(string Source, string Destination, string Id, string Text) : PartStep(ConfigurationPart.SqlObject, RestoreStage.SqlObjects, Id, Text)
{
    /// <summary>What people have to do; null when it is made here.</summary>
    public string? ByHand { get; init; }

    /// <summary>The object. Its values may be secret: it is no part of what a step shows.</summary>
    internal SqlObject What { get; init; } = null!;
}

/// <summary>Looks whether an instance holds what was kept.</summary>
internal sealed record ObjectCheckStep(string Source, string Destination)
    : PartStep(ConfigurationPart.SqlObject, RestoreStage.Verify, $"{Source}/check", $"Compare logins, jobs, linked servers, mail and settings of {Destination} with the backup");
