using System;
using System.Buffers.Binary;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

// Text, binary, dates and uniqueidentifiers.
internal static partial class SqlConversion
{
    /// <summary>The code page of varchar under SQL_Latin1_General_CP1_CI_AS; what it cannot hold becomes a question mark.</summary>
    public static readonly Encoding VarCharEncoding =
        CodePagesEncodingProvider.Instance.GetEncoding(1252, EncoderFallback.ReplacementFallback, DecoderFallback.ReplacementFallback)!;

    /// <summary>Cuts or pads text to a character type, as CAST does.</summary>
    public static string FitText(string text, SqlType to)
    {
        if (to.Kind is SqlKind.Char or SqlKind.VarChar or SqlKind.Text && !Ascii.IsValid(text))
        {
            text = VarCharEncoding.GetString(VarCharEncoding.GetBytes(text));
        }

        if (to.Length <= 0)
        {
            return text;
        }

        if (text.Length > to.Length)
        {
            return text[..to.Length];
        }

        return to.Kind is SqlKind.Char or SqlKind.NChar ? text.PadRight(to.Length) : text;
    }

    /// <summary>Cuts or pads bytes to a binary type, as CAST does.</summary>
    public static byte[] FitBytes(byte[] bytes, SqlType to)
    {
        int length = to.Kind == SqlKind.RowVersion ? 8 : to.Length;
        if (length <= 0 || bytes.Length == length || (bytes.Length < length && to.Kind == SqlKind.VarBinary))
        {
            return bytes;
        }

        byte[] fitted = new byte[length];
        bytes.AsSpan(0, Math.Min(length, bytes.Length)).CopyTo(fitted);
        return fitted;
    }

    private static string ToText(object value, SqlType from, SqlType to, int style)
    {
        switch (value)
        {
            case string text when to.Kind == SqlKind.Xml:
                return XmlMethods.Verify(text);
            case string text:
                return FitText(text, to);
            case Guid guid:
                return to.Length is > 0 and < 36
                    ? throw SqlErrors.Make(8170, 16, 2, "Insufficient result space to convert uniqueidentifier value to char.")
                    : FitText(guid.ToString("D").ToUpperInvariant(), to);
            case byte[] bytes:
                return FitText(BytesToText(bytes, from, to, style), to);
            case DateTime or TimeSpan or DateTimeOffset:
                return FitText(DateText.Write(value, from, style), to);
            default:
                string number = NumberToText(value, from, style);
                return to.Length > 0 && number.Length > to.Length ? NumberTooLong(from, to) : FitText(number, to);
        }
    }

    private static string NumberTooLong(SqlType from, SqlType to)
    {
        if (from.Kind is SqlKind.TinyInt or SqlKind.SmallInt or SqlKind.Int && to.Kind is SqlKind.Char or SqlKind.VarChar)
        {
            return FitText("*", to);
        }

        if (from.Kind is SqlKind.Money or SqlKind.SmallMoney)
        {
            throw SqlErrors.Make(234, 16, 2, $"There is insufficient result space to convert a money value to {TypeRules.Name(to)}.");
        }

        throw SqlErrors.Overflow(from.IsInteger ? "expression" : TypeRules.Name(from), to);
    }

    private static string BytesToText(byte[] bytes, SqlType from, SqlType to, int style)
    {
        switch (style)
        {
            case 0:
                return to.IsUnicode ? Encoding.Unicode.GetString(bytes) : VarCharEncoding.GetString(bytes);
            case 1 or 2:
                string prefix = style == 1 ? "0x" : string.Empty;
                int room = to.Length > 0 ? Math.Max(0, (to.Length - prefix.Length) / 2) : bytes.Length;
                return prefix + System.Convert.ToHexString(bytes, 0, Math.Min(room, bytes.Length));
            default:
                throw SqlErrors.BadStyle(style, from, to);
        }
    }

    private static byte[] ToBinary(object value, SqlType from, SqlType to, int style)
    {
        switch (value)
        {
            case byte[] bytes:
                return FitBytes(bytes, to);
            case string text when style is 1 or 2:
                return FitBytes(HexToBytes(text, from, to, style), to);
            case string text:
                return FitBytes(from.IsUnicode ? Encoding.Unicode.GetBytes(text) : VarCharEncoding.GetBytes(text), to);
            case Guid guid:
                return FitBytes(guid.ToByteArray(), to);
            case bool f:
                return FitNumber([f ? (byte)1 : (byte)0], to);
            case byte b:
                return FitNumber([b], to);
            case short or int or long:
                byte[] whole = new byte[8];
                BinaryPrimitives.WriteInt64BigEndian(whole, AsLong(value));
                return FitNumber(whole.AsSpan(value is short ? 6 : value is int ? 4 : 0).ToArray(), to);
            case decimal m when from.Kind is SqlKind.Money or SqlKind.SmallMoney:
                byte[] money = new byte[8];
                BinaryPrimitives.WriteInt64BigEndian(money, (long)(m * 10000));
                return FitNumber(from.Kind == SqlKind.Money ? money : money[4..], to);
            case decimal m:
                return FitBytes(DecimalToBytes(m, from), to);
            case double d:
                byte[] real = new byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(real, d);
                return FitNumber(real, to);
            case float f:
                byte[] single = new byte[4];
                BinaryPrimitives.WriteSingleBigEndian(single, f);
                return FitNumber(single, to);
            case DateTime moment when from.Kind == SqlKind.DateTime:
                byte[] classic = new byte[8];
                BinaryPrimitives.WriteInt32BigEndian(classic, (moment.Date - DateMath.Base).Days);
                BinaryPrimitives.WriteInt32BigEndian(classic.AsSpan(4), (int)DateMath.Units(moment.TimeOfDay));
                return FitNumber(classic, to);
            default:
                throw SqlErrors.ExplicitNotAllowed(from, to);
        }
    }

    // Numbers are padded and cut on the left.
    private static byte[] FitNumber(byte[] bytes, SqlType to)
    {
        int length = to.Kind == SqlKind.RowVersion ? 8 : to.Length;
        if (length <= 0 || bytes.Length == length || (bytes.Length < length && to.Kind == SqlKind.VarBinary))
        {
            return bytes;
        }

        byte[] fitted = new byte[length];
        int take = Math.Min(length, bytes.Length);
        bytes.AsSpan(bytes.Length - take).CopyTo(fitted.AsSpan(length - take));
        return fitted;
    }

    private static byte[] HexToBytes(string text, SqlType from, SqlType to, int style)
    {
        string hex = text.TrimEnd(' ');
        bool prefixed = hex.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (style == 1 && !prefixed)
        {
            throw SqlErrors.ErrorConverting(from, to);
        }

        hex = style == 1 ? hex[2..] : hex;
        if (hex.Length % 2 != 0 || hex.AsSpan().ContainsAnyExcept(HexCharacters))
        {
            throw SqlErrors.ErrorConverting(from, to);
        }

        return System.Convert.FromHexString(hex);
    }

    private static object ToGuid(object value, SqlType from, SqlType to)
    {
        switch (value)
        {
            case Guid guid:
                return guid;
            case byte[] bytes:
                byte[] sixteen = new byte[16];
                bytes.AsSpan(0, Math.Min(16, bytes.Length)).CopyTo(sixteen);
                return new Guid(sixteen);
            case string text:
                string trimmed = text.TrimStart(' ');
                bool braces = trimmed.StartsWith('{');
                int length = braces ? 38 : 36;
                return trimmed.Length >= length && Guid.TryParseExact(trimmed[..length], braces ? "B" : "D", out Guid parsed)
                    ? parsed
                    : throw SqlErrors.Make(8169, 16, 2, "Conversion failed when converting from a character string to uniqueidentifier.");
            default:
                throw SqlErrors.ExplicitNotAllowed(from, to);
        }
    }

    private static object ToDate(object value, SqlType from, SqlType to, int style)
    {
        switch (value)
        {
            case DateTime moment when from.Kind is SqlKind.DateTime && to.Kind is not SqlKind.SmallDateTime:
                return DateMath.Fit(to.Kind is SqlKind.DateTime or SqlKind.Date ? moment : DateMath.Exact(moment), null, from, to);
            case DateTime moment when from.IsDateTime:
                return DateMath.Fit(moment, null, from, to);
            case TimeSpan time:
                return DateMath.Fit(DateMath.Base + time, null, from, to);
            case DateTimeOffset offset:
                return DateMath.Fit(offset.DateTime, offset.Offset, from, to);
            case string text:
                return TextToDate(text, from, to, style);
            case byte[] bytes when to.Kind == SqlKind.DateTime:
                byte[] eight = FitNumber(bytes, new SqlType(SqlKind.Binary, 8));
                int days = BinaryPrimitives.ReadInt32BigEndian(eight);
                int units = BinaryPrimitives.ReadInt32BigEndian(eight.AsSpan(4));
                return DaysToDate(days, from, to).Add(TimeSpan.FromMilliseconds(((units * 10L) + 1) / 3));
            case bool or byte or short or int or long when to.Kind is SqlKind.DateTime or SqlKind.SmallDateTime:
                return DaysToDate(AsLong(value), from, to);
            case decimal or double or float when to.Kind is SqlKind.DateTime or SqlKind.SmallDateTime:
                return DateMath.Fit(DaysToDate(System.Convert.ToDouble(value, Invariant), from, to), null, from, to);
            default:
                throw SqlErrors.ExplicitNotAllowed(from, to);
        }
    }

    private static DateTime DaysToDate(double days, SqlType from, SqlType to)
    {
        if (days is < -53690 or >= 2958464)
        {
            throw from.IsInteger || from.Kind is SqlKind.Decimal or SqlKind.Float or SqlKind.Real
                ? SqlErrors.ExpressionOverflow(to)
                : SqlErrors.DateOutOfRange(from, to);
        }

        return DateMath.Base.AddTicks((long)Math.Round(days * TimeSpan.TicksPerDay));
    }

    private static object TextToDate(string text, SqlType from, SqlType to, int style)
    {
        DateParser.Outcome outcome = DateParser.Parse(text, style, out DateParser.Parsed parsed);
        if (outcome == DateParser.Outcome.Good && parsed.FractionDigits > 7)
        {
            outcome = DateParser.Outcome.Malformed;
        }

        bool classic = to.Kind is SqlKind.DateTime or SqlKind.SmallDateTime;
        if (outcome == DateParser.Outcome.Malformed || (classic && outcome == DateParser.Outcome.Good && !ClassicAccepts(parsed)))
        {
            throw to.Kind == SqlKind.SmallDateTime
                ? SqlErrors.Make(295, 16, 3, "Conversion failed when converting character string to smalldatetime data type.")
                : SqlErrors.BadDateText();
        }

        if (outcome == DateParser.Outcome.OutOfRange)
        {
            throw classic ? SqlErrors.DateOutOfRange(from, to) : SqlErrors.BadDateText();
        }

        return DateMath.Fit(parsed.Moment, parsed.Offset, from, to);
    }

    // datetime takes at most three digits of a second and no offset but Z.
    private static bool ClassicAccepts(DateParser.Parsed parsed) =>
        parsed.FractionDigits <= 3 && (parsed.Offset is null || parsed.Offset == TimeSpan.Zero);
}
