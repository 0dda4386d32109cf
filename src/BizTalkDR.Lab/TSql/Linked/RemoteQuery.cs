using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>The first result set of a text that another instance runs as it is (OPENQUERY).</summary>
internal sealed class RemoteQuery : IRowSource
{
    private readonly List<object?[]> _rows;

    public RemoteQuery(LinkedConnections links, LinkedServer server, string text, ExecutionFrame frame)
    {
        var sink = new CapturingSink(m => frame.Session.Send(frame, m));
        links.Run(server, text, [], frame, sink, changes: false);
        if (sink.Results.Count == 0)
        {
            throw new LabSqlException(7357, 16, 2, $"Cannot process the object \"{text}\". The OLE DB provider \"MSOLEDBSQL\" for linked server \"{server.Name}\" indicates that either the object has no columns or the current user does not have permissions on that object.");
        }

        (Columns, _rows) = sink.Results[0];
    }

    public IReadOnlyList<ResultColumn> Columns { get; }

    public LabTable? Table => null;

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => _rows.Select((row, index) => new LabRow(index + 1, row));

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode) => null;
}
