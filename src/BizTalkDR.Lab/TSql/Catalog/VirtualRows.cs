using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>Rows made in memory: system views, function results, inserted and deleted.</summary>
internal sealed class VirtualRows : IRowSource
{
    private readonly Func<IEnumerable<object?[]>> _rows;

    public VirtualRows(IReadOnlyList<ResultColumn> columns, Func<IEnumerable<object?[]>> rows)
    {
        Columns = columns;
        _rows = rows;
    }

    public IReadOnlyList<ResultColumn> Columns { get; }

    public LabTable? Table => null;

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => _rows().Select((row, index) => new LabRow(index + 1, row));

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode) => null;
}

/// <summary>A stored table as a source of rows.</summary>
internal sealed class TableRowSource : IRowSource
{
    public TableRowSource(LabTable table)
    {
        Table = table;
        Columns = [.. table.Def.Columns.Select(c => new ResultColumn(c.Name, c.Type, c.Nullable, c.IsIdentity))];
    }

    public IReadOnlyList<ResultColumn> Columns { get; }

    public LabTable Table { get; }

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => Table.Scan(context.Transaction, mode);

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode) =>
        Table.Seek(context.Transaction, columns, key, mode);
}
