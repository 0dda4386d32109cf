using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Management.Automation;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries what every cmdlet of the module needs: cancellation, streams on the pipeline thread, errors by the catalogue.</summary>
public abstract class RecoveryCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PipelineStreams _streams;

    /// <summary>Creates the cmdlet.</summary>
    protected RecoveryCmdlet() => _streams = new PipelineStreams(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guarded(() =>
    {
        if (!RunElsewhere())
        {
            Execute();
        }
    });

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guarded(Complete);

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <summary>Lets the cmdlet run on other computers.</summary>
    /// <returns>Whether it did; then there is nothing to do here. Default: no.</returns>
    private protected virtual bool RunElsewhere() => false;

    /// <summary>Does the cmdlet's work for one input.</summary>
    protected abstract void Execute();

    /// <summary>Does what is left to do when all input was taken. Default: nothing.</summary>
    protected virtual void Complete()
    {
    }

    /// <summary>Runs an operation that gives its results one by one, and writes each while the operation goes on.</summary>
    /// <typeparam name="T">A result.</typeparam>
    /// <param name="operation">Gets the log to speak to and the token that Ctrl+C cancels. It must change nothing.</param>
    /// <param name="take">Takes a result, on the pipeline thread.</param>
    /// <remarks>
    /// For operations that only look: one that is stopped is left to end by itself, so that neither Ctrl+C nor <c>Select-Object -First</c> waits for a
    /// disk or a share that does not answer.
    /// </remarks>
    protected void Stream<T>(Func<IRecoveryLog, CancellationToken, IEnumerable<T>> operation, Action<T> take)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var results = new ResultStream<T>(stop.Token);
        _ = Task.Run(() => results.Fill(log => operation(log, stop.Token)));
        try
        {
            while (results.Next(_streams.Write) is { } result)
            {
                take(result[0]);
            }
        }
        finally
        {
            stop.Cancel();
        }
    }

    /// <summary>Writes an error that concerns one input of several; the others go on.</summary>
    /// <param name="error">The error; null for none.</param>
    protected void WriteProblem(RecoveryException? error)
    {
        if (error is not null)
        {
            WriteError(ErrorRecords.From(error));
        }
    }

    private void Guarded(Action work)
    {
        try
        {
            work();
        }
        catch (RecoveryException e) when (_stop.IsCancellationRequested)
        {
            SayAfterStop(e);
            throw new PipelineStoppedException();
        }
        catch (RecoveryException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            _streams.CompleteProgress();
        }
    }

    /// <summary>Runs an operation on a worker thread while this thread writes to the streams what it has to say.</summary>
    /// <typeparam name="T">The operation's result.</typeparam>
    /// <param name="operation">Gets the log to speak to and the token that Ctrl+C cancels.</param>
    /// <returns>What the operation returned.</returns>
    /// <remarks>PowerShell's streams may be written by the pipeline thread alone; members are restored by several.</remarks>
    protected T Run<T>(Func<IRecoveryLog, CancellationToken, T> operation)
    {
        using var log = new QueuedLog();
        Task<T> work = Task.Run(() =>
        {
            try
            {
                return operation(log, _stop.Token);
            }
            finally
            {
                log.Complete();
            }
        });
        try
        {
            foreach (RecoveryLogEntry entry in log.Entries())
            {
                _streams.Write(entry);
            }
        }
        catch
        {
            // The pipeline ended while the operation ran (a stop, or a preference of Stop): end the operation before leaving.
            _stop.Cancel();
            ((IAsyncResult)work).AsyncWaitHandle.WaitOne();
            if (work.Exception?.InnerException is RecoveryException error)
            {
                SayAfterStop(error);
            }

            throw;
        }

        try
        {
            return work.GetAwaiter().GetResult();
        }
        catch (AggregateException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Capture(e.InnerException).Throw();
            throw;
        }
    }

    /// <summary>Says on the screen how a stopped operation was left: PowerShell drops whatever a stopped pipeline writes to its streams.</summary>
    private void SayAfterStop(RecoveryException error)
    {
        try
        {
            Host?.UI?.WriteErrorLine(ErrorRecords.From(error).ErrorDetails.Message);
        }
        catch (Exception e) when (e is PipelineStoppedException or NotImplementedException or System.Management.Automation.Host.HostException)
        {
            // A host without a screen: the journal and the error variable of the caller are what is left.
            return;
        }
    }

    /// <summary>Frees the token source.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    private sealed class QueuedLog : IRecoveryLog, IDisposable
    {
        private readonly BlockingCollection<RecoveryLogEntry> _entries = new();

        public void Write(RecoveryLogEntry entry) => _entries.Add(entry);

        public IEnumerable<RecoveryLogEntry> Entries() => _entries.GetConsumingEnumerable();

        public void Complete() => _entries.CompleteAdding();

        public void Dispose() => _entries.Dispose();
    }
}
