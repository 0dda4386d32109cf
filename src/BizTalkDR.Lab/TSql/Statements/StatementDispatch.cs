using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Sends each statement to its family.
internal sealed partial class Interpreter
{
    private void Execute(TSqlStatement statement, ExecutionFrame frame)
    {
        if (!ExecuteData(statement, frame) && !ExecuteSession(statement, frame) && !ExecuteSchema(statement, frame) && !ExecuteServer(statement, frame))
        {
            string name = statement.GetType().Name;
            throw new LabSqlException(40510, 16, 1, $"Statement '{name[..^"Statement".Length]}' is not supported in this version of SQL Server.");
        }
    }

    private bool ExecuteData(TSqlStatement statement, ExecutionFrame frame)
    {
        switch (statement)
        {
            case SelectStatement select:
                Select(select, frame);
                return true;
            case DataModificationStatement change:
                Modify(change, frame);
                return true;
            case DeclareVariableStatement declare:
                Declare(declare, frame);
                return true;
            case DeclareTableVariableStatement table:
                DeclareTable(table.Body, frame);
                return true;
            case SetVariableStatement set:
                SetVariable(set, frame);
                return true;
            case ExecuteStatement execute:
                Execute(execute.ExecuteSpecification, frame);
                return true;
            case DeclareCursorStatement cursor:
                DeclareCursor(cursor, frame);
                return true;
            case OpenCursorStatement open:
                OpenCursor(open, frame);
                return true;
            case FetchCursorStatement fetch:
                FetchCursor(fetch, frame);
                return true;
            case CloseCursorStatement close:
                CloseCursor(close, frame);
                return true;
            case DeallocateCursorStatement free:
                DeallocateCursor(free, frame);
                return true;
            case TruncateTableStatement truncate:
                Truncate(truncate, frame);
                return true;
            default:
                return false;
        }
    }

    private bool ExecuteSession(TSqlStatement statement, ExecutionFrame frame)
    {
        switch (statement)
        {
            case PrintStatement print:
                Print(print, frame);
                return true;
            case RaiseErrorStatement raise:
                RaiseError(raise, frame);
                return true;
            case ThrowStatement rethrow:
                Throw(rethrow, frame);
                return true;
            case BeginTransactionStatement begin:
                BeginTransaction(begin, frame);
                return true;
            case CommitTransactionStatement:
                CommitTransaction(frame);
                return true;
            case RollbackTransactionStatement rollback:
                RollbackNamed(frame, TransactionName(rollback.Name, frame));
                return true;
            case SaveTransactionStatement save:
                _session.Transaction.Save(TransactionName(save.Name, frame) ?? string.Empty);
                return true;
            case UseStatement use:
                Use(use, frame);
                return true;
            case WaitForStatement wait:
                WaitFor(wait, frame);
                return true;
            case ExecuteAsStatement impersonate:
                ExecuteAs(impersonate, frame);
                return true;
            case RevertStatement:
                Revert();
                return true;
            default:
                return ExecuteSet(statement, frame);
        }
    }

    private bool ExecuteServer(TSqlStatement statement, ExecutionFrame frame)
    {
        switch (statement)
        {
            case BackupDatabaseStatement or BackupTransactionLogStatement:
                Backup((BackupStatement)statement, frame);
                return true;
            case RestoreStatement restore:
                Restore(restore, frame);
                return true;
            case CreateDatabaseStatement create:
                CreateDatabase(create, frame);
                return true;
            case AlterDatabaseStatement alter:
                AlterDatabase(alter, frame);
                return true;
            case DropDatabaseStatement drop:
                DropDatabases(drop, frame);
                return true;
            case CheckpointStatement:
                Checkpoint(frame);
                return true;
            case DbccStatement dbcc:
                Dbcc(dbcc, frame);
                return true;
            case KillStatement kill:
                Kill(kill, frame);
                return true;
            case ReconfigureStatement:
                Reconfigure(frame);
                return true;
            default:
                return ExecuteEncryption(statement, frame) || ExecuteCredential(statement, frame) || ExecuteAvailability(statement, frame) || ExecuteSecurity(statement, frame);
        }
    }
}
