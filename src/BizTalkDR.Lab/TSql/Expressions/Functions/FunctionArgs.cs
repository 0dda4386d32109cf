using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>The arguments of one call of a built-in function, read in the type the function works with.</summary>
internal readonly struct FunctionArgs(string name, IReadOnlyList<SqlType> types, object?[] values)
{
    public int Count => values.Length;

    public object? this[int index] => values[index];

    public bool AnyNull => Array.IndexOf(values, null) >= 0;

    public SqlType Type(int index) => types[index];

    /// <summary>Reads text; other types are converted as CAST AS nvarchar does.</summary>
    public string? Text(int index) => values[index] switch
    {
        null => null,
        string text => text,
        var value => (string)SqlConversion.Convert(value, types[index], types[index].IsBinary ? SqlType.VarCharMax : SqlType.NVarCharMax)!,
    };

    public int? Int(int index) => values[index] switch
    {
        null => null,
        int number => number,
        var value => (int)SqlConversion.Convert(value, types[index], SqlType.Int)!,
    };

    public long? Long(int index) => (long?)SqlConversion.Convert(values[index], types[index], SqlType.BigInt);

    public double? Double(int index) => (double?)SqlConversion.Convert(values[index], types[index], SqlType.Float);

    /// <summary>Reads a date or time; text is read as datetime2 or datetimeoffset.</summary>
    public object? Date(int index)
    {
        object? value = values[index];
        if (value is SqlVariant variant)
        {
            value = variant.Value;
        }

        return value switch
        {
            null or DateTime or TimeSpan or DateTimeOffset => value,
            string text => text.Contains('T', StringComparison.Ordinal) || text.Length <= 23
                ? SqlConversion.Convert(text, types[index], SqlType.DateTime2)
                : SqlConversion.Convert(text, types[index], new SqlType(SqlKind.DateTimeOffset, Scale: 7)),
            _ when types[index].IsNumeric => SqlConversion.Convert(value, types[index], SqlType.DateTime),
            _ => throw SqlErrors.InvalidArgument(types[index], index + 1, name),
        };
    }

    /// <summary>Refuses types a text function does not take (8116).</summary>
    public static void RequireText(string function, int argument, SqlType type)
    {
        if (type.Kind is SqlKind.Image or SqlKind.Xml or SqlKind.SqlVariant)
        {
            throw SqlErrors.InvalidArgument(type, argument, function);
        }
    }
}

/// <summary>Adds functions in short form.</summary>
internal static class RegistryExtensions
{
    public delegate object? Body(FunctionArgs args, IExecutionContext context);

    public static void Add(this FunctionRegistry registry, string name, int min, int max, Func<IReadOnlyList<SqlType>, SqlType> type, Body body)
    {
        string lower = name.ToLowerInvariant();
        registry.Add(name, new ScalarFunction(min, max, type, (context, types, values) => body(new FunctionArgs(lower, types, values), context)));
    }

    /// <summary>Adds a function that gives NULL when any argument is NULL.</summary>
    public static void AddStrict(this FunctionRegistry registry, string name, int min, int max, Func<IReadOnlyList<SqlType>, SqlType> type, Body body) =>
        registry.Add(name, min, max, type, (args, context) => args.AnyNull ? null : body(args, context));

    public static void AddStrict(this FunctionRegistry registry, string name, int count, SqlType type, Body body) =>
        registry.AddStrict(name, count, count, _ => type, body);
}
