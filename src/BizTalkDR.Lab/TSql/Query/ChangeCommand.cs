using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Runs UPDATE and DELETE: finds the rows, locks them, checks that they are still the same, then changes them.</summary>
internal sealed class ChangeCommand(StatementWithCtesAndXmlNamespaces statement, UpdateDeleteSpecificationBase specification, IExecutionContext context)
{
    private readonly UpdateSpecification? _update = specification as UpdateSpecification;
    private Scope _scope = null!;
    private Binder _binder = null!;

    public (long RowCount, QueryResult? Output) Run()
    {
        Bind(out SelectPlan plan, out ChangeTarget target, out int slot, out Expr? top);
        return DmlScope.Run(context, target, _update is null ? DmlKind.Delete : DmlKind.Update, changes =>
        {
            OutputRows output = _binder.In<OutputRows>(null, () => new OutputRows(_binder, specification, target, _scope, hasInserted: _update is not null, hasDeleted: true, hasAction: false));
            changes.Output = output;
            return _update is null ? Delete(plan, target, slot, top, changes, output) : Update(plan, target, slot, top, changes, output);
        });
    }

    private void Bind(out SelectPlan plan, out ChangeTarget target, out int slot, out Expr? top)
    {
        _binder = new Binder(context);
        _binder.AddCtes(statement.WithCtesAndXmlNamespaces, statement.OptimizerHints);
        (List<TableReference> references, TableReference reference) = Sources();
        _scope = new Scope(null);
        DmlTarget wanted = new() { Reference = reference };
        SelectPlan bound = new(_scope);
        _binder.In<object?>(_scope, () =>
        {
            bound.From = _binder.BindFrom(references, wanted);
            if (specification.WhereClause is { SearchCondition: { } where })
            {
                _binder.PlaceWhere(bound, where);
            }

            return null;
        });
        target = wanted.Found ?? throw SqlErrors.InvalidObject(Binder.Signature(specification.Target).Trim());
        plan = bound;
        ScopeSource source = _scope.Sources.Find(s => s.HiddenSlots > 0)!;
        slot = source.Offset + source.Columns.Count;
        top = specification.TopRowFilter is { } filter ? _binder.In(null, () => _binder.Bind(filter.Expression)) : null;
    }

    /// <summary>Finds the target among the sources of FROM, by alias or by name; else it is a source of its own.</summary>
    private (List<TableReference> References, TableReference Target) Sources()
    {
        if (specification.FromClause is not { } from)
        {
            return ([specification.Target], specification.Target);
        }

        TableReference? named = TargetFinder.Find(from, specification.Target);
        return named is null
            ? ([specification.Target, .. from.TableReferences], specification.Target)
            : ([.. from.TableReferences], named);
    }

    // Rows that changed between reading and locking are read again: everything locked so far stays as it is, so this ends.
    private List<(TargetRow Target, object?[] Row)> Find(SelectPlan plan, ChangeTarget target, int slot, Expr? top)
    {
        while (true)
        {
            List<(TargetRow, object?[])> found = [];
            HashSet<long> seen = [];
            bool changed = false;
            long limit = long.MaxValue;
            IEnumerable<object?[]> rows = plan.BaseRows(context);
            if (top is not null)
            {
                (limit, double percent) = RowLimits.Top(top, specification.TopRowFilter.Percent, new Frame(context, null));
                if (specification.TopRowFilter.Percent)
                {
                    List<object?[]> all = rows.ToList();
                    limit = (long)Math.Ceiling(all.Count * percent / 100);
                    rows = all;
                }
            }

            foreach (object?[] row in rows)
            {
                if (found.Count >= limit)
                {
                    break;
                }

                if (row[slot] is not TargetRow read || !seen.Add(read.Row.RowId))
                {
                    continue;
                }

                LabRow? locked = read.IsLocked ? read.Row : target.Lock(context, read.Row);
                if (locked is not { } now || !Same(now.Values, read.Row.Values))
                {
                    changed = true;
                    continue;
                }

                found.Add((read, row));
            }

            if (!changed)
            {
                return found;
            }
        }
    }

    private static bool Same(object?[] a, object?[] b) => ReferenceEquals(a, b) || a.AsSpan().SequenceEqual(b, new BinaryEquality());

    private long Delete(SelectPlan plan, ChangeTarget target, int slot, Expr? top, DmlScope changes, OutputRows output)
    {
        List<(TargetRow Target, object?[] Row)> found = Find(plan, target, slot, top);
        foreach ((TargetRow read, object?[] row) in found)
        {
            target.Delete(context, read.Row.RowId);
            changes.Deleted.Add(read.Row.Values);
            output.Add(context, null, read.Row.Values, "DELETE", row);
        }

        if (target.Table is { } table)
        {
            ForeignKeys.CheckOld(context, table, changes.Deleted, "DELETE");
        }

        return found.Count;
    }

    private long Update(SelectPlan plan, ChangeTarget target, int slot, Expr? top, DmlScope changes, OutputRows output)
    {
        TableRules rules = new(context, target, "UPDATE");
        RowAssigner assigner = _binder.In(_scope, () => new RowAssigner(_binder, target, rules, _update!.SetClauses));
        changes.Columns = assigner.Columns;
        List<(long RowId, object?[] Old, object?[] New)> updates = [];
        foreach ((TargetRow read, object?[] row) in Find(plan, target, slot, top))
        {
            object?[] updated = assigner.Apply(read.Row.Values, new Frame(context, null) { Row = row });
            rules.Complete(updated);
            updates.Add((read.Row.RowId, read.Row.Values, updated));
            changes.Inserted.Add(updated);
            changes.Deleted.Add(read.Row.Values);
            output.Add(context, updated, read.Row.Values, "UPDATE", row);
        }

        Apply(context, target, updates, assigner.Columns);
        CheckKeys(context, target, changes, assigner.Columns, "UPDATE");
        return updates.Count;
    }

    /// <summary>Stores changed rows. Where a unique key changes in several rows they go out before they come in again, so that they may swap values.</summary>
    public static void Apply(IExecutionContext context, ChangeTarget target, List<(long RowId, object?[] Old, object?[] New)> updates, IReadOnlyCollection<string> columns)
    {
        bool keys = updates.Count > 1 && target.Definition.Indexes.Exists(i => i.IsUnique && i.Columns.Exists(c => columns.Contains(c.Column, StringComparer.OrdinalIgnoreCase)));
        if (!keys)
        {
            updates.ForEach(u => target.Update(context, u.RowId, u.New));
            return;
        }

        updates.ForEach(u => target.Delete(context, u.RowId));
        updates.ForEach(u => target.Insert(context, u.New));
    }

    public static void CheckKeys(IExecutionContext context, ChangeTarget target, DmlScope changes, IReadOnlyCollection<string> columns, string statement)
    {
        if (target.Table is not { } table)
        {
            return;
        }

        ForeignKeys.CheckNew(context, table, changes.Inserted, statement, columns);
        if (table.Def.Indexes.Exists(i => i.IsUnique && i.Columns.Exists(c => columns.Contains(c.Column, StringComparer.OrdinalIgnoreCase))))
        {
            ForeignKeys.CheckOld(context, table, changes.Deleted, statement);
        }
    }

    private sealed class BinaryEquality : IEqualityComparer<object?>
    {
        public new bool Equals(object? x, object? y) =>
            x is byte[] a && y is byte[] b ? a.AsSpan().SequenceEqual(b) : object.Equals(x, y);

        public int GetHashCode(object obj) => obj.GetHashCode();
    }

    private sealed class TargetFinder(TableReference target) : TSqlConcreteFragmentVisitor
    {
        private TableReference? _byAlias;
        private TableReference? _byName;

        public static TableReference? Find(FromClause from, TableReference target)
        {
            TargetFinder finder = new(target);
            foreach (TableReference reference in from.TableReferences)
            {
                reference.Accept(finder);
            }

            return finder._byAlias ?? finder._byName;
        }

        public override void ExplicitVisit(QueryDerivedTable node)
        {
            // Tables inside a derived table are no targets.
        }

        public override void ExplicitVisit(NamedTableReference node)
        {
            if (target is not NamedTableReference { SchemaObject: { } wanted })
            {
                return;
            }

            bool Same(Identifier? a, Identifier? b) => a is null || b is null || a.Value.Equals(b.Value, StringComparison.OrdinalIgnoreCase);
            if (wanted.Count == 1 && node.Alias is not null && Same(node.Alias, wanted.BaseIdentifier))
            {
                _byAlias ??= node;
            }
            else if (Same(node.SchemaObject.BaseIdentifier, wanted.BaseIdentifier) && Same(node.SchemaObject.SchemaIdentifier, wanted.SchemaIdentifier)
                     && Same(node.SchemaObject.DatabaseIdentifier, wanted.DatabaseIdentifier))
            {
                _byName ??= node;
            }
        }

        public override void ExplicitVisit(VariableTableReference node)
        {
            if (target is VariableTableReference wanted && wanted.Variable.Name.Equals(node.Variable.Name, StringComparison.OrdinalIgnoreCase))
            {
                _byName ??= node;
            }
            else if (target is NamedTableReference { SchemaObject: { Count: 1 } alias } && node.Alias?.Value.Equals(alias.BaseIdentifier.Value, StringComparison.OrdinalIgnoreCase) == true)
            {
                _byAlias ??= node;
            }
        }
    }
}
