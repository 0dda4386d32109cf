using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>A table or view of a linked server.</summary>
internal sealed class RemoteTable : IRemoteRowSource
{
    private readonly LinkedConnections _links;
    private readonly LinkedServer _server;

    private RemoteTable(LinkedConnections links, LinkedServer server, string remoteName, IReadOnlyList<ResultColumn> columns)
    {
        _links = links;
        _server = server;
        RemoteName = remoteName;
        Columns = columns;
    }

    public string RemoteName { get; }

    public IReadOnlyList<ResultColumn> Columns { get; }

    public LabTable? Table => null;

    /// <summary>Asks the other side for the columns; its own errors (208 and the like) come through.</summary>
    public static RemoteTable Open(LinkedConnections links, LinkedServer server, string remoteName, ExecutionFrame frame)
    {
        LinkedOutcome outcome = links.Run(server, new LinkedCommand($"SELECT TOP (0) * FROM {remoteName};"), frame, null);
        if (outcome.Errors.Count > 0)
        {
            throw new LabSqlException(outcome.Errors[0]);
        }

        return new RemoteTable(links, server, remoteName, outcome.Results[0].Columns);
    }

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => Rows(context, new LinkedCommand($"SELECT * FROM {RemoteName};"));

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode)
    {
        if (key.Length == 0 || key.Any(value => value is null))
        {
            return null;
        }

        var command = new LinkedCommand(string.Empty);
        var conditions = new List<string>(key.Length);
        for (int i = 0; i < key.Length; i++)
        {
            ResultColumn column = Columns.First(c => string.Equals(c.Name, columns[i], StringComparison.OrdinalIgnoreCase));
            conditions.Add($"{LinkedConnections.Quote(column.Name)} = @p{i}");
            command.Parameters.Add(new LinkedParameter($"@p{i}", column.Type, key[i]));
        }

        command.Text = $"SELECT * FROM {RemoteName} WHERE {string.Join(" AND ", conditions)};";
        return Rows(context, command);
    }

    public long Execute(IExecutionContext context, string text, IReadOnlyList<(SqlType Type, object? Value)> parameters)
    {
        var command = new LinkedCommand(text);
        for (int i = 0; i < parameters.Count; i++)
        {
            command.Parameters.Add(new LinkedParameter($"@p{i}", parameters[i].Type, parameters[i].Value));
        }

        LinkedOutcome outcome = _links.Run(_server, command, (ExecutionFrame)context, null);
        return outcome.Errors.Count > 0 ? throw new LabSqlException(outcome.Errors[^1]) : outcome.RowCount;
    }

    private List<LabRow> Rows(IExecutionContext context, LinkedCommand command)
    {
        LinkedOutcome outcome = _links.Run(_server, command, (ExecutionFrame)context, null);
        return outcome.Errors.Count > 0
            ? throw new LabSqlException(outcome.Errors[^1])
            : [.. outcome.Results[0].Rows.Select((row, i) => new LabRow(i + 1, row))];
    }
}
