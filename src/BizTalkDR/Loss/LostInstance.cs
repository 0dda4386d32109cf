using System;

namespace BizTalkDR.Loss;

/// <summary>What happened to an instance after the mark.</summary>
public enum LossKind
{
    /// <summary>It ran at the mark and ended after it.</summary>
    Completed,

    /// <summary>It started after the mark and has not ended as far as tracking knows.</summary>
    Started,

    /// <summary>It started and ended after the mark.</summary>
    StartedAndCompleted,
}

/// <summary>A service instance of which the restored group does not know what happened after the mark.</summary>
/// <param name="InstanceId">Its id, the same in the restored group where that knows it.</param>
/// <param name="Change">What happened after the mark.</param>
/// <param name="Service">Name of the service.</param>
public sealed record LostInstance(Guid InstanceId, LossKind Change, string Service)
{
    /// <summary>What kind of service it is, in BizTalk's words.</summary>
    public string ServiceType { get; init; } = string.Empty;

    /// <summary>The activity, where one instance has several; null when there is none.</summary>
    public Guid? ActivityId { get; init; }

    /// <summary>The host it ran in.</summary>
    public string Host { get; init; } = string.Empty;

    /// <summary>Its state as it was tracked last, in BizTalk's words.</summary>
    public string State { get; init; } = string.Empty;

    /// <summary>When it started; null when that was not tracked.</summary>
    public DateTime? StartedUtc { get; init; }

    /// <summary>When it ended; null when it had not, as far as tracking knows.</summary>
    public DateTime? EndedUtc { get; init; }

    /// <summary>The database that says so.</summary>
    public string Source { get; init; } = string.Empty;

    /// <summary>What to do in the restored group ("Identifying Lost Tracking Data").</summary>
    public string NextStep => Change switch
    {
        LossKind.Completed => "The restored group has it as it was at the mark: see what it did outside since, then terminate it there.",
        LossKind.Started => "The restored group does not know it: undo what it did outside, then send its first message again.",
        _ => "The restored group does not know it: leave what it did outside as done, or undo that and send its first message again.",
    };

    /// <summary>Gives what happened to which instance.</summary>
    public override string ToString() => $"{Change}: {Service} {InstanceId}";
}
