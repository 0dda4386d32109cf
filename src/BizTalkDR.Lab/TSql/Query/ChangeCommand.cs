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
        return DmlScope.Run(context, () =>
        {
            OutputRows output = _binder.In(null, () => new OutputRows(_binder, specification, target, _scope, hasInserted: _update is not null, hasDeleted: true, hasAction: false));
            return (_update is null ? Delete(plan, target, slot, top, output) : Update(plan, target, slot, top, output), output);
        });
    }

    private void Bind(out SelectPlan plan, out ChangeTarget target, out int slot, out Expr? top)
    {
        if (specification.WhereClause is { Cursor: not null })
        {
            throw SqlErrors.Unsupported("WHERE CURRENT OF");
        }

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
    private List<(LabRow Target, object?[] Row)> Find(SelectPlan plan, ChangeTarget target, int slot, Expr? top)
    {
        while (true)
        {
            List<(LabRow, object?[])> found = [];
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

                if (row[slot] is not LabRow read || !seen.Add(read.RowId))
                {
                    continue;
                }

                if (!LockUnchanged(context, target, read))
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

    /// <summary>Locks a row until the transaction ends; false when it is no longer as it was read.</summary>
    public static bool LockUnchanged(IExecutionContext context, ChangeTarget target, LabRow read) =>
        target.Table.LockRow(context.Transaction!, read.RowId) is { } now && Same(now.Values, read.Values);

    private static bool Same(object?[] a, object?[] b) => ReferenceEquals(a, b) || a.AsSpan().SequenceEqual(b, new BinaryEquality());

    private long Delete(SelectPlan plan, ChangeTarget target, int slot, Expr? top, OutputRows output)
    {
        List<object?[]> deleted = [];
        foreach ((LabRow read, object?[] row) in Find(plan, target, slot, top))
        {
            target.Delete(context, read.RowId);
            deleted.Add(read.Values);
            output.Add(context, null, read.Values, "DELETE", row);
        }

        ForeignKeys.CheckOld(context, target.Table, deleted, "DELETE");
        target.Table.CountUse(null);
        return deleted.Count;
    }

    private long Update(SelectPlan plan, ChangeTarget target, int slot, Expr? top, OutputRows output)
    {
        TableRules rules = new(context, target, "UPDATE");
        RowAssigner assigner = _binder.In(_scope, () => new RowAssigner(_binder, target, rules, _update!.SetClauses));
        List<(long RowId, object?[] Old, object?[] New)> updates = [];
        foreach ((LabRow read, object?[] row) in Find(plan, target, slot, top))
        {
            object?[] updated = assigner.Apply(read.Values, new Frame(context, null) { Row = row });
            rules.Complete(updated);
            updates.Add((read.RowId, read.Values, updated));
            output.Add(context, updated, read.Values, "UPDATE", row);
        }

        Apply(context, target, updates, assigner.Columns);
        CheckKeys(context, target, updates, assigner.Columns, "UPDATE");
        target.Table.CountUse(assigner.Columns);
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

    /// <summary>Checks foreign keys from both sides after changes of these columns.</summary>
    public static void CheckKeys(IExecutionContext context, ChangeTarget target, List<(long RowId, object?[] Old, object?[] New)> updates, IReadOnlyCollection<string> columns, string statement)
    {
        LabTable table = target.Table;
        ForeignKeys.CheckNew(context, table, updates.ConvertAll(u => u.New), statement, columns);
        if (table.Def.Indexes.Exists(i => i.IsUnique && i.Columns.Exists(c => columns.Contains(c.Column, StringComparer.OrdinalIgnoreCase))))
        {
            ForeignKeys.CheckOld(context, table, updates.ConvertAll(u => u.Old), statement);
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
