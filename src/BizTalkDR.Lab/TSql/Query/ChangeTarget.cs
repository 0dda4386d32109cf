using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using WithCtes = Microsoft.SqlServer.TransactSql.ScriptDom.WithCtesAndXmlNamespaces;

namespace BizTalkDR.Lab.TSql;

/// <summary>The stored table DML changes, possibly seen through a view.</summary>
internal sealed class ChangeTarget
{
    private readonly Dictionary<string, string>? _columns;

    private ChangeTarget(LabTable table, IReadOnlyList<ResultColumn> exposed, string alias, Dictionary<string, string>? columns)
    {
        Table = table;
        Definition = table.Def;
        Exposed = exposed;
        Alias = alias;
        _columns = columns;
    }

    public LabTable Table { get; }

    public TableDef Definition { get; }

    /// <summary>The columns as the statement sees them.</summary>
    public IReadOnlyList<ResultColumn> Exposed { get; }

    /// <summary>The name the statement uses.</summary>
    public string Alias { get; }

    /// <summary>Name in messages: database.schema.table.</summary>
    public string FullName => $"{Table.Database.Name}.{Definition.Schema}.{Definition.Name}";

    public static ChangeTarget Of(IRowSource source, string alias) => source.Table is { } table
        ? new ChangeTarget(table, source.Columns, alias, null)
        : throw SqlErrors.Make(259, 16, 1, "Ad hoc updates to system catalogs are not allowed.");

    /// <summary>The same table behind a query whose output columns stand for some of its columns.</summary>
    public ChangeTarget Through(Dictionary<string, string> columns, IReadOnlyList<ResultColumn> exposed, string alias)
    {
        Dictionary<string, string> map = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string outer, string inner) in columns)
        {
            map[outer] = _columns is null ? inner : _columns.GetValueOrDefault(inner, inner);
        }

        return new ChangeTarget(Table, exposed, alias, map);
    }

    /// <summary>Finds the place of a column the statement names; throws 207 or 4406.</summary>
    public int ColumnIndex(string name)
    {
        string? own = name;
        if (_columns is not null && !_columns.TryGetValue(name, out own))
        {
            throw Exposed.Any(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ? SqlErrors.Make(4406, 16, 1, $"Update or insert of view or function '{Alias}' failed because it contains a derived or constant field.")
                : SqlErrors.InvalidColumn(name);
        }

        int at = Definition.Columns.FindIndex(c => c.Name.Equals(own, StringComparison.OrdinalIgnoreCase));
        return at >= 0 ? at : throw SqlErrors.InvalidColumn(name);
    }

    public void Insert(IExecutionContext context, object?[] values) => Table.Insert(context.Transaction!, values);

    public void Update(IExecutionContext context, long rowId, object?[] values) => Table.Update(context.Transaction!, rowId, values);

    public void Delete(IExecutionContext context, long rowId) => Table.Delete(context.Transaction!, rowId);
}

/// <summary>Reads the rows of a DML target with the stored row (<see cref="LabRow"/>) behind the columns.</summary>
internal sealed class TargetProvider(IRowSource source, ChangeTarget target, ReadMode hint) : RowProvider
{
    public override bool IsStable => false;

    public override IEnumerable<IReadOnlyList<string>> SeekableColumns(IReadOnlyCollection<string> available) =>
        SourceProvider.IndexColumns(target.Definition, available);

    // Rows are locked after they have passed the conditions: those that do not qualify stay free.
    public override IEnumerable<object?[]> Rows(Frame frame) => Extend(source.Scan(frame.Context, Mode), frame.Context);

    public override IEnumerable<object?[]>? Seek(Frame frame, IReadOnlyList<string> columns, object?[] key) =>
        source.Seek(frame.Context, columns, key, Mode) is { } rows ? Extend(rows, frame.Context) : null;

    private ReadMode Mode => hint is ReadMode.SkipLocked or ReadMode.Update ? hint : ReadMode.Committed;

    private static IEnumerable<object?[]> Extend(IEnumerable<LabRow> rows, IExecutionContext context)
    {
        foreach (LabRow row in rows)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            object?[] values = new object?[row.Values.Length + 1];
            row.Values.CopyTo(values, 0);
            values[^1] = row;
            yield return values;
        }
    }
}

/// <summary>A view: its query, bound when it is first read.</summary>
internal sealed class ViewRowSource : IRowSource
{
    private readonly QueryExpression _query;
    private readonly WithCtes? _ctes;
    private readonly IExecutionContext _context;
    private QueryPlan? _plan;

    public ViewRowSource(QueryExpression query, WithCtes? ctes, IReadOnlyList<string>? names, IExecutionContext context)
    {
        _query = query;
        _ctes = ctes;
        _context = context;
        _plan = Bind();
        Columns = _plan.Columns.Select((c, i) => c with { Name = names is not null && i < names.Count ? names[i] : c.Name, IsIdentity = false }).ToList();
    }

    public IReadOnlyList<ResultColumn> Columns { get; }

    public LabTable? Table => null;

    public IEnumerable<LabRow> Scan(IExecutionContext context, ReadMode mode)
    {
        // A plan keeps what its subqueries found: each later read binds anew.
        QueryPlan plan = _plan ?? Bind();
        _plan = null;
        return plan.Run(_context, null).Select((values, i) => new LabRow(i, values));
    }

    public IEnumerable<LabRow>? Seek(IExecutionContext context, IReadOnlyList<string> columns, object?[] key, ReadMode mode) => null;

    /// <summary>Binds the query so that its table can be changed through it; throws 4418 when it is not a simple one.</summary>
    public SelectPlan BindForChange(DmlTarget target)
    {
        Binder binder = new(_context);
        binder.AddCtes(_ctes);
        return _query is QuerySpecification specification
            ? binder.BindSelectForChange(specification, target)
            : throw SqlErrors.Make(4418, 16, 1, "The view or function is not updatable because it contains a set operator.");
    }

    private QueryPlan Bind()
    {
        Binder binder = new(_context);
        binder.AddCtes(_ctes);
        return binder.BindNested(_query, null);
    }
}
