using System;
using System.Globalization;
using System.IO;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Lab.Drill;

/// <summary>Shows a drill as it runs and its result as a table.</summary>
internal sealed class DrillConsole : IRecoveryLog
{
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly object _gate = new();
    private string _lastActivity = string.Empty;
    private int _lastPercent;

    public DrillConsole(TextWriter output, TimeProvider clock)
    {
        _output = output;
        _clock = clock;
        _started = clock.GetTimestamp();
    }

    /// <summary>Seconds since the drill began.</summary>
    public double Elapsed => _clock.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Shows one line with the time since the start.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{Elapsed,6:0.0} s] {text}"));
            _output.Flush();
        }
    }

    /// <inheritdoc/>
    public void Write(RecoveryLogEntry entry)
    {
        switch (entry.Level)
        {
            case RecoveryLogLevel.Warning:
                Say("Warning: " + entry.Text);
                break;
            case RecoveryLogLevel.Information:
                Say(entry.Text);
                break;
            case RecoveryLogLevel.Progress when entry.Progress is { Member: null, IsCompleted: false } progress:
                lock (_gate)
                {
                    // A line of its own for every fifth of an activity: readable, and still moving.
                    if (string.Equals(progress.Activity, _lastActivity, StringComparison.Ordinal) && progress.Percent < _lastPercent + 20)
                        return;
                    _lastActivity = progress.Activity;
                    _lastPercent = progress.Percent;
                }

                Say(string.Create(CultureInfo.InvariantCulture, $"{progress.Percent,3} % {progress.Status}"));
                break;
        }
    }

    /// <summary>Shows the result.</summary>
    public void Show(DrillResult result)
    {
        _output.WriteLine();
        string[] head = ["Database", "Role", "From", "To", "At the mark", "Redo LSN", "Mark LSN", "Rows expected", "Rows found"];
        string[][] rows = result.Members.Select(m => new[]
        {
            m.Name, m.Role, m.SourceInstance, m.DestinationInstance, m.ReachedMark ? "yes" : "NO", m.RedoLsn ?? "-", m.MarkLsn ?? "-",
            m.RowsExpected.ToString(CultureInfo.InvariantCulture), m.RowsFound.ToString(CultureInfo.InvariantCulture),
        }).ToArray();
        Table(head, rows);
        _output.WriteLine();
        Table(["Deliberate fault", "Caught", "By"], result.Controls.Select(c => new[] { c.Name, c.Caught ? "yes" : "NO", c.By }).ToArray());
        _output.WriteLine();
        if (result.Mark is not null)
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Mark {result.Mark}, work lost {result.RpoSeconds:0.0} s, restored in {result.RtoSeconds:0.0} s."));
        foreach (string fault in result.Faults)
            _output.WriteLine("FAULT: " + fault);
        _output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(result.Ok ? "PROVEN" : "NOT PROVEN")} on a simulated environment, seed {result.Seed}, in {Elapsed:0.0} s."));
    }

    private void Table(string[] head, string[][] rows)
    {
        int[] widths = head.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        _output.WriteLine(Line(head, widths));
        _output.WriteLine(string.Join("  ", widths.Select(w => new string('-', w))));
        foreach (string[] row in rows)
            _output.WriteLine(Line(row, widths));
    }

    private static string Line(string[] cells, int[] widths) => string.Join("  ", cells.Select((c, i) => c.PadRight(widths[i]))).TrimEnd();
}
