namespace BizTalkDR.Restore;

/// <summary>How many members are worked on at once.</summary>
public sealed record RestoreLimits
{
    /// <summary>Four members on an instance, four on a volume.</summary>
    public static readonly RestoreLimits Default = new();

    /// <summary>On one instance. Default 4.</summary>
    public int PerInstance { get; init; } = 4;

    /// <summary>With files on one volume, whichever instances of its computer they belong to. Default 4.</summary>
    public int PerVolume { get; init; } = 4;

    /// <summary>Gives both.</summary>
    public override string ToString() => $"{PerInstance} on an instance, {PerVolume} on a volume";
}
