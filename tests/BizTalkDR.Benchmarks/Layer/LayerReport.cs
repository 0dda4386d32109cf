using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace BizTalkDR.Benchmarks.Layer;

/// <summary>What the pairs say, statement by statement, beside what was promised.</summary>
internal sealed class LayerReport
{
    private const int MostRoundTrips = 2;
    private const double MostOverhead = 0.03;
    private const double LongMilliseconds = 5000;
    private static readonly JsonSerializerOptions s_indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    private readonly int _sizeMegabytes;
    private readonly long _fullBytes;
    private readonly long _logBytes;
    private readonly IReadOnlyList<Pair> _pairs;
    private readonly long _peakBytes;
    private readonly List<StatementFigures> _statements;
    private readonly Spread _total;

    public LayerReport(int sizeMegabytes, long fullBytes, long logBytes, IReadOnlyList<Pair> pairs, long peakBytes)
    {
        _sizeMegabytes = sizeMegabytes;
        _fullBytes = fullBytes;
        _logBytes = logBytes;
        _pairs = pairs;
        _peakBytes = peakBytes;
        _total = Spread.Of(pairs.Select(pair => pair.Ratio).ToList());
        _statements = Enumerable.Range(0, pairs[0].Layer.Count).Select(Figures).ToList();
    }

    private bool RoundTripsKept => _statements.All(s => s.RoundTripsLayer - s.RoundTripsPlain <= MostRoundTrips);

    public void Print(TextWriter output)
    {
        output.WriteLine();
        Line(output, $"{"statement",-20} {"A ms",10} {"B ms",10}  {"A/B and its 95 % interval",-26} {"A-B ms, 95 % interval",-24} {"trips A/B",9} {"client KB A/B",14}");
        foreach (StatementFigures s in _statements)
        {
            Line(output, $"{s.Name,-20} {s.LayerMilliseconds,10:0.00} {s.PlainMilliseconds,10:0.00}  {Text(s.Ratio, "0.000"),-26} {Text(s.Overhead, "0.00"),-24} {s.RoundTripsLayer,5}/{s.RoundTripsPlain,-3} {s.LayerBytes / 1024,8}/{s.PlainBytes / 1024,-5}");
        }

        Line(output, $"{"all",-20} {Spread.MedianOf(_pairs.Select(p => Pair.Total(p.Layer))),10:0.00} {Spread.MedianOf(_pairs.Select(p => Pair.Total(p.Plain))),10:0.00}  {Text(_total, "0.000"),-26}");
        Line(output, $"Medians over {_pairs.Count} pairs. The full has {_fullBytes / 1048576.0:0.0} MB, the log {_logBytes / 1048576.0:0.0} MB. Peak of this process, lab included: {_peakBytes / 1048576.0:0} MB.");
        output.WriteLine();
        PrintRequests(output);
        PrintPromise(output);
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            SchemaVersion = 1,
            SizeMegabytes = _sizeMegabytes,
            Environment.ProcessorCount,
            FullBytes = _fullBytes,
            LogBytes = _logBytes,
            PeakBytes = _peakBytes,
            Ratio = _total,
            RoundTripsKept,
            Statements = _statements,
            Pairs = _pairs.Select(p => new
            {
                p.Number,
                p.Order,
                LayerMilliseconds = p.Layer.ToDictionary(c => c.Statement, c => c.Milliseconds, StringComparer.Ordinal),
                PlainMilliseconds = p.Plain.ToDictionary(c => c.Statement, c => c.Milliseconds, StringComparer.Ordinal),
                p.Ratio,
            }),
        },
        s_indented);

    private void PrintRequests(TextWriter output)
    {
        output.WriteLine("What A sends where B sends one request:");
        foreach (StatementFigures s in _statements.Where(s => s.RoundTripsLayer > s.RoundTripsPlain))
        {
            Line(output, $"  {s.Name}");
            foreach (string request in s.LayerRequests)
                Line(output, $"    {(request.Length > 150 ? request[..150] + "..." : request).ReplaceLineEndings(" ").Trim()}");
        }

        output.WriteLine();
    }

    private void PrintPromise(TextWriter output)
    {
        Line(output, $"Promise: at most {MostRoundTrips} more round trips for each statement. {(RoundTripsKept ? "Kept." : "NOT KEPT.")}");
        List<StatementFigures> longOnes = _statements.Where(s => s.PlainMilliseconds >= LongMilliseconds).ToList();
        foreach (StatementFigures s in longOnes)
            Line(output, $"Promise: at most 3 % on statements of 5 s and more. {s.Name}: upper bound {(s.Ratio.High - 1) * 100:+0.00;-0.00} %. {(s.Ratio.High <= 1 + MostOverhead ? "Kept." : "NOT KEPT.")}");
        if (longOnes.Count > 0)
            return;

        StatementFigures longest = _statements.MaxBy(s => s.PlainMilliseconds)!;
        Line(output, $"Promise: at most 3 % on statements of 5 s and more. No statement here is that long; '{longest.Name}' would be at about {_sizeMegabytes * LongMilliseconds / longest.PlainMilliseconds:0} MB.");
        foreach (StatementFigures s in _statements)
            Line(output, $"  {s.Name,-20} adds {s.Overhead.Median:0.00} ms, at most {s.Overhead.High:0.00} ms: {s.Overhead.High / LongMilliseconds * 100:0.000} % of 5 s if it does not grow with the size");
    }

    private StatementFigures Figures(int index)
    {
        List<Cost> layer = _pairs.Select(p => p.Layer[index]).ToList();
        List<Cost> plain = _pairs.Select(p => p.Plain[index]).ToList();
        return new StatementFigures(
            layer[0].Statement,
            Spread.MedianOf(layer.Select(c => c.Milliseconds)),
            Spread.MedianOf(plain.Select(c => c.Milliseconds)),
            Spread.Of(layer.Zip(plain, (a, b) => a.Milliseconds / b.Milliseconds).ToList()),
            Spread.Of(layer.Zip(plain, (a, b) => a.Milliseconds - b.Milliseconds).ToList()),
            layer.Max(c => c.Requests.Count),
            plain.Min(c => c.Requests.Count),
            (long)Spread.MedianOf(layer.Select(c => (double)c.AllocatedBytes)),
            (long)Spread.MedianOf(plain.Select(c => (double)c.AllocatedBytes)),
            layer.MaxBy(c => c.Requests.Count)!.Requests);
    }

    private static string Text(Spread spread, string format) => string.Concat(
        spread.Median.ToString(format, CultureInfo.InvariantCulture),
        " (",
        spread.Low.ToString(format, CultureInfo.InvariantCulture),
        " to ",
        spread.High.ToString(format, CultureInfo.InvariantCulture),
        ")");

    private static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture).TrimEnd());

    /// <summary>One statement over all pairs. Bytes are what the client's thread allocated.</summary>
    private sealed record StatementFigures(
        string Name,
        double LayerMilliseconds,
        double PlainMilliseconds,
        Spread Ratio,
        Spread Overhead,
        int RoundTripsLayer,
        int RoundTripsPlain,
        long LayerBytes,
        long PlainBytes,
        IReadOnlyList<string> LayerRequests);
}
