using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Turns Ctrl+C and the system's request to end into a token; the process is not ended by them any more.</summary>
/// <remarks>
/// A terminal sends Ctrl+C to every process that runs in it: a child whose parent decides when it ends must not hear it, or an
/// operator who interrupts one command of a shell would take the lab away that runs behind it.
/// </remarks>
public sealed class StopRequest : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    /// <param name="hearsInterrupt">Whether Ctrl+C is a request; otherwise it is ignored.</param>
    public StopRequest(bool hearsInterrupt = true)
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, hearsInterrupt ? Stop : context => context.Cancel = true);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    }

    public CancellationToken Token => _source.Token;

    public void Stop() => _source.Cancel();

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }
}
