using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Runs one DML statement whole or not at all, tells the observer, and gathers OUTPUT.</summary>
internal sealed class DmlScope
{
    public List<object?[]> Inserted { get; } = [];

    public List<object?[]> Deleted { get; } = [];

    public OutputRows? Output { get; set; }

    public IReadOnlyCollection<string> Columns { get; set; } = [];

    public static (long RowCount, QueryResult? Output) Run(IExecutionContext context, ChangeTarget target, DmlKind kind, Func<DmlScope, long> change) =>
        Undoing(context, target, () =>
        {
            DmlScope scope = new();
            long count = change(scope);
            scope.Output?.Finish(context);
            Tell(context, target, kind, scope.Columns, scope.Inserted, scope.Deleted);
            return (count, scope.Output?.Result);
        });

    /// <summary>Calls the observer when it wants to hear.</summary>
    public static void Tell(IExecutionContext context, ChangeTarget target, DmlKind kind, IReadOnlyCollection<string> columns, List<object?[]> inserted, List<object?[]> deleted)
    {
        if (target.Table is { } table && context.DmlObserver is { } observer && observer.Wants(table, kind))
        {
            observer.Changed(table, kind, columns, inserted, deleted);
        }
    }

    /// <summary>Takes back what the statement did when it fails.</summary>
    public static T Undoing<T>(IExecutionContext context, ChangeTarget target, Func<T> change)
    {
        LabTransaction? transaction = target.Table is null ? null : context.Transaction;
        if (transaction is null)
        {
            return change();
        }

        object savepoint = transaction.CreateSavepoint();
        try
        {
            return change();
        }
        catch when (transaction.State == TransactionState.Active)
        {
            transaction.RollbackTo(savepoint);
            throw;
        }
    }
}
