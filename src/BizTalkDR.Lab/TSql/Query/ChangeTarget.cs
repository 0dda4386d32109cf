using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using WithCtes = Microsoft.SqlServer.TransactSql.ScriptDom.WithCtesAndXmlNamespaces;

namespace BizTalkDR.Lab.TSql;

/// <summary>A row of a DML target as it was read, and whether its lock is held.</summary>
internal sealed record TargetRow(LabRow Row, bool IsLocked);

/// <summary>The table DML changes: stored, or in memory; possibly seen through a view.</summary>
internal sealed class ChangeTarget
{
    private readonly IRowSource _source;
    private readonly IWritableRowSource? _writable;
    private readonly Dictionary<string, string>? _columns;

    private ChangeTarget(IRowSource source, TableDef definition, IReadOnlyList<ResultColumn> exposed, string alias, Dictionary<string, string>? columns)
    {
        _source = source;
        _writable = source as IWritableRowSource;
        Definition = definition;
        Exposed = exposed;
        Alias = alias;
        _columns = columns;
    }

    public TableDef Definition { get; }

    /// <summary>The columns as the statement sees them.</summary>
    public IReadOnlyList<ResultColumn> Exposed { get; }

    /// <summary>The name the statement uses.</summary>
    public string Alias { get; }

    public LabTable? Table => _source.Table;

    /// <summary>Name in messages: database.schema.table.</summary>
    public string FullName => Table is null ? Definition.Name : $"{Table.Database.Name}.{Definition.Schema}.{Definition.Name}";

    public static ChangeTarget Of(IRowSource source, string alias)
    {
        TableDef definition = source.Table?.Def ?? (source as IWritableRowSource)?.Definition
            ?? throw SqlErrors.Make(259, 16, 1, "Ad hoc updates to system catalogs are not allowed.");
        return new ChangeTarget(source, definition, source.Columns, alias, null);
    }

    /// <summary>The same table behind a query whose output columns stand for some of its columns.</summary>
    public ChangeTarget Through(Dictionary<string, string> columns, IReadOnlyList<ResultColumn> exposed, string alias)
    {
        Dictionary<string, string> map = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string outer, string inner) in columns)
        {
            map[outer] = _columns is null ? inner : _columns.GetValueOrDefault(inner, inner);
        }

        return new ChangeTarget(_source, Definition, exposed, alias, map);
    }

    /// <summary>Finds the place of a column the statement names; throws 207 or 4406.</summary>
    public int ColumnIndex(string name)
    {
        string own = name;
        if (_columns is not null && !_columns.TryGetValue(name, out own!))
        {
            throw Exposed.Any(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ? SqlErrors.Make(4406, 16, 1, $"Update or insert of view or function '{Alias}' failed because it contains a derived or constant field.")
                : SqlErrors.InvalidColumn(name);
        }

        int at = Definition.Columns.FindIndex(c => c.Name.Equals(own, StringComparison.OrdinalIgnoreCase));
        return at >= 0 ? at : throw SqlErrors.InvalidColumn(name);
    }

    public long NextIdentity() => Table?.NextIdentity() ?? _writable!.NextIdentity();

    public void Insert(IExecutionContext context, object?[] values)
    {
        if (_writable is not null)
        {
            _writable.Insert(values);
        }
        else
        {
            Table!.Insert(TransactionOf(context), values);
        }
    }

    public void Update(IExecutionContext context, long rowId, object?[] values)
    {
        if (_writable is not null)
        {
            _writable.Update(rowId, values);
        }
        else
        {
            Table!.Update(TransactionOf(context), rowId, values);
        }
    }

    public void Delete(IExecutionContext context, long rowId)
    {
        if (_writable is not null)
        {
            _writable.Delete(rowId);
        }
        else
        {
            Table!.Delete(TransactionOf(context), rowId);
        }
    }

    /// <summary>Takes the row's lock and reads it again by a unique key; null when it is gone.</summary>
    public LabRow? Lock(IExecutionContext context, LabRow row)
    {
        if (UniqueKey() is not { } index)
        {
            return row;
        }

        List<string> columns = index.Columns.ConvertAll(c => c.Column);
        object?[] key = columns.Select(c => row.Values[Definition.Columns.FindIndex(d => d.Name.Equals(c, StringComparison.OrdinalIgnoreCase))]).ToArray();
        foreach (LabRow found in _source.Seek(context, columns, key, ReadMode.Update) ?? _source.Scan(context, ReadMode.Update))
        {
            if (found.RowId == row.RowId)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Whether rows can be locked one by one after reading; without a unique key all rows read are locked.</summary>
    public IndexDef? UniqueKey() => Table is null ? null : Definition.Indexes.Find(i => i.IsUnique && i.Columns.Count > 0);

    private static LabTransaction TransactionOf(IExecutionContext context) =>
        context.Transaction ?? throw new InvalidOperationException("A change needs a transaction.");
}

/// <summary>Reads the rows of a DML target with the stored row behind the columns.</summary>
internal sealed class TargetProvider(IRowSource source, ChangeTarget target, ReadMode hint) : RowProvider
{
    public override bool IsStable => false;

    public override IEnumerable<IReadOnlyList<string>> SeekableColumns(IReadOnlyCollection<string> available) =>
        SourceProvider.IndexColumns(target.Definition, available);

    public override IEnumerable<object?[]> Rows(Frame frame)
    {
        bool lockLater = target.UniqueKey() is not null;
        ReadMode mode = hint == ReadMode.SkipLocked ? hint : lockLater ? ReadMode.Committed : ReadMode.Update;
        return Extend(source.Scan(frame.Context, mode), frame.Context, isLocked: mode == ReadMode.Update);
    }

    public override IEnumerable<object?[]>? Seek(Frame frame, IReadOnlyList<string> columns, object?[] key)
    {
        ReadMode mode = hint == ReadMode.SkipLocked ? hint : ReadMode.Update;
        return source.Seek(frame.Context, columns, key, mode) is { } rows ? Extend(rows, frame.Context, isLocked: mode == ReadMode.Update) : null;
    }

    private static IEnumerable<object?[]> Extend(IEnumerable<LabRow> rows, IExecutionContext context, bool isLocked)
    {
        foreach (LabRow row in rows)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            object?[] values = new object?[row.Values.Length + 1];
            row.Values.CopyTo(values, 0);
            values[^1] = new TargetRow(row, isLocked);
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
