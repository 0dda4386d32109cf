using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>A request to a linked server.</summary>
internal sealed class LinkedCommand
{
    public LinkedCommand(string text) => Text = text;

    public string Text { get; set; }

    public List<LinkedParameter> Parameters { get; } = [];
}

/// <summary>A parameter of a request to a linked server.</summary>
internal sealed class LinkedParameter
{
    public LinkedParameter(string name, SqlType type, object? value)
    {
        Name = name;
        Type = type;
        Value = value;
    }

    public string Name { get; }

    public SqlType Type { get; }

    public object? Value { get; set; }

    public bool IsOutput { get; init; }

    /// <summary>Whether the other side gave the value back.</summary>
    public bool WasReturned { get; set; }

    public Action<SqlType, object?>? Assign { get; init; }
}

/// <summary>What came of a request to a linked server.</summary>
/// <param name="Results">Result sets, unless they went to the client.</param>
/// <param name="RowCount">Rows changed; 0 when nothing was counted.</param>
/// <param name="Errors">Errors in the order they came.</param>
/// <param name="IsBroken">Whether the connection was lost.</param>
internal sealed record LinkedOutcome(
    IReadOnlyList<(IReadOnlyList<ResultColumn> Columns, List<object?[]> Rows)> Results, long RowCount, IReadOnlyList<SqlMessage> Errors, bool IsBroken);
