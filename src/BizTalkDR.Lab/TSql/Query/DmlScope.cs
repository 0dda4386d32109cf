using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Runs one DML statement whole or not at all.</summary>
internal static class DmlScope
{
    /// <summary>Takes back what the statement did when it fails.</summary>
    public static (long RowCount, QueryResult? Output) Run(IExecutionContext context, Func<(long RowCount, OutputRows Output)> change)
    {
        LabTransaction transaction = context.Transaction ?? throw new InvalidOperationException("A change needs a transaction.");
        object savepoint = transaction.CreateSavepoint();
        try
        {
            (long count, OutputRows output) = change();
            output.Finish(context);
            return (count, output.Result);
        }
        catch when (transaction.State == TransactionState.Active)
        {
            transaction.RollbackTo(savepoint);
            throw;
        }
    }
}
