using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>Columns of a system view, written as <c>name type[=default]</c> separated by commas (a name with blanks in brackets), and the rows made to their shape.</summary>
internal sealed class RowShape
{
    private readonly Dictionary<string, int> _index = new(StringComparer.OrdinalIgnoreCase);
    private readonly object?[] _defaults;

    public RowShape(string specification)
    {
        var columns = new List<ResultColumn>();
        var defaults = new List<object?>();
        foreach (string part in Split(specification))
        {
            string[] sides = part.Split('=', 2);
            string side = sides[0].Trim();
            int end = side[0] == '[' ? side.IndexOf(']', StringComparison.Ordinal) + 1 : side.IndexOf(' ', StringComparison.Ordinal);
            string[] words = [side[..end].Trim('[', ']'), side[end..].Trim()];
            SqlType type = ParseType(words[1]);
            _index[words[0]] = columns.Count;
            columns.Add(new ResultColumn(words[0], type));
            defaults.Add(sides.Length == 1 ? null : ParseValue(sides[1].Trim(), type));
        }

        Columns = columns;
        _defaults = [.. defaults];
    }

    public IReadOnlyList<ResultColumn> Columns { get; }

    /// <summary>Makes a row: defaults, with these values put over them.</summary>
    public object?[] Row(params (string Name, object? Value)[] values)
    {
        object?[] row = [.. _defaults];
        foreach ((string name, object? value) in values)
        {
            int at = _index[name];
            row[at] = Fit(value, Columns[at].Type);
        }

        return row;
    }

    /// <summary>Maps a type's name as T-SQL spells it.</summary>
    public static SqlType ParseType(string text)
    {
        string name = text.ToLowerInvariant();
        int[] facets = [];
        int open = name.IndexOf('(', StringComparison.Ordinal);
        if (open >= 0)
        {
            facets = [.. name[(open + 1)..^1].Split(',').Select(f => f.Trim() == "max" ? -1 : int.Parse(f, CultureInfo.InvariantCulture))];
            name = name[..open];
        }

        int length = facets.Length > 0 ? facets[0] : 1;
        return name switch
        {
            "sysname" => SqlType.SysName,
            "int" => SqlType.Int,
            "bigint" => SqlType.BigInt,
            "smallint" => new SqlType(SqlKind.SmallInt),
            "tinyint" => SqlType.TinyInt,
            "bit" => SqlType.Bit,
            "float" => SqlType.Float,
            "real" => SqlType.Real,
            "datetime" => SqlType.DateTime,
            "datetime2" => SqlType.DateTime2,
            "uniqueidentifier" => SqlType.UniqueIdentifier,
            "sql_variant" => SqlType.Variant,
            "nvarchar" => SqlType.NVarChar(length),
            "varchar" => SqlType.VarChar(length),
            "nchar" => new SqlType(SqlKind.NChar, length),
            "char" => new SqlType(SqlKind.Char, length),
            "varbinary" => new SqlType(SqlKind.VarBinary, length),
            "binary" => new SqlType(SqlKind.Binary, length),
            "numeric" or "decimal" => SqlType.Decimal((byte)length, (byte)(facets.Length > 1 ? facets[1] : 0)),
            "datetimeoffset" => new SqlType(SqlKind.DateTimeOffset, Scale: 7),
            _ => throw new ArgumentException($"Unknown type {text}.", nameof(text)),
        };
    }

    private static IEnumerable<string> Split(string text)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }

        yield return text[start..].Trim();
    }

    private static object? ParseValue(string text, SqlType type) => type.Kind switch
    {
        SqlKind.Bit => text == "1",
        SqlKind.Int => int.Parse(text, CultureInfo.InvariantCulture),
        SqlKind.TinyInt => byte.Parse(text, CultureInfo.InvariantCulture),
        SqlKind.SmallInt => short.Parse(text, CultureInfo.InvariantCulture),
        SqlKind.BigInt => long.Parse(text, CultureInfo.InvariantCulture),
        SqlKind.UniqueIdentifier => Guid.Parse(text),
        SqlKind.Decimal => decimal.Parse(text, CultureInfo.InvariantCulture),
        SqlKind.DateTime => DateTime.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => text,
    };

    /// <summary>Lets views give an int where the column is narrower or wider.</summary>
    private static object? Fit(object? value, SqlType type) => (value, type.Kind) switch
    {
        (int i, SqlKind.TinyInt) => (byte)i,
        (int i, SqlKind.SmallInt) => (short)i,
        (int i, SqlKind.BigInt) => (long)i,
        (int i, SqlKind.Bit) => i != 0,
        (long l, SqlKind.Int) => (int)l,
        (byte b, SqlKind.Int) => (int)b,
        (byte b, SqlKind.SmallInt) => (short)b,
        (bool b, SqlKind.Int) => b ? 1 : 0,
        (int i, SqlKind.SqlVariant) => new SqlVariant(SqlType.Int, i),
        (string s, SqlKind.SqlVariant) => new SqlVariant(SqlType.NVarChar(Math.Max(1, s.Length)), s),
        (string s, SqlKind.NChar or SqlKind.Char) when s.Length < type.Length => s.PadRight(type.Length),
        _ => value,
    };
}
