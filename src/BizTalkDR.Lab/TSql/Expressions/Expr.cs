using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>What an expression reads while it runs: the session, the row of its query, and the rows of the queries around it.</summary>
internal sealed class Frame(IExecutionContext context, Frame? outer)
{
    public static readonly object?[] NoRow = [];

    public IExecutionContext Context { get; } = context;

    public Frame? Outer { get; } = outer;

    public object?[] Row { get; set; } = NoRow;
}

/// <summary>A bound expression: its type is known before any row is read.</summary>
internal abstract class Expr(SqlType type)
{
    public SqlType Type { get; } = type;

    public bool Nullable { get; init; } = true;

    /// <summary>Collation to compare by; the strongest of the operands.</summary>
    public StringRules Rules { get; init; } = StringRules.Default;

    /// <summary>Whether this is the bare word NULL, which takes the type of what it meets.</summary>
    public virtual bool IsNullLiteral => false;

    /// <summary>Column metadata for result columns that are plain column references.</summary>
    public bool IsIdentity { get; init; }

    public abstract object? Eval(Frame frame);
}

internal sealed class ConstExpr(SqlType type, object? value, bool isNullLiteral = false) : Expr(type)
{
    public object? Value { get; } = value;

    public override bool IsNullLiteral { get; } = isNullLiteral;

    /// <summary>Digits an integer literal has, which decimal arithmetic counts instead of the ten of int.</summary>
    public byte Digits { get; init; }

    public override object? Eval(Frame frame) => Value;
}

internal sealed class CalcExpr(SqlType type, Func<Frame, object?> calculate) : Expr(type)
{
    public override object? Eval(Frame frame) => calculate(frame);
}

/// <summary>Reads a slot of the row of this query or of one around it.</summary>
internal sealed class SlotExpr(SqlType type, int depth, int slot) : Expr(type)
{
    public int Depth { get; } = depth;

    /// <summary>Place in the row; set late for aggregates and window functions.</summary>
    public int Slot { get; set; } = slot;

    public override object? Eval(Frame frame)
    {
        for (int i = 0; i < Depth; i++)
        {
            frame = frame.Outer!;
        }

        return frame.Row[Slot];
    }
}

/// <summary>Makes small expressions out of others.</summary>
internal static class Exprs
{
    public static readonly ConstExpr Null = new(SqlType.Int, null, isNullLiteral: true);

    public static ConstExpr Constant(SqlType type, object? value) => new(type, value) { Nullable = value is null };

    /// <summary>Converts to a type as CAST does; nothing to do when it is the same.</summary>
    public static Expr Convert(Expr expression, SqlType to, int style = 0)
    {
        if (expression.Type == to && !expression.IsNullLiteral)
        {
            return expression;
        }

        if (expression.IsNullLiteral)
        {
            return new ConstExpr(to, null, isNullLiteral: false) { Rules = expression.Rules };
        }

        SqlType from = expression.Type;
        if (expression is ConstExpr constant)
        {
            // Converted at the first use: an error belongs to the row that meets it, not to the statement.
            object? converted = null;
            bool done = false;
            return new CalcExpr(to, _ =>
            {
                if (!done)
                {
                    converted = SqlConversion.Convert(constant.Value, from, to, style);
                    done = true;
                }

                return converted;
            }) { Nullable = constant.Value is null, Rules = expression.Rules };
        }

        return new CalcExpr(to, f => SqlConversion.Convert(expression.Eval(f), from, to, style)) { Nullable = expression.Nullable, Rules = expression.Rules };
    }

    /// <summary>Brings an expression to the CLR form of a type for comparing; lengths do not matter there.</summary>
    public static Expr Coerce(Expr expression, SqlType to)
    {
        SqlType from = expression.Type;
        bool sameForm = !expression.IsNullLiteral
                        && (from.Kind == to.Kind || (from.IsCharacter && to.IsCharacter) || (from.IsBinary && to.IsBinary)
                            || (from.Kind is SqlKind.Decimal or SqlKind.Money or SqlKind.SmallMoney && to.Kind is SqlKind.Decimal or SqlKind.Money));
        if (sameForm)
        {
            return expression;
        }

        SqlConversion.Verify(from, to, isExplicit: false);
        SqlType wide = to.IsCharacter || to.IsBinary ? to with { Length = -1, Kind = to.IsBinary ? SqlKind.VarBinary : to.IsUnicode ? SqlKind.NVarChar : SqlKind.VarChar } : to;
        return Convert(expression, wide.Kind == SqlKind.Decimal ? SqlType.Decimal(38, to.Scale) : wide);
    }

    /// <summary>Finds the type of alternatives (CASE, COALESCE, UNION): the highest precedence, wide enough for all; NULL literals do not count.</summary>
    public static SqlType CommonType(System.Collections.Generic.IEnumerable<Expr> expressions)
    {
        SqlType? common = null;
        foreach (Expr expression in expressions)
        {
            if (!expression.IsNullLiteral)
            {
                SqlType type = expression is ConstExpr { Digits: > 0 } literal && common?.Kind == SqlKind.Decimal
                    ? SqlType.Decimal(literal.Digits, 0)
                    : expression.Type;
                common = common is null ? type : TypeRules.Common(common, type);
            }
        }

        return common ?? SqlType.Int;
    }

    public static StringRules StrongestRules(Expr a, Expr b) => ReferenceEquals(a.Rules, StringRules.Default) ? b.Rules : a.Rules;
}
