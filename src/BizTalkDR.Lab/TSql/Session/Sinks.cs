using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>Collects result sets in memory (INSERT … EXEC, agent steps) and passes messages on.</summary>
internal sealed class CapturingSink : IResultSink
{
    private readonly IResultSink? _inner;
    private readonly Action<SqlMessage>? _message;

    public CapturingSink(IResultSink inner) => _inner = inner;

    public CapturingSink(Action<SqlMessage> message) => _message = message;

    public List<(IReadOnlyList<ResultColumn> Columns, List<object?[]> Rows)> Results { get; } = [];

    public void Message(SqlMessage message)
    {
        _inner?.Message(message);
        _message?.Invoke(message);
    }

    public void Columns(IReadOnlyList<ResultColumn> columns) => Results.Add((columns, []));

    public void Row(object?[] values) => Results[^1].Rows.Add(values);

    public void StatementDone(long? rowCount, bool isSelect, bool inProcedure)
    {
        // Row counts of captured statements are not for the client.
    }

    public void ReturnStatus(int status)
    {
        // The caller reads the status from the call itself.
    }

    public void OutputParameter(string name, SqlType type, object? value)
    {
        // The caller reads output values from the call itself.
    }

    public void DatabaseChanged(string newName, string oldName) => _inner?.DatabaseChanged(newName, oldName);

    public void TransactionChanged(TransactionChange change, long descriptor) => _inner?.TransactionChanged(change, descriptor);
}
