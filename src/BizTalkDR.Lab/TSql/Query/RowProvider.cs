using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>Gives the rows of one source of a FROM clause.</summary>
internal abstract class RowProvider
{
    /// <summary>Whether every run within the statement gives the same rows, so that they may be kept.</summary>
    public virtual bool IsStable => true;

    /// <summary>Whether each seek is a call to another instance.</summary>
    public virtual bool IsRemote => false;

    public abstract IEnumerable<object?[]> Rows(Frame frame);

    /// <summary>Rows whose columns equal the key, when that is faster than reading all; null when not.</summary>
    public virtual IEnumerable<object?[]>? Seek(Frame frame, IReadOnlyList<string> columns, object?[] key) => null;

    /// <summary>Sets of columns a seek may use, best first.</summary>
    public virtual IEnumerable<IReadOnlyList<string>> SeekableColumns(IReadOnlyCollection<string> available) => [];
}

/// <summary>Reads a table, a system view or a remote table.</summary>
internal sealed class SourceProvider(IRowSource source, ReadMode mode) : RowProvider
{
    public override bool IsRemote => source is IRemoteRowSource;

    public override IEnumerable<object?[]> Rows(Frame frame) => Values(frame, source.Scan(frame.Context, mode));

    public override IEnumerable<object?[]>? Seek(Frame frame, IReadOnlyList<string> columns, object?[] key) =>
        source.Seek(frame.Context, columns, key, mode) is { } rows ? Values(frame, rows) : null;

    public override IEnumerable<IReadOnlyList<string>> SeekableColumns(IReadOnlyCollection<string> available) =>
        IndexColumns(source.Table?.Def, available);

    /// <summary>Lists the index keys, or their beginnings, that the available columns cover: whole unique keys first. A source without indexes gets all columns.</summary>
    public static IEnumerable<IReadOnlyList<string>> IndexColumns(TableDef? table, IReadOnlyCollection<string> available)
    {
        if (table is null)
        {
            return [available.ToList()];
        }

        List<(IReadOnlyList<string> Columns, int Rank)> candidates = [];
        foreach (IndexDef index in table.Indexes)
        {
            List<string> prefix = index.Columns.Select(c => c.Column).TakeWhile(c => available.Contains(c, StringComparer.OrdinalIgnoreCase)).ToList();
            if (prefix.Count > 0)
            {
                candidates.Add((prefix, prefix.Count + (index.IsUnique && prefix.Count == index.Columns.Count ? 1000 : 0)));
            }
        }

        return candidates.OrderByDescending(c => c.Rank).Select(c => c.Columns);
    }

    private static IEnumerable<object?[]> Values(Frame frame, IEnumerable<LabRow> rows)
    {
        foreach (LabRow row in rows)
        {
            frame.Context.Cancellation.ThrowIfCancellationRequested();
            yield return row.Values;
        }
    }
}

/// <summary>Runs a derived table or common table expression.</summary>
/// <param name="plan">The query.</param>
/// <param name="applied">Whether it sees the row to its left (APPLY).</param>
/// <param name="stable">Whether nothing around it changes its rows.</param>
internal sealed class PlanProvider(QueryPlan plan, bool applied, bool stable) : RowProvider
{
    public override bool IsStable => stable;

    public override IEnumerable<object?[]> Rows(Frame frame) => plan.Run(frame.Context, applied ? frame : frame.Outer);
}

/// <summary>Gives the rows of VALUES (…), (…).</summary>
internal sealed class ValuesProvider(Expr[][] rows, bool applied) : RowProvider
{
    public override bool IsStable => !applied;

    public override IEnumerable<object?[]> Rows(Frame frame)
    {
        Frame reading = applied ? frame : frame.Outer ?? new Frame(frame.Context, null);
        foreach (Expr[] row in rows)
        {
            yield return Array.ConvertAll(row, e => e.Eval(reading));
        }
    }
}

/// <summary>Calls a table-valued function, again for each row when it is applied.</summary>
internal sealed class FunctionProvider(Func<IExecutionContext, (SqlType, object?)[], IRowSource> resolve, Expr[] arguments, bool applied) : RowProvider
{
    public override bool IsStable => !applied;

    public override IEnumerable<object?[]> Rows(Frame frame)
    {
        Frame reading = applied ? frame : frame.Outer ?? new Frame(frame.Context, null);
        (SqlType, object?)[] values = Array.ConvertAll(arguments, a => (a.Type, a.Eval(reading)));
        return resolve(frame.Context, values).Scan(frame.Context, frame.Context.DefaultReadMode).Select(r => r.Values);
    }
}

/// <summary>Gives the rows the last round of a recursive common table expression made.</summary>
internal sealed class WorkingTableProvider(RecursivePlan plan) : RowProvider
{
    public override bool IsStable => false;

    public override IEnumerable<object?[]> Rows(Frame frame) => plan.Working;
}

/// <summary>A row source over rows in memory, such as a built-in table function's.</summary>
internal sealed class MemoryRowSource(IReadOnlyList<ResultColumn> columns, IEnumerable<object?[]> rows) : IRowSource
{
    public IReadOnlyList<ResultColumn> Columns => columns;

    public LabTable? Table => null;

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode) => rows.Select((values, i) => new LabRow(i, values));

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode) => null;
}
