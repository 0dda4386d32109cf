using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Functions that cut, search and change text.</summary>
internal static class StringFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.AddStrict("LEN", 1, 1, t => Length(t, "len"), (a, _) => Sized(a, a.Text(0)!.AsSpan().TrimEnd(' ').Length));
        registry.AddStrict("DATALENGTH", 1, 1, t => Length(t, null), (a, _) => Sized(a, ByteLength(a[0]!, a.Type(0))));
        registry.AddStrict("SUBSTRING", 3, 3, t => Same(t, "substring"), (a, _) => Substring(a));
        registry.AddStrict("LEFT", 2, 2, t => Varying(t[0]), (a, _) => Edge(a, left: true));
        registry.AddStrict("RIGHT", 2, 2, t => Varying(t[0]), (a, _) => Edge(a, left: false));
        registry.AddStrict("LTRIM", 1, 1, t => Varying(t[0]), (a, _) => a.Text(0)!.TrimStart(' '));
        registry.AddStrict("RTRIM", 1, 1, t => Varying(t[0]), (a, _) => a.Text(0)!.TrimEnd(' '));
        registry.AddStrict("TRIM", 1, 1, t => Varying(t[0]), (a, _) => a.Text(0)!.Trim(' '));
        registry.AddStrict("UPPER", 1, 1, t => Varying(t[0]), (a, _) => a.Text(0)!.ToUpperInvariant());
        registry.AddStrict("LOWER", 1, 1, t => Varying(t[0]), (a, _) => a.Text(0)!.ToLowerInvariant());
        registry.AddStrict("REPLACE", 3, 3, ReplaceType, (a, _) => Replace(a.Text(0)!, a.Text(1)!, a.Text(2)!));
        registry.AddStrict("REPLICATE", 2, 2, t => Wide(t[0]), (a, _) => Replicate(a));
        registry.AddStrict("REVERSE", 1, 1, t => Varying(t[0]), (a, _) => string.Concat(a.Text(0)!.Reverse()));
        registry.Add("STUFF", 4, 4, t => Wide(t[0].IsUnicode ? t[0] : t[3].IsUnicode ? t[3] : t[0]), (a, _) => Stuff(a));
        registry.AddStrict("CHARINDEX", 2, 3, t => t[1].Length < 0 ? SqlType.BigInt : SqlType.Int, (a, _) => CharIndex(a));
        registry.AddStrict("PATINDEX", 2, 2, t => t[1].Length < 0 ? SqlType.BigInt : SqlType.Int, (a, _) => Index(LikePattern.Parse(a.Text(0)!, null, StringRules.Default).Find(a.Text(1)!), a.Type(1)));
        registry.AddStrict("SPACE", 1, SqlType.VarChar(8000), (a, _) => a.Int(0) is >= 0 and var n ? new string(' ', Math.Min(n, 8000)) : null);
        registry.AddStrict("CHAR", 1, new SqlType(SqlKind.Char, 1), (a, _) => a.Int(0) is >= 0 and <= 255 and var n ? SqlConversion.VarCharEncoding.GetString([(byte)n]) : null);
        registry.AddStrict("NCHAR", 1, new SqlType(SqlKind.NChar, 1), (a, _) => a.Int(0) is >= 0 and <= 65535 and var n ? ((char)n).ToString() : null);
        registry.AddStrict("ASCII", 1, SqlType.Int, (a, _) => a.Text(0)!.Length == 0 ? null : (int)SqlConversion.VarCharEncoding.GetBytes(a.Text(0)![..1])[0]);
        registry.AddStrict("UNICODE", 1, SqlType.Int, (a, _) => a.Text(0)!.Length == 0 ? null : (int)a.Text(0)![0]);
        registry.AddStrict("TRANSLATE", 3, 3, t => Varying(t[0]), (a, _) => Translate(a));
        registry.Add("CONCAT", 2, 254, ConcatType, (a, _) => Concat(a, 0, string.Empty, skipNull: false));
        registry.Add("CONCAT_WS", 3, 254, ConcatType, (a, _) => Concat(a, 1, a.Text(0) ?? string.Empty, skipNull: true));
    }

    /// <summary>Gives the number of bytes a value takes.</summary>
    public static int ByteLength(object value, SqlType type) => value switch
    {
        SqlVariant v => ByteLength(v.Value, v.Type),
        string text => type.IsUnicode ? text.Length * 2 : text.Length,
        byte[] bytes => bytes.Length,
        _ => type.Kind switch
        {
            SqlKind.Bit or SqlKind.TinyInt => 1,
            SqlKind.SmallInt => 2,
            SqlKind.Int or SqlKind.Real or SqlKind.SmallMoney or SqlKind.SmallDateTime => 4,
            SqlKind.Date => 3,
            SqlKind.UniqueIdentifier => 16,
            SqlKind.Decimal => type.Precision <= 9 ? 5 : type.Precision <= 19 ? 9 : type.Precision <= 28 ? 13 : 17,
            SqlKind.Time => TimeBytes(type.Scale),
            SqlKind.DateTime2 => TimeBytes(type.Scale) + 3,
            SqlKind.DateTimeOffset => TimeBytes(type.Scale) + 5,
            _ => 8,
        },
    };

    private static int TimeBytes(byte scale) => scale <= 2 ? 3 : scale <= 4 ? 4 : 5;

    private static SqlType Length(IReadOnlyList<SqlType> types, string? function)
    {
        if (function is not null && types[0].Kind is SqlKind.Text or SqlKind.NText or SqlKind.Image or SqlKind.Xml)
        {
            throw SqlErrors.InvalidArgument(types[0], 1, function);
        }

        return types[0].Length < 0 ? SqlType.BigInt : SqlType.Int;
    }

    private static object Sized(FunctionArgs args, int length) => Index(length, args.Type(0));

    private static object Index(int number, SqlType searched) => searched.Length < 0 ? (object)(long)number : number;

    private static SqlType Varying(SqlType type)
    {
        FunctionArgs.RequireText("text", 1, type);
        return type.Kind switch
        {
            SqlKind.Char or SqlKind.VarChar => SqlType.VarChar(type.Length),
            SqlKind.NChar or SqlKind.NVarChar => SqlType.NVarChar(type.Length),
            SqlKind.Text => SqlType.VarCharMax,
            SqlKind.NText => SqlType.NVarCharMax,
            _ => SqlType.VarChar(Math.Max(1, TypeRules.TextLength(type))),
        };
    }

    private static SqlType Same(IReadOnlyList<SqlType> types, string function)
    {
        if (types[0].IsBinary)
        {
            return new SqlType(SqlKind.VarBinary, types[0].Kind == SqlKind.RowVersion ? 8 : types[0].Kind == SqlKind.Image ? -1 : types[0].Length);
        }

        return types[0].IsCharacter && types[0].Kind != SqlKind.Xml ? Varying(types[0]) : throw SqlErrors.InvalidArgument(types[0], 1, function);
    }

    private static SqlType Wide(SqlType type) => Varying(type) is { Length: < 0 } max ? max : type.IsUnicode ? SqlType.NVarChar(4000) : SqlType.VarChar(8000);

    private static SqlType ReplaceType(IReadOnlyList<SqlType> types)
    {
        bool unicode = types.Any(t => t.IsUnicode);
        return types.Any(t => t.Length < 0) ? TypeRules.Text(unicode, -1) : TypeRules.Text(unicode, 8000);
    }

    private static SqlType ConcatType(IReadOnlyList<SqlType> types)
    {
        bool unicode = types.Any(t => t.IsUnicode);
        int total = 0;
        foreach (SqlType type in types)
        {
            int length = type.IsBinary ? type.Length : TypeRules.TextLength(type);
            total = total < 0 || length < 0 ? -1 : total + length;
        }

        return TypeRules.Text(unicode, total);
    }

    private static object? Substring(FunctionArgs args)
    {
        int start = args.Int(1)!.Value;
        int length = args.Int(2)!.Value;
        if (length < 0)
        {
            throw SqlErrors.InvalidLength("SUBSTRING");
        }

        long end = (long)start + length;
        int from = Math.Max(1, start);
        if (args[0] is byte[] bytes)
        {
            int take = (int)Math.Clamp(Math.Min(end - 1, bytes.Length) - from + 1, 0, bytes.Length);
            return take == 0 ? [] : bytes.AsSpan(from - 1, take).ToArray();
        }

        string text = args.Text(0)!;
        int count = (int)Math.Clamp(Math.Min(end - 1, text.Length) - from + 1, 0, text.Length);
        return count == 0 ? string.Empty : text.Substring(from - 1, count);
    }

    private static string Edge(FunctionArgs args, bool left)
    {
        string text = args.Text(0)!;
        int count = args.Int(1)!.Value;
        if (count < 0)
        {
            throw SqlErrors.InvalidLength(left ? "LEFT" : "RIGHT");
        }

        count = Math.Min(count, text.Length);
        return left ? text[..count] : text[^count..];
    }

    private static string Replace(string text, string old, string by)
    {
        if (old.Length == 0)
        {
            return text;
        }

        StringBuilder result = new();
        int at = 0;
        for (int found = IndexOf(text, old, 0); found >= 0; found = IndexOf(text, old, at))
        {
            result.Append(text, at, found - at).Append(by);
            at = found + old.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    private static int IndexOf(string text, string wanted, int from)
    {
        for (int i = Math.Max(0, from); i + wanted.Length <= text.Length; i++)
        {
            int j = 0;
            while (j < wanted.Length && StringRules.Default.CharEquals(text[i + j], wanted[j]))
            {
                j++;
            }

            if (j == wanted.Length)
            {
                return i;
            }
        }

        return -1;
    }

    private static object? Replicate(FunctionArgs args)
    {
        int count = args.Int(1)!.Value;
        if (count < 0)
        {
            return null;
        }

        string text = args.Text(0)!;
        int cap = args.Type(0).Length < 0 ? int.MaxValue : args.Type(0).IsUnicode ? 4000 : 8000;
        long length = Math.Min((long)text.Length * count, cap);
        StringBuilder result = new();
        while (result.Length < length)
        {
            result.Append(text);
        }

        return result.ToString(0, (int)length);
    }

    private static string? Stuff(FunctionArgs args)
    {
        if (args[0] is null || args[1] is null || args[2] is null)
        {
            return null;
        }

        string text = args.Text(0)!;
        int start = args.Int(1)!.Value;
        int length = args.Int(2)!.Value;
        if (start < 1 || start > text.Length || length < 0)
        {
            return null;
        }

        int end = (int)Math.Min((long)start - 1 + length, text.Length);
        return string.Concat(text.AsSpan(0, start - 1), args.Text(3) ?? string.Empty, text.AsSpan(end));
    }

    private static object CharIndex(FunctionArgs args)
    {
        string wanted = args.Text(0)!;
        int start = args.Count > 2 ? args.Int(2)!.Value : 1;
        return Index(wanted.Length == 0 ? 0 : IndexOf(args.Text(1)!, wanted, start - 1) + 1, args.Type(1));
    }

    private static string Translate(FunctionArgs args)
    {
        string from = args.Text(1)!;
        string to = args.Text(2)!;
        if (from.Length != to.Length)
        {
            throw SqlErrors.Make(9828, 16, 1, "The second and third arguments of the TRANSLATE built-in function must contain an equal number of characters.");
        }

        return string.Concat(args.Text(0)!.Select(c =>
        {
            int at = from.IndexOf(c, StringComparison.OrdinalIgnoreCase);
            return at < 0 ? c : to[at];
        }));
    }

    private static string Concat(FunctionArgs args, int first, string separator, bool skipNull)
    {
        List<string> parts = [];
        for (int i = first; i < args.Count; i++)
        {
            if (args[i] is not null || !skipNull)
            {
                parts.Add(args.Text(i) ?? string.Empty);
            }
        }

        return string.Join(separator, parts);
    }
}
