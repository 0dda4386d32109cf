using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>One output column of a query.</summary>
internal sealed record OutputColumn(string Name, Expr Expression, bool IsStarOrColumn);

/// <summary>One ORDER BY term: an output column, or an expression over the query's row.</summary>
internal sealed record OrderTerm(int Output, Expr Expression, bool Descending);

/// <summary>One SELECT: sources, filters, groups, windows, projection, order, limits.</summary>
internal sealed class SelectPlan(Scope scope) : QueryPlan
{
    private IReadOnlyList<ResultColumn>? _columns;

    public FromNode? From { get; set; }

    /// <summary>Conditions that read no column of this query: decided once.</summary>
    public List<Conjunct> Constants { get; } = [];

    public GroupBinding? Grouping { get; set; }

    public Func<Frame, bool?>? Having { get; set; }

    public List<WindowFunction> Windows { get; set; } = [];

    public List<OutputColumn> Output { get; } = [];

    public List<OrderTerm> Order { get; } = [];

    public bool Distinct { get; set; }

    public Expr? Top { get; set; }

    public bool TopPercent { get; set; }

    public bool TopWithTies { get; set; }

    public Expr? Offset { get; set; }

    public Expr? Fetch { get; set; }

    /// <summary>SELECT @v = …: done for each row; the rows come out empty.</summary>
    public List<Action<Frame>>? Assignments { get; set; }

    /// <summary>Slot of the stored row of a DML target, put after the output columns; -1 when there is none.</summary>
    public int HiddenSlot { get; set; } = -1;

    public Scope Scope => scope;

    public override IReadOnlyList<ResultColumn> Columns => _columns ??= Output
        .Select(o => new ResultColumn(o.Name, o.Expression.Type, o.Expression.Nullable, o.Expression.IsIdentity)).ToList();

    public override StringRules[] Rules => Output.Select(o => o.Expression.Rules).ToArray();

    public override bool IsNullColumn(int column) => Output[column].Expression.IsNullLiteral;

    public override IEnumerable<object?[]> Run(IExecutionContext context, Frame? outer)
    {
        Frame frame = new(context, outer);
        IEnumerable<object?[]> rows = Base(frame);
        if (Grouping is not null)
        {
            rows = Grouped(rows, context, outer);
        }

        if (Windows.Count > 0)
        {
            rows = WindowFunction.Extend(Windows, rows, new Frame(context, outer));
        }

        if (Assignments is not null)
        {
            return Assign(rows, frame);
        }

        IEnumerable<(object?[] Output, object?[] Keys)> projected = Project(rows, frame);
        if (Distinct)
        {
            RowKeyComparer comparer = new(Rules);
            projected = projected.DistinctBy(p => p.Output, comparer!);
        }

        if (Order.Count > 0)
        {
            SortKeyComparer comparer = new(Order.Select(o => o.Descending).ToArray(), Order.Select(o => o.Expression.Rules).ToArray());
            projected = projected.OrderBy(p => p.Keys, comparer);
        }

        return Limit(projected, new Frame(context, outer));
    }

    /// <summary>Rows of the sources that pass WHERE, before any projection.</summary>
    public IEnumerable<object?[]> BaseRows(IExecutionContext context) => Base(new Frame(context, null));

    private IEnumerable<object?[]> Base(Frame frame)
    {
        Frame own = new(frame.Context, frame.Outer);
        foreach (Conjunct constant in Constants)
        {
            if (constant.Test(own) != true)
            {
                return [];
            }
        }

        return From is null ? [Frame.NoRow] : From.Rows(new Frame(frame.Context, frame.Outer));
    }

    private IEnumerable<object?[]> Assign(IEnumerable<object?[]> rows, Frame frame)
    {
        if (Order.Count > 0 || Top is not null || Distinct)
        {
            Frame sorting = new(frame.Context, frame.Outer);
            SortKeyComparer comparer = new(Order.Select(o => o.Descending).ToArray(), Order.Select(o => o.Expression.Rules).ToArray());
            rows = rows.Select(row =>
            {
                sorting.Row = row;
                return (row, keys: Order.Select(o => o.Expression.Eval(sorting)).ToArray());
            }).OrderBy(p => p.keys, comparer).Select(p => p.row).ToList();
            rows = Top is null ? rows : rows.Take((int)Math.Min(int.MaxValue, RowLimits.Top(Top, false, sorting).Rows));
        }

        foreach (object?[] row in rows)
        {
            frame.Row = row;
            foreach (Action<Frame> assignment in Assignments!)
            {
                assignment(frame);
            }

            yield return Frame.NoRow;
        }
    }

    private IEnumerable<(object?[] Output, object?[] Keys)> Project(IEnumerable<object?[]> rows, Frame frame)
    {
        Expr[] output = Output.Select(o => o.Expression).ToArray();
        OrderTerm[] order = [.. Order];
        int hidden = HiddenSlot >= 0 ? 1 : 0;
        foreach (object?[] row in rows)
        {
            frame.Row = row;
            object?[] values = new object?[output.Length + hidden];
            for (int i = 0; i < output.Length; i++)
            {
                values[i] = output[i].Eval(frame);
            }

            if (hidden > 0)
            {
                values[^1] = row[HiddenSlot];
            }

            object?[] keys = order.Length == 0 ? Frame.NoRow : new object?[order.Length];
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i] = order[i].Output >= 0 ? values[order[i].Output] : order[i].Expression.Eval(frame);
            }

            yield return (values, keys);
        }
    }

    private IEnumerable<object?[]> Limit(IEnumerable<(object?[] Output, object?[] Keys)> rows, Frame frame)
    {
        if (Top is null)
        {
            return RowLimits.Page(rows.Select(r => r.Output), Offset, Fetch, frame);
        }

        (long count, double percent) = RowLimits.Top(Top, TopPercent, frame);
        if (TopPercent)
        {
            List<(object?[] Output, object?[] Keys)> all = rows.ToList();
            count = (long)Math.Ceiling(all.Count * percent / 100);
            rows = all;
        }

        return TopWithTies ? WithTies(rows, count) : rows.Select(r => r.Output).Take((int)Math.Min(count, int.MaxValue));
    }

    private IEnumerable<object?[]> WithTies(IEnumerable<(object?[] Output, object?[] Keys)> rows, long count)
    {
        RowKeyComparer comparer = new(Order.Select(o => o.Expression.Rules).ToArray());
        object?[]? last = null;
        long taken = 0;
        foreach ((object?[] output, object?[] keys) in rows)
        {
            if (taken >= count && (last is null || !comparer.Equals(last, keys)))
            {
                yield break;
            }

            taken++;
            last = keys;
            yield return output;
        }
    }

    private IEnumerable<object?[]> Grouped(IEnumerable<object?[]> rows, IExecutionContext context, Frame? outer)
    {
        Frame frame = new(context, outer);
        Expr[] keys = Grouping!.Keys.Select(k => k.Expression).ToArray();
        Dictionary<object?[], List<object?[]>> groups = new(new RowKeyComparer(keys.Select(k => k.Rules).ToArray()));
        List<(object?[] Key, List<object?[]> Rows)> inOrder = [];
        if (keys.Length == 0)
        {
            inOrder.Add(([], rows.ToList()));
        }
        else
        {
            foreach (object?[] row in rows)
            {
                frame.Row = row;
                object?[] key = Array.ConvertAll(keys, k => k.Eval(frame));
                if (!groups.TryGetValue(key, out List<object?[]>? members))
                {
                    groups.Add(key, members = []);
                    inOrder.Add((key, members));
                }

                members.Add(row);
            }
        }

        bool nullSeen = false;
        bool told = false;
        foreach ((object?[] key, List<object?[]> members) in inOrder)
        {
            object?[] row = new object?[keys.Length + Grouping.Aggregates.Count];
            key.CopyTo(row, 0);
            for (int i = 0; i < Grouping.Aggregates.Count; i++)
            {
                row[keys.Length + i] = Grouping.Aggregates[i].Compute(members, frame, ref nullSeen);
            }

            if (nullSeen && !told)
            {
                told = true;
                context.Inform(new SqlMessage(8153, 0, 1, "Warning: Null value is eliminated by an aggregate or other SET operation."));
            }

            frame.Row = row;
            if (Having is null || Having(frame) == true)
            {
                yield return row;
            }
        }
    }
}
