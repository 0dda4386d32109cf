using System;
using System.Globalization;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

// Numbers as bytes and as text.
internal static partial class SqlConversion
{
    // Precision, scale, a zero byte, sign (1 = positive), then the number in little-endian order.
    private static byte[] DecimalToBytes(decimal value, SqlType from)
    {
        decimal scaled = Math.Abs(value) * PowerOfTen(Math.Min((int)from.Scale, 27));
        byte[] number = new System.Numerics.BigInteger(scaled).ToByteArray(isUnsigned: true);
        int size = from.Precision <= 9 ? 4 : from.Precision <= 19 ? 8 : from.Precision <= 28 ? 12 : 16;
        byte[] bytes = new byte[4 + size];
        bytes[0] = from.Precision;
        bytes[1] = from.Scale;
        bytes[3] = value < 0 ? (byte)0 : (byte)1;
        number.AsSpan(0, Math.Min(size, number.Length)).CopyTo(bytes.AsSpan(4));
        return bytes;
    }

    private static decimal DecimalFromBytes(byte[] bytes, SqlType from, SqlType to)
    {
        if (bytes.Length < 5 || bytes[0] > 38 || bytes[1] > 28)
        {
            throw SqlErrors.ErrorConverting(from, to);
        }

        decimal number = (decimal)new System.Numerics.BigInteger(bytes.AsSpan(4), isUnsigned: true) / PowerOfTen(bytes[1]);
        return bytes[3] == 0 ? -number : number;
    }

    /// <summary>Writes a number as CAST to a character type does.</summary>
    private static string NumberToText(object value, SqlType from, int style)
    {
        switch (value)
        {
            case bool f:
                return f ? "1" : "0";
            case double d:
                return FloatText(d, style, single: false);
            case float f:
                return FloatText(f, style, single: true);
            case decimal m when from.Kind is SqlKind.Money or SqlKind.SmallMoney:
                return style switch
                {
                    1 => m.ToString("#,##0.00", Invariant),
                    2 or 126 => m.ToString("0.0000", Invariant),
                    _ => m.ToString("0.00", Invariant),
                };
            case decimal m:
                return m.ToString("F" + from.Scale.ToString(Invariant), Invariant);
            default:
                return ((IFormattable)value).ToString(null, Invariant);
        }
    }

    // Style 0 writes six significant digits; 1 eight and 2 sixteen, always in scientific notation; 3 as many as bring the value back.
    private static string FloatText(double value, int style, bool single)
    {
        if (value == 0 && style is 0 or 3)
        {
            return "0";
        }

        if (style == 3)
        {
            return value.ToString(single ? "G9" : "G17", Invariant);
        }

        int digits = style switch { 1 => 8, 2 => 16, _ => 6 };
        string scientific = value.ToString("E" + (digits - 1).ToString(Invariant), Invariant);
        int mark = scientific.IndexOf('E', StringComparison.Ordinal);
        int exponent = int.Parse(scientific.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, Invariant);
        if (style is not 0 || exponent < -5 || exponent >= digits)
        {
            string mantissa = scientific[..mark];
            if (style == 0 && mantissa.Contains('.', StringComparison.Ordinal))
            {
                mantissa = mantissa.TrimEnd('0').TrimEnd('.');
            }

            return new StringBuilder(mantissa).Append('e').Append(exponent < 0 ? '-' : '+').Append(Math.Abs(exponent).ToString("000", Invariant)).ToString();
        }

        string plain = decimal.Parse(scientific, NumberStyles.Float, Invariant).ToString(Invariant);
        return plain.Contains('.', StringComparison.Ordinal) ? plain.TrimEnd('0').TrimEnd('.') : plain;
    }
}
