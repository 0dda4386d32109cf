using System;
using System.Globalization;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>Sends the messages of a running BACKUP or RESTORE: 3211 progress, 4035 per file, 3014 at the end.</summary>
internal sealed class StatementProgress
{
    private readonly IMessageSink _messages;
    private readonly TimeProvider _clock;
    private readonly int _stats;
    private readonly CancellationToken _cancellation;
    private readonly long _started;
    private long _total = 1;
    private long _done;
    private int _reported;

    public StatementProgress(IMessageSink messages, TimeProvider clock, int stats, CancellationToken cancellation)
    {
        _messages = messages;
        _clock = clock;
        _stats = stats;
        _cancellation = cancellation;
        _started = clock.GetTimestamp();
    }

    /// <summary>Sets the number of bytes that make 100 percent.</summary>
    public void Expect(long bytes) => _total = Math.Max(1, bytes);

    /// <summary>Counts bytes; stops the statement when it was cancelled.</summary>
    /// <exception cref="LabSqlException">3204: cancelled.</exception>
    public void Advance(long bytes)
    {
        if (_cancellation.IsCancellationRequested)
        {
            throw new LabSqlException(3204, 16, 1, "The backup or restore was aborted.");
        }

        _done += bytes;
        int percent = (int)Math.Min(99, _done * 100 / _total);
        while (_stats > 0 && _reported + _stats <= percent)
        {
            Percent(_reported + _stats);
        }
    }

    /// <summary>Sends what is left up to 100 percent; without STATS nothing says how far a statement is.</summary>
    public void Complete()
    {
        if (_stats <= 0)
        {
            return;
        }

        while (_reported + _stats < 100)
        {
            Percent(_reported + _stats);
        }

        Percent(100);
    }

    public void Processed(long pages, string database, string file, int position) => _messages.Message(new SqlMessage(
        4035, 0, 1, string.Create(CultureInfo.InvariantCulture, $"Processed {pages} pages for database '{database}', file '{file}' on file {position}.")));

    /// <summary>Sends 3014, the only message that says the statement succeeded.</summary>
    public void Succeeded(string statement, long pages)
    {
        double seconds = _clock.GetElapsedTime(_started).TotalSeconds;
        double speed = seconds <= 0 ? 0 : pages * 8192.0 / (1 << 20) / seconds;
        _messages.Message(new SqlMessage(3014, 0, 1, string.Create(
            CultureInfo.InvariantCulture, $"{statement} successfully processed {pages} pages in {seconds:F3} seconds ({speed:F3} MB/sec).")));
    }

    private void Percent(int percent)
    {
        _reported = percent;
        _messages.Message(new SqlMessage(3211, 0, 1, string.Create(CultureInfo.InvariantCulture, $"{percent} percent processed.")));
    }
}
