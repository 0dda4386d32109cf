using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Takes down what a restore run does, before and after it does it.</summary>
public interface IRestoreJournal
{
    /// <summary>Where the journal is; null when it is nowhere.</summary>
    string? Path { get; }

    /// <summary>Takes down one event; on the disk when this returns.</summary>
    void Write(string what, IReadOnlyDictionary<string, string?> details);
}

/// <summary>Keeps the journal in a file: one JSON object a line, only ever appended to, flushed line by line, times in UTC.</summary>
public sealed class RestoreJournalFile : IRestoreJournal, IDisposable
{
    /// <summary>Version of the lines' form.</summary>
    public const int SchemaVersion = 1;

    private readonly object _gate = new();
    private readonly FileStream _stream;
    private readonly IClock _clock;
    private bool _broken;

    /// <summary>Opens a new journal.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.JournalNotWritable"/>; also when the file exists: a journal belongs to one run.</exception>
    public RestoreJournalFile(string path, IClock clock)
        : this(path, clock, FileMode.CreateNew)
    {
    }

    private RestoreJournalFile(string path, IClock clock, FileMode mode)
    {
        Path = path;
        _clock = clock;
        try
        {
            // Without a buffer of its own: a line that cannot be written is not tried again when the file is closed.
            _stream = new FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RecoveryException(RecoveryError.JournalNotWritable, path, $"The journal '{path}' cannot be {(mode == FileMode.Open ? "opened" : "created")}: {error.Message}", cause: error);
        }
    }

    /// <summary>Opens the journal of a restore that is resumed: it goes on in the same file, on a line of its own.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.JournalNotWritable"/>; also while another run writes to it.</exception>
    public static RestoreJournalFile Continue(string path, IClock clock)
    {
        var journal = new RestoreJournalFile(path, clock, FileMode.Open);
        try
        {
            journal.EndLastLine();
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public void Write(string what, IReadOnlyDictionary<string, string?> details)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", SchemaVersion);
            json.WriteString("timeUtc", _clock.UtcNow);
            json.WriteString("event", what);
            foreach (KeyValuePair<string, string?> detail in details)
            {
                json.WriteString(detail.Key, detail.Value);
            }

            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        lock (_gate)
        {
            Append(buffer);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Append(MemoryStream line)
    {
        if (_broken)
        {
            throw NotWritable(null);
        }

        long end = _stream.Position;
        try
        {
            line.WriteTo(_stream);
            _stream.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The last of them is how .NET says that the file may not grow (EFBIG). Nothing may follow a line that is cut short: what is there must stay readable.
            _broken = true;
            CutTo(end);
            throw NotWritable(error);
        }
    }

    private void CutTo(long end)
    {
        try
        {
            _stream.SetLength(end);
        }
        catch (IOException)
        {
            // The reader leaves out a last line that is cut short.
            return;
        }
    }

    /// <summary>A kill may have cut the last line short: the next one begins below it.</summary>
    private void EndLastLine()
    {
        try
        {
            if (_stream.Length > 0)
            {
                _stream.Seek(-1, SeekOrigin.End);
                if (_stream.ReadByte() != '\n')
                {
                    _stream.WriteByte((byte)'\n');
                }
            }

            _stream.Seek(0, SeekOrigin.End);
        }
        catch (IOException error)
        {
            throw NotWritable(error);
        }
    }

    private RecoveryException NotWritable(Exception? error) =>
        new(RecoveryError.JournalNotWritable, Path, $"The journal '{Path}' cannot be written: {error?.Message ?? "an earlier line could not be written either"}", cause: error);
}
