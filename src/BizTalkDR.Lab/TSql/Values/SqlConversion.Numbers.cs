using System;
using System.Buffers;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

// Numbers: what each source type gives, and the error each pair raises.
internal static partial class SqlConversion
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> HexCharacters = SearchValues.Create("0123456789abcdefABCDEF");

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
