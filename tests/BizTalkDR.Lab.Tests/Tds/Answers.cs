using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.Tests.Tds;

/// <summary>Canned results.</summary>
internal static class Answers
{
    public static void Scalar(IResultSink sink, SqlType type, object? value) => Table(sink, [new ResultColumn("value", type)], [value]);

    public static void Table(IResultSink sink, ResultColumn[] columns, params object?[][] rows)
    {
        sink.Columns(columns);
        foreach (object?[] row in rows)
            sink.Row(row);
        sink.StatementDone(rows.Length, isSelect: true, inProcedure: false);
    }
}
