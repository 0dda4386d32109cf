using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.Tests.Tds;

/// <summary>A server whose answers the test writes: what is tested is the protocol, not T-SQL.</summary>
internal sealed class ScriptedServer : ISqlServer
{
    private int _lastSessionId = 50;

    public string ServerName { get; init; } = "LABSQL1";

    public string Collation => "SQL_Latin1_General_CP1_CI_AS";

    public ConcurrentQueue<string> Log { get; } = [];

    public ConcurrentQueue<LoginRequest> Logins { get; } = [];

    public int OpenSessions;

    /// <summary>Answers a batch; the default ends it with one statement without a count.</summary>
    public Action<ScriptedSession, string, IResultSink, CancellationToken> OnBatch { get; set; } = (_, _, sink, _) => sink.StatementDone(null, false, false);

    public Action<ScriptedSession, string, IReadOnlyList<RpcParameter>, IResultSink, CancellationToken> OnRpc { get; set; } = (_, _, _, sink, _) => sink.ReturnStatus(0);

    public Action<LoginRequest> OnLogin { get; set; } = login =>
    {
        if (login.Password != "S3cret!åß€")
            throw new LabSqlException(18456, 14, 8, $"Login failed for user '{login.UserName}'.");
    };

    public ISqlSession Login(LoginRequest request)
    {
        Logins.Enqueue(request);
        OnLogin(request);
        Interlocked.Increment(ref OpenSessions);
        return new ScriptedSession(this, Interlocked.Increment(ref _lastSessionId), request.Database.Length == 0 ? "master" : request.Database);
    }
}

internal sealed class ScriptedSession(ScriptedServer server, int sessionId, string database) : ISqlSession
{
    private long _descriptor;

    public int SessionId => sessionId;

    public string Database { get; set; } = database;

    public void ExecuteBatch(string text, IResultSink sink, CancellationToken cancellation)
    {
        server.Log.Enqueue("batch " + text);
        server.OnBatch(this, text, sink, cancellation);
    }

    public void ExecuteRpc(string procedure, IReadOnlyList<RpcParameter> parameters, IResultSink sink, CancellationToken cancellation)
    {
        server.Log.Enqueue("rpc " + procedure);
        server.OnRpc(this, procedure, parameters, sink, cancellation);
    }

    public void TransactionManager(TransactionRequest request, IResultSink sink)
    {
        server.Log.Enqueue($"transaction {request.Kind} {request.Name} {request.Isolation} {request.BeginsNew}");
        switch (request.Kind)
        {
            case TransactionRequestKind.Begin:
                _descriptor = 0x0102030405060708 + sessionId;
                sink.TransactionChanged(TransactionChange.Begin, _descriptor);
                break;
            case TransactionRequestKind.Commit:
                sink.TransactionChanged(TransactionChange.Commit, _descriptor);
                break;
            case TransactionRequestKind.Rollback when request.Name is null:
                sink.TransactionChanged(TransactionChange.Rollback, _descriptor);
                break;
        }
    }

    public void Reset(bool keepTransaction) => server.Log.Enqueue("reset " + keepTransaction);

    public void Dispose()
    {
        server.Log.Enqueue("dispose");
        Interlocked.Decrement(ref server.OpenSessions);
    }
}
