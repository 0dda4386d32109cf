using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Which table of a FROM clause DML changes.</summary>
internal sealed class DmlTarget
{
    /// <summary>The first table met: DML through a view or common table expression.</summary>
    public static DmlTarget First => new() { _any = true };

    private bool _any;

    /// <summary>The reference that is the target; null with <see cref="First"/>.</summary>
    public TableReference? Reference { get; init; }

    /// <summary>Alias given beside the reference (MERGE INTO table AS alias).</summary>
    public string? Alias { get; set; }

    public ChangeTarget? Found { get; set; }

    public bool IsTarget(TableReference reference) => Found is null && (_any || ReferenceEquals(reference, Reference));
}

// FROM: each source gets its slots; joins become nodes.
internal sealed partial class Binder
{
    private CteScope? _ctes;

    public FromNode BindFrom(IList<TableReference> references, DmlTarget? target)
    {
        FromNode? node = null;
        foreach (TableReference reference in references)
        {
            FromNode next = BindTable(reference, applied: false, target);
            node = node is null ? next : new JoinNode(_scope!, node, next, JoinKind.Inner);
        }

        CheckExposedNames();
        return node!;
    }

    private void CheckExposedNames()
    {
        List<ScopeSource> sources = _scope!.Sources;
        for (int i = 0; i < sources.Count; i++)
        {
            for (int j = i + 1; j < sources.Count; j++)
            {
                if (sources[i].Name is { } name && name.Equals(sources[j].Name, StringComparison.OrdinalIgnoreCase)
                    && string.Equals(sources[i].Schema, sources[j].Schema, StringComparison.OrdinalIgnoreCase)
                    && string.Equals(sources[i].Database, sources[j].Database, StringComparison.OrdinalIgnoreCase))
                {
                    if (name[0] != '@' && sources[i].Schema is null && sources[j].Schema is null)
                    {
                        throw SqlErrors.Make(1011, 16, 1, $"The correlation name '{name}' is specified multiple times in a FROM clause.");
                    }

                    throw SqlErrors.Make(1013, 16, 1, $"The objects \"{sources[j].Name}\" and \"{name}\" in the FROM clause have the same exposed names. Use correlation names to distinguish them.");
                }
            }
        }
    }

    private FromNode BindTable(TableReference reference, bool applied, DmlTarget? target)
    {
        switch (reference)
        {
            case QualifiedJoin join:
                return BindJoin(join, target);
            case UnqualifiedJoin { UnqualifiedJoinType: UnqualifiedJoinType.CrossJoin } cross:
                return new JoinNode(_scope!, BindTable(cross.FirstTableReference, applied, target), BindTable(cross.SecondTableReference, applied, target), JoinKind.Inner);
            case UnqualifiedJoin apply:
                FromNode left = BindTable(apply.FirstTableReference, applied, target);
                int applies = _scope!.Sources.Count;
                FromNode right = BindTable(apply.SecondTableReference, applied: true, target);
                bool isOuter = apply.UnqualifiedJoinType == UnqualifiedJoinType.OuterApply;
                SetOptional(isOuter, applies, _scope.Sources.Count);
                return new ApplyNode(_scope, left, right, isOuter);
            case JoinParenthesisTableReference parenthesis:
                return BindTable(parenthesis.Join, applied, target);
            case NamedTableReference named:
                return BindNamed(named, target);
            case VariableTableReference variable:
                IRowSource table = Context.ResolveTableVariable(variable.Variable.Name);
                return Leaf(variable.Alias?.Value ?? target?.Alias ?? variable.Variable.Name, table, Context.DefaultReadMode, target?.IsTarget(variable) == true ? target : null);
            case QueryDerivedTable derived:
                return BindDerived(derived, applied, target);
            case InlineDerivedTable values:
                return BindValues(values, applied);
            case SchemaObjectFunctionTableReference function:
                return BindTableFunction(function, applied);
            case BuiltInFunctionTableReference function:
                return BindBuiltInFunction(function.Name, function.Parameters, function.Alias?.Value, applied);
            case OpenQueryTableReference query:
                return BindOpenQuery(query);
            case OpenRowsetTableReference rowset:
                throw RefuseAdHoc("OpenRowset/OpenDatasource", rowset.ProviderName?.Value ?? string.Empty);
            case AdHocTableReference source:
                throw RefuseAdHoc("OpenRowset/OpenDatasource", source.DataSource?.ProviderName?.Value ?? string.Empty);
            case BulkOpenRowset bulk:
                return BindBulkFile(bulk);
            case GlobalFunctionTableReference function:
                return BindGlobalFunction(function, applied);
            default:
                throw SqlErrors.Unsupported(KindOf(reference));
        }
    }

    private JoinNode BindJoin(QualifiedJoin join, DmlTarget? target)
    {
        int first = _scope!.Sources.Count;
        FromNode left = BindTable(join.FirstTableReference, applied: false, target);
        int second = _scope.Sources.Count;
        FromNode right = BindTable(join.SecondTableReference, applied: false, target);
        JoinKind kind = join.QualifiedJoinType switch
        {
            QualifiedJoinType.Inner => JoinKind.Inner,
            QualifiedJoinType.LeftOuter => JoinKind.Left,
            QualifiedJoinType.RightOuter => JoinKind.Right,
            _ => JoinKind.Full,
        };
        SetOptional(kind is JoinKind.Right or JoinKind.Full, first, second);
        SetOptional(kind is JoinKind.Left or JoinKind.Full, second, _scope.Sources.Count);
        JoinNode node = new(_scope, left, right, kind);
        foreach (BooleanExpression part in Conjuncts(join.SearchCondition))
        {
            node.On(BindConjunct(part));
        }

        return node;
    }

    /// <summary>Says of sources, by their place in the FROM clause, that their rows may be missing.</summary>
    private void SetOptional(bool isOptional, int from, int to)
    {
        for (int i = from; isOptional && i < to; i++)
        {
            _scope!.Sources[i].IsOptional = true;
        }
    }

    private LeafNode BindNamed(NamedTableReference named, DmlTarget? target)
    {
        if (named.TableSampleClause is not null || named.TemporalClause is not null)
        {
            throw SqlErrors.Unsupported(named.TemporalClause is null ? "TABLESAMPLE" : "FOR SYSTEM_TIME");
        }

        SchemaObjectName name = named.SchemaObject;
        bool isTarget = target?.IsTarget(named) == true;
        string? alias = named.Alias?.Value ?? (isTarget ? target!.Alias : null);
        if (name.Count == 1 && CteScope.Find(_ctes, name.BaseIdentifier.Value) is { } cte)
        {
            return BindCte(cte, alias ?? name.BaseIdentifier.Value, isTarget ? target : null);
        }

        IRowSource source = Context.ResolveTable(name);
        return Leaf(
            alias ?? name.BaseIdentifier.Value,
            source,
            ReadModeOf(named, source),
            isTarget ? target : null,
            alias is null ? name.SchemaIdentifier?.Value ?? source.Table?.Def.Schema ?? "dbo" : null,
            alias is null ? name.DatabaseIdentifier?.Value ?? source.Table?.Database.Name : null);
    }

    private ReadMode ReadModeOf(NamedTableReference named, IRowSource source)
    {
        ReadMode mode = Context.DefaultReadMode;
        foreach (TableHint hint in named.TableHints)
        {
            if (hint is IndexTableHint index)
            {
                RequireIndexes(named.SchemaObject.BaseIdentifier.Value, source, index);
            }

            mode = hint.HintKind switch
            {
                TableHintKind.NoLock or TableHintKind.ReadUncommitted => ReadMode.Uncommitted,
                TableHintKind.ReadPast => ReadMode.SkipLocked,
                TableHintKind.UpdLock or TableHintKind.XLock or TableHintKind.TabLockX or TableHintKind.HoldLock
                    or TableHintKind.Serializable or TableHintKind.RepeatableRead => mode == ReadMode.SkipLocked ? mode : ReadMode.Update,
                TableHintKind.ReadCommitted or TableHintKind.ReadCommittedLock => ReadMode.Committed,
                _ => mode,
            };
        }

        return mode;
    }

    /// <summary>An index in a hint must exist, although the lab chooses its ways itself.</summary>
    private static void RequireIndexes(string table, IRowSource source, IndexTableHint hint)
    {
        foreach (IdentifierOrValueExpression value in hint.IndexValues)
        {
            if (value.Identifier is { } name && source.Table?.Def.Indexes.Exists(i => string.Equals(i.Name, name.Value, System.StringComparison.OrdinalIgnoreCase)) != true)
            {
                throw SqlErrors.Make(308, 16, 1, $"Index '{name.Value}' on table '{table}' (specified in the FROM clause) does not exist.");
            }
        }
    }

    private LeafNode Leaf(string? name, IRowSource source, ReadMode mode, DmlTarget? target, string? schema = null, string? database = null)
    {
        if (target is not null && source is ViewRowSource view)
        {
            return ViewTarget(view, name, target);
        }

        RowProvider provider = new SourceProvider(source, mode);
        int hidden = 0;
        if (target is not null)
        {
            target.Found = ChangeTarget.Of(source, name ?? string.Empty);
            provider = new TargetProvider(source, target.Found, mode);
            hidden = 1;
        }

        ScopeSource added = _scope!.Add(new ScopeSource
        {
            Name = name,
            Schema = schema,
            Database = database,
            Offset = _scope.Width,
            Columns = source.Columns,
            HiddenSlots = hidden,
            Table = source.Table,
        });
        return new LeafNode(_scope, added, provider);
    }

    private LeafNode PlanLeaf(string? name, QueryPlan plan, IReadOnlyList<ResultColumn> columns, RowProvider provider, int hidden = 0)
    {
        _ = plan;
        ScopeSource added = _scope!.Add(new ScopeSource { Name = name, Offset = _scope.Width, Columns = columns, HiddenSlots = hidden });
        return new LeafNode(_scope, added, provider);
    }

    private LeafNode ViewTarget(ViewRowSource view, string? name, DmlTarget target)
    {
        DmlTarget inner = DmlTarget.First;
        SelectPlan plan = view.BindForChange(inner);
        target.Found = ThroughQuery(plan, inner, view.Columns, name ?? string.Empty);
        return PlanLeaf(name, plan, view.Columns, new PlanProvider(plan, applied: false, stable: false), hidden: 1);
    }

    /// <summary>Makes the target of DML through a query: its output columns stand for columns of the table behind.</summary>
    private static ChangeTarget ThroughQuery(SelectPlan plan, DmlTarget inner, IReadOnlyList<ResultColumn> names, string alias)
    {
        ScopeSource source = plan.Scope.Sources.Find(s => s.HiddenSlots > 0)!;
        Dictionary<string, string> columns = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < plan.Output.Count; i++)
        {
            if (plan.Output[i].Expression is SlotExpr { Depth: 0 } slot && slot.Slot >= source.Offset && slot.Slot < source.Offset + source.Columns.Count)
            {
                columns[names[i].Name] = source.Columns[slot.Slot - source.Offset].Name;
            }
        }

        return inner.Found!.Through(columns, names, alias);
    }

    private LeafNode BindDerived(QueryDerivedTable derived, bool applied, DmlTarget? target)
    {
        string name = derived.Alias.Value;
        (QueryPlan plan, bool stable) = BindDetached(() => BindNested(derived.QueryExpression, applied ? _scope : _scope!.Parent, target?.IsTarget(derived) == true));
        return PlanLeaf(name, plan, NamedColumns(plan.Columns, derived.Columns, name), new PlanProvider(plan, applied, stable && !applied));
    }

    /// <summary>Binds something that reads rows around it or not, and tells.</summary>
    private (T Bound, bool IsIndependent) BindDetached<T>(Func<T> bind)
    {
        int before = _lowestRead;
        _lowestRead = int.MaxValue;
        T bound = bind();
        int lowest = _lowestRead;
        _lowestRead = Math.Min(before, lowest);
        return (bound, lowest >= (_scope?.Level ?? 0));
    }

    /// <summary>Gives a derived table's columns their names; throws 8155, 8156, 8158, 8159.</summary>
    private static List<ResultColumn> NamedColumns(IReadOnlyList<ResultColumn> columns, IList<Identifier> names, string table)
    {
        if (names.Count > 0 && names.Count != columns.Count)
        {
            throw names.Count < columns.Count
                ? SqlErrors.Make(8158, 16, 1, $"'{table}' has more columns than were specified in the column list.")
                : SqlErrors.Make(8159, 16, 1, $"'{table}' has fewer columns than were specified in the column list.");
        }

        List<ResultColumn> named = [];
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < columns.Count; i++)
        {
            string name = names.Count > 0 ? names[i].Value : columns[i].Name;
            if (name.Length == 0)
            {
                throw SqlErrors.Make(8155, 16, 2, $"No column name was specified for column {i + 1} of '{table}'.");
            }

            if (!seen.Add(name))
            {
                throw SqlErrors.Make(8156, 16, 1, $"The column '{name}' was specified multiple times for '{table}'.");
            }

            named.Add(columns[i] with { Name = name });
        }

        return named;
    }
}
