using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Tds;

/// <summary>Listens on 127.0.0.1 for TDS 7.3, 7.4 and 8.0 clients and hands their requests to a server.</summary>
/// <remarks>[MS-TDS] is the authority; smo-and-tds.md §4 has what SqlClient and SMO were seen to need.</remarks>
public sealed class TdsListener : IDisposable
{
    private const int Backlog = 512;
    private readonly ConcurrentDictionary<TdsConnection, Task> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;

    /// <param name="certificate">With its private key; stays the caller's.</param>
    public TdsListener(ISqlServer server, X509Certificate2 certificate, TdsListenerOptions? options = null)
    {
        Server = server;
        Options = options ?? new TdsListenerOptions();
        CertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    /// <summary>Raised when a session failed with an exception that is no SQL error: a defect of the server.</summary>
    public event Action<Exception>? Faulted;

    /// <summary>TCP port in use; 0 before <see cref="Start"/>.</summary>
    public int Port { get; private set; }

    /// <summary>Connections open now.</summary>
    public int ConnectionCount => _connections.Count;

    internal ISqlServer Server { get; }

    internal TdsListenerOptions Options { get; }

    internal SslStreamCertificateContext CertificateContext { get; }

    /// <exception cref="SocketException">The port is taken.</exception>
    public void Start()
    {
        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
        if (_socket is not null)
            throw new InvalidOperationException("The listener was started before.");
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, Options.Port));
        _socket.Listen(Backlog);
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        _accepting = Task.Run(() => AcceptAsync(_socket));
    }

    /// <summary>Ends a session: what it executes is cancelled and answered with error 596, then its connection closes.</summary>
    /// <returns>False when there is no such session.</returns>
    public bool Kill(int sessionId)
    {
        TdsConnection? connection = _connections.Keys.FirstOrDefault(c => c.SessionId == sessionId);
        connection?.Kill();
        return connection is not null;
    }

    /// <summary>Stops listening and closes every connection; returns when their sessions are disposed, at the latest after some seconds.</summary>
    public void Stop()
    {
        if (_stopping.IsCancellationRequested)
            return;
        _stopping.Cancel();
        _socket?.Dispose();
        Task.WaitAll([_accepting, .. _connections.Values], TimeSpan.FromSeconds(10));
    }

    public void Dispose() => Stop();

    internal void Report(Exception error) => Faulted?.Invoke(error);

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Accepted(await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false));
            }
            catch (SocketException) when (!_stopping.IsCancellationRequested)
            {
                // A client that left before it was accepted, or no handle free: the next one may fare better.
                await Task.Delay(TimeSpan.FromMilliseconds(20), Options.Clock, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private void Accepted(Socket client)
    {
        if (_connections.Count >= Options.MaxConnections)
        {
            client.Dispose();
            return;
        }

        client.NoDelay = true;
        TdsConnection connection = new(this, client, _stopping.Token);

        // Listed before it runs, so that Stop finds it whatever happens in between.
        Task<Task> start = new(connection.RunAsync);
        Task task = start.Unwrap();
        _connections[connection] = task;
        _ = task.ContinueWith(_ => _connections.TryRemove(connection, out Task? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        start.Start(TaskScheduler.Default);
    }
}
