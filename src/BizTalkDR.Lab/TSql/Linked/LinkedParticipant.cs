using System;
using BizTalkDR.Lab.Engine;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>Another instance in a distributed transaction, reached over the session that did the work there, or over a fresh one when that is gone.</summary>
internal sealed class LinkedParticipant : IRemoteParticipant
{
    private readonly LabSqlServer _server;
    private readonly LinkedConnection? _connection;

    public LinkedParticipant(LabSqlServer server, LinkedConnection connection)
    {
        _server = server;
        _connection = connection;
        Server = connection.RealName;
    }

    /// <summary>For work after a restart: no session is left.</summary>
    public LinkedParticipant(LabSqlServer server, string name)
    {
        _server = server;
        Server = name;
    }

    public string Server { get; }

    public void AcquireBarrier(Guid globalId, bool exclusive, TimeSpan timeout) =>
        RunHere(
            "EXEC sp_lab_barrier @gtid, @exclusive, @timeout", globalId,
            RemoteTypes.Parameter("@exclusive", SqlType.Bit, exclusive), RemoteTypes.Parameter("@timeout", SqlType.Int, (int)timeout.TotalMilliseconds));

    public void Prepare(Guid globalId, string coordinator) =>
        RunHere("EXEC sp_lab_prepare @gtid, @coordinator", globalId, RemoteTypes.Parameter("@coordinator", SqlType.SysName, coordinator));

    public void Commit(Guid globalId) => RunAnyhow("EXEC sp_lab_commit @gtid", globalId);

    public void Abort(Guid globalId) => RunAnyhow("EXEC sp_lab_abort @gtid", globalId);

    private static void Run(LinkedConnection connection, string text, Guid globalId, params SqlParameter[] more) =>
        connection.Run(text, [RemoteTypes.Parameter("@gtid", SqlType.UniqueIdentifier, globalId), .. more], 120, _ => { }, null, null, null, default);

    private void RunHere(string text, Guid globalId, params SqlParameter[] more)
    {
        if (_connection is not { IsOpen: true })
        {
            throw new LabSqlException(8501, 16, 1, $"MSDTC on server '{Server}' is unavailable.");
        }

        Run(_connection, text, globalId, more);
    }

    private void RunAnyhow(string text, Guid globalId)
    {
        if (_connection is { IsOpen: true })
        {
            _connection.Enlisted = null;
            try
            {
                Run(_connection, text, globalId);
                return;
            }
            catch (LabSqlException) when (!_connection.IsOpen)
            {
                // The session went away with the word; say it again over a fresh one.
            }
        }

        using LinkedConnection fresh = _server.Distributed.Control(Server);
        Run(fresh, text, globalId);
    }
}
