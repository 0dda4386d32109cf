using System;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Binds comparisons: three-valued, after conversion to the type of higher precedence.</summary>
internal static class Comparison
{
    public static Func<Frame, bool?> Bind(BooleanComparisonType op, Expr left, Expr right)
    {
        if (op is BooleanComparisonType.Equals or BooleanComparisonType.NotEqualToBrackets or BooleanComparisonType.NotEqualToExclamation
            && !CurrentSettings.Value.AnsiNulls && (left.IsNullLiteral || right.IsNullLiteral))
        {
            // With ANSI_NULLS OFF a literal NULL is compared like a value.
            Expr other = left.IsNullLiteral ? right : left;
            return op == BooleanComparisonType.Equals ? f => other.Eval(f) is null : f => other.Eval(f) is not null;
        }

        if (left.IsNullLiteral || right.IsNullLiteral)
        {
            return _ => null;
        }

        (Expr x, Expr y) = Align(op, left, right);
        StringRules rules = Exprs.StrongestRules(left, right);
        if (op == BooleanComparisonType.Equals)
        {
            return f => x.Eval(f) is { } a && y.Eval(f) is { } b ? ValueComparison.Equals(a, b, rules) : null;
        }

        Func<int, bool> test = op switch
        {
            BooleanComparisonType.GreaterThan => d => d > 0,
            BooleanComparisonType.LessThan => d => d < 0,
            BooleanComparisonType.GreaterThanOrEqualTo or BooleanComparisonType.NotLessThan => d => d >= 0,
            BooleanComparisonType.LessThanOrEqualTo or BooleanComparisonType.NotGreaterThan => d => d <= 0,
            BooleanComparisonType.NotEqualToBrackets or BooleanComparisonType.NotEqualToExclamation => d => d != 0,
            _ => throw SqlErrors.Make(4147, 15, 1, "The query uses non-ANSI outer join operators (\"*=\" or \"=*\")."),
        };
        return f => x.Eval(f) is { } a && y.Eval(f) is { } b ? test(ValueComparison.Compare(a, b, rules)) : null;
    }

    /// <summary>Converts both sides to the form they are compared in; throws 402, 206 or 257 when there is none.</summary>
    public static (Expr Left, Expr Right) Align(BooleanComparisonType op, Expr left, Expr right)
    {
        SqlType a = left.Type;
        SqlType b = right.Type;
        if (IsIncomparable(a) || IsIncomparable(b))
        {
            throw SqlErrors.Incompatible(a, b, Name(op));
        }

        SqlType common = TypeRules.Common(a, b);
        SqlType form = common.Kind == SqlKind.Decimal ? SqlType.Decimal(38, common.Scale) : common;
        return (Exprs.Coerce(left, Widest(form, a)), Exprs.Coerce(right, Widest(form, b)));
    }

    // Values of datetime2 and its like are compared with all their digits.
    private static SqlType Widest(SqlType common, SqlType own) =>
        common.Kind is SqlKind.DateTime2 or SqlKind.DateTimeOffset or SqlKind.Time && own.Kind != common.Kind ? common with { Scale = 7 } : common;

    private static bool IsIncomparable(SqlType type) => type.Kind is SqlKind.Text or SqlKind.NText or SqlKind.Image or SqlKind.Xml;

    private static string Name(BooleanComparisonType op) => op switch
    {
        BooleanComparisonType.Equals => "equal to",
        BooleanComparisonType.GreaterThan => "greater than",
        BooleanComparisonType.LessThan => "less than",
        BooleanComparisonType.GreaterThanOrEqualTo or BooleanComparisonType.NotLessThan => "greater than or equal to",
        BooleanComparisonType.LessThanOrEqualTo or BooleanComparisonType.NotGreaterThan => "less than or equal to",
        _ => "not equal to",
    };
}
