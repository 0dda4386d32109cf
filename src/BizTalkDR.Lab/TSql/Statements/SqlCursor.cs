using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>A server cursor. Its rows are read when it is opened, so every kind behaves as STATIC.</summary>
internal sealed class SqlCursor
{
    public SqlCursor(string name, SelectStatement select, ExecutionFrame scope, bool scrolls)
    {
        Name = name;
        Select = select;
        Scope = scope;
        Scrolls = scrolls;
    }

    public string Name { get; }

    public SelectStatement Select { get; }

    /// <summary>Variables as they were at the declaration.</summary>
    public ExecutionFrame Scope { get; }

    public bool Scrolls { get; }

    public IReadOnlyList<ResultColumn> Columns { get; private set; } = [];

    public List<object?[]>? Rows { get; private set; }

    /// <summary>1-based; 0 = before the first row.</summary>
    public int Position { get; set; }

    public bool IsOpen => Rows is not null;

    public void Open(IReadOnlyList<ResultColumn> columns, List<object?[]> rows)
    {
        Columns = columns;
        Rows = rows;
        Position = 0;
    }

    public void Close() => Rows = null;

    /// <summary>Moves and gives the row there; null outside the rows.</summary>
    public object?[]? Fetch(FetchOrientation orientation, int offset)
    {
        if (Rows is null)
        {
            throw new LabSqlException(16917, 16, 1, "Cursor is not open.");
        }

        if (!Scrolls && orientation is not FetchOrientation.Next and not FetchOrientation.None)
        {
            throw new LabSqlException(16911, 16, 1, $"fetch: The fetch type {orientation} cannot be used with forward only cursors.");
        }

        int target = orientation switch
        {
            FetchOrientation.First => 1,
            FetchOrientation.Last => Rows.Count,
            FetchOrientation.Prior => Position - 1,
            FetchOrientation.Absolute => offset < 0 ? Rows.Count + 1 + offset : offset,
            FetchOrientation.Relative => Position + offset,
            _ => Position + 1,
        };
        Position = target < 0 ? 0 : target > Rows.Count + 1 ? Rows.Count + 1 : target;
        return Position >= 1 && Position <= Rows.Count ? Rows[Position - 1] : null;
    }
}
