using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Mathematical functions.</summary>
internal static class MathFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.AddStrict("ABS", 1, 1, t => Numeric(t[0], "abs"), (a, _) => Abs(Number(a), Numeric(a.Type(0), "abs")));
        registry.AddStrict("CEILING", 1, 1, t => Whole(t[0], "ceiling"), (a, _) => Round(Number(a), decimal.Ceiling, Math.Ceiling));
        registry.AddStrict("FLOOR", 1, 1, t => Whole(t[0], "floor"), (a, _) => Round(Number(a), decimal.Floor, Math.Floor));
        registry.AddStrict("ROUND", 2, 3, t => Numeric(t[0], "round"), (a, _) => RoundTo(a));
        registry.AddStrict("POWER", 2, 2, t => Numeric(t[0], "power"), (a, _) => Power(a));
        registry.AddStrict("SIGN", 1, 1, t => Numeric(t[0], "sign"), (a, _) => SqlConversion.Convert(Math.Sign(a.Double(0)!.Value), SqlType.Int, Numeric(a.Type(0), "sign")));
        registry.Add("RAND", 0, 1, _ => SqlType.Float, (a, _) => Rand(a));
        registry.AddStrict("PI", 0, SqlType.Float, (_, _) => Math.PI);
        Function(registry, "SQRT", x => x < 0 ? null : Math.Sqrt(x));
        Function(registry, "SQUARE", x => x * x);
        Function(registry, "EXP", x => Math.Exp(x));
        Function(registry, "LOG10", x => x <= 0 ? null : Math.Log10(x));
        Function(registry, "SIN", x => Math.Sin(x));
        Function(registry, "COS", x => Math.Cos(x));
        Function(registry, "TAN", x => Math.Tan(x));
        Function(registry, "COT", x => 1 / Math.Tan(x));
        Function(registry, "ASIN", x => x is < -1 or > 1 ? null : Math.Asin(x));
        Function(registry, "ACOS", x => x is < -1 or > 1 ? null : Math.Acos(x));
        Function(registry, "ATAN", x => Math.Atan(x));
        Function(registry, "DEGREES", x => x * 180 / Math.PI);
        Function(registry, "RADIANS", x => x * Math.PI / 180);
        registry.AddStrict("ATN2", 2, SqlType.Float, (a, _) => Math.Atan2(a.Double(0)!.Value, a.Double(1)!.Value));
        registry.AddStrict("LOG", 1, 2, _ => SqlType.Float, (a, _) =>
        {
            double x = a.Double(0)!.Value;
            double number = a.Count > 1 ? Math.Log(x) / Math.Log(a.Double(1)!.Value) : Math.Log(x);
            return x > 0 && double.IsFinite(number) ? number : throw InvalidOperation();
        });
    }

    private static void Function(FunctionRegistry registry, string name, Func<double, double?> body) =>
        registry.AddStrict(name, 1, SqlType.Float, (a, _) => body(a.Double(0)!.Value) is { } number && double.IsFinite(number) ? number : throw InvalidOperation());

    private static LabSqlException InvalidOperation() => SqlErrors.Make(3623, 16, 1, "An invalid floating point operation occurred.");

    // Small integers count as int, text as float.
    private static SqlType Numeric(SqlType type, string function) => type.Kind switch
    {
        SqlKind.TinyInt or SqlKind.SmallInt or SqlKind.Int => SqlType.Int,
        SqlKind.BigInt or SqlKind.Decimal or SqlKind.Money or SqlKind.Float => type,
        SqlKind.SmallMoney => SqlType.Money,
        SqlKind.Bit or SqlKind.Real => SqlType.Float,
        _ when type.IsCharacter => SqlType.Float,
        _ => throw SqlErrors.InvalidArgument(type, 1, function),
    };

    private static SqlType Whole(SqlType type, string function)
    {
        SqlType number = Numeric(type, function);
        return number.Kind == SqlKind.Decimal ? SqlType.Decimal(number.Precision, 0) : number;
    }

    private static object Number(FunctionArgs args) => SqlConversion.Convert(args[0], args.Type(0), Numeric(args.Type(0), "number"))!;

    private static object Abs(object number, SqlType type)
    {
        try
        {
            return number switch
            {
                int i => Math.Abs(i),
                long l => Math.Abs(l),
                decimal d => Math.Abs(d),
                _ => Math.Abs((double)number),
            };
        }
        catch (OverflowException)
        {
            throw SqlErrors.ExpressionOverflow(type);
        }
    }

    private static object Round(object number, Func<decimal, decimal> exact, Func<double, double> approximate) => number switch
    {
        decimal d => exact(d),
        double f => approximate(f),
        _ => number,
    };

    // The third argument, when not zero, cuts instead of rounding.
    private static object RoundTo(FunctionArgs args)
    {
        object number = Number(args);
        int digits = args.Int(1)!.Value;
        bool cut = args.Count > 2 && args.Int(2) != 0;
        MidpointRounding mode = cut ? MidpointRounding.ToZero : MidpointRounding.AwayFromZero;
        SqlType type = Numeric(args.Type(0), "round");
        switch (number)
        {
            case double f:
                if (digits >= 0)
                {
                    return Math.Abs(f) < 1e15 ? Math.Round(f, Math.Min(digits, 15), mode) : f;
                }

                double unit = Math.Pow(10, -digits);
                return Math.Round(f / unit, 0, mode) * unit;
            default:
                decimal exact = (decimal)SqlConversion.Convert(number, type, SqlType.Decimal(38, type.Kind is SqlKind.Int or SqlKind.BigInt ? (byte)0 : (byte)10))!;
                exact = number is decimal d ? d : exact;
                if (digits < -28)
                {
                    return SqlConversion.Convert(0, SqlType.Int, type)!;
                }

                decimal rounded = digits >= 0 ? Math.Round(exact, Math.Min(digits, 28), mode) : Math.Round(exact / SqlConversion.PowerOfTen(-digits), 0, mode) * SqlConversion.PowerOfTen(-digits);
                return type.Kind is SqlKind.Decimal or SqlKind.Money
                    ? type.Kind == SqlKind.Decimal ? SqlConversion.FitDecimal(rounded, type, "expression") : rounded
                    : SqlConversion.Convert(rounded, SqlType.Decimal(38, 0), type)!;
        }
    }

    private static object Power(FunctionArgs args)
    {
        SqlType type = Numeric(args.Type(0), "power");
        double result = Math.Pow(args.Double(0)!.Value, args.Double(1)!.Value);
        if (!double.IsFinite(result))
        {
            throw SqlErrors.ExpressionOverflow(type);
        }

        try
        {
            return SqlConversion.Convert(type.Kind is SqlKind.Int or SqlKind.BigInt ? Math.Truncate(result) : result, SqlType.Float, type)!;
        }
        catch (LabSqlException e) when (e.Number == 232)
        {
            throw SqlErrors.ExpressionOverflow(type);
        }
    }

    private static double Rand(FunctionArgs args)
    {
        if (args.Count == 0 || args[0] is null)
        {
            return Random.Shared.NextDouble();
        }

        // A seed always gives the same number.
        return new Random(args.Int(0)!.Value).NextDouble();
    }
}
