using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>An aggregate function over an argument: its result type and how values are added up.</summary>
internal sealed class Aggregate
{
    private static readonly HashSet<string> Names = new(
        ["COUNT", "COUNT_BIG", "SUM", "AVG", "MIN", "MAX", "STRING_AGG", "STDEV", "STDEVP", "VAR", "VARP", "CHECKSUM_AGG", "APPROX_COUNT_DISTINCT"],
        StringComparer.OrdinalIgnoreCase);

    private readonly string _name;

    public Aggregate(string name, Expr? argument, bool distinct, Expr? separator = null)
    {
        _name = name.ToUpperInvariant();
        Argument = argument;
        Distinct = distinct || _name == "APPROX_COUNT_DISTINCT";
        Separator = separator;
        Type = ResultType();
    }

    /// <summary>Null for COUNT(*).</summary>
    public Expr? Argument { get; }

    public bool Distinct { get; }

    public Expr? Separator { get; }

    public SqlType Type { get; }

    /// <summary>WITHIN GROUP (ORDER BY …) of STRING_AGG.</summary>
    public List<(Expr Key, bool Descending)> Order { get; } = [];

    public static bool IsAggregate(string name) => Names.Contains(name);

    /// <summary>Aggregates the rows; NULL arguments do not count.</summary>
    /// <param name="rows">The group.</param>
    /// <param name="frame">Frame whose row is set to each of them.</param>
    /// <param name="nullSeen">Set when a NULL was left out (warning 8153).</param>
    public object? Compute(IReadOnlyList<object?[]> rows, Frame frame, ref bool nullSeen)
    {
        if (Argument is null)
        {
            return _name == "COUNT" ? CountOf(rows.Count) : (long)rows.Count;
        }

        List<object> values = new(rows.Count);
        HashSet<object?[]>? seen = Distinct ? new(new RowKeyComparer([Argument.Rules])) : null;
        IEnumerable<object?[]> ordered = Order.Count == 0 ? rows : Sorted(rows, frame);
        foreach (object?[] row in ordered)
        {
            frame.Row = row;
            object? value = Argument.Eval(frame);
            if (value is null)
            {
                nullSeen = true;
            }
            else if (seen is null || seen.Add([value]))
            {
                values.Add(value);
            }
        }

        return Finish(values, frame);
    }

    private static object CountOf(long count) => count <= int.MaxValue ? (int)count : throw SqlErrors.ExpressionOverflow(SqlType.Int);

    private object? Finish(List<object> values, Frame frame)
    {
        switch (_name)
        {
            case "COUNT" or "APPROX_COUNT_DISTINCT":
                return _name == "COUNT" ? CountOf(values.Count) : (long)values.Count;
            case "COUNT_BIG":
                return (long)values.Count;
        }

        if (values.Count == 0)
        {
            return null;
        }

        return _name switch
        {
            "MIN" => values.Aggregate((a, b) => ValueComparison.Compare(b, a, Argument!.Rules) < 0 ? b : a),
            "MAX" => values.Aggregate((a, b) => ValueComparison.Compare(b, a, Argument!.Rules) > 0 ? b : a),
            "SUM" => Sum(values),
            "AVG" => Average(values),
            "STRING_AGG" => Join(values, frame),
            "CHECKSUM_AGG" => values.Aggregate(0, (hash, v) => hash ^ (int)SqlConversion.AsLong(v)),
            _ => Deviation(values),
        };
    }

    private IEnumerable<object?[]> Sorted(IReadOnlyList<object?[]> rows, Frame frame)
    {
        SortKeyComparer comparer = new(Order.Select(o => o.Descending).ToArray(), Order.Select(o => o.Key.Rules).ToArray());
        return rows.Select(row =>
        {
            frame.Row = row;
            return (row, key: Order.Select(o => o.Key.Eval(frame)).ToArray());
        }).OrderBy(p => p.key, comparer).Select(p => p.row).ToList();
    }

    private object Sum(List<object> values)
    {
        try
        {
            return Type.Kind switch
            {
                SqlKind.Float => values.Sum(v => Convert.ToDouble(v, System.Globalization.CultureInfo.InvariantCulture)),
                SqlKind.Decimal => values.Aggregate(0m, (s, v) => s + (decimal)v),
                SqlKind.Money => SqlConversion.Convert(values.Aggregate(0m, (s, v) => s + (decimal)v), SqlType.Decimal(38, 4), SqlType.Money)!,
                _ => SqlConversion.FitInteger(values.Aggregate(0L, (s, v) => checked(s + SqlConversion.AsLong(v))), SqlType.BigInt, Type),
            };
        }
        catch (OverflowException)
        {
            throw SqlErrors.ExpressionOverflow(Type);
        }
    }

    private object Average(List<object> values)
    {
        try
        {
            return Type.Kind switch
            {
                SqlKind.Float => values.Average(v => Convert.ToDouble(v, System.Globalization.CultureInfo.InvariantCulture)),
                SqlKind.Decimal or SqlKind.Money => Math.Round(values.Aggregate(0m, (s, v) => s + (decimal)v) / values.Count, Type.Kind == SqlKind.Money ? 4 : Math.Min((int)Type.Scale, 28), MidpointRounding.ToZero),
                _ => SqlConversion.FitInteger(values.Aggregate(0L, (s, v) => checked(s + SqlConversion.AsLong(v))) / values.Count, SqlType.BigInt, Type),
            };
        }
        catch (OverflowException)
        {
            throw SqlErrors.ExpressionOverflow(Type);
        }
    }

    private object Join(List<object> values, Frame frame)
    {
        string separator = Separator?.Eval(frame) as string ?? string.Empty;
        StringBuilder text = new();
        for (int i = 0; i < values.Count; i++)
        {
            text.Append(i == 0 ? string.Empty : separator).Append((string)values[i]);
        }

        if (Type.Length > 0 && text.Length > Type.Length)
        {
            throw SqlErrors.Make(9829, 16, 1, "STRING_AGG aggregation result exceeded the limit of 8000 bytes. Use LOB types to avoid result truncation.");
        }

        return text.ToString();
    }

    private object? Deviation(List<object> values)
    {
        bool population = _name.EndsWith('P');
        if (values.Count == 1 && !population)
        {
            return null;
        }

        double[] numbers = values.Select(v => Convert.ToDouble(v is bool b ? (b ? 1 : 0) : v, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        double mean = numbers.Average();
        double variance = numbers.Sum(n => (n - mean) * (n - mean)) / (population ? numbers.Length : numbers.Length - 1);
        return _name.StartsWith("STDEV", StringComparison.Ordinal) ? Math.Sqrt(variance) : variance;
    }

    private SqlType ResultType()
    {
        string lower = _name.ToLowerInvariant();
        SqlType type = Argument?.Type ?? SqlType.Int;
        bool lob = type.Kind is SqlKind.Text or SqlKind.NText or SqlKind.Image or SqlKind.Xml;
        switch (_name)
        {
            case "COUNT":
                return lob ? throw SqlErrors.InvalidOperand(type, lower) : SqlType.Int;
            case "COUNT_BIG" or "APPROX_COUNT_DISTINCT":
                return SqlType.BigInt;
            case "MIN" or "MAX":
                return lob || type.Kind == SqlKind.Bit ? throw SqlErrors.InvalidOperand(type, lower) : type;
            case "CHECKSUM_AGG":
                return SqlType.Int;
            case "STRING_AGG":
                return type.IsUnicode ? SqlType.NVarChar(type.Length < 0 ? -1 : 4000) : SqlType.VarChar(type.Length < 0 ? -1 : 8000);
            case "SUM" or "AVG":
                return type.Kind switch
                {
                    SqlKind.TinyInt or SqlKind.SmallInt or SqlKind.Int => SqlType.Int,
                    SqlKind.BigInt => SqlType.BigInt,
                    SqlKind.Decimal => SqlType.Decimal(38, _name == "SUM" ? type.Scale : Math.Max(type.Scale, (byte)6)),
                    SqlKind.Money or SqlKind.SmallMoney => SqlType.Money,
                    SqlKind.Float or SqlKind.Real => SqlType.Float,
                    _ => throw SqlErrors.InvalidOperand(type, lower),
                };
            default:
                return type.IsNumeric ? SqlType.Float : throw SqlErrors.InvalidOperand(type, lower);
        }
    }
}
