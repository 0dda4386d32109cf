using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>What a predicted restore time rests on; a later one is better than an earlier.</summary>
public enum ForecastBasis
{
    /// <summary>Nothing was measured.</summary>
    Assumed,

    /// <summary>How fast the backups were written.</summary>
    BackupSpeed,

    /// <summary>How long the statements of earlier restores took.</summary>
    EarlierRestores,
}

/// <summary>How fast members are restored.</summary>
/// <param name="Basis">What says so.</param>
/// <param name="BytesPerSecond">Bytes of a backup, uncompressed, that one member restores in a second.</param>
/// <param name="PerLog">The least that a log takes, however small it is.</param>
/// <param name="Statement">Where the figures come from, for people.</param>
/// <remarks>
/// msdb does not keep how long a restore took (restorehistory holds only when it began), so earlier restores are read from this product's journals. Headers and
/// msdb tell when a backup began and ended, in whole seconds: what took less than five says nothing.
/// </remarks>
public sealed record RestoreRates(ForecastBasis Basis, double BytesPerSecond, TimeSpan PerLog, string Statement)
{
    private const int MostJournals = 5;
    private const double AssumedBytesPerSecond = 100.0 * 1024 * 1024;
    private static readonly TimeSpan AssumedPerLog = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan ShortestBackup = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestMeasure = TimeSpan.FromSeconds(1);

    /// <summary>Takes the best figures there are.</summary>
    /// <param name="catalogue">The files.</param>
    /// <param name="journals">Journals of earlier restores.</param>
    public static RestoreRates From(BackupCatalogue catalogue, IReadOnlyList<RestoreJournalRecord> journals)
    {
        (Tally data, Tally logs) = Measure(journals);
        TimeSpan perLog = logs.Count > 0 ? TimeSpan.FromTicks(logs.Time.Ticks / logs.Count) : AssumedPerLog;
        string eachLog = string.Format(CultureInfo.InvariantCulture, "{0:0.##} s for each log {1}", perLog.TotalSeconds, logs.Count > 0 ? "measured" : "assumed");
        if (data.Time >= ShortestMeasure)
        {
            string servers = string.Join(", ", journals.SelectMany(j => j.Plan.Members).Select(m => m.DestinationServer).Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(s => s, StringComparer.OrdinalIgnoreCase));
            return new RestoreRates(
                ForecastBasis.EarlierRestores,
                data.Rate,
                perLog,
                FormattableString.Invariant($"measured: {data.Rate / 1048576:0.#} MB/s a member in {data.Count} statements of earlier restores to {servers}, the newest of {journals.Max(j => j.StartedUtc):yyyy-MM-dd}; {eachLog}. Another destination may be faster or slower"));
        }

        Tally written = Written(catalogue);
        return written.Time > TimeSpan.Zero
            ? new RestoreRates(ForecastBasis.BackupSpeed, written.Rate, perLog, FormattableString.Invariant($"inferred: {written.Rate / 1048576:0.#} MB/s, as fast as {written.Count} backups were written; {eachLog}"))
            : new RestoreRates(ForecastBasis.Assumed, AssumedBytesPerSecond, perLog, FormattableString.Invariant($"assumed: {AssumedBytesPerSecond / 1048576:0} MB/s, as nothing was measured; {eachLog}"));
    }

    /// <summary>Reads the newest journals of a folder, or one journal; what is none, or cannot be read, is passed over: it only makes the prediction worse.</summary>
    public static IReadOnlyList<RestoreJournalRecord> ReadJournals(string path)
    {
        var journals = new List<RestoreJournalRecord>();
        foreach (string file in FilesOf(path))
        {
            try
            {
                journals.Add(RestoreJournalRecord.Read(file));
            }
            catch (RecoveryException error) when (error.Code is RecoveryError.JournalInvalid or RecoveryError.PlanInvalid)
            {
                continue;
            }

            if (journals.Count == MostJournals)
            {
                break;
            }
        }

        return journals;
    }

    private static IReadOnlyList<string> FilesOf(string path)
    {
        try
        {
            return File.Exists(path) ? [path]
                : Directory.Exists(path) ? [.. new DirectoryInfo(path).GetFiles("*.jsonl").OrderByDescending(f => f.LastWriteTimeUtc).Select(f => f.FullName)]
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static (Tally Data, Tally Logs) Measure(IReadOnlyList<RestoreJournalRecord> journals)
    {
        Tally data = default;
        Tally logs = default;
        foreach (RestoreJournalRecord journal in journals)
        {
            Dictionary<string, RestoreStep> steps = journal.Plan.Members
                .SelectMany(m => m.Steps.Where(s => s.Statement is not null && s.Backup is not null).Select(s => (Key: KeyOf(m.Database, m.DestinationServer, s.Number.ToString(CultureInfo.InvariantCulture)), Step: s)))
                .GroupBy(s => s.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Step, StringComparer.Ordinal);
            var began = new Dictionary<string, DateTime>(StringComparer.Ordinal);
            foreach (JournalLine line in journal.Lines)
            {
                string key = KeyOf(line["member"], line["destination"], line["number"]);
                if (line.Event == "step-start" && line.TimeUtc is { } start)
                {
                    began[key] = start;
                }
                else if (line.Event == "step-done" && line.TimeUtc is { } end && began.TryGetValue(key, out start) && end > start && steps.TryGetValue(key, out RestoreStep? step))
                {
                    if (step.Statement!.Action == RestoreAction.Log)
                    {
                        logs = logs.And(step.Backup!, end - start);
                    }
                    else
                    {
                        data = data.And(step.Backup!, end - start);
                    }
                }
            }
        }

        return (data, logs);
    }

    private static string KeyOf(string? member, string? destination, string? number) => $"{member}\n{destination}\n{number}";

    private static Tally Written(BackupCatalogue catalogue)
    {
        Tally written = default;
        foreach (MediaBackup backup in catalogue.Backups.Where(b => b.Header.Kind is MediaBackupKind.Full or MediaBackupKind.Differential && b.Header.StartedLocal > default(DateTime)))
        {
            TimeSpan took = backup.Header.FinishedLocal - backup.Header.StartedLocal;
            written = took >= ShortestBackup ? written.And(backup, took) : written;
        }

        return written;
    }

    private readonly record struct Tally(int Count, long Bytes, TimeSpan Time)
    {
        public double Rate => Bytes / Time.TotalSeconds;

        public Tally And(MediaBackup backup, TimeSpan time) => backup.Header.BackupSizeBytes > 0 ? new Tally(Count + 1, Bytes + backup.Header.BackupSizeBytes, Time + time) : this;
    }
}
