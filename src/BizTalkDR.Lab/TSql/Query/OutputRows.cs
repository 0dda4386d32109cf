using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>The OUTPUT clauses of a statement: one to the client, one into a table.</summary>
internal sealed class OutputRows
{
    private readonly ChangeTarget _target;
    private readonly int _extra;
    private readonly Part? _result;
    private readonly Part? _into;
    private readonly List<object?[]> _rows = [];
    private readonly List<object?[]> _intoRows = [];
    private readonly TableReference? _intoTable;
    private readonly IList<ColumnReferenceExpression>? _intoColumns;

    /// <summary>Binds the clauses; sources of the statement can be named beside inserted and deleted.</summary>
    public OutputRows(Binder binder, DataModificationSpecification statement, ChangeTarget target, Scope? sources, bool hasInserted, bool hasDeleted, bool hasAction)
    {
        _target = target;
        int width = target.Definition.Columns.Count;
        _extra = sources?.Width ?? 0;
        Scope scope = new(null);
        List<ResultColumn> columns = target.Definition.Columns.ConvertAll(c => new ResultColumn(c.Name, c.Type, Nullable: true));
        if (hasInserted)
        {
            scope.Add(new ScopeSource { Name = "inserted", Offset = 0, Columns = columns });
        }

        if (hasDeleted)
        {
            scope.Add(new ScopeSource { Name = "deleted", Offset = width, Columns = columns });
        }

        if (hasAction)
        {
            scope.Add(new ScopeSource { Name = null, Offset = 2 * width, Columns = [new ResultColumn("$action", SqlType.NVarChar(10))] });
        }

        foreach (ScopeSource source in sources?.Sources.Where(s => s.HiddenSlots == 0 || sources.Sources.Count == 1 && hasDeleted && !hasInserted) ?? [])
        {
            scope.Add(new ScopeSource
            {
                Name = source.Name, Schema = source.Schema, Database = source.Database, Columns = source.Columns, Offset = (2 * width) + 1 + source.Offset,
            });
        }

        scope.Width = (2 * width) + 1 + _extra;
        _result = statement.OutputClause is null ? null : new Part(binder, scope, statement.OutputClause.SelectColumns);
        _into = statement.OutputIntoClause is null ? null : new Part(binder, scope, statement.OutputIntoClause.SelectColumns);
        _intoTable = statement.OutputIntoClause?.IntoTable;
        _intoColumns = statement.OutputIntoClause?.IntoTableColumns;
    }

    public bool IsEmpty => _result is null && _into is null;

    public QueryResult? Result => _result is null ? null : new QueryResult(_result.Columns, _rows);

    public void Add(IExecutionContext context, object?[]? inserted, object?[]? deleted, string action, object?[]? source)
    {
        if (IsEmpty)
        {
            return;
        }

        int width = _target.Definition.Columns.Count;
        object?[] row = new object?[(2 * width) + 1 + _extra];
        inserted?.CopyTo(row, 0);
        deleted?.CopyTo(row, width);
        row[2 * width] = action;
        if (source is not null)
        {
            Array.Copy(source, 0, row, (2 * width) + 1, Math.Min(_extra, source.Length));
        }

        Frame frame = new(context, null) { Row = row };
        if (_result is not null)
        {
            _rows.Add(_result.Evaluate(frame));
        }

        if (_into is not null)
        {
            _intoRows.Add(_into.Evaluate(frame));
        }
    }

    /// <summary>Stores the rows of OUTPUT … INTO.</summary>
    public void Finish(IExecutionContext context)
    {
        if (_into is null)
        {
            return;
        }

        IRowSource source = _intoTable switch
        {
            VariableTableReference variable => context.ResolveTableVariable(variable.Variable.Name),
            NamedTableReference named => context.ResolveTable(named.SchemaObject),
            _ => throw SqlErrors.SyntaxNear("INTO"),
        };
        ChangeTarget target = ChangeTarget.Of(source, Binder.Signature(_intoTable).Trim());
        RowWriter writer = new(context, target, _intoColumns?.Select(c => c.MultiPartIdentifier[c.MultiPartIdentifier.Count - 1].Value).ToList() ?? [], _into.Columns.Count, "INSERT");
        foreach (object?[] row in _intoRows)
        {
            writer.Write(row, _into.Columns);
        }

        writer.Finish();
    }

    private sealed class Part
    {
        private readonly Expr[] _expressions;

        public Part(Binder binder, Scope scope, IList<SelectElement> elements)
        {
            QuerySpecification query = new();
            foreach (SelectElement element in elements)
            {
                query.SelectElements.Add(element);
            }

            SelectPlan plan = binder.BindOutputClause(query, scope);
            _expressions = plan.Output.Select(o => o.Expression).ToArray();
            Columns = plan.Columns;
        }

        public IReadOnlyList<ResultColumn> Columns { get; }

        public object?[] Evaluate(Frame frame) => Array.ConvertAll(_expressions, e => e.Eval(frame));
    }
}
