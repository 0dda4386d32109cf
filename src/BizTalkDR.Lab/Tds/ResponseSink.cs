using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>Turns what a session produces into tokens.</summary>
/// <remarks>
/// The DONE of a statement is held back until it is known whether something follows, because it says so.
/// A client that is gone, or that sent an attention, gets nothing more; the session learns of it by its cancellation only,
/// so a broken socket never shows up as an error inside a procedure.
/// </remarks>
internal sealed class ResponseSink : IResultSink
{
    private const ushort SelectCommand = 0xC1;
    private const ushort UpdateCommand = 0xC5;
    private readonly TokenWriter _writer;
    private readonly Action<Exception> _clientGone;
    private readonly List<(string Name, SqlType Type, object? Value)> _outputs = [];
    private (Token Token, DoneStatus Status, ushort Command, long Rows)? _pending;
    private RpcCall? _call;
    private int? _returnStatus;
    private bool _failed;
    private bool _inTransaction;
    private volatile bool _discard;
    private bool _clientIsGone;

    /// <param name="clientGone">Called once, when a write fails.</param>
    public ResponseSink(TokenWriter writer, Action<Exception> clientGone)
    {
        _writer = writer;
        _clientGone = clientGone;
    }

    /// <summary>Whether an error of severity 20 or more was sent: the connection ends.</summary>
    public bool IsFatal { get; private set; }

    private bool Silent => _discard || _clientIsGone;

    /// <summary>Begins the response to a request.</summary>
    public void Begin()
    {
        _pending = null;
        _call = null;
        _failed = false;
        _discard = false;
    }

    /// <summary>Begins one call of an RPC message.</summary>
    public void BeginCall(RpcCall call)
    {
        _call = call;
        _returnStatus = null;
        _outputs.Clear();
        _failed = false;
    }

    /// <summary>Marks the request as failed without a message: the client took it back.</summary>
    public void Fail() => _failed = true;

    /// <summary>Stops all further output of this request: the client sent an attention.</summary>
    public void Discard() => _discard = true;

    public void Message(SqlMessage message)
    {
        _failed |= message.IsError;
        Send(() =>
        {
            _writer.Message(message);
            _writer.Flush();
        });
        IsFatal |= message.Class >= 20;
    }

    public void Columns(IReadOnlyList<ResultColumn> columns) => Send(() => _writer.Columns(columns));

    public void Row(object?[] values)
    {
        if (Silent)
            return;
        try
        {
            ReleaseDone(more: true);
            _writer.Row(values);
        }
        catch (Exception error) when (IsClientGone(error))
        {
            ClientGone(error);
        }
    }

    public void StatementDone(long? rowCount, bool isSelect, bool inProcedure)
    {
        DoneStatus status = rowCount is null ? DoneStatus.Final : DoneStatus.Count;
        ushort command = isSelect ? SelectCommand : rowCount is null ? (ushort)0 : UpdateCommand;
        Hold(inProcedure || _call is not null ? Token.DoneInProcedure : Token.Done, status, command, rowCount ?? 0);
    }

    public void ReturnStatus(int status)
    {
        _returnStatus = status;
        if (_call is not null)
            return; // sent before the output parameters when the call ends
        Send(() => _writer.ReturnStatus(status));
        Hold(Token.DoneProcedure, DoneStatus.Final, 0, 0);
    }

    public void OutputParameter(string name, SqlType type, object? value) => _outputs.Add((name, type, value));

    // Changes of the environment go out even after an attention: the client must know the state it is left in.
    public void DatabaseChanged(string newName, string oldName) =>
        SendAlways(() => _writer.TextChange(EnvironmentChange.Database, newName, oldName));

    public void TransactionChanged(TransactionChange change, long descriptor)
    {
        _inTransaction = change == TransactionChange.Begin;
        if (!_writer.Dialect.IsYukon)
            return;
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, descriptor);
        SendAlways(() =>
        {
            if (change == TransactionChange.Begin)
                _writer.BinaryChange(EnvironmentChange.BeginTransaction, bytes, default);
            else
                _writer.BinaryChange((EnvironmentChange)change, default, bytes);
        });
    }

    /// <summary>Acknowledges the reset of a pooled connection.</summary>
    public void ResetAcknowledged(bool keptTransaction)
    {
        _inTransaction &= keptTransaction;
        Send(() => _writer.BinaryChange(EnvironmentChange.ResetAcknowledged, default, default));
    }

    /// <summary>Ends one call of an RPC message: return status, output parameters, DONEPROC, in this order.</summary>
    public void EndCall()
    {
        if (_call is null)
            return;
        if (_returnStatus is null && !_failed)
            _returnStatus = 0;
        if (_returnStatus is { } status)
            Send(() => _writer.ReturnStatus(status));
        HashSet<int> used = [];
        foreach ((string name, SqlType type, object? value) in _outputs)
        {
            int index = ParameterIndex(_call, name, used);
            int ordinal = index < 0 ? 0 : _call.Ordinals[index];
            string sentName = index < 0 ? name : _call.Parameters[index].Name;
            Send(() => _writer.ReturnValue(ordinal, sentName, type, value));
        }

        _outputs.Clear();
        _call = null;
        Hold(Token.DoneProcedure, DoneStatus.Final, 0, 0);
    }

    /// <summary>Ends the response.</summary>
    /// <param name="attention">The client sent an attention, which this DONE acknowledges.</param>
    /// <param name="interrupted">The attention cut a request short: its response ends as a message of its own, the acknowledgement follows as another ([MS-TDS] 3.2.5.7).</param>
    public void End(bool attention, bool interrupted = false)
    {
        if (attention && interrupted)
        {
            // What the request failed with was not sent: a DONE that spoke of an error would look like one without a message.
            _failed = false;
            End(attention: false);
            End(attention: true);
            return;
        }

        _discard = false;
        _call = null;
        bool finalIsHeld = _pending is { Token: not Token.DoneInProcedure } && !_failed && !attention;
        Write(() =>
        {
            ReleaseDone(more: !finalIsHeld);
            if (!finalIsHeld)
                _writer.Done(Token.Done, attention ? DoneStatus.Attention : Flags(DoneStatus.Final), 0, 0);
            _writer.End();
        });
    }

    /// <summary>Which parameter of the call an output belongs to: by name, or the next output parameter without a name; -1 = none.</summary>
    private static int ParameterIndex(RpcCall call, string name, HashSet<int> used)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < call.Parameters.Count; i++)
            {
                RpcParameter parameter = call.Parameters[i];
                bool matches = pass == 0 ? parameter.Name.Length > 0 && string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase) : parameter.IsOutput && parameter.Name.Length == 0;
                if (matches && used.Add(i))
                    return i;
            }
        }

        return -1;
    }

    private void Hold(Token token, DoneStatus status, ushort command, long rows)
    {
        if (Silent)
            return;
        Write(() => ReleaseDone(more: true));
        _pending = (token, Flags(status), command, rows);
        _failed = false;
    }

    private DoneStatus Flags(DoneStatus status)
    {
        if (_failed)
            status |= DoneStatus.Error;
        if (IsFatal)
            status |= DoneStatus.ServerError;
        return _inTransaction ? status | DoneStatus.InTransaction : status;
    }

    private void ReleaseDone(bool more)
    {
        if (_pending is not { } done)
            return;
        _pending = null;
        _writer.Done(done.Token, more ? done.Status | DoneStatus.More : done.Status, done.Command, done.Rows);
    }

    private void Send(Action write)
    {
        if (!Silent)
            SendAlways(write);
    }

    private void SendAlways(Action write) => Write(() =>
    {
        ReleaseDone(more: true);
        write();
    });

    private void Write(Action write)
    {
        if (_clientIsGone)
            return;
        try
        {
            write();
        }
        catch (Exception error) when (IsClientGone(error))
        {
            ClientGone(error);
        }
    }

    private void ClientGone(Exception error)
    {
        _clientIsGone = true;
        _clientGone(error);
    }

    private static bool IsClientGone(Exception error) => error is IOException or ObjectDisposedException;
}
