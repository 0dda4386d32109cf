using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>One condition of a WHERE or ON clause between ANDs, with the slots of its query it reads.</summary>
internal sealed class Conjunct
{
    public required Func<Frame, bool?> Test { get; init; }

    public required List<int> Reads { get; init; }

    /// <summary>Both sides of an equality; null for other conditions.</summary>
    public (Expr Left, List<int> LeftReads, Expr Right, List<int> RightReads)? Equality { get; init; }

    public bool Within(FromNode node) => Reads.TrueForAll(s => node.Covers(s));
}

/// <summary>A part of a FROM clause; its rows are as wide as the whole query's row, with its own slots filled.</summary>
internal abstract class FromNode(Scope scope)
{
    public Scope Scope { get; } = scope;

    public abstract bool Covers(int slot);

    public abstract IEnumerable<object?[]> Rows(Frame frame);

    /// <summary>Takes a WHERE condition down to where it can be decided first.</summary>
    public abstract void Push(Conjunct conjunct);

    protected static bool Passes(List<Conjunct> conjuncts, Frame own, object?[] row)
    {
        own.Row = row;
        foreach (Conjunct conjunct in conjuncts)
        {
            if (conjunct.Test(own) != true)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>One source: filtered, by an index or a hash of its rows when equalities allow.</summary>
internal sealed class LeafNode(Scope scope, ScopeSource source, RowProvider provider) : FromNode(scope)
{
    private readonly List<Conjunct> _filters = [];
    private List<SeekTerm>? _terms;
    private Dictionary<object?[], List<object?[]>>? _hash;
    private int _runs;

    public ScopeSource Source { get; } = source;

    public RowProvider Provider { get; } = provider;

    public List<Conjunct> Filters => _filters;

    public override bool Covers(int slot) => slot >= Source.Offset && slot < Source.Offset + Source.Width;

    public override void Push(Conjunct conjunct) => _filters.Add(conjunct);

    public override IEnumerable<object?[]> Rows(Frame frame)
    {
        Frame own = new(frame.Context, frame.Outer);
        foreach (object?[] values in Access(frame))
        {
            object?[] row = Widen(values);
            if (_filters.Count == 0 || Passes(_filters, own, row))
            {
                yield return row;
            }
        }
    }

    /// <summary>Rows by a key some other part of the query gives; null when the source has no index for it.</summary>
    public IEnumerable<object?[]>? SeekRows(Frame frame, IReadOnlyList<string> columns, object?[] key)
    {
        IEnumerable<object?[]>? found = Provider.Seek(frame, columns, key);
        return found is null ? null : Filtered(frame, found);
    }

    private IEnumerable<object?[]> Filtered(Frame frame, IEnumerable<object?[]> rows)
    {
        Frame own = new(frame.Context, frame.Outer);
        foreach (object?[] values in rows)
        {
            object?[] row = Widen(values);
            if (_filters.Count == 0 || Passes(_filters, own, row))
            {
                yield return row;
            }
        }
    }

    private IEnumerable<object?[]> Access(Frame frame)
    {
        _runs++;
        _terms ??= FindTerms();
        if (_terms.Count == 0)
        {
            return Provider.Rows(frame);
        }

        Frame outside = new(frame.Context, frame.Outer);
        if (TrySeek(frame, outside) is { } found)
        {
            return found;
        }

        if (_runs < 3 || !Provider.IsStable)
        {
            return Provider.Rows(frame);
        }

        object?[] key = _terms.Select(t => t.Key.Eval(outside)).ToArray();
        return Array.IndexOf(key, null) >= 0 ? [] : Hash(frame).GetValueOrDefault(key) ?? [];
    }

    private IEnumerable<object?[]>? TrySeek(Frame frame, Frame outside)
    {
        List<SeekTerm> usable = _terms!.FindAll(t => t.SeekKey is not null);
        if (usable.Count == 0)
        {
            return null;
        }

        foreach (IReadOnlyList<string> columns in Provider.SeekableColumns(usable.ConvertAll(t => t.Column)))
        {
            object?[] key = new object?[columns.Count];
            for (int i = 0; i < key.Length; i++)
            {
                key[i] = usable.Find(t => t.Column.Equals(columns[i], StringComparison.OrdinalIgnoreCase))!.SeekKey!.Eval(outside);
                if (key[i] is null)
                {
                    return [];
                }
            }

            if (Provider.Seek(frame, columns, key) is { } rows)
            {
                return rows;
            }
        }

        return null;
    }

    // Built when the source is read for the third time with another key: a correlated subquery, or a join without an index.
    private Dictionary<object?[], List<object?[]>> Hash(Frame frame)
    {
        if (_hash is not null)
        {
            return _hash;
        }

        _hash = new Dictionary<object?[], List<object?[]>>(new RowKeyComparer(_terms!.Select(t => t.Rules).ToArray()));
        Frame own = new(frame.Context, frame.Outer);
        foreach (object?[] values in Provider.Rows(frame))
        {
            own.Row = Widen(values);
            object?[] key = _terms!.Select(t => t.Own.Eval(own)).ToArray();
            if (Array.IndexOf(key, null) < 0)
            {
                if (!_hash.TryGetValue(key, out List<object?[]>? rows))
                {
                    _hash.Add(key, rows = []);
                }

                rows.Add(values);
            }
        }

        return _hash;
    }

    private List<SeekTerm> FindTerms()
    {
        List<SeekTerm> terms = [];
        foreach (Conjunct filter in _filters)
        {
            if (filter.Equality is not { } e || e.Left.IsNullLiteral || e.Right.IsNullLiteral)
            {
                continue;
            }

            if (e.RightReads.Count == 0 && e.LeftReads.Count > 0)
            {
                terms.Add(SeekTerm.Make(this, e.Left, e.Right));
            }
            else if (e.LeftReads.Count == 0 && e.RightReads.Count > 0)
            {
                terms.Add(SeekTerm.Make(this, e.Right, e.Left));
            }
        }

        return terms;
    }

    private object?[] Widen(object?[] values)
    {
        if (Source.Offset == 0 && values.Length == Scope.Width)
        {
            return values;
        }

        object?[] row = new object?[Scope.Width];
        Array.Copy(values, 0, row, Source.Offset, Math.Min(values.Length, Source.Width));
        return row;
    }
}

/// <summary>An equality between something of a source and something known before it is read.</summary>
/// <param name="Column">The column's name when the source's side is a plain column; else empty.</param>
/// <param name="Own">The source's side, in the form it is compared in.</param>
/// <param name="Key">The other side, in that form.</param>
/// <param name="SeekKey">The other side in the column's own type, when an index may be asked for it.</param>
/// <param name="Rules">How text is compared.</param>
internal sealed record SeekTerm(string Column, Expr Own, Expr Key, Expr? SeekKey, StringRules Rules)
{
    public static SeekTerm Make(LeafNode leaf, Expr own, Expr key)
    {
        (Expr x, Expr y) = Comparison.Align(Microsoft.SqlServer.TransactSql.ScriptDom.BooleanComparisonType.Equals, own, key);
        StringRules rules = Exprs.StrongestRules(own, key);
        if (own is not SlotExpr { Depth: 0 } slot || !leaf.Covers(slot.Slot) || slot.Slot >= leaf.Source.Offset + leaf.Source.Columns.Count)
        {
            return new SeekTerm(string.Empty, x, y, null, rules);
        }

        string column = leaf.Source.Columns[slot.Slot - leaf.Source.Offset].Name;
        return new SeekTerm(column, x, y, SeekKeyOf(own.Type, key, rules), rules);
    }

    // An index compares values of the column's type: asking it is right only when the comparison would take place in that type, too.
    private static Expr? SeekKeyOf(SqlType column, Expr key, StringRules rules)
    {
        if (!ReferenceEquals(rules, StringRules.Default))
        {
            return null;
        }

        SqlType common = TypeRules.Common(column, key.Type);
        if (column.IsCharacter)
        {
            return key.Type.IsCharacter && column.Kind is not (SqlKind.Text or SqlKind.NText or SqlKind.Xml) ? key : null;
        }

        if (column.Kind == SqlKind.Decimal)
        {
            return key.Type.IsInteger || key.Type.Kind is SqlKind.Decimal or SqlKind.Money ? Exprs.Convert(key, SqlType.Decimal(38, Math.Max((byte)8, column.Scale))) : null;
        }

        if (column.IsInteger && key.Type.IsInteger)
        {
            return new CalcExpr(column, f => key.Eval(f) is { } v ? Narrow(SqlConversion.AsLong(v), column) : null);
        }

        if (column.IsBinary && key.Type.IsBinary)
        {
            return key;
        }

        return common.Kind == column.Kind && column.Kind is not (SqlKind.SqlVariant or SqlKind.Float or SqlKind.Real or SqlKind.Bit)
            ? Exprs.Convert(key, column.IsDateTime && column.Kind is not (SqlKind.DateTime or SqlKind.SmallDateTime or SqlKind.Date) ? column with { Scale = 7 } : column)
            : null;
    }

    // A key no value of the column can equal finds nothing.
    private static object? Narrow(long value, SqlType column)
    {
        try
        {
            return column.Kind == SqlKind.Bit && value is not (0 or 1) ? null : SqlConversion.FitInteger(value, SqlType.BigInt, column);
        }
        catch (LabSqlException)
        {
            return null;
        }
    }
}
