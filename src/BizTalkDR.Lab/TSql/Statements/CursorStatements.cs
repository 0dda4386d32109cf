using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// DECLARE CURSOR, OPEN, FETCH, CLOSE, DEALLOCATE.
internal sealed partial class Interpreter
{
    private static string CursorName(CursorId id) => id.Name.Value ?? (id.Name.ValueExpression is VariableReference v ? v.Name : id.Name.Identifier.Value);

    private static SqlCursor NewCursor(string name, CursorDefinition definition, ExecutionFrame frame)
    {
        bool Has(CursorOptionKind kind) => definition.Options.Any(o => o.OptionKind == kind);
        bool scrolls = Has(CursorOptionKind.Scroll)
            || (!Has(CursorOptionKind.ForwardOnly) && !Has(CursorOptionKind.FastForward) && (Has(CursorOptionKind.Static) || Has(CursorOptionKind.Keyset) || Has(CursorOptionKind.Dynamic)));
        return new SqlCursor(name, definition.Select, frame.Snapshot(), scrolls);
    }

    private void DeclareCursor(DeclareCursorStatement declare, ExecutionFrame frame)
    {
        string name = declare.Name.Value;
        bool local = declare.CursorDefinition.Options.Any(o => o.OptionKind == CursorOptionKind.Local);
        Dictionary<string, SqlCursor> scope = local ? frame.Cursors : _session.GlobalCursors;
        if (scope.ContainsKey(name))
        {
            throw new LabSqlException(16915, 16, 1, $"A cursor with the name '{name}' already exists.");
        }

        scope[name] = NewCursor(name, declare.CursorDefinition, frame);
        _session.LastRowCount = 0;
    }

    private SqlCursor FindCursor(string name, ExecutionFrame frame, bool global = false)
    {
        if (name.StartsWith('@'))
        {
            if (!frame.CursorVariables.TryGetValue(name, out SqlCursor? assigned))
            {
                throw ServerErrors.UndeclaredVariable(name);
            }

            return assigned ?? throw new LabSqlException(16950, 16, 2, $"The variable '{name}' does not currently have a cursor allocated to it.");
        }

        if (!global && frame.Cursors.TryGetValue(name, out SqlCursor? local))
        {
            return local;
        }

        return _session.GlobalCursors.TryGetValue(name, out SqlCursor? found)
            ? found
            : throw new LabSqlException(16916, 16, 1, $"A cursor with the name '{name}' does not exist.");
    }

    private void OpenCursor(OpenCursorStatement open, ExecutionFrame frame)
    {
        SqlCursor cursor = FindCursor(CursorName(open.Cursor), frame, open.Cursor.IsGlobal);
        if (cursor.IsOpen)
        {
            throw new LabSqlException(16905, 16, 1, "The cursor is already open.");
        }

        InStatement(frame, () =>
        {
            QueryResult result = Queries.Query(cursor.Select.QueryExpression, cursor.Select.WithCtesAndXmlNamespaces, cursor.Scope);
            cursor.Open(result.Columns, [.. result.Rows]);
        });
        _session.CursorRows = cursor.Rows!.Count;
        _session.LastRowCount = 0;
    }

    private void FetchCursor(FetchCursorStatement fetch, ExecutionFrame frame)
    {
        SqlCursor cursor = FindCursor(CursorName(fetch.Cursor), frame, fetch.Cursor.IsGlobal);
        FetchOrientation orientation = fetch.FetchType?.Orientation ?? FetchOrientation.Next;
        int offset = fetch.FetchType?.RowOffset is { } expression ? Scalar<int>(expression, SqlType.Int, frame) : 0;
        if (fetch.IntoVariables.Count > 0 && cursor.IsOpen && fetch.IntoVariables.Count != cursor.Columns.Count)
        {
            throw new LabSqlException(16924, 16, 1, "Cursorfetch: The number of variables declared in the INTO list must match that of selected columns.");
        }

        object?[]? row = cursor.Fetch(orientation, offset);
        _session.FetchStatus = row is null ? -1 : 0;
        _session.LastRowCount = row is null ? 0 : 1;
        if (fetch.IntoVariables.Count == 0)
        {
            SendTable(frame, cursor.Columns, row is null ? [] : [row]);
            return;
        }

        for (int i = 0; row is not null && i < row.Length; i++)
        {
            frame.SetVariable(fetch.IntoVariables[i].Name, cursor.Columns[i].Type, row[i]);
        }
    }

    private void CloseCursor(CloseCursorStatement close, ExecutionFrame frame)
    {
        SqlCursor cursor = FindCursor(CursorName(close.Cursor), frame, close.Cursor.IsGlobal);
        if (!cursor.IsOpen)
        {
            throw new LabSqlException(16917, 16, 1, "Cursor is not open.");
        }

        cursor.Close();
        _session.LastRowCount = 0;
    }

    private void DeallocateCursor(DeallocateCursorStatement free, ExecutionFrame frame)
    {
        string name = CursorName(free.Cursor);
        if (name.StartsWith('@'))
        {
            FindCursor(name, frame);
            frame.CursorVariables[name] = null;
            return;
        }

        FindCursor(name, frame, free.Cursor.IsGlobal);
        if (free.Cursor.IsGlobal || !frame.Cursors.Remove(name))
        {
            _session.GlobalCursors.Remove(name);
        }

        _session.LastRowCount = 0;
    }
}
