using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Threading;

namespace BizTalkDR.Lab.Group;

/// <summary>Keeps outside the instances what was asked of them and what they answered: one JSON object a line, appended only.</summary>
/// <remarks>A line is on its way to the file before the thing it announces is done, so a program that is ended in between
/// leaves a transaction that was sent and has no outcome: unknown.</remarks>
public sealed class Ledger : IDisposable
{
    private readonly object _lock = new();
    private readonly StreamWriter _writer;
    private readonly TimeProvider _clock;
    private int _marks;

    /// <summary>Starts a new ledger; an existing file is refused.</summary>
    public Ledger(string path, TimeProvider clock)
    {
        _clock = clock;
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        _writer = new StreamWriter(path, new UTF8Encoding(false), options) { AutoFlush = true, NewLine = "\n" };
        Path = path;
    }

    public string Path { get; }

    public void Sent(long id, IReadOnlyList<string> members) => Append(LedgerEvent.Sent, id, members: members);

    public void Acknowledged(long id) => Append(LedgerEvent.Acknowledged, id);

    public void Failed(long id, string reason) => Append(LedgerEvent.Failed, id, reason: reason);

    public void Unknown(long id, string reason) => Append(LedgerEvent.Unknown, id, reason: reason);

    /// <summary>Notes that a mark is about to be asked for; gives the number to hand to <see cref="MarkReturned"/>.</summary>
    public int MarkBegins()
    {
        int number = Interlocked.Increment(ref _marks);
        Append(LedgerEvent.MarkBegan, number);
        return number;
    }

    /// <param name="number">From <see cref="MarkBegins"/>.</param>
    /// <param name="mark">Name of the mark; null when none was placed.</param>
    public void MarkReturned(int number, string? mark) => Append(LedgerEvent.MarkReturned, number, mark: mark);

    /// <summary>Reads a ledger, also while it is being written. A last line without its end is left out.</summary>
    /// <exception cref="InvalidDataException">A whole line is not an entry.</exception>
    public static IReadOnlyList<LedgerEntry> Read(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream, Encoding.UTF8);
        string text = reader.ReadToEnd();
        List<LedgerEntry> entries = [];
        int start = 0;
        for (int end = text.IndexOf('\n', start); end >= 0; end = text.IndexOf('\n', start))
        {
            entries.Add(Parse(text[start..end], entries.Count + 1));
            start = end + 1;
        }

        return entries;
    }

    public void Dispose()
    {
        lock (_lock)
            _writer.Dispose();
    }

    private static LedgerEntry Parse(string line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<LedgerEntry>(line, JsonSerializerOptions.Web)
                ?? throw new InvalidDataException($"Line {number} of the ledger is empty.");
        }
        catch (JsonException damaged)
        {
            throw new InvalidDataException($"Line {number} of the ledger cannot be read: {damaged.Message}", damaged);
        }
    }

    private void Append(LedgerEvent what, long id, IReadOnlyList<string>? members = null, string? mark = null, string? reason = null)
    {
        // The time is taken under the lock: times grow with the lines.
        lock (_lock)
        {
            LedgerEntry entry = new() { Event = what, At = _clock.GetUtcNow(), Id = id, Members = members, Mark = mark, Reason = reason };
            _writer.WriteLine(JsonSerializer.Serialize(entry, JsonSerializerOptions.Web));
        }
    }
}
