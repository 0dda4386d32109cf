using System;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>The computer that this process runs on.</summary>
#if !NETFRAMEWORK
[System.Runtime.Versioning.SupportedOSPlatform("windows")]
#endif
internal sealed class WindowsComputer : IComputer
{
    public WindowsComputer()
    {
        if (Environment.Is64BitOperatingSystem && !Environment.Is64BitProcess)
        {
            throw new RecoveryException(
                RecoveryError.ComputerUnreachable, Name, $"This PowerShell is a 32-bit one on the 64-bit Windows of {Name}: it sees other folders than BizTalk Server does. Nothing was changed.", "Use the 64-bit PowerShell.");
        }

        Tools = new WindowsTools(Registry);
        Files = new WindowsFiles(Name);
        Services = new WindowsServices(Tools, Registry);
        Events = new WindowsEventLog(Tools);
        SingleSignOn = new WindowsSingleSignOn(new SingleSignOnTools(Name, Tools, Files), Files, () => SecretInterop.Load(Files.Expand(WindowsToolPlaces.SingleSignOn)));
    }

    public ComputerAddress Address { get; } = new(string.Empty);

    public string Name { get; } = Environment.MachineName;

    public bool IsSimulated => false;

    public IComputerFiles Files { get; }

    public IRegistry Registry { get; } = new WindowsRegistry();

    public IServiceControl Services { get; }

    public ICertificateStores Certificates { get; } = new WindowsCertificates();

    public IExternalTools Tools { get; }

    public IEventLog Events { get; }

    public ISingleSignOn SingleSignOn { get; }

    public void Dispose()
    {
        // Nothing is held open: every look at the computer opens what it needs.
    }
}
