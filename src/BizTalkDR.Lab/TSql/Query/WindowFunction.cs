using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>A function with OVER: ranking, offset or aggregate, computed over the rows before they are projected.</summary>
internal sealed class WindowFunction
{
    private static readonly HashSet<string> Ranking = new(
        ["ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE", "PERCENT_RANK", "CUME_DIST"], StringComparer.OrdinalIgnoreCase);

    public required string Name { get; init; }

    public required Expr[] Arguments { get; init; }

    public Aggregate? Aggregate { get; init; }

    public required Expr[] Partition { get; init; }

    public required (Expr Key, bool Descending)[] Order { get; init; }

    public WindowFrameClause? FrameClause { get; init; }

    public required SqlType Type { get; init; }

    /// <summary>Reads the result; its slot is set when the query is complete.</summary>
    public required SlotExpr Result { get; init; }

    public static bool IsRanking(string name) => Ranking.Contains(name);

    /// <summary>Adds the results of all functions behind the slots of each row.</summary>
    public static IEnumerable<object?[]> Extend(List<WindowFunction> functions, IEnumerable<object?[]> rows, Frame frame)
    {
        List<object?[]> extended = [];
        int width = -1;
        foreach (object?[] row in rows)
        {
            width = row.Length;
            object?[] copy = new object?[width + functions.Count];
            row.CopyTo(copy, 0);
            extended.Add(copy);
        }

        IReadOnlyList<object?[]> current = extended;
        for (int i = 0; i < functions.Count && extended.Count > 0; i++)
        {
            current = functions[i].Apply(current, width + i, frame);
        }

        return current;
    }

    // The order of the last function is the order in which rows come out, as it mostly is on a real server.
    private List<object?[]> Apply(IReadOnlyList<object?[]> rows, int slot, Frame frame)
    {
        List<object?[]> result = [];
        Dictionary<object?[], List<object?[]>> partitions = new(new RowKeyComparer(Partition.Select(p => p.Rules).ToArray()));
        List<List<object?[]>> inOrder = [];
        foreach (object?[] row in rows)
        {
            frame.Row = row;
            object?[] key = Array.ConvertAll(Partition, p => p.Eval(frame));
            if (!partitions.TryGetValue(key, out List<object?[]>? members))
            {
                partitions.Add(key, members = []);
                inOrder.Add(members);
            }

            members.Add(row);
        }

        SortKeyComparer comparer = new(Order.Select(o => o.Descending).ToArray(), Order.Select(o => o.Key.Rules).ToArray());
        foreach (List<object?[]> members in inOrder)
        {
            List<(object?[] Row, object?[] Keys)> sorted = members.Select(row =>
            {
                frame.Row = row;
                return (Row: row, Keys: Array.ConvertAll(Order, o => o.Key.Eval(frame)));
            }).ToList();
            if (Order.Length > 0)
            {
                sorted = sorted.OrderBy(p => p.Keys, comparer).ToList();
            }

            int[] peers = Peers(sorted, comparer);
            for (int i = 0; i < sorted.Count; i++)
            {
                sorted[i].Row[slot] = Value(sorted, peers, i, frame);
            }

            result.AddRange(sorted.Select(p => p.Row));
        }

        return result;
    }

    /// <summary>Gives for each row the place of the first row that sorts equal.</summary>
    private int[] Peers(List<(object?[] Row, object?[] Keys)> sorted, SortKeyComparer comparer)
    {
        int[] peers = new int[sorted.Count];
        for (int i = 1; i < peers.Length; i++)
        {
            peers[i] = Order.Length == 0 || comparer.Compare(sorted[i - 1].Keys, sorted[i].Keys) == 0 ? peers[i - 1] : i;
        }

        return peers;
    }

    private object? Value(List<(object?[] Row, object?[] Keys)> rows, int[] peers, int at, Frame frame)
    {
        switch (Name)
        {
            case "ROW_NUMBER":
                return (long)at + 1;
            case "RANK":
                return (long)peers[at] + 1;
            case "DENSE_RANK":
                return at == 0 ? 1L : (long)rows[at - 1].Row[Result.Slot]! + (peers[at] == at ? 1 : 0);
            case "NTILE":
                return Tile(rows.Count, at, frame, rows[at].Row);
            case "PERCENT_RANK":
                return rows.Count == 1 ? 0d : peers[at] / (double)(rows.Count - 1);
            case "CUME_DIST":
                return (LastPeer(peers, at) + 1) / (double)rows.Count;
            case "LAG" or "LEAD":
                return Neighbour(rows, at, frame);
        }

        (int first, int last) = Bounds(peers, at, rows, frame);
        if (Name is "FIRST_VALUE" or "LAST_VALUE")
        {
            if (last < first)
            {
                return null;
            }

            frame.Row = rows[Name == "FIRST_VALUE" ? first : last].Row;
            return Arguments[0].Eval(frame);
        }

        bool nullSeen = false;
        if (at > 0 && FrameClause is null && peers[at] != at)
        {
            return rows[at - 1].Row[Result.Slot];
        }

        List<object?[]> window = rows.GetRange(Math.Max(0, first), Math.Max(0, last - first + 1)).ConvertAll(r => r.Row);
        return Aggregate!.Compute(window, frame, ref nullSeen);
    }

    private object Tile(int count, int at, Frame frame, object?[] row)
    {
        frame.Row = row;
        long tiles = Arguments[0].Eval(frame) is { } v ? SqlConversion.AsLong(v) : 0;
        if (tiles < 1)
        {
            throw SqlErrors.Make(4116, 16, 1, "The function 'ntile' takes only a positive int or bigint value as its argument.");
        }

        long size = count / tiles;
        long larger = count % tiles;
        return at < larger * (size + 1) ? (at / (size + 1)) + 1 : larger + ((at - (larger * (size + 1))) / Math.Max(1, size)) + 1;
    }

    private object? Neighbour(List<(object?[] Row, object?[] Keys)> rows, int at, Frame frame)
    {
        frame.Row = rows[at].Row;
        long offset = Arguments.Length > 1 ? ((long?)SqlConversion.Convert(Arguments[1].Eval(frame), Arguments[1].Type, SqlType.BigInt) ?? 0) : 1;
        long other = Name == "LAG" ? at - offset : at + offset;
        if (other < 0 || other >= rows.Count)
        {
            return Arguments.Length > 2 ? SqlConversion.Convert(Arguments[2].Eval(frame), Arguments[2].Type, Type) : null;
        }

        frame.Row = rows[(int)other].Row;
        return Arguments[0].Eval(frame);
    }

    private (int First, int Last) Bounds(int[] peers, int at, List<(object?[] Row, object?[] Keys)> rows, Frame frame)
    {
        if (FrameClause is null)
        {
            return (0, Order.Length == 0 ? rows.Count - 1 : LastPeer(peers, at));
        }

        bool byRows = FrameClause.WindowFrameType == WindowFrameType.Rows;
        int Edge(WindowDelimiter delimiter, bool lower) => delimiter.WindowDelimiterType switch
        {
            WindowDelimiterType.UnboundedPreceding => 0,
            WindowDelimiterType.UnboundedFollowing => rows.Count - 1,
            WindowDelimiterType.CurrentRow => byRows ? at : lower ? peers[at] : LastPeer(peers, at),
            WindowDelimiterType.ValuePreceding => at - Offset(delimiter),
            _ => at + Offset(delimiter),
        };
        int Offset(WindowDelimiter delimiter) => delimiter.OffsetValue is IntegerLiteral literal
            ? int.Parse(literal.Value, System.Globalization.CultureInfo.InvariantCulture)
            : (int)SqlConversion.AsLong(new Binder(frame.Context).Bind(delimiter.OffsetValue).Eval(frame) ?? 0);
        int first = Edge(FrameClause.Top, lower: true);
        int last = FrameClause.Bottom is null ? (byRows ? at : LastPeer(peers, at)) : Edge(FrameClause.Bottom, lower: false);
        return (Math.Max(0, first), Math.Min(rows.Count - 1, last));
    }

    private static int LastPeer(int[] peers, int at)
    {
        int last = at;
        while (last + 1 < peers.Length && peers[last + 1] == peers[at])
        {
            last++;
        }

        return last;
    }
}
