using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// SELECT, INSERT, UPDATE, DELETE, MERGE.
internal sealed partial class Interpreter
{
    private void Select(SelectStatement select, ExecutionFrame frame)
    {
        if (select.Into is not null)
        {
            InStatement(frame, () => SelectInto(select, frame), writes: true);
            return;
        }

        long count = 0;
        bool shows = false;
        InStatement(frame, () =>
        {
            QueryResult result = Queries.Select(select, frame);
            shows = result.Columns.Count > 0;
            count = shows ? SendRows(result, frame) : result.Rows.LongCount();
        });
        _session.LastRowCount = count;
        if (shows || !_session.Settings.NoCount)
        {
            frame.Sink.StatementDone(_session.Settings.NoCount || !shows ? null : count, isSelect: true, frame.NestLevel > 0);
        }
    }

    /// <summary>Sends a result set, row by row.</summary>
    private long SendRows(QueryResult result, ExecutionFrame frame)
    {
        frame.Sink.Columns(result.Columns);
        if (_session.Settings.FormatOnly)
        {
            return 0;
        }

        long count = 0;
        long limit = _session.Settings.RowCount;
        foreach (object?[] row in result.Rows)
        {
            frame.Sink.Row(row);
            count++;
            if (count == limit)
            {
                break;
            }

            if ((count & 255) == 0)
            {
                _session.Cancellation.ThrowIfCancellationRequested();
            }
        }

        return count;
    }

    /// <summary>Sends a result set that is complete in memory.</summary>
    internal void SendTable(ExecutionFrame frame, IReadOnlyList<ResultColumn> columns, IEnumerable<object?[]> rows)
    {
        long count = SendRows(new QueryResult(columns, rows), frame);
        _session.LastRowCount = count;
        frame.Sink.StatementDone(_session.Settings.NoCount ? null : count, isSelect: true, frame.NestLevel > 0);
    }

    private void Modify(DataModificationStatement statement, ExecutionFrame frame)
    {
        (TableReference target, string permission) = statement switch
        {
            InsertStatement insert => (insert.InsertSpecification.Target, "INSERT"),
            UpdateStatement update => (update.UpdateSpecification.Target, "UPDATE"),
            DeleteStatement delete => (delete.DeleteSpecification.Target, "DELETE"),
            MergeStatement merge => (merge.MergeSpecification.Target, "UPDATE"),
            _ => throw new LabSqlException(40510, 16, 1, "Statement is not supported in this version of SQL Server."),
        };
        long count = 0;
        QueryResult? output = null;
        frame.Target = target is NamedTableReference named ? new PermissionTarget(TargetName(statement, named), permission) : null;
        try
        {
            InStatement(
                frame,
                () =>
                {
                    RefuseReadOnly(frame);
                    if (statement is InsertStatement { InsertSpecification.InsertSource: ExecuteInsertSource })
                    {
                        WithNestedCode(frame, () => (count, output) = Change(statement, frame));
                    }
                    else
                    {
                        (count, output) = Change(statement, frame);
                    }

                    if (output is not null)
                    {
                        output = new QueryResult(output.Columns, [.. output.Rows]);
                    }
                },
                writes: true);
        }
        finally
        {
            frame.Target = null;
        }

        _session.LastRowCount = count;
        if (output is not null)
        {
            SendRows(output, frame);
        }

        if (output is not null || !_session.Settings.NoCount)
        {
            frame.Sink.StatementDone(_session.Settings.NoCount ? null : count, isSelect: output is not null, frame.NestLevel > 0);
        }
    }

    private void RefuseReadOnly(ExecutionFrame frame)
    {
        if (frame.Target is not { } target || target.Name.ServerIdentifier is not null || target.Name.BaseIdentifier.Value.StartsWith('#'))
        {
            return;
        }

        LabDatabase database = frame.DatabaseOf(target.Name);
        if (database.IsReadOnly || database.IsInStandby)
        {
            throw new LabSqlException(3906, 16, 1, $"Failed to update database \"{database.Name}\" because the database is read-only.");
        }
    }

    private (long Count, QueryResult? Output) Change(DataModificationStatement statement, ExecutionFrame frame)
    {
        LabTable? table = frame.Target is { } target ? StoredTable(target.Name, frame) : null;
        List<ModuleDef> triggers = table is null ? [] : TriggersOf(table, statement, frame);
        return triggers.Count == 0
            ? Queries.Modify(statement, frame, specification => CaptureRows(specification, frame))
            : ModifyWithTriggers(statement, table!, triggers, frame);
    }

    private static LabTable? StoredTable(SchemaObjectName name, ExecutionFrame frame) =>
        name.ServerIdentifier is null ? frame.FindTable(name) : null;

    /// <summary>The target may be an alias of the FROM clause.</summary>
    private static SchemaObjectName TargetName(DataModificationStatement statement, NamedTableReference target)
    {
        FromClause? from = statement switch
        {
            UpdateStatement update => update.UpdateSpecification.FromClause,
            DeleteStatement delete => delete.DeleteSpecification.FromClause,
            _ => null,
        };
        if (from is null || target.SchemaObject.Identifiers.Count > 1)
        {
            return target.SchemaObject;
        }

        string alias = target.SchemaObject.BaseIdentifier.Value;
        return from.TableReferences.SelectMany(NamedTables)
            .FirstOrDefault(t => string.Equals(t.Alias?.Value, alias, StringComparison.OrdinalIgnoreCase))?.SchemaObject ?? target.SchemaObject;
    }

    private static IEnumerable<NamedTableReference> NamedTables(TableReference reference) => reference switch
    {
        NamedTableReference named => [named],
        JoinTableReference join => NamedTables(join.FirstTableReference).Concat(NamedTables(join.SecondTableReference)),
        JoinParenthesisTableReference inner => NamedTables(inner.Join),
        _ => [],
    };

    /// <summary>Runs the EXEC of INSERT … EXEC and gives its rows.</summary>
    private QueryResult CaptureRows(ExecuteSpecification specification, ExecutionFrame frame)
    {
        if (_session.CapturingExec)
        {
            throw new LabSqlException(8164, 16, 1, "An INSERT EXEC statement cannot be nested.");
        }

        var sink = new CapturingSink(frame.Sink);
        Tds.IResultSink outer = frame.Sink;
        PermissionTarget? target = frame.Target;
        _session.CapturingExec = true;
        frame.Sink = sink;
        frame.Target = null;
        try
        {
            Execute(specification, frame);
        }
        finally
        {
            frame.Sink = outer;
            frame.Target = target;
            _session.CapturingExec = false;
        }

        if (sink.Results.Count == 0)
        {
            return new QueryResult([], []);
        }

        int width = sink.Results[0].Columns.Count;
        if (sink.Results.Any(r => r.Columns.Count != width))
        {
            throw new LabSqlException(213, 16, 7, "Column name or number of supplied values does not match table definition.");
        }

        return new QueryResult(sink.Results[0].Columns, sink.Results.SelectMany(r => r.Rows).ToList());
    }

    private void SelectInto(SelectStatement select, ExecutionFrame frame)
    {
        QueryResult result = Queries.Query(select.QueryExpression, select.WithCtesAndXmlNamespaces, frame);
        var definition = new TableDef { Name = select.Into.BaseIdentifier.Value };
        int id = 1;
        foreach (ResultColumn column in result.Columns)
        {
            if (string.IsNullOrEmpty(column.Name))
            {
                throw new LabSqlException(1038, 15, 5, "An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as \"\" or [] are not allowed. Change the alias to a valid name.");
            }

            definition.Columns.Add(new ColumnDef { Name = column.Name, Type = column.Type, ColumnId = id++, Nullable = column.Nullable, IsIdentity = column.IsIdentity });
        }

        List<object?[]> rows = [.. result.Rows];
        LabTable table = CreateTable(select.Into, definition, frame);
        table.Database.NoteBulkChange();
        foreach (object?[] row in rows)
        {
            table.Insert(frame.Transaction!, row);
        }

        _session.LastRowCount = rows.Count;
        frame.Sink.StatementDone(_session.Settings.NoCount ? null : rows.Count, isSelect: true, frame.NestLevel > 0);
    }

    private void Truncate(TruncateTableStatement truncate, ExecutionFrame frame)
    {
        InStatement(
            frame,
            () =>
            {
                LabTable table = frame.FindTable(truncate.TableName) ?? throw new LabSqlException(4701, 16, 1, $"Cannot find the object \"{truncate.TableName.BaseIdentifier.Value}\" because it does not exist or you do not have permissions.");
                frame.Demand("ALTER", table.Database, table.Def.Schema, table.Def.Name, table.Def.ObjectId);
                if (table.Database.Tables.Any(t => t.Def.ForeignKeys.Any(k => string.Equals(k.ReferencedTable, table.Def.Name, StringComparison.OrdinalIgnoreCase) && string.Equals(k.ReferencedSchema, table.Def.Schema, StringComparison.OrdinalIgnoreCase))))
                {
                    throw new LabSqlException(4712, 16, 1, $"Cannot truncate table '{table.Def.Name}' because it is being referenced by a FOREIGN KEY constraint.");
                }

                foreach (LabRow row in table.Scan(frame.Transaction, ReadMode.Update).ToList())
                {
                    table.Delete(frame.Transaction!, row.RowId);
                }

                ColumnDef? identity = table.Def.Columns.FirstOrDefault(c => c.IsIdentity);
                if (identity is not null)
                {
                    table.SetIdentity(identity.IdentitySeed - identity.IdentityIncrement);
                }
            },
            writes: true);
        _session.LastRowCount = 0;
    }
}
