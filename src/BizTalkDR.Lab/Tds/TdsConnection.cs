using System;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Tds;

/// <summary>One client: negotiation, login, then its requests one after the other.</summary>
/// <remarks>
/// One task reads the socket all the time, because an attention may come while a request is executed; requests are executed,
/// and all output is written, on the session's own thread.
/// </remarks>
internal sealed partial class TdsConnection : IAsyncDisposable
{
    private readonly TdsListener _listener;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _lifetime;
    private readonly TransportStream _transport;
    private readonly PacketReader _reader;
    private readonly PacketWriter _packets;
    private readonly TokenWriter _tokens;
    private readonly ResponseSink _sink;
    private SslStream? _tls;
    private SessionWorker? _worker;
    private ISqlSession? _session;
    private ClientRequest? _request;
    private Task _execution = Task.CompletedTask;

    public TdsConnection(TdsListener listener, Socket socket, CancellationToken stopping)
    {
        _listener = listener;
        _socket = socket;
        _lifetime = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _transport = new TransportStream(new NetworkStream(socket, ownsSocket: true));
        _reader = new PacketReader(_transport, listener.Options.MaxRequestBytes);
        _packets = new PacketWriter(_transport);
        _tokens = new TokenWriter(_packets, listener.Server.ServerName, Collations.Bytes(listener.Server.Collation));
        _sink = new ResponseSink(_tokens, _ => _lifetime.Cancel());
    }

    /// <summary>0 before the login.</summary>
    public int SessionId => _session?.SessionId ?? 0;

    public async Task RunAsync()
    {
        try
        {
            if (await OpenAsync().ConfigureAwait(false))
                await ServeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (IsEndOfConnection(error))
        {
            // The client is gone, was too slow, or this side is stopping: nothing is left to say to anybody.
        }
        catch (Exception error)
        {
            _listener.Report(error);
        }
        finally
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection at once when it is idle, or after the error 596 when it executes something.</summary>
    public void Kill()
    {
        try
        {
            if (_request is { IsRunning: true } request)
                _ = request.KillAsync();
            else
                _lifetime.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in the meantime.
        }
    }

    private static bool IsEndOfConnection(Exception error) =>
        error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or AuthenticationException or TdsProtocolException;

    /// <summary>Closes after the client has had the chance to read what was sent: closing at once could destroy it.</summary>
    private async Task LingerAsync()
    {
        using CancellationTokenSource limit = new(_listener.Options.CloseTimeout, _listener.Options.Clock);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _lifetime.Token);
        _socket.Shutdown(SocketShutdown.Send);
        byte[] ignored = new byte[1024];
        while (await _socket.ReceiveAsync(ignored, both.Token).ConfigureAwait(false) > 0)
        {
        }
    }

    /// <summary>Closes the socket, waits for the request being executed, disposes the session; <see cref="RunAsync"/> does it by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync().ConfigureAwait(false);
        await _transport.DisposeAsync().ConfigureAwait(false);
        await _execution.ConfigureAwait(false);
        if (_worker is not null)
        {
            try
            {
                await _worker.RunAsync(() => _session?.Dispose()).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                _listener.Report(error);
            }

            _worker.Dispose();
        }

        if (_tls is not null)
            await _tls.DisposeAsync().ConfigureAwait(false);
        _request?.Dispose();
        _lifetime.Dispose();
    }
}
