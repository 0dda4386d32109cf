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

    /// <summary>Opens a new journal.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.JournalNotWritable"/>; also when the file exists: a journal belongs to one run.</exception>
    public RestoreJournalFile(string path, IClock clock)
    {
        Path = path;
        _clock = clock;
        try
        {
            _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RecoveryException(RecoveryError.JournalNotWritable, path, $"The journal '{path}' cannot be created: {error.Message}", cause: error);
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
        try
        {
            lock (_gate)
            {
                buffer.WriteTo(_stream);
                _stream.Flush(flushToDisk: true);
            }
        }
        catch (IOException error)
        {
            throw new RecoveryException(RecoveryError.JournalNotWritable, Path, $"The journal '{Path}' cannot be written: {error.Message}", cause: error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
