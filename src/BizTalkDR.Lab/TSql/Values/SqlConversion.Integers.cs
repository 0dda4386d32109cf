using System;
using System.Buffers.Binary;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

// Integers: what each source type gives, and the error each pair raises.
internal static partial class SqlConversion
{
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
}
