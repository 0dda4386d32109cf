using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.TSql;

// Joins by index seeks on the right side.
internal sealed partial class JoinNode
{
    private bool CanSeek => kind is JoinKind.Inner or JoinKind.Left && right is LeafNode { Provider.IsRemote: false } && _pairs!.Count > 0;

    // Whether there is an index shows with the first key; without one the rows read so far go into a hash join.
    private IEnumerable<object?[]> SeekJoin(Frame frame, LeafNode leaf)
    {
        List<SeekTerm> terms = _pairs!.Select(p => SeekTerm.Make(leaf, p.RawRight, p.RawLeft)).Where(t => t.SeekKey is not null).ToList();
        List<IReadOnlyList<string>> candidates = terms.Count == 0 ? [] : leaf.Provider.SeekableColumns(terms.ConvertAll(t => t.Column)).ToList();
        if (candidates.Count == 0)
        {
            return HashJoin(frame, left.Rows(frame));
        }

        Frame own = new(frame.Context, frame.Outer);
        List<object?[]> read = [];
        IEnumerator<object?[]> rows = left.Rows(frame).GetEnumerator();
        while (rows.MoveNext())
        {
            read.Add(rows.Current);
            own.Row = rows.Current;
            foreach (IReadOnlyList<string> columns in candidates)
            {
                Expr[] keys = columns.Select(c => terms.Find(t => t.Column.Equals(c, StringComparison.OrdinalIgnoreCase))!.SeekKey!).ToArray();
                object?[] key = Array.ConvertAll(keys, k => k.Eval(own));
                if (Array.IndexOf(key, null) >= 0)
                {
                    continue;
                }

                return leaf.SeekRows(frame, columns, key) is null
                    ? HashJoin(frame, Continue(read, rows))
                    : SeekRows(frame, leaf, columns, keys, Continue(read, rows));
            }
        }

        return HashJoin(frame, Continue(read, rows));
    }

    private static IEnumerable<object?[]> Continue(List<object?[]> read, IEnumerator<object?[]> rest)
    {
        using (rest)
        {
            foreach (object?[] row in read)
            {
                yield return row;
            }

            while (rest.MoveNext())
            {
                yield return rest.Current;
            }
        }
    }

    private IEnumerable<object?[]> SeekRows(Frame frame, LeafNode leaf, IReadOnlyList<string> columns, Expr[] keys, IEnumerable<object?[]> rows)
    {
        Frame own = new(frame.Context, frame.Outer);
        foreach (object?[] row in rows)
        {
            own.Row = row;
            object?[] key = Array.ConvertAll(keys, k => k.Eval(own));
            bool matched = false;
            IEnumerable<object?[]> found = Array.IndexOf(key, null) >= 0 ? [] : leaf.SeekRows(frame, columns, key) ?? [];
            foreach (object?[] other in found)
            {
                object?[] merged = Merge(row, other);
                if (Passes(_on, own, merged))
                {
                    matched = true;
                    yield return merged;
                }
            }

            if (!matched && kind == JoinKind.Left)
            {
                yield return row;
            }
        }
    }
}
