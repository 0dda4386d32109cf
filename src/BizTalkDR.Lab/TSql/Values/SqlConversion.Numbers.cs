using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

// Numbers: what each source type gives, and the error each pair raises.
internal static partial class SqlConversion
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> HexCharacters = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Boxes an integer as the CLR type of its SQL type; throws 220 or 8115 beyond its range.</summary>
    public static object FitInteger(long value, SqlType from, SqlType to)
    {
        switch (to.Kind)
        {
            case SqlKind.Bit:
                return value != 0;
            case SqlKind.TinyInt:
                return value is >= 0 and <= 255 ? (byte)value : throw SqlErrors.SmallOverflow(to, value);
            case SqlKind.SmallInt:
                return value is >= short.MinValue and <= short.MaxValue ? (short)value : throw SqlErrors.SmallOverflow(to, value);
            case SqlKind.Int:
                return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw SqlErrors.ExpressionOverflow(to);
            default:
                _ = from;
                return value;
        }
    }

    /// <summary>Reads any integer-like CLR value.</summary>
    public static long AsLong(object value) => value switch
    {
        int i => i,
        long l => l,
        byte b => b,
        short s => s,
        bool f => f ? 1 : 0,
        _ => System.Convert.ToInt64(value, Invariant),
    };

    /// <summary>Rounds half away from zero to the scale; throws 8115 when the digits do not fit the precision.</summary>
    public static decimal FitDecimal(decimal value, SqlType to, string from = "numeric")
    {
        decimal rounded = to.Scale >= 28 ? value : Math.Round(value, to.Scale, MidpointRounding.AwayFromZero);
        int integral = to.Precision - to.Scale;
        if (integral < 28 && Math.Abs(rounded) >= PowerOfTen(integral))
        {
            throw SqlErrors.Make(8115, 16, 8, $"Arithmetic overflow error converting {from} to data type numeric.");
        }

        return rounded;
    }

    public static decimal PowerOfTen(int exponent)
    {
        decimal power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }

    private static object ToInteger(object value, SqlType from, SqlType to)
    {
        switch (value)
        {
            case bool or byte or short or int or long:
                return FitInteger(AsLong(value), from, to);
            case decimal d:
                return DecimalToInteger(d, from, to);
            case double or float:
                double number = System.Convert.ToDouble(value, Invariant);
                if (to.Kind == SqlKind.Bit)
                {
                    return number != 0;
                }

                double whole = Math.Truncate(number);
                (double low, double high) = to.Kind switch
                {
                    SqlKind.TinyInt => (0d, 255d),
                    SqlKind.SmallInt => (short.MinValue, short.MaxValue),
                    SqlKind.Int => (int.MinValue, int.MaxValue),
                    _ => (-9223372036854775808d, 9223372036854774784d),
                };
                return whole < low || whole > high || double.IsNaN(whole) ? throw SqlErrors.FloatOverflow(to, number) : FitInteger((long)whole, from, to);
            case string text:
                return TextToInteger(text, from, to);
            case byte[] bytes:
                return BytesToInteger(bytes, to);
            case DateTime moment when from.Kind is SqlKind.DateTime or SqlKind.SmallDateTime:
                return FitInteger((long)Math.Round((moment - DateMath.Base).TotalDays, MidpointRounding.AwayFromZero), from, to);
            default:
                throw SqlErrors.ExplicitNotAllowed(from, to);
        }
    }

    private static object DecimalToInteger(decimal value, SqlType from, SqlType to)
    {
        if (to.Kind == SqlKind.Bit)
        {
            return value != 0;
        }

        bool money = from.Kind is SqlKind.Money or SqlKind.SmallMoney;
        decimal whole = money ? Math.Round(value, 0, MidpointRounding.AwayFromZero) : Math.Truncate(value);
        (decimal low, decimal high) = to.Kind switch
        {
            SqlKind.TinyInt => (0m, 255m),
            SqlKind.SmallInt => (short.MinValue, short.MaxValue),
            SqlKind.Int => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        return whole < low || whole > high ? throw SqlErrors.Overflow(TypeRules.Name(from), to) : FitInteger((long)whole, from, to);
    }

    private static object TextToInteger(string text, SqlType from, SqlType to)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim(' ');
        if (to.Kind == SqlKind.Bit)
        {
            if (trimmed.Equals("true", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (trimmed.Equals("false", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        if (trimmed.Length == 0)
        {
            return FitInteger(0, from, to);
        }

        ReadOnlySpan<char> digits = trimmed[0] is '+' or '-' ? trimmed[1..].TrimStart(' ') : trimmed;
        bool good = digits.Length > 0;
        foreach (char c in digits)
        {
            good &= char.IsAsciiDigit(c);
        }

        if (!good)
        {
            throw to.Kind == SqlKind.BigInt ? SqlErrors.ErrorConverting(from, to) : SqlErrors.ConversionFailed(from, text, to);
        }

        bool fits = long.TryParse(digits, NumberStyles.None, Invariant, out long number);
        number = trimmed[0] == '-' ? -number : number;
        if (!fits && to.Kind == SqlKind.BigInt)
        {
            throw trimmed is "-9223372036854775808" ? SqlErrors.ExpressionOverflow(to) : SqlErrors.Make(8115, 16, 2, $"Arithmetic overflow error converting expression to data type bigint.");
        }

        return to.Kind switch
        {
            SqlKind.Bit => !fits || number != 0,
            SqlKind.TinyInt when !fits || number is < 0 or > 255 => throw TextOverflow(244, from, text, "INT1"),
            SqlKind.SmallInt when !fits || number is < short.MinValue or > short.MaxValue => throw TextOverflow(244, from, text, "INT2"),
            SqlKind.Int when !fits || number is < int.MinValue or > int.MaxValue => throw TextOverflow(248, from, text, "int"),
            _ => FitInteger(number, from, to),
        };
    }

    private static LabSqlException TextOverflow(int number, SqlType from, string text, string column) => number == 248
        ? SqlErrors.Make(248, 16, 1, $"The conversion of the {TypeRules.Name(from)} value '{text}' overflowed an int column.")
        : SqlErrors.Make(244, 16, 1, $"The conversion of the {TypeRules.Name(from)} value '{text}' overflowed an {column} column. Use a larger integer column.");

    private static object BytesToInteger(byte[] bytes, SqlType to)
    {
        int size = to.Kind switch { SqlKind.Bit or SqlKind.TinyInt => 1, SqlKind.SmallInt => 2, SqlKind.Int => 4, _ => 8 };
        Span<byte> buffer = stackalloc byte[8];
        buffer.Clear();
        int take = Math.Min(size, bytes.Length);
        bytes.AsSpan(bytes.Length - take).CopyTo(buffer[(8 - take)..]);
        long number = BinaryPrimitives.ReadInt64BigEndian(buffer);
        return to.Kind switch
        {
            SqlKind.SmallInt => (short)number,
            SqlKind.Int => (int)number,
            SqlKind.Bit => number != 0,
            SqlKind.TinyInt => (byte)number,
            _ => number,
        };
    }

    private static object ToDecimal(object value, SqlType from, SqlType to)
    {
        switch (value)
        {
            case decimal d:
                return FitDecimal(d, to, TypeRules.Name(from));
            case bool or byte or short or int or long:
                return FitDecimal(AsLong(value), to, TypeRules.Name(from));
            case double or float:
                return FitDecimal(DoubleToDecimal(value, to), to, TypeRules.Name(from));
            case string text:
                // Exponents are for float only.
                return decimal.TryParse(text.AsSpan().Trim(' '), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, Invariant, out decimal number)
                    ? FitDecimal(number, to, TypeRules.Name(from))
                    : throw (IsPlainNumber(text) ? SqlErrors.Overflow(TypeRules.Name(from), to) : SqlErrors.ErrorConverting(from, to));
            case byte[] bytes:
                return FitDecimal(DecimalFromBytes(bytes, from, to), to);
            case DateTime moment when from.Kind is SqlKind.DateTime or SqlKind.SmallDateTime:
                return FitDecimal((decimal)(DateMath.Exact(moment) - DateMath.Base).TotalDays, to);
            default:
                throw SqlErrors.ExplicitNotAllowed(from, to);
        }
    }

    private static decimal DoubleToDecimal(object value, SqlType to)
    {
        double number = System.Convert.ToDouble(value, Invariant);
        try
        {
            // The decimal constructor keeps 15 digits only; the shortest round-trip text keeps 17.
            return value is float ? (decimal)number : decimal.Parse(number.ToString("E16", Invariant), NumberStyles.Float, Invariant);
        }
        catch (OverflowException)
        {
            throw SqlErrors.Overflow("float", to);
        }
    }

    private static bool IsPlainNumber(string text)
    {
        ReadOnlySpan<char> digits = text.AsSpan().Trim(' ').TrimStart("+-");
        return digits.Length > 0 && !digits.ContainsAnyExcept(NumberCharacters) && digits.Count('.') <= 1;
    }

    private static object ToMoney(object value, SqlType from, SqlType to)
    {
        decimal number = value switch
        {
            decimal d => d,
            bool or byte or short or int or long => AsLong(value),
            double or float => DoubleToDecimal(value, to),
            byte[] bytes => (long)BytesToInteger(bytes, SqlType.BigInt) / 10000m,
            string text => TextToMoney(text),
            DateTime moment when from.Kind is SqlKind.DateTime or SqlKind.SmallDateTime => (decimal)(moment - DateMath.Base).TotalDays,
            _ => throw SqlErrors.ExplicitNotAllowed(from, to),
        };
        number = Math.Round(number, 4, MidpointRounding.AwayFromZero);
        bool fits = to.Kind == SqlKind.SmallMoney
            ? number is >= -214748.3648m and <= 214748.3647m
            : number is >= -922337203685477.5808m and <= 922337203685477.5807m;
        return fits ? number : throw SqlErrors.Overflow(from.IsInteger ? "expression" : TypeRules.Name(from), to);
    }

    private static decimal TextToMoney(string text)
    {
        string trimmed = text.Trim(' ');
        if (trimmed.Length == 0)
        {
            return 0;
        }

        return decimal.TryParse(trimmed.Replace("$", string.Empty, StringComparison.Ordinal), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, Invariant, out decimal number)
            ? number
            : throw SqlErrors.Make(235, 16, 0, "Cannot convert a char value to money. The char value has incorrect syntax.");
    }

    private static object ToFloat(object value, SqlType from, SqlType to)
    {
        double number = value switch
        {
            double or float or decimal => System.Convert.ToDouble(value, Invariant),
            bool or byte or short or int or long => AsLong(value),
            string text => TextToDouble(text, from, to),
            DateTime moment when from.Kind is SqlKind.DateTime or SqlKind.SmallDateTime => (DateMath.Exact(moment) - DateMath.Base).TotalDays,
            _ => throw SqlErrors.ExplicitNotAllowed(from, to),
        };
        if (to.Kind == SqlKind.Float)
        {
            return number;
        }

        float single = (float)number;
        return float.IsInfinity(single) ? throw SqlErrors.FloatOverflow(to, number) : single;
    }

    private static double TextToDouble(string text, SqlType from, SqlType to)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim(' ');
        if (trimmed.Length == 0)
        {
            return 0;
        }

        return double.TryParse(trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, Invariant, out double number)
               && double.IsFinite(number)
            ? number
            : throw SqlErrors.ErrorConverting(from, to);
    }
}
