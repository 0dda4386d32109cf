using System;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.PowerShell;

/// <summary>A plan as an operator passes it: the object, or the file it was written to. PowerShell makes one of either.</summary>
public sealed class RestorePlanSource
{
    private readonly RestorePlan? _plan;
    private readonly string? _path;

    /// <summary>Takes a plan.</summary>
    public RestorePlanSource(RestorePlan plan) => _plan = plan ?? throw new ArgumentNullException(nameof(plan));

    /// <summary>Takes a file.</summary>
    public RestorePlanSource(string path) => _path = string.IsNullOrWhiteSpace(path) ? throw new ArgumentException("The path is empty.", nameof(path)) : path;

    /// <summary>Gives the plan; a file is read and checked.</summary>
    internal RestorePlan Read(Func<string, string> resolve) => _plan ?? RestorePlanFile.Read(resolve(_path!));

    /// <summary>Gives the file, or the plan's action.</summary>
    public override string ToString() => _path ?? _plan!.Action;
}
