using System;
using System.Collections.Generic;
using System.Threading;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Requests: one at a time, each with its own cancellation, each leaving the session in order.
internal sealed partial class SqlSession
{
    public void ExecuteBatch(string text, IResultSink sink, CancellationToken cancellation) => Request(
        text,
        sink,
        frame =>
        {
            ParsedBatch batch = Server.Parser.Parse(text, Settings.QuotedIdentifier);
            if (OnlyParses(batch))
            {
                return;
            }

            BatchCheck.Run(batch.Statements, [], []);
            Interpreter.RunBatch(batch, frame);
        },
        cancellation);

    public void ExecuteRpc(string procedure, IReadOnlyList<RpcParameter> parameters, IResultSink sink, CancellationToken cancellation) =>
        Request(procedure, sink, frame => Interpreter.CallRemotely(frame, procedure, parameters), cancellation);

    public void TransactionManager(TransactionRequest request, IResultSink sink) => Request(
        "TM",
        sink,
        frame =>
        {
            string? name = string.IsNullOrEmpty(request.Name) ? null : request.Name;
            switch (request.Kind)
            {
                case TransactionRequestKind.Begin:
                    Settings.Isolation = request.Isolation == 0 ? Settings.Isolation : request.Isolation;
                    Transaction.Begin(name, sink);
                    break;
                case TransactionRequestKind.Commit:
                    Interpreter.Guard(null, frame, () => Transaction.Commit(sink));
                    BeginNext(request, sink);
                    break;
                case TransactionRequestKind.Rollback:
                    Interpreter.Guard(null, frame, () => Interpreter.RollbackNamed(frame, name));
                    BeginNext(request, sink);
                    break;
                case TransactionRequestKind.Save:
                    Interpreter.Guard(null, frame, () => Transaction.Save(name ?? string.Empty));
                    break;
                default:
                    throw new LabSqlException(8525, 16, 1, "Distributed transaction completed. Either enlist this session in a new transaction or the NULL transaction.");
            }
        },
        CancellationToken.None);

    /// <summary>SET PARSEONLY works while a batch is parsed, not when it would run.</summary>
    private bool OnlyParses(ParsedBatch batch)
    {
        foreach (PredicateSetStatement set in batch.Statements.OfType<PredicateSetStatement>())
        {
            if (set.Options.HasFlag(SetOptions.ParseOnly))
            {
                Settings.ParseOnly = set.IsOn;
            }
        }

        return Settings.ParseOnly;
    }

    private void BeginNext(TransactionRequest request, IResultSink sink)
    {
        if (request.BeginsNew)
        {
            Settings.Isolation = request.NewIsolation == 0 ? Settings.Isolation : request.NewIsolation;
            Transaction.Begin(string.IsNullOrEmpty(request.NewName) ? null : request.NewName, sink);
        }
    }

    private void Request(string text, IResultSink sink, Action<ExecutionFrame> body, CancellationToken cancellation)
    {
        lock (_request)
        {
            if (_killed)
            {
                sink.Message(TdsErrors.SessionKilled);
                return;
            }

            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _kill.Token);
            Cancellation = linked.Token;
            IsRunning = true;
            LastText = text;
            PercentComplete = 0;
            LastRequestTime = StatementTime = Server.Instance.Now;
            var frame = new ExecutionFrame(this, null, CurrentDatabase, sink);
            SqlSession? outer = CurrentSettings.Enter(this);
            try
            {
                body(frame);
            }
            catch (BatchEndedException)
            {
                LastRowCount = 0;
            }
            catch (ScopeEndedException)
            {
                LastRowCount = 0;
            }
            catch (LabSqlException error)
            {
                LastError = error.Number;
                Send(frame, error);
            }
            catch (OperationCanceledException) when (linked.IsCancellationRequested)
            {
                Interrupted(sink);
            }
            finally
            {
                EndRequest(frame);
                if (Transaction.Count == 0)
                {
                    // A transaction of this session may hold the list; a later request of anybody does it then.
                    Server.Backups.NoteMetDamage();
                }

                CurrentSettings.Leave(outer);
                IsRunning = false;
            }
        }
    }

    private void Interrupted(IResultSink sink)
    {
        if (_killed)
        {
            Transaction.RollbackAll(null);
            sink.Message(TdsErrors.SessionKilled);
        }
        else if (Settings.XactAbort)
        {
            Transaction.RollbackAll(sink);
        }
    }

    private void EndRequest(ExecutionFrame frame)
    {
        TryDepth = 0;
        CapturingExec = false;
        Caught.Clear();
        Statement = null;
        if (Transaction.Doomed)
        {
            Transaction.RollbackAll(frame.Sink);
            Send(frame, new SqlMessage(3998, 16, 1, "Uncommittable transaction is detected at the end of the batch. The transaction is rolled back."));
        }

        Interpreter.CloseScope(frame, keepTempTables: true);
        DropWaiting();
        Cancellation = CancellationToken.None;
    }
}
