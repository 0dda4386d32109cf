using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>Converts a value somebody looks for to the CLR type the column holds.</summary>
internal static class KeyValue
{
    /// <summary>Converts exactly; false when an index cannot answer (another type, loss, or a type without equality such as text).</summary>
    public static bool TryConvert(object? value, SqlKind kind, out object? converted)
    {
        converted = value;
        if (value is null)
        {
            return true;
        }

        switch (kind)
        {
            case SqlKind.Bit: return value is bool;
            case SqlKind.TinyInt: return TryInteger(value, byte.MinValue, byte.MaxValue, v => (byte)v, out converted);
            case SqlKind.SmallInt: return TryInteger(value, short.MinValue, short.MaxValue, v => (short)v, out converted);
            case SqlKind.Int: return TryInteger(value, int.MinValue, int.MaxValue, v => (int)v, out converted);
            case SqlKind.BigInt: return TryInteger(value, long.MinValue, long.MaxValue, v => v, out converted);
            case SqlKind.Decimal or SqlKind.Money or SqlKind.SmallMoney:
                converted = value switch
                {
                    decimal v => v,
                    byte v => (decimal)v,
                    short v => (decimal)v,
                    int v => (decimal)v,
                    long v => (decimal)v,
                    _ => null,
                };
                return converted is not null;
            case SqlKind.Real: return value is float;
            case SqlKind.Float: return value is double;
            case SqlKind.Date or SqlKind.SmallDateTime or SqlKind.DateTime or SqlKind.DateTime2: return value is DateTime;
            case SqlKind.Time: return value is TimeSpan;
            case SqlKind.DateTimeOffset: return value is DateTimeOffset;
            case SqlKind.Char or SqlKind.VarChar or SqlKind.NChar or SqlKind.NVarChar: return value is string;
            case SqlKind.Binary or SqlKind.VarBinary or SqlKind.RowVersion: return value is byte[];
            case SqlKind.UniqueIdentifier: return value is Guid;
            default: return false;
        }
    }

    private static bool TryInteger(object value, long least, long most, Func<long, object> narrow, out object? converted)
    {
        long? number = value switch
        {
            bool v => v ? 1 : 0,
            byte v => v,
            short v => v,
            int v => v,
            long v => v,
            _ => null,
        };
        bool fits = number is { } n && n >= least && n <= most;
        converted = fits ? narrow(number!.Value) : null;
        return fits;
    }
}
