using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Tds;

/// <summary>Runs everything a session does on one thread of its own: a statement that waits for a lock holds up nobody else.</summary>
internal sealed class SessionWorker : IDisposable
{
    // Nested procedures and deep expressions need more than the usual stack.
    private const int StackBytes = 8 * 1024 * 1024;
    private readonly BlockingCollection<Action> _work = [];

    public SessionWorker(string name) => new Thread(Run, StackBytes) { IsBackground = true, Name = name }.Start();

    /// <summary>Runs an action after everything queued before; its exception becomes the task's.</summary>
    public Task<T> RunAsync<T>(Func<T> action)
    {
        TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                completion.SetResult(action());
            }
            catch (Exception error)
            {
                completion.SetException(error);
            }
        });
        return completion.Task;
    }

    public Task RunAsync(Action action) => RunAsync(() =>
    {
        action();
        return true;
    });

    /// <summary>Lets the thread end after what is queued.</summary>
    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        foreach (Action action in _work.GetConsumingEnumerable())
            action();
        _work.Dispose();
    }
}
