using System;
using System.Collections.Generic;

namespace BizTalkDR.Ports.Computers;

/// <summary>State of a Windows service.</summary>
public enum ServiceState
{
    Stopped,

    StartPending,

    StopPending,

    Running,

    Paused,
}

/// <summary>How a Windows service starts.</summary>
public enum ServiceStart
{
    Automatic,

    DelayedAutomatic,

    Manual,

    Disabled,
}

/// <summary>A Windows service.</summary>
/// <param name="Name">Its name (<c>ENTSSO</c>, <c>BTSSvc$BizTalkServerApplication</c>).</param>
/// <param name="DisplayName">As shown.</param>
/// <param name="Account">Account it runs under.</param>
public sealed record ServiceInfo(string Name, string DisplayName, ServiceState State, ServiceStart Start, string Account);

/// <summary>Services of a computer.</summary>
public interface IServiceControl
{
    IReadOnlyList<ServiceInfo> List();

    /// <summary>Gives one; null when there is none.</summary>
    ServiceInfo? Find(string name);

    /// <summary>Starts one and waits until it runs.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.ServiceNotStarted"/>, with what the service control manager said.</exception>
    void Start(string name, TimeSpan timeout);

    /// <summary>Stops one, with those that depend on it, and waits.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.ServiceNotStopped"/>.</exception>
    void Stop(string name, TimeSpan timeout);

    /// <summary>Sets how one starts; it is neither started nor stopped.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.ServiceStartNotSet"/>.</exception>
    void SetStart(string name, ServiceStart start);
}
