using System;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using static Microsoft.SqlServer.TransactSql.ScriptDom.BinaryExpressionType;

namespace BizTalkDR.Lab.TSql;

/// <summary>Binds the arithmetic, bitwise and concatenation operators.</summary>
internal static partial class Arithmetic
{
    public static Expr Bind(BinaryExpressionType op, Expr left, Expr right)
    {
        if (left.IsNullLiteral != right.IsNullLiteral)
        {
            left = left.IsNullLiteral ? Exprs.Convert(left, right.Type) : left;
            right = right.IsNullLiteral ? Exprs.Convert(right, left.Type) : right;
        }

        SqlType a = left.Type;
        SqlType b = right.Type;
        if (a.Kind is SqlKind.Text or SqlKind.NText or SqlKind.Image or SqlKind.Xml || b.Kind is SqlKind.Text or SqlKind.NText or SqlKind.Image or SqlKind.Xml)
        {
            throw SqlErrors.Incompatible(a, b, Name(op));
        }

        if (a.IsCharacter && b.IsCharacter)
        {
            return op == Add ? Concatenate(left, right) : throw SqlErrors.InvalidOperand(a, Name(op));
        }

        if (a.IsBinary && b.IsBinary && op == Add)
        {
            return ConcatenateBytes(left, right);
        }

        if (op is BitwiseAnd or BitwiseOr or BitwiseXor)
        {
            return Bitwise(op, left, right);
        }

        SqlType common = TypeRules.Common(a, b);
        if (common.IsDateTime)
        {
            return Dates(op, left, right, common);
        }

        if (!common.IsNumeric)
        {
            throw (a.IsCharacter && b.IsBinary) || (a.IsBinary && b.IsCharacter)
                ? SqlErrors.Incompatible(a, b, Name(op))
                : common.IsBinary || common.Kind == a.Kind || common.Kind == SqlKind.SqlVariant ? SqlErrors.InvalidOperand(common, Name(op)) : SqlErrors.TypeClash(a, b);
        }

        return Numbers(op, left, right, common);
    }

    public static Expr Negate(Expr operand)
    {
        SqlType type = operand.Type;
        if (operand is ConstExpr { Value: decimal and 2147483648m })
        {
            return Exprs.Constant(SqlType.Int, int.MinValue);
        }

        if (operand is ConstExpr { Value: decimal and 9223372036854775808m, IsNullLiteral: false })
        {
            return Exprs.Constant(SqlType.Decimal(19, 0), -9223372036854775808m);
        }

        if (operand is ConstExpr { Value: not null } constant && type.IsNumeric && type.Kind is not (SqlKind.Bit or SqlKind.TinyInt))
        {
            return new ConstExpr(type, NegateValue(constant.Value, type)) { Nullable = false, Digits = constant.Digits };
        }

        if (type.Kind == SqlKind.Bit || !type.IsNumeric)
        {
            throw SqlErrors.InvalidOperand(type, "minus");
        }

        SqlType result = type.Kind == SqlKind.TinyInt ? SqlType.SmallInt : type;
        return new CalcExpr(result, f => operand.Eval(f) is { } v ? NegateValue(v, type) : null) { Nullable = operand.Nullable };
    }

    public static Expr Complement(Expr operand)
    {
        SqlType type = operand.Type;
        return !type.IsInteger
            ? throw SqlErrors.InvalidOperand(type, "'~'")
            : new CalcExpr(type, f => operand.Eval(f) switch
            {
                null => null,
                bool v => !v,
                byte v => (byte)~v,
                short v => (short)~v,
                int v => ~v,
                var v => ~(long)v,
            });
    }

    /// <summary>Names an operator as messages do.</summary>
    public static string Name(BinaryExpressionType op) => op switch
    {
        Add => "add",
        Subtract => "subtract",
        Multiply => "multiply",
        Divide => "divide",
        Modulo => "modulo",
        BitwiseAnd => "'&'",
        BitwiseOr => "'|'",
        _ => "'^'",
    };

    /// <summary>Precision and scale of a decimal operation.</summary>
    public static SqlType DecimalResult(BinaryExpressionType op, SqlType a, SqlType b)
    {
        int p1 = a.Precision;
        int s1 = a.Scale;
        int p2 = b.Precision;
        int s2 = b.Scale;
        (int precision, int scale) = op switch
        {
            Add or Subtract => (Math.Max(p1 - s1, p2 - s2) + 1 + Math.Max(s1, s2), Math.Max(s1, s2)),
            Multiply => (p1 + p2 + 1, s1 + s2),
            Divide => (p1 - s1 + s2 + Math.Max(6, s1 + p2 + 1), Math.Max(6, s1 + p2 + 1)),
            _ => (Math.Min(p1 - s1, p2 - s2) + Math.Max(s1, s2), Math.Max(s1, s2)),
        };
        if (precision > 38)
        {
            int integral = precision - scale;
            bool keepsSix = op is Multiply or Divide;
            scale = keepsSix && integral >= 32 ? Math.Min(scale, 6) : Math.Max(0, Math.Min(scale, 38 - integral));
            precision = 38;
        }

        return SqlType.Decimal((byte)Math.Max(1, precision), (byte)scale);
    }

    private static object NegateValue(object value, SqlType type) => value switch
    {
        byte b => (short)-b,
        short s => SqlConversion.FitInteger(-s, type, type),
        int i => i == int.MinValue ? throw SqlErrors.ExpressionOverflow(type) : -i,
        long l => l == long.MinValue ? throw SqlErrors.ExpressionOverflow(type) : -l,
        decimal d => -d,
        float f => -f,
        double d => -d,
        _ => throw SqlErrors.InvalidOperand(type, "minus"),
    };

    private static CalcExpr Concatenate(Expr left, Expr right)
    {
        bool unicode = left.Type.IsUnicode || right.Type.IsUnicode;
        bool max = left.Type.Length < 0 || right.Type.Length < 0;
        bool isFixed = left.Type.Kind is SqlKind.Char or SqlKind.NChar && right.Type.Kind is SqlKind.Char or SqlKind.NChar;
        SqlType type = TypeRules.Text(unicode, max ? -1 : left.Type.Length + right.Type.Length);
        type = isFixed && type.Length > 0 ? type with { Kind = unicode ? SqlKind.NChar : SqlKind.Char } : type;
        int cap = max ? int.MaxValue : unicode ? 4000 : 8000;
        return new CalcExpr(type, f =>
        {
            string? x = left.Eval(f) as string;
            string? y = right.Eval(f) as string;
            if (x is null || y is null)
            {
                return CurrentSettings.Value.ConcatNullYieldsNull ? null : x ?? y;
            }

            string joined = string.Concat(x, y);
            return joined.Length > cap ? joined[..cap] : joined;
        }) { Nullable = left.Nullable || right.Nullable, Rules = Exprs.StrongestRules(left, right) };
    }

    private static CalcExpr ConcatenateBytes(Expr left, Expr right)
    {
        bool max = left.Type.Length < 0 || right.Type.Length < 0;
        int Size(SqlType t) => t.Kind == SqlKind.RowVersion ? 8 : t.Length;
        SqlType type = new(SqlKind.VarBinary, max ? -1 : Math.Min(8000, Size(left.Type) + Size(right.Type)));
        return new CalcExpr(type, f => left.Eval(f) is byte[] x && right.Eval(f) is byte[] y ? SqlConversion.FitBytes([.. x, .. y], type) : null);
    }

    private static CalcExpr Bitwise(BinaryExpressionType op, Expr left, Expr right)
    {
        bool Fits(SqlType t) => t.IsInteger || t.IsBinary;
        if (!Fits(left.Type) || !Fits(right.Type) || (left.Type.IsBinary && right.Type.IsBinary))
        {
            throw SqlErrors.Incompatible(left.Type, right.Type, Name(op));
        }

        SqlType type = left.Type.IsBinary ? right.Type : right.Type.IsBinary ? left.Type : TypeRules.Common(left.Type, right.Type);
        Expr x = Exprs.Coerce(left, type);
        Expr y = Exprs.Coerce(right, type);
        return new CalcExpr(type, f =>
        {
            if (x.Eval(f) is not { } a || y.Eval(f) is not { } b)
            {
                return null;
            }

            long l = SqlConversion.AsLong(a);
            long r = SqlConversion.AsLong(b);
            return SqlConversion.FitInteger(op switch { BitwiseAnd => l & r, BitwiseOr => l | r, _ => l ^ r }, type, type);
        }) { Nullable = left.Nullable || right.Nullable || CurrentSettings.ForgivesArithmetic };
    }

    // Only datetime and smalldatetime take part in + and -: they count as days since 1900.
    private static CalcExpr Dates(BinaryExpressionType op, Expr left, Expr right, SqlType common)
    {
        foreach (Expr operand in new[] { left, right })
        {
            if (operand.Type.IsDateTime && operand.Type.Kind is not (SqlKind.DateTime or SqlKind.SmallDateTime))
            {
                Expr other = ReferenceEquals(operand, left) ? right : left;
                throw other.Type.IsDateTime || other.Type.IsCharacter ? SqlErrors.InvalidOperand(operand.Type, Name(op)) : SqlErrors.TypeClash(operand.Type, other.Type);
            }
        }

        if (op is not (Add or Subtract))
        {
            throw SqlErrors.InvalidOperand(common, Name(op));
        }

        Expr x = Exprs.Coerce(left, common);
        Expr y = Exprs.Coerce(right, common);
        return new CalcExpr(common, f =>
        {
            if (x.Eval(f) is not DateTime a || y.Eval(f) is not DateTime b)
            {
                return null;
            }

            TimeSpan shift = b - DateMath.Base;
            try
            {
                return DateMath.Fit(op == Add ? a + shift : a - shift, null, common, common);
            }
            catch (Exception e) when (e is ArgumentOutOfRangeException or LabSqlException)
            {
                throw SqlErrors.ExpressionOverflow(common);
            }
        });
    }

    private static CalcExpr Numbers(BinaryExpressionType op, Expr left, Expr right, SqlType common)
    {
        if (common.Kind == SqlKind.Bit)
        {
            throw SqlErrors.Incompatible(left.Type, right.Type, Name(op));
        }

        if (op == Modulo && common.Kind is SqlKind.Float or SqlKind.Real)
        {
            throw SqlErrors.Incompatible(left.Type, right.Type, Name(op));
        }

        bool nullable = left.Nullable || right.Nullable || CurrentSettings.ForgivesArithmetic;
        Expr x = Exprs.Coerce(left, common);
        Expr y = Exprs.Coerce(right, common);
        switch (common.Kind)
        {
            case SqlKind.Int:
                return new CalcExpr(common, f => x.Eval(f) is int a && y.Eval(f) is int b ? Int(op, a, b, common) : null) { Nullable = nullable };
            case SqlKind.Float:
                return new CalcExpr(common, f => x.Eval(f) is double a && y.Eval(f) is double b ? Double(op, a, b, common) : null) { Nullable = nullable };
            case SqlKind.Real:
                return new CalcExpr(common, f => x.Eval(f) is float a && y.Eval(f) is float b && Double(op, a, b, common) is double d ? (float)d : null) { Nullable = nullable };
            case SqlKind.Money or SqlKind.SmallMoney:
                return new CalcExpr(common, f => x.Eval(f) is decimal a && y.Eval(f) is decimal b
                    ? SqlConversion.Convert(Decimal(op, a, b, SqlType.Decimal(38, 4), common), SqlType.Decimal(38, 4), common)
                    : null) { Nullable = nullable };
            case SqlKind.Decimal:
                SqlType result = DecimalResult(op, DecimalShape(left, common), DecimalShape(right, common));
                return new CalcExpr(result, f => x.Eval(f) is decimal a && y.Eval(f) is decimal b ? Decimal(op, a, b, result, result) : null) { Nullable = nullable };
            default:
                return new CalcExpr(common, f => x.Eval(f) is { } a && y.Eval(f) is { } b
                    ? Long(op, SqlConversion.AsLong(a), SqlConversion.AsLong(b), common)
                    : null) { Nullable = nullable };
        }
    }

    private static SqlType DecimalShape(Expr operand, SqlType common) => operand switch
    {
        ConstExpr { Digits: > 0 } literal => SqlType.Decimal(literal.Digits, 0),
        _ when operand.Type.IsNumeric => TypeRules.AsDecimal(operand.Type),
        _ => common,
    };
}
