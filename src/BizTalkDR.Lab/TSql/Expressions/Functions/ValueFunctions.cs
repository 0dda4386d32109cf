using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Functions over values of any type: NEWID, checksums and hashes, ISNUMERIC, sql_variant properties.</summary>
internal static class ValueFunctions
{
    private static long _sequence;

    public static void Register(FunctionRegistry registry)
    {
        registry.Add("NEWID", 0, 0, _ => SqlType.UniqueIdentifier, (_, _) => Guid.NewGuid());
        registry.Add("NEWSEQUENTIALID", 0, 0, _ => SqlType.UniqueIdentifier, (_, c) => Sequential(c));
        registry.Add("ISNUMERIC", 1, 1, _ => SqlType.Int, (a, _) => IsNumeric(a[0], a.Type(0)) ? 1 : 0);
        registry.Add("CHECKSUM", 1, -1, _ => SqlType.Int, (a, _) => Checksum(a, foldCase: true));
        registry.Add("BINARY_CHECKSUM", 1, -1, _ => SqlType.Int, (a, _) => Checksum(a, foldCase: false));
        registry.AddStrict("HASHBYTES", 2, 2, _ => new SqlType(SqlKind.VarBinary, 8000), (a, _) => Hash(a));
        registry.Add("SQL_VARIANT_PROPERTY", 2, 2, _ => SqlType.Variant, (a, _) => Property(a));
        registry.Add("GREATEST", 1, 254, Highest, (a, _) => Extreme(a, 1));
        registry.Add("LEAST", 1, 254, Highest, (a, _) => Extreme(a, -1));
    }

    private static SqlType Highest(IReadOnlyList<SqlType> types)
    {
        SqlType common = types[0];
        foreach (SqlType type in types)
        {
            common = TypeRules.Common(common, type);
        }

        return common;
    }

    private static object? Extreme(FunctionArgs args, int sign)
    {
        List<SqlType> types = [];
        for (int i = 0; i < args.Count; i++)
        {
            types.Add(args.Type(i));
        }

        SqlType common = Highest(types);
        object? best = null;
        for (int i = 0; i < args.Count; i++)
        {
            if (SqlConversion.Convert(args[i], args.Type(i), common) is { } value
                && (best is null || sign * ValueComparison.Compare(value, best, StringRules.Default) > 0))
            {
                best = value;
            }
        }

        return best;
    }

    // Grows within a run and from start to start: the clock in the bytes that sort first, a counter behind.
    private static Guid Sequential(IExecutionContext context)
    {
        long count = System.Threading.Interlocked.Increment(ref _sequence);
        byte[] bytes = new byte[16];
        BitConverter.TryWriteBytes(bytes, (int)count);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), (short)(count >> 32));
        long ticks = context.Instance.UtcNow.Ticks >> 16;
        for (int i = 0; i < 6; i++)
        {
            bytes[15 - i] = (byte)(ticks >> (8 * i));
        }

        return new Guid(bytes);
    }

    private static bool IsNumeric(object? value, SqlType type)
    {
        if (value is SqlVariant variant)
        {
            return IsNumeric(variant.Value, variant.Type);
        }

        if (value is not string text)
        {
            return value is not null && type.IsNumeric;
        }

        string trimmed = text.Trim();
        if (trimmed is "+" or "-" or "." or "$" or ",")
        {
            return true;
        }

        return double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
               || SqlConversion.TryConvert(trimmed, SqlType.VarChar(8000), SqlType.Money, 0) is not null && trimmed.Length > 0;
    }

    // Four-bit rotation and exclusive or over the values, as documented checksums of byte strings are made.
    private static int Checksum(FunctionArgs args, bool foldCase)
    {
        uint sum = 0;
        for (int i = 0; i < args.Count; i++)
        {
            object? value = args[i] is SqlVariant v ? v.Value : args[i];
            switch (value)
            {
                case null:
                    sum = Mix(sum, 0x7FFFFFFF);
                    break;
                case int number when args.Count == 1:
                    return number;
                case int or short or byte or bool:
                    sum = Mix(sum, (uint)SqlConversion.AsLong(value));
                    break;
                case string text:
                    foreach (char c in foldCase ? text.TrimEnd(' ').ToUpperInvariant() : text)
                    {
                        sum = Mix(sum, c);
                    }

                    break;
                default:
                    foreach (byte b in Bytes(value, args[i] is SqlVariant w ? w.Type : args.Type(i)))
                    {
                        sum = Mix(sum, b);
                    }

                    break;
            }
        }

        return (int)sum;
    }

    private static byte[] Bytes(object value, SqlType type) => type.IsDateTime
        ? Encoding.ASCII.GetBytes(DateText.Write(value, type, 121))
        : (byte[])SqlConversion.Convert(value, type, SqlType.VarBinaryMax)!;

    private static uint Mix(uint sum, uint value) => ((sum << 4) | (sum >> 28)) ^ value;

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351:Do not use broken cryptographic algorithms", Justification = "HASHBYTES offers them.")]
    private static byte[]? Hash(FunctionArgs args)
    {
        byte[] data = args[1] switch
        {
            byte[] bytes => bytes,
            string text => args.Type(1).IsUnicode ? Encoding.Unicode.GetBytes(text) : SqlConversion.VarCharEncoding.GetBytes(text),
            _ => throw SqlErrors.InvalidArgument(args.Type(1), 2, "hashbytes"),
        };
        return args.Text(0)!.ToUpperInvariant() switch
        {
            "MD5" => MD5.HashData(data),
            "SHA" or "SHA1" => SHA1.HashData(data),
            "SHA2_256" => SHA256.HashData(data),
            "SHA2_512" => SHA512.HashData(data),
            _ => null,
        };
    }

    private static SqlVariant? Property(FunctionArgs args)
    {
        if (args[0] is null || args.Text(1) is not { } name)
        {
            return null;
        }

        SqlType type = args[0] is SqlVariant variant ? variant.Type : args.Type(0);
        return name.ToLowerInvariant() switch
        {
            "basetype" => new SqlVariant(SqlType.SysName, type.Kind == SqlKind.Decimal ? "numeric" : TypeRules.Name(type)),
            "precision" => new SqlVariant(SqlType.Int, (int)(type.Kind == SqlKind.Decimal ? type.Precision : TypeRules.AsDecimal(type).Precision)),
            "scale" => new SqlVariant(SqlType.Int, (int)type.Scale),
            "maxlength" => new SqlVariant(SqlType.Int, type.IsUnicode ? type.Length * 2 : type.Length > 0 ? type.Length : StringFunctions.ByteLength(args[0]!, args.Type(0))),
            "totalbytes" => new SqlVariant(SqlType.Int, StringFunctions.ByteLength(args[0]!, args.Type(0)) + 2),
            "collation" when type.IsCharacter => new SqlVariant(SqlType.SysName, "SQL_Latin1_General_CP1_CI_AS"),
            _ => null,
        };
    }
}
