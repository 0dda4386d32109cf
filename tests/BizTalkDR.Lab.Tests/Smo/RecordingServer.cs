using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.Tests.Smo;

/// <summary>A text a client sent, and what the lab answered.</summary>
internal sealed class RecordedText(string text) : IResultSink
{
    private IResultSink _client = null!;

    public string Text { get; } = text;

    private List<IReadOnlyList<ResultColumn>> Results { get; } = [];

    private List<SqlMessage> Messages { get; } = [];

    /// <summary>Columns of each result set; without one, the messages or errors in the order in which each came first.</summary>
    public string Outcome
    {
        get
        {
            int[] errors = [.. Messages.Where(m => m.IsError).Select(m => m.Number).Distinct()];
            if (errors.Length > 0)
                return "error " + string.Join(", ", errors);
            if (Results.Count > 0)
                return string.Join(" / ", Results.Select(r => string.Join(", ", r.Select(c => $"{c.Name}:{NameOf(c.Type)}"))));
            int[] said = [.. Messages.Select(m => m.Number).Distinct()];
            return said.Length == 0 ? "done" : "message " + string.Join(", ", said);
        }
    }

    public RecordedText To(IResultSink client)
    {
        _client = client;
        return this;
    }

    public void Message(SqlMessage message)
    {
        Messages.Add(message);
        _client.Message(message);
    }

    public void Columns(IReadOnlyList<ResultColumn> columns)
    {
        Results.Add(columns);
        _client.Columns(columns);
    }

    public void Row(object?[] values) => _client.Row(values);

    public void StatementDone(long? rowCount, bool isSelect, bool inProcedure) => _client.StatementDone(rowCount, isSelect, inProcedure);

    public void ReturnStatus(int status) => _client.ReturnStatus(status);

    public void OutputParameter(string name, SqlType type, object? value) => _client.OutputParameter(name, type, value);

    public void DatabaseChanged(string newName, string oldName) => _client.DatabaseChanged(newName, oldName);

    public void TransactionChanged(TransactionChange change, long descriptor) => _client.TransactionChanged(change, descriptor);

    private static string NameOf(SqlType type) => type.Kind switch
    {
        SqlKind.Decimal => "numeric",
        SqlKind.UniqueIdentifier => "guid",
        SqlKind.SqlVariant => "variant",
        _ => type.Kind.ToString().ToLowerInvariant(),
    };
}

/// <summary>Stands before the lab's own server and notes every text and its answer.</summary>
internal sealed class RecordingServer(ISqlServer lab) : ISqlServer
{
    public ConcurrentQueue<RecordedText> Texts { get; } = [];

    public string ServerName => lab.ServerName;

    public string Collation => lab.Collation;

    public ISqlSession Login(LoginRequest request) => new Session(this, lab.Login(request));

    private RecordedText Note(string text)
    {
        RecordedText recorded = new(text);
        Texts.Enqueue(recorded);
        return recorded;
    }

    private sealed class Session(RecordingServer server, ISqlSession lab) : ISqlSession
    {
        public int SessionId => lab.SessionId;

        public string Database => lab.Database;

        public void ExecuteBatch(string text, IResultSink sink, CancellationToken cancellation) => lab.ExecuteBatch(text, server.Note(text).To(sink), cancellation);

        public void ExecuteRpc(string procedure, IReadOnlyList<RpcParameter> parameters, IResultSink sink, CancellationToken cancellation)
        {
            bool isText = procedure.Equals("sp_executesql", StringComparison.OrdinalIgnoreCase) && parameters is [{ Value: string }, ..];
            lab.ExecuteRpc(procedure, parameters, server.Note(isText ? (string)parameters[0].Value! : procedure).To(sink), cancellation);
        }

        public void TransactionManager(TransactionRequest request, IResultSink sink) => lab.TransactionManager(request, sink);

        public void Reset(bool keepTransaction) => lab.Reset(keepTransaction);

        public void Dispose() => lab.Dispose();
    }
}
