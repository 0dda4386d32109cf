using System;

namespace BizTalkDR.Ports.Computers;

/// <summary>A computer that runs BizTalk Server, or is to run it. Used by one thread at a time.</summary>
/// <remarks>Paths are the computer's own (<c>C:\Program Files (x86)\…</c>); what a path means on disk is the adapter's affair.</remarks>
public interface IComputer : IDisposable
{
    /// <summary>How it was opened.</summary>
    ComputerAddress Address { get; }

    /// <summary>Its NetBIOS name.</summary>
    string Name { get; }

    /// <summary>Whether it is a simulated one: every report says so.</summary>
    bool IsSimulated { get; }

    IComputerFiles Files { get; }

    IRegistry Registry { get; }

    IServiceControl Services { get; }

    ICertificateStores Certificates { get; }

    IExternalTools Tools { get; }

    IEventLog Events { get; }

    /// <summary>Enterprise Single Sign-On, through its tools.</summary>
    ISingleSignOn SingleSignOn { get; }
}
