using System;
using System.Net.Sockets;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

internal sealed partial class TdsConnection
{
    private async Task ServeAsync()
    {
        try
        {
            while (await _reader.ReadAsync(int.MaxValue, _lifetime.Token).ConfigureAwait(false) is { } message)
            {
                if (message.Type == PacketType.Attention)
                    await AttentionAsync().ConfigureAwait(false);
                else if (!await StartAsync(message).ConfigureAwait(false))
                    return;
            }
        }
        catch (TdsProtocolException error)
        {
            await BreakAsync(error).ConfigureAwait(false);
        }
    }

    /// <summary>Starts a request; one that comes while another is executed waits for it. False when the connection is ending.</summary>
    private async Task<bool> StartAsync(TdsMessage message)
    {
        await _execution.ConfigureAwait(false);
        _request?.Dispose();
        _request = null;
        if (_sink.IsFatal)
            return false;
        ClientRequest request = new(message, _lifetime.Token);
        _request = request;
        _execution = _worker!.RunAsync(() => Execute(request));
        return true;
    }

    private async Task AttentionAsync()
    {
        if (_request?.TryAttention() == true)
        {
            _sink.Discard();
            await _request.CancelAsync().ConfigureAwait(false);
            return;
        }

        await _execution.ConfigureAwait(false);
        if (_sink.IsFatal)
            return;
        _execution = _worker!.RunAsync(() =>
        {
            _sink.Begin();
            _sink.End(attention: true);
        });
    }

    /// <summary>Tells a client that broke the protocol so, and closes.</summary>
    private async Task BreakAsync(TdsProtocolException error)
    {
        if (_request is { IsRunning: true } request)
            await request.CancelAsync().ConfigureAwait(false);
        await _execution.ConfigureAwait(false);
        if (!_sink.IsFatal)
        {
            await _worker!.RunAsync(() =>
            {
                _sink.Begin();
                _sink.Message(TdsErrors.InvalidStream(error.Message));
                _sink.End(attention: false);
            }).ConfigureAwait(false);
        }

        await LingerAsync().ConfigureAwait(false);
    }

    private void Execute(ClientRequest request)
    {
        _sink.Begin();
        try
        {
            Reset(request.Message.FirstStatus);
            Dispatch(request);
        }
        catch (Exception error)
        {
            Fail(request, error);
        }

        bool attended = request.Finish();

        // Cut short by somebody else: a bare DONE would look like a statement that had nothing to say.
        if ((request.IsKilled || _lifetime.IsCancellationRequested) && !_sink.IsFatal)
            _sink.Message(TdsErrors.SessionKilled);
        _sink.End(attended, interrupted: true);
        if (_sink.IsFatal)
            EndAfterFatalError();
    }

    private void Reset(PacketStatus status)
    {
        bool keepsTransaction = status.HasFlag(PacketStatus.ResetConnectionKeepTransaction);
        if (!keepsTransaction && !status.HasFlag(PacketStatus.ResetConnection))
            return;
        _session!.Reset(keepsTransaction);
        _sink.ResetAcknowledged(keepsTransaction);
    }

    private void Dispatch(ClientRequest request)
    {
        TdsMessage message = request.Message;
        if (message.Ignored)
        {
            _sink.Fail();
            return;
        }

        TdsReader reader = new(message.Payload);
        switch (message.Type)
        {
            case PacketType.SqlBatch:
                Headers(reader);
                _session!.ExecuteBatch(reader.Unicode(reader.Remaining), _sink, request.Cancellation);
                break;
            case PacketType.Rpc:
                Headers(reader);
                Call(request, reader);
                break;
            case PacketType.TransactionManager:
                Headers(reader);
                _session!.TransactionManager(TransactionMessage.Read(reader, _listener.Server.ServerName), _sink);
                break;
            case PacketType.BulkLoad:
                _sink.Message(TdsErrors.BulkLoadRefused());
                break;
            default:
                _sink.Message(TdsErrors.UnknownRequest((byte)message.Type));
                break;
        }
    }

    private void Headers(TdsReader reader)
    {
        if (_tokens.Dialect.IsYukon)
            reader.AllHeaders();
    }

    private void Call(ClientRequest request, TdsReader reader)
    {
        foreach (RpcCall call in RpcMessage.Read(reader, _tokens.Dialect.BatchFlag))
        {
            request.Cancellation.ThrowIfCancellationRequested();
            _sink.BeginCall(call);
            try
            {
                _session!.ExecuteRpc(call.Procedure, call.Parameters, _sink, request.Cancellation);
            }
            catch (LabSqlException error)
            {
                // The calls after it are executed all the same, unless the session is lost.
                _sink.Message(error.Error);
            }

            _sink.EndCall();
            if (_sink.IsFatal)
                return;
        }
    }

    private void Fail(ClientRequest request, Exception error)
    {
        switch (error)
        {
            case OperationCanceledException when request.Cancellation.IsCancellationRequested:
                break;
            case LabSqlException sql:
                _sink.Message(sql.Error);
                break;
            case TdsProtocolException:
                _sink.Message(TdsErrors.InvalidStream(error.Message));
                break;
            default:
                _listener.Report(error);
                _sink.Message(TdsErrors.Unexpected(error));
                break;
        }
    }

    /// <summary>Lets the client read the error; the reading task ends when the client closes, or after the close timeout.</summary>
    private void EndAfterFatalError()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            _lifetime.CancelAfter(_listener.Options.CloseTimeout);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            _lifetime.Cancel();
        }
    }
}
