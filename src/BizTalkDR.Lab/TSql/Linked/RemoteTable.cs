using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>A table or view on another instance.</summary>
internal sealed class RemoteTable : IRemoteRowSource
{
    private readonly LinkedConnections _links;
    private readonly LinkedServer _server;
    private readonly ExecutionFrame _frame;

    public RemoteTable(LinkedConnections links, LinkedServer server, string name, ExecutionFrame frame)
    {
        _links = links;
        _server = server;
        _frame = frame;
        RemoteName = name;
        Columns = Read("SELECT TOP (0) * FROM " + name, []).Columns;
    }

    public IReadOnlyList<ResultColumn> Columns { get; }

    public LabTable? Table => null;

    public string RemoteName { get; }

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => Rows("SELECT * FROM " + RemoteName + Hint(mode), []);

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode)
    {
        var parameters = new List<SqlParameter>();
        var conditions = new List<string>();
        for (int i = 0; i < columns.Count; i++)
        {
            ResultColumn? column = Columns.FirstOrDefault(c => string.Equals(c.Name, columns[i], StringComparison.OrdinalIgnoreCase));
            if (column is null || key[i] is null)
            {
                return null;
            }

            string name = "@k" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            conditions.Add(Interpreter.Quote(column.Name) + " = " + name);
            parameters.Add(RemoteTypes.Parameter(name, column.Type, key[i]));
        }

        return Rows("SELECT * FROM " + RemoteName + Hint(mode) + " WHERE " + string.Join(" AND ", conditions), parameters);
    }

    public long Execute(IExecutionContext context, string text, IReadOnlyList<(SqlType Type, object? Value)> parameters)
    {
        List<SqlParameter> sent = [.. parameters.Select((p, i) => RemoteTypes.Parameter("@p" + i.ToString(System.Globalization.CultureInfo.InvariantCulture), p.Type, p.Value))];
        var sink = new CapturingSink(m => _frame.Session.Send(_frame, m));
        return _links.Run(_server, text, sent, _frame, sink, changes: true);
    }

    private static string Hint(ReadMode mode) => mode switch
    {
        ReadMode.Uncommitted => " WITH (NOLOCK)",
        ReadMode.SkipLocked => " WITH (READPAST)",
        ReadMode.Update => " WITH (UPDLOCK)",
        _ => string.Empty,
    };

    private IEnumerable<LabRow> Rows(string query, List<SqlParameter> parameters) =>
        Read(query, parameters).Rows.Select((row, index) => new LabRow(index + 1, row));

    private (IReadOnlyList<ResultColumn> Columns, List<object?[]> Rows) Read(string query, List<SqlParameter> parameters)
    {
        var sink = new CapturingSink(m => _frame.Session.Send(_frame, m));
        try
        {
            _links.Run(_server, query, parameters, _frame, sink, changes: false);
        }
        catch (LabSqlException error) when (error.Number == 208)
        {
            throw new LabSqlException(7314, 16, 1, $"The OLE DB provider \"MSOLEDBSQL\" for linked server \"{_server.Name}\" does not contain the table \"{RemoteName}\". The table either does not exist or the current user does not have permissions on that table.");
        }

        return sink.Results[0];
    }
}
