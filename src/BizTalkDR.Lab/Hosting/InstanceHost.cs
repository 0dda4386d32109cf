using System;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.TSql;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Runs one instance in this process: storage, T-SQL, protocol, and the resolver of transactions in doubt.</summary>
public sealed class InstanceHost : IRunningInstance
{
    private static readonly TimeSpan ResolvePeriod = TimeSpan.FromMilliseconds(500);

    private readonly LabInstance _instance;
    private readonly LabSqlServer _server;
    private readonly TdsListener _listener;
    private readonly X509Certificate2 _certificate;
    private readonly Action<Exception>? _faulted;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _resolver;
    private int _stopped;

    private InstanceHost(LabInstance instance, LabSqlServer server, TdsListener listener, X509Certificate2 certificate, Action<Exception>? faulted)
    {
        _faulted = faulted;
        _certificate = certificate;
        _instance = instance;
        _server = server;
        _listener = listener;
        _resolver = Task.Run(ResolveAsync);
    }

    public string Name => _instance.Options.ServerName;

    public int Port => _listener.Port;

    public LabInstance Instance => _instance;

    public LabSqlServer Server => _server;

    /// <summary>Opens the instance in the folder, or creates it there, and starts listening on a port the system chooses.</summary>
    /// <param name="options">Name and folder.</param>
    /// <param name="directory">Knows the other instances.</param>
    /// <param name="password">Password of sa, used when the instance is new.</param>
    /// <param name="certificateFolder">Where the lab keeps the certificate of its servers.</param>
    /// <param name="faulted">Is told of defects of the lab itself; null = nobody is.</param>
    /// <param name="port">Port to listen on when it is free; 0 = any.</param>
    public static InstanceHost Start(
        InstanceOptions options, ILabDirectory directory, string password, string certificateFolder, Action<Exception>? faulted = null, int port = 0)
    {
        LabInstance instance = LabInstance.Exists(options.Folder) ? LabInstance.Open(options) : LabInstance.Create(options);
        LabSqlServer? server = null;
        X509Certificate2? certificate = null;
        TdsListener? listener = null;
        try
        {
            server = new LabSqlServer(instance, directory, "sa", password, new QueryEngine());
            certificate = LabCertificate.LoadOrCreate(certificateFolder);
            listener = Listen(server, certificate, faulted, port);
            return new InstanceHost(instance, server, listener, certificate, faulted);
        }
        catch
        {
            listener?.Dispose();
            certificate?.Dispose();
            server?.Dispose();
            instance.Dispose();
            throw;
        }
    }

    private static TdsListener Listen(LabSqlServer server, X509Certificate2 certificate, Action<Exception>? faulted, int port)
    {
        TdsListener listener = new(server, certificate, new TdsListenerOptions { Port = port });
        try
        {
            listener.Faulted += faulted;
            listener.Start();
            return listener;
        }
        catch (SocketException) when (port != 0)
        {
            // Somebody else has it by now.
            listener.Dispose();
            return Listen(server, certificate, faulted, 0);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _resolver.ConfigureAwait(false);
        await Task.Run(_listener.Dispose).ConfigureAwait(false);
        _certificate.Dispose();
        _server.Dispose();
        _instance.Dispose();
        _stop.Dispose();
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    // Coordinators and participants come back in any order: asked for as long as anything is in doubt here or not confirmed there.
    private async Task ResolveAsync()
    {
        using PeriodicTimer timer = new(ResolvePeriod, _instance.Options.Clock);
        try
        {
            do
            {
                if (_instance.InDoubt.Count > 0 || _instance.Unconfirmed.Count > 0)
                    Resolve();
            }
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The instance stops: what is still in doubt waits for the next start.
            return;
        }
    }

    // Whatever goes wrong with one transaction, the next period tries again: giving up would leave rows locked for good.
    private void Resolve()
    {
        try
        {
            _server.ResolveInDoubt();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _faulted?.Invoke(failure);
        }
    }
}
