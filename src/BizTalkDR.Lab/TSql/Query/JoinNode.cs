using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.TSql;

internal enum JoinKind
{
    Inner,
    Left,
    Right,
    Full,
}

/// <summary>Joins two parts: by index seeks, by hash on equalities, else by nested loops.</summary>
internal sealed partial class JoinNode(Scope scope, FromNode left, FromNode right, JoinKind kind) : FromNode(scope)
{
    private readonly List<Conjunct> _on = [];
    private readonly List<Conjunct> _after = [];
    private List<(Expr Left, Expr Right, StringRules Rules, Expr RawLeft, Expr RawRight)>? _pairs;
    private List<Conjunct> _residual = [];

    public override bool Covers(int slot) => left.Covers(slot) || right.Covers(slot);

    /// <summary>Adds a condition of the ON clause.</summary>
    public void On(Conjunct conjunct)
    {
        if (conjunct.Reads.Count > 0 && conjunct.Within(right) && kind is JoinKind.Inner or JoinKind.Left)
        {
            right.Push(conjunct);
        }
        else if (conjunct.Reads.Count > 0 && conjunct.Within(left) && kind is JoinKind.Inner or JoinKind.Right)
        {
            left.Push(conjunct);
        }
        else
        {
            _on.Add(conjunct);
        }
    }

    public override void Push(Conjunct conjunct)
    {
        if (kind == JoinKind.Inner)
        {
            On(conjunct);
        }
        else if (kind == JoinKind.Left && conjunct.Within(left))
        {
            left.Push(conjunct);
        }
        else if (kind == JoinKind.Right && conjunct.Within(right))
        {
            right.Push(conjunct);
        }
        else
        {
            _after.Add(conjunct);
        }
    }

    public override IEnumerable<object?[]> Rows(Frame frame)
    {
        FindPairs();
        IEnumerable<object?[]> joined = CanSeek ? SeekJoin(frame, (LeafNode)right) : _pairs!.Count > 0 ? HashJoin(frame, left.Rows(frame)) : LoopJoin(frame);
        return _after.Count == 0 ? joined : After(joined, frame);
    }

    private IEnumerable<object?[]> After(IEnumerable<object?[]> rows, Frame frame)
    {
        Frame own = new(frame.Context, frame.Outer);
        foreach (object?[] row in rows)
        {
            if (Passes(_after, own, row))
            {
                yield return row;
            }
        }
    }

    private void FindPairs()
    {
        if (_pairs is not null)
        {
            return;
        }

        _pairs = [];
        _residual = [];
        foreach (Conjunct conjunct in _on)
        {
            if (conjunct.Equality is { } e && e.LeftReads.Count > 0 && e.RightReads.Count > 0 && Sides(e) is { } sides)
            {
                (Expr x, Expr y) = Comparison.Align(Microsoft.SqlServer.TransactSql.ScriptDom.BooleanComparisonType.Equals, sides.Left, sides.Right);
                _pairs.Add((x, y, Exprs.StrongestRules(sides.Left, sides.Right), sides.Left, sides.Right));
            }
            else
            {
                _residual.Add(conjunct);
            }
        }
    }

    private (Expr Left, Expr Right)? Sides((Expr Left, List<int> LeftReads, Expr Right, List<int> RightReads) e)
    {
        if (e.LeftReads.TrueForAll(left.Covers) && e.RightReads.TrueForAll(right.Covers))
        {
            return (e.Left, e.Right);
        }

        return e.LeftReads.TrueForAll(right.Covers) && e.RightReads.TrueForAll(left.Covers) ? (e.Right, e.Left) : null;
    }

    private IEnumerable<object?[]> HashJoin(Frame frame, IEnumerable<object?[]> rows)
    {
        Frame own = new(frame.Context, frame.Outer);
        Dictionary<object?[], List<Entry>> table = new(new RowKeyComparer(_pairs!.Select(p => p.Rules).ToArray()));
        List<Entry> all = [];
        foreach (object?[] row in right.Rows(frame))
        {
            own.Row = row;
            Entry entry = new(row);
            object?[] key = _pairs!.Select(p => p.Right.Eval(own)).ToArray();
            if (kind is JoinKind.Right or JoinKind.Full)
            {
                all.Add(entry);
            }

            if (Array.IndexOf(key, null) < 0)
            {
                if (!table.TryGetValue(key, out List<Entry>? entries))
                {
                    table.Add(key, entries = []);
                }

                entries.Add(entry);
            }
        }

        foreach (object?[] row in rows)
        {
            own.Row = row;
            object?[] key = _pairs!.Select(p => p.Left.Eval(own)).ToArray();
            bool matched = false;
            foreach (Entry entry in Array.IndexOf(key, null) < 0 ? table.GetValueOrDefault(key) ?? [] : [])
            {
                object?[] merged = Merge(row, entry.Row);
                if (Passes(_residual, own, merged))
                {
                    matched = true;
                    entry.Matched = true;
                    yield return merged;
                }
            }

            if (!matched && kind is JoinKind.Left or JoinKind.Full)
            {
                yield return row;
            }
        }

        foreach (Entry entry in all)
        {
            if (!entry.Matched)
            {
                yield return entry.Row;
            }
        }
    }

    private IEnumerable<object?[]> LoopJoin(Frame frame)
    {
        Frame own = new(frame.Context, frame.Outer);
        List<Entry>? inner = null;
        foreach (object?[] row in left.Rows(frame))
        {
            inner ??= right.Rows(frame).Select(r => new Entry(r)).ToList();
            bool matched = false;
            foreach (Entry entry in inner)
            {
                object?[] merged = Merge(row, entry.Row);
                if (_on.Count == 0 || Passes(_on, own, merged))
                {
                    matched = true;
                    entry.Matched = true;
                    yield return merged;
                }
            }

            if (!matched && kind is JoinKind.Left or JoinKind.Full)
            {
                yield return row;
            }
        }

        if (kind is JoinKind.Right or JoinKind.Full)
        {
            foreach (Entry entry in inner ?? right.Rows(frame).Select(r => new Entry(r)).ToList())
            {
                if (!entry.Matched)
                {
                    yield return entry.Row;
                }
            }
        }
    }

    private object?[] Merge(object?[] row, object?[] other)
    {
        object?[] merged = (object?[])row.Clone();
        for (int i = 0; i < merged.Length; i++)
        {
            if (right.Covers(i))
            {
                merged[i] = other[i];
            }
        }

        return merged;
    }

    private sealed class Entry(object?[] row)
    {
        public object?[] Row => row;

        public bool Matched { get; set; }
    }
}
