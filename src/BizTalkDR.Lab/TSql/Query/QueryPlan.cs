using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>A bound query: columns known, rows made when asked for.</summary>
internal abstract class QueryPlan
{
    public abstract IReadOnlyList<ResultColumn> Columns { get; }

    /// <summary>How each column is compared.</summary>
    public virtual StringRules[] Rules => Columns.Select(_ => StringRules.Default).ToArray();

    /// <summary>Whether ORDER BY was given without TOP, OFFSET or FOR XML, which only the outermost query may have.</summary>
    public bool HasBareOrder { get; init; }

    /// <summary>The expressions of untyped NULLs, which take the type of the other branches of a UNION.</summary>
    public virtual bool IsNullColumn(int column) => false;

    public abstract IEnumerable<object?[]> Run(IExecutionContext context, Frame? outer);
}

/// <summary>Converts the columns of a plan to other types (branches of a UNION, recursive parts).</summary>
internal sealed class ConvertPlan(QueryPlan inner, IReadOnlyList<ResultColumn> columns) : QueryPlan
{
    public override IReadOnlyList<ResultColumn> Columns => columns;

    public override StringRules[] Rules => inner.Rules;

    public override IEnumerable<object?[]> Run(IExecutionContext context, Frame? outer)
    {
        SqlType[] from = inner.Columns.Select(c => c.Type).ToArray();
        SqlType[] to = columns.Select(c => c.Type).ToArray();
        bool same = from.SequenceEqual(to);
        foreach (object?[] row in inner.Run(context, outer))
        {
            if (same)
            {
                yield return row;
                continue;
            }

            object?[] converted = new object?[to.Length];
            for (int i = 0; i < to.Length; i++)
            {
                converted[i] = SqlConversion.Convert(row[i], from[i], to[i]);
            }

            yield return converted;
        }
    }
}

/// <summary>UNION, UNION ALL, EXCEPT, INTERSECT.</summary>
internal sealed class SetPlan(QueryPlan left, QueryPlan right, Microsoft.SqlServer.TransactSql.ScriptDom.BinaryQueryExpressionType type, bool all) : QueryPlan
{
    public override IReadOnlyList<ResultColumn> Columns { get; } = left.Columns
        .Zip(right.Columns, (a, b) => new ResultColumn(a.Name, a.Type, a.Nullable || b.Nullable)).ToList();

    public override StringRules[] Rules => left.Rules;

    public override IEnumerable<object?[]> Run(IExecutionContext context, Frame? outer)
    {
        if (all)
        {
            return left.Run(context, outer).Concat(right.Run(context, outer));
        }

        RowKeyComparer comparer = new(Rules);
        return type switch
        {
            Microsoft.SqlServer.TransactSql.ScriptDom.BinaryQueryExpressionType.Union => left.Run(context, outer).Concat(right.Run(context, outer)).Distinct(comparer!).ToList(),
            Microsoft.SqlServer.TransactSql.ScriptDom.BinaryQueryExpressionType.Except => left.Run(context, outer).Except(right.Run(context, outer), comparer!),
            _ => left.Run(context, outer).Intersect(right.Run(context, outer), comparer!),
        };
    }
}

/// <summary>ORDER BY and OFFSET over the result of a set operation: by output columns only.</summary>
internal sealed class SortPlan(QueryPlan inner, IReadOnlyList<(int Column, bool Descending)> order, Expr? offset, Expr? fetch) : QueryPlan
{
    public override IReadOnlyList<ResultColumn> Columns => inner.Columns;

    public override StringRules[] Rules => inner.Rules;

    public override IEnumerable<object?[]> Run(IExecutionContext context, Frame? outer)
    {
        StringRules[] rules = inner.Rules;
        SortKeyComparer comparer = new(order.Select(o => o.Descending).ToArray(), order.Select(o => rules[o.Column]).ToArray());
        IEnumerable<object?[]> rows = inner.Run(context, outer).OrderBy(r => order.Select(o => r[o.Column]).ToArray(), comparer);
        return RowLimits.Page(rows, offset, fetch, outer ?? new Frame(context, null));
    }
}

/// <summary>A recursive common table expression: the anchor's rows, then rounds over the rows the round before made.</summary>
internal sealed class RecursivePlan(QueryPlan anchor, IReadOnlyList<ResultColumn> columns, int maxRecursion) : QueryPlan
{
    public override IReadOnlyList<ResultColumn> Columns => columns;

    public List<QueryPlan> Recursive { get; } = [];

    public List<object?[]> Working { get; private set; } = [];

    public override IEnumerable<object?[]> Run(IExecutionContext context, Frame? outer)
    {
        List<object?[]> round = anchor.Run(context, outer).ToList();
        for (int depth = 0; round.Count > 0; depth++)
        {
            foreach (object?[] row in round)
            {
                yield return row;
            }

            context.Cancellation.ThrowIfCancellationRequested();
            Working = round;
            List<object?[]> next = Recursive.SelectMany(p => p.Run(context, outer)).ToList();
            if (next.Count > 0 && maxRecursion > 0 && depth >= maxRecursion)
            {
                throw SqlErrors.Make(530, 16, 1, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The statement terminated. The maximum recursion {maxRecursion} has been exhausted before statement completion."));
            }

            round = next;
        }
    }
}

/// <summary>TOP, OFFSET and FETCH.</summary>
internal static class RowLimits
{
    public static IEnumerable<object?[]> Page(IEnumerable<object?[]> rows, Expr? offset, Expr? fetch, Frame frame)
    {
        if (offset is not null)
        {
            long skip = Count(offset, frame);
            if (skip < 0)
            {
                throw SqlErrors.Make(10742, 15, 1, "The offset specified in a OFFSET clause may not be negative.");
            }

            rows = rows.Skip((int)Math.Min(skip, int.MaxValue));
        }

        if (fetch is not null)
        {
            long take = Count(fetch, frame);
            if (take < 1)
            {
                throw SqlErrors.Make(10744, 15, 1, "The number of rows provided for a FETCH clause must be greater then zero.");
            }

            rows = rows.Take((int)Math.Min(take, int.MaxValue));
        }

        return rows;
    }

    public static long Count(Expr expression, Frame frame) =>
        SqlConversion.Convert(expression.Eval(frame), expression.Type, SqlType.BigInt) is long count
            ? count
            : throw SqlErrors.Make(1060, 15, 1, "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.");

    /// <summary>Reads TOP's number; throws 1060, 1031 or 127.</summary>
    public static (long Rows, double Percent) Top(Expr expression, bool percent, Frame frame)
    {
        object? value = expression.Eval(frame);
        if (percent)
        {
            double share = SqlConversion.Convert(value, expression.Type, SqlType.Float) as double? ?? -1;
            return share is < 0 or > 100 ? throw SqlErrors.Make(1031, 15, 1, "Percent values must be between 0 and 100.") : (long.MaxValue, share);
        }

        long rows = Count(expression, frame);
        return rows < 0 ? throw SqlErrors.Make(1060, 15, 1, "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.") : (rows, 100);
    }
}
