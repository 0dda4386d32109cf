using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.Threading;
using BizTalkDR.BackupFiles;
using BizTalkDR.Ports;

namespace BizTalkDR.Files;

/// <summary>Adds up the progress of files that are tested at once, in bytes.</summary>
internal sealed class ByteProgress(IRecoveryLog log, int passes) : IDisposable
{
    private const string Activity = "Testing backup files";

    private readonly ConcurrentDictionary<string, long> _doneOf = new(StringComparer.Ordinal);
    private long _total;
    private long _done;
    private int _files;
    private int _filesDone;
    private int _shown = -1;

    /// <summary>Adds a file's size to what there is to do.</summary>
    public void Expect(long bytes) => Interlocked.Add(ref _total, bytes * passes);

    public void Begin(int files)
    {
        _files = files;
        Show();
    }

    /// <summary>Gives what takes the progress of one file.</summary>
    public IProgress<VerificationProgress> Of(string path) => new OneFile(this, path);

    public void Finish(string path)
    {
        _doneOf.TryRemove(path, out _);
        Show(last: Interlocked.Increment(ref _filesDone) == _files);
    }

    public void Dispose() => log.Progress(Activity, null, "Done", 100, completed: true);

    private void Take(string path, long bytes)
    {
        long before = _doneOf.TryGetValue(path, out long known) ? known : 0;
        _doneOf[path] = bytes;
        Interlocked.Add(ref _done, bytes - before);
        Show();
    }

    private void Show(bool last = false)
    {
        long total = Interlocked.Read(ref _total);
        long done = Math.Min(total, Interlocked.Read(ref _done));
        int percent = total == 0 ? 0 : (int)(done * 100 / total);
        if (Interlocked.Exchange(ref _shown, percent) != percent || last)
        {
            log.Progress(Activity, null, string.Format(CultureInfo.InvariantCulture, "{0} of {1} files, {2:N1} of {3:N1} MB", _filesDone, _files, done / 1048576.0, total / 1048576.0), percent);
        }
    }

    /// <summary>Not System.Progress, which would report from other threads and out of order.</summary>
    private sealed class OneFile(ByteProgress all, string path) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => all.Take(path, value.BytesDone);
    }
}
