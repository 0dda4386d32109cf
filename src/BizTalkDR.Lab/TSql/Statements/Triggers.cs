using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// AFTER triggers: the change is captured through an OUTPUT clause, then each trigger runs with inserted and deleted.
internal sealed partial class Interpreter
{
    private List<ModuleDef> TriggersOf(LabTable table, DataModificationStatement statement, ExecutionFrame frame)
    {
        TriggerActionType? action = statement switch
        {
            InsertStatement => TriggerActionType.Insert,
            UpdateStatement => TriggerActionType.Update,
            DeleteStatement => TriggerActionType.Delete,
            _ => null,
        };
        var found = new List<ModuleDef>();
        foreach (ModuleDef module in table.Database.Modules.Where(m => m.Kind == ModuleKind.Trigger && m.ParentObjectId == table.Def.ObjectId))
        {
            // A trigger does not fire itself again (recursive triggers are off by default).
            if (frame.Module?.ObjectId == module.ObjectId && ReferenceEquals(frame.Database, table.Database))
            {
                continue;
            }

            TriggerStatementBody body = TriggerBody(module);
            if (TriggerIsDisabled(table.Database, module))
            {
                continue;
            }

            if (action is null)
            {
                throw ServerErrors.NotSupported("MERGE on a table with triggers");
            }

            if (body.TriggerActions.Any(a => a.TriggerActionType == action))
            {
                found.Add(module);
            }
        }

        return found;
    }

    private TriggerStatementBody TriggerBody(ModuleDef module) =>
        (TriggerStatementBody)Server.Parser.Parse(module.Text, module.QuotedIdentifiers).Statements[0];

    private (long Count, QueryResult? Output) ModifyWithTriggers(DataModificationStatement statement, LabTable table, List<ModuleDef> triggers, ExecutionFrame frame)
    {
        if (OutputOf(statement) is not null)
        {
            throw new LabSqlException(334, 16, 1, $"The target table '{table.Def.Name}' of the DML statement cannot have any enabled triggers if the statement contains an OUTPUT clause without INTO clause.");
        }

        (long count, QueryResult? output) = Queries.Modify(WithOutput(statement), frame, specification => CaptureRows(specification, frame));
        List<object?[]> rows = output is null ? [] : [.. output.Rows];
        int width = table.Def.Columns.Count;
        ResultColumn[] columns = [.. table.Def.Columns.Select(c => new ResultColumn(c.Name, c.Type, c.Nullable))];
        List<object?[]> deleted = statement is InsertStatement ? [] : rows.ConvertAll(r => r[..width]);
        List<object?[]> inserted = statement is DeleteStatement ? [] : rows.ConvertAll(r => r[^width..]);
        var seen = new TriggerRows(new VirtualRows(columns, () => inserted), new VirtualRows(columns, () => deleted), UpdatedColumns(statement, table), table);
        WithNestedCode(frame, () => triggers.ForEach(t => RunTrigger(t, seen, frame, count)));
        return (count, null);
    }

    private void RunTrigger(ModuleDef trigger, TriggerRows rows, ExecutionFrame frame, long count)
    {
        if (frame.NestLevel + 1 > MaxNestLevel)
        {
            throw TooDeep();
        }

        TriggerStatementBody body = TriggerBody(trigger);
        var inner = new ExecutionFrame(_session, frame, rows.Table.Database, frame.Sink)
        {
            Module = trigger,
            NestLevel = frame.NestLevel + 1,
            TriggerLevel = frame.TriggerLevel + 1,
            Trigger = rows,
            BatchText = trigger.Text,
        };
        SessionSettings settings = _session.Settings;
        long serial = _session.Transaction.Serial;
        _session.Settings = settings.Copy();
        _session.Settings.XactAbort = true;
        _session.LastRowCount = count;
        try
        {
            RunList(body.StatementList, inner);
        }
        finally
        {
            _session.Settings = settings;
            CloseScope(inner, keepTempTables: false);
        }

        if (_session.Transaction.Current is null || _session.Transaction.Serial != serial)
        {
            throw new LabSqlException(3609, 16, 1, "The transaction ended in the trigger. The batch has been aborted.");
        }
    }

    private static OutputClause? OutputOf(DataModificationStatement statement) => statement switch
    {
        InsertStatement insert => insert.InsertSpecification.OutputClause,
        UpdateStatement update => update.UpdateSpecification.OutputClause,
        DeleteStatement delete => delete.DeleteSpecification.OutputClause,
        _ => null,
    };

    /// <summary>Copies the top of the statement and adds OUTPUT deleted.*, inserted.*; the shared tree stays as it is.</summary>
    private static DataModificationStatement WithOutput(DataModificationStatement statement)
    {
        DataModificationStatement copy;
        switch (statement)
        {
            case InsertStatement insert:
                InsertSpecification from = insert.InsertSpecification;
                var into = new InsertSpecification { InsertOption = from.InsertOption, InsertSource = from.InsertSource };
                Copy(from, into, Star("inserted"));
                Fill(into.Columns, from.Columns);
                copy = new InsertStatement { InsertSpecification = into };
                break;
            case UpdateStatement update:
                UpdateSpecification set = update.UpdateSpecification;
                var changed = new UpdateSpecification { FromClause = set.FromClause, WhereClause = set.WhereClause };
                Copy(set, changed, Star("deleted"), Star("inserted"));
                Fill(changed.SetClauses, set.SetClauses);
                copy = new UpdateStatement { UpdateSpecification = changed };
                break;
            default:
                DeleteSpecification gone = ((DeleteStatement)statement).DeleteSpecification;
                var removed = new DeleteSpecification { FromClause = gone.FromClause, WhereClause = gone.WhereClause };
                Copy(gone, removed, Star("deleted"));
                copy = new DeleteStatement { DeleteSpecification = removed };
                break;
        }

        copy.WithCtesAndXmlNamespaces = statement.WithCtesAndXmlNamespaces;
        return copy;
    }

    private static void Copy(DataModificationSpecification from, DataModificationSpecification to, params SelectElement[] output)
    {
        to.Target = from.Target;
        to.TopRowFilter = from.TopRowFilter;
        to.OutputIntoClause = from.OutputIntoClause;
        to.OutputClause = new OutputClause();
        Fill(to.OutputClause.SelectColumns, output);
    }

    private static void Fill<T>(IList<T> target, IEnumerable<T> source)
    {
        foreach (T item in source)
        {
            target.Add(item);
        }
    }

    private static SelectStarExpression Star(string qualifier)
    {
        var name = new MultiPartIdentifier();
        name.Identifiers.Add(new Identifier { Value = qualifier });
        return new SelectStarExpression { Qualifier = name };
    }

    private static HashSet<string> UpdatedColumns(DataModificationStatement statement, LabTable table)
    {
        IEnumerable<string> names = statement switch
        {
            InsertStatement => table.Def.Columns.Select(c => c.Name),
            UpdateStatement update => update.UpdateSpecification.SetClauses.OfType<AssignmentSetClause>().Where(a => a.Column is not null).Select(a => a.Column.MultiPartIdentifier.Identifiers[^1].Value),
            _ => [],
        };
        return new HashSet<string>(names, StringComparer.OrdinalIgnoreCase);
    }
}
