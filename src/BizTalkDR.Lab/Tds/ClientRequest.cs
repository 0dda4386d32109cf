using System;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Tds;

/// <summary>A request being executed, and the race between its end and the client's attention.</summary>
internal sealed class ClientRequest : IDisposable
{
    private const int Running = 0;
    private const int AttentionCame = 1;
    private const int Finished = 2;
    private readonly CancellationTokenSource _cancellation;
    private int _state = Running;

    public ClientRequest(TdsMessage message, CancellationToken connection)
    {
        Message = message;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(connection);
    }

    public TdsMessage Message { get; }

    public CancellationToken Cancellation => _cancellation.Token;

    public bool IsKilled { get; private set; }

    public bool IsRunning => Volatile.Read(ref _state) != Finished;

    /// <summary>Takes an attention; false when the request had ended before, so that it needs an acknowledgement of its own.</summary>
    public bool TryAttention() => Interlocked.CompareExchange(ref _state, AttentionCame, Running) == Running;

    public Task CancelAsync() => _cancellation.CancelAsync();

    /// <summary>Another session ended this one.</summary>
    public Task KillAsync()
    {
        IsKilled = true;
        return _cancellation.CancelAsync();
    }

    /// <summary>Ends the request; true when its last DONE must acknowledge an attention.</summary>
    public bool Finish() => Interlocked.Exchange(ref _state, Finished) == AttentionCame;

    public void Dispose() => _cancellation.Dispose();
}
