using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>Built-in table-valued functions that need no session.</summary>
internal static class TableFunctions
{
    public static Func<(SqlType Type, object? Value)[], IRowSource>? Find(string name) =>
        name.Equals("STRING_SPLIT", StringComparison.OrdinalIgnoreCase) ? StringSplit : null;

    private static MemoryRowSource StringSplit((SqlType Type, object? Value)[] arguments)
    {
        if (arguments.Length != 2)
        {
            throw SqlErrors.FunctionArguments("string_split", 2);
        }

        string? text = (string?)SqlConversion.Convert(arguments[0].Value, arguments[0].Type, SqlType.NVarCharMax);
        string separator = (string?)SqlConversion.Convert(arguments[1].Value, arguments[1].Type, SqlType.NVarChar(4000)) ?? " ";
        if (separator.Length != 1)
        {
            throw SqlErrors.Make(214, 16, 11, "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'.");
        }

        SqlType type = arguments[0].Type.IsUnicode ? SqlType.NVarChar(arguments[0].Type.Length) : SqlType.VarChar(Math.Max(arguments[0].Type.Length, -1));
        IEnumerable<object?[]> rows = text is null ? [] : text.Split(separator[0]).Select(p => new object?[] { p });
        return new MemoryRowSource([new ResultColumn("value", type, Nullable: false)], rows);
    }
}
