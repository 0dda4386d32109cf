using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Benchmarks.Layer;

/// <summary>Stands before the lab's server and notes every request, which is one round trip each.</summary>
/// <remarks>Counted here and not on the wire because the wire is encrypted. Logging in is no request.</remarks>
internal sealed class CountingServer(ISqlServer server) : ISqlServer
{
    private readonly Lock _gate = new();
    private readonly List<string> _requests = [];

    public string ServerName => server.ServerName;

    public string Collation => server.Collation;

    public ISqlSession Login(LoginRequest request) => new Session(this, server.Login(request));

    /// <summary>Gives the requests since the last time it was asked.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (_gate)
        {
            List<string> taken = [.. _requests];
            _requests.Clear();
            return taken;
        }
    }

    private void Note(string request)
    {
        lock (_gate)
            _requests.Add(request);
    }

    private sealed class Session(CountingServer owner, ISqlSession session) : ISqlSession
    {
        public int SessionId => session.SessionId;

        public string Database => session.Database;

        public void ExecuteBatch(string text, IResultSink sink, CancellationToken cancellation)
        {
            owner.Note(text);
            session.ExecuteBatch(text, sink, cancellation);
        }

        public void ExecuteRpc(string procedure, IReadOnlyList<RpcParameter> parameters, IResultSink sink, CancellationToken cancellation)
        {
            owner.Note(procedure == "sp_executesql" && parameters is [{ Value: string text }, ..] ? text : procedure);
            session.ExecuteRpc(procedure, parameters, sink, cancellation);
        }

        public void TransactionManager(TransactionRequest request, IResultSink sink)
        {
            owner.Note("transaction: " + request.Kind);
            session.TransactionManager(request, sink);
        }

        public void Reset(bool keepTransaction) => session.Reset(keepTransaction);

        public void Dispose() => session.Dispose();
    }
}
