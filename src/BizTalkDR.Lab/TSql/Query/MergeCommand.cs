using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Runs MERGE: target and source joined in full, then the first action whose condition holds for each row.</summary>
internal sealed class MergeCommand(MergeStatement statement, IExecutionContext context)
{
    private readonly MergeSpecification _merge = statement.MergeSpecification;
    private readonly List<BoundAction> _actions = [];
    private readonly List<(long RowId, object?[] Old, object?[] New)> _updates = [];
    private readonly List<LabRow> _deletes = [];
    private long _inserted;

    public (long RowCount, QueryResult? Output) Run()
    {
        Binder binder = new(context);
        binder.AddCtes(statement.WithCtesAndXmlNamespaces, statement.OptimizerHints);
        Scope scope = new(null);
        DmlTarget wanted = new() { Reference = _merge.Target };
        FromNode node = binder.In(scope, () => BindJoin(binder, scope, wanted));
        ChangeTarget target = wanted.Found ?? throw SqlErrors.SyntaxNear("MERGE");
        ScopeSource source = scope.Sources[0];
        int targetSlot = source.Offset + source.Columns.Count;
        int presenceSlot = scope.Width - 1;
        TableRules rules = new(context, target, "MERGE");
        binder.In<object?>(scope, () =>
        {
            foreach (MergeActionClause clause in _merge.ActionClauses)
            {
                _actions.Add(BindAction(binder, clause, target, rules));
            }

            return null;
        });
        return DmlScope.Run(context, () => Apply(binder, scope, node, target, targetSlot, presenceSlot));
    }

    private JoinNode BindJoin(Binder binder, Scope scope, DmlTarget wanted)
    {
        if (_merge.TableAlias is not null)
        {
            wanted.Alias = _merge.TableAlias.Value;
        }

        FromNode left = binder.BindFrom([_merge.Target], wanted);
        FromNode right = binder.BindFrom([_merge.TableReference], null);

        // A slot that is filled when there is a source row.
        int slot = scope.Width;
        scope.Width++;
        PresenceNode present = new(scope, right, slot);
        JoinNode join = new(scope, left, present, JoinKind.Full);
        foreach (BooleanExpression part in Binder.Conjuncts(_merge.SearchCondition))
        {
            join.On(binder.BindConjunct(part));
        }

        return join;
    }

    private BoundAction BindAction(Binder binder, MergeActionClause clause, ChangeTarget target, TableRules rules)
    {
        Func<Frame, bool?>? test = clause.SearchCondition is null ? null : binder.BindCondition(clause.SearchCondition);
        switch (clause.Action)
        {
            case UpdateMergeAction update:
                return new BoundAction(clause.Condition, test, new RowAssigner(binder, target, rules, update.SetClauses), null, null);
            case InsertMergeAction insert:
                List<string> columns = insert.Columns.Select(c => c.MultiPartIdentifier[c.MultiPartIdentifier.Count - 1].Value).ToList();
                RowWriter writer = new(context, target, columns, insert.Source.IsDefaultValues ? -1 : insert.Source.RowValues[0].ColumnValues.Count, "MERGE");
                IList<ScalarExpression> values = insert.Source.IsDefaultValues ? [] : insert.Source.RowValues[0].ColumnValues;
                if (!insert.Source.IsDefaultValues && values.Count != writer.Given.Count)
                {
                    throw SqlErrors.Make(213, 16, 1, "Column name or number of supplied values does not match table definition.");
                }

                Expr?[] bound = writer.Given.Select((column, i) => insert.Source.IsDefaultValues || values[i] is DefaultLiteral ? null : writer.Rules.Assign(binder.Bind(values[i]), column)).ToArray();
                return new BoundAction(clause.Condition, test, null, writer, bound);
            default:
                return new BoundAction(clause.Condition, test, null, null, null);
        }
    }

    private (long, OutputRows) Apply(Binder binder, Scope scope, FromNode node, ChangeTarget target, int targetSlot, int presenceSlot)
    {
        OutputRows output = new(binder, _merge, target, scope, hasInserted: true, hasDeleted: true, hasAction: true);
        TableRules rules = new(context, target, "MERGE");
        List<(BoundAction Action, object?[] Row)> inserts = [];
        Frame frame = new(context, null);
        foreach ((BoundAction action, object?[] row) in Choices(node, target, targetSlot, presenceSlot))
        {
            frame.Row = row;
            if (row[targetSlot] is LabRow existing)
            {
                Change(action, existing, row, frame, rules, output);
            }
            else
            {
                inserts.Add((action, row));
            }
        }

        return Store(target, inserts, output);
    }

    // Rows that changed between reading and locking are read again, as for UPDATE.
    private List<(BoundAction Action, object?[] Row)> Choices(FromNode node, ChangeTarget target, int targetSlot, int presenceSlot)
    {
        Frame frame = new(context, null);
        while (true)
        {
            List<(BoundAction, object?[])> choices = [];
            HashSet<long> touched = [];
            bool changed = false;
            foreach (object?[] row in node.Rows(new Frame(context, null)).ToList())
            {
                LabRow? read = row[targetSlot] as LabRow?;
                frame.Row = row;
                if (Choose(read is not null, row[presenceSlot] is not null, frame) is not { } action)
                {
                    continue;
                }

                if (read is { } existing)
                {
                    if (!touched.Add(existing.RowId))
                    {
                        throw SqlErrors.Make(8672, 16, 1, "The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to group the source rows.");
                    }

                    changed |= !ChangeCommand.LockUnchanged(context, target, existing);
                }

                choices.Add((action, row));
            }

            if (!changed)
            {
                return choices;
            }
        }
    }

    private void Change(BoundAction action, LabRow read, object?[] row, Frame frame, TableRules rules, OutputRows output)
    {
        if (action.Assigner is null)
        {
            _deletes.Add(read);
            output.Add(context, null, read.Values, "DELETE", row);
            return;
        }

        object?[] updated = action.Assigner.Apply(read.Values, frame);
        rules.Complete(updated);
        _updates.Add((read.RowId, read.Values, updated));
        output.Add(context, updated, read.Values, "UPDATE", row);
    }

    private (long, OutputRows) Store(ChangeTarget target, List<(BoundAction Action, object?[] Row)> inserts, OutputRows output)
    {
        List<string> columns = _actions.SelectMany(a => a.Assigner?.Columns ?? []).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        _deletes.ForEach(d => target.Delete(context, d.RowId));
        ChangeCommand.Apply(context, target, _updates, columns);
        foreach ((BoundAction action, object?[] row) in inserts)
        {
            Frame frame = new(context, null) { Row = row };
            object?[] values = action.Values!.Select((v, i) => v is null ? action.Writer!.Rules.Default(action.Writer.Given[i]) : v.Eval(frame)).ToArray();
            output.Add(context, action.Writer!.WriteConverted(values), null, "INSERT", row);
            _inserted++;
        }

        _actions.ForEach(a => a.Writer?.Finish());
        ChangeCommand.CheckKeys(context, target, _updates, columns, "MERGE");
        ForeignKeys.CheckOld(context, target.Table, _deletes.ConvertAll(d => d.Values), "MERGE");
        target.Table.CountUse(null);
        return (_inserted + _updates.Count + _deletes.Count, output);
    }

    private BoundAction? Choose(bool hasTarget, bool hasSource, Frame frame)
    {
        foreach (BoundAction action in _actions)
        {
            bool applies = action.Condition switch
            {
                MergeCondition.Matched => hasTarget && hasSource,
                MergeCondition.NotMatchedBySource => hasTarget && !hasSource,
                _ => !hasTarget && hasSource,
            };
            if (applies && (action.Test is null || action.Test(frame) == true))
            {
                return action;
            }
        }

        return null;
    }

    private sealed record BoundAction(MergeCondition Condition, Func<Frame, bool?>? Test, RowAssigner? Assigner, RowWriter? Writer, Expr?[]? Values);

    private sealed class PresenceNode(Scope scope, FromNode inner, int slot) : FromNode(scope)
    {
        public override bool Covers(int wanted) => wanted == slot || inner.Covers(wanted);

        public override void Push(Conjunct conjunct) => inner.Push(conjunct);

        public override IEnumerable<object?[]> Rows(Frame frame)
        {
            foreach (object?[] row in inner.Rows(frame))
            {
                object?[] marked = (object?[])row.Clone();
                marked[slot] = true;
                yield return marked;
            }
        }
    }
}
