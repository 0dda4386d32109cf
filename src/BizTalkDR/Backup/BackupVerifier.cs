using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;

namespace BizTalkDR.Backup;

/// <summary>Tests the backups of a group: is every file readable, every set whole, every chain unbroken, every mark where it should be.</summary>
/// <remarks>It proves neither the pages inside nor that the group works: only a restore does.</remarks>
public sealed class BackupVerifier
{
    private const string Activity = "Testing backup files";
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a verifier.</summary>
    public BackupVerifier(RecoveryPorts ports) => _ports = ports;

    /// <summary>Files verified at once. Default 2: VERIFYONLY reads every byte.</summary>
    public int Parallelism { get; init; } = 2;

    /// <summary>Tests a catalogue.</summary>
    /// <param name="catalogue">The files.</param>
    /// <param name="address">The instance that reads the files.</param>
    /// <param name="mark">Tests only what this mark needs; null for everything.</param>
    /// <param name="cancellationToken">Stops testing.</param>
    public IReadOnlyList<BackupTestResult> Test(BackupCatalogue catalogue, SqlInstanceAddress address, string? mark = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<RecoveryPoint> points = RecoveryPoints.From(catalogue);
        if (mark is not null)
        {
            points = points.Where(p => string.Equals(p.Mark, mark, StringComparison.Ordinal)).ToList();
            if (points.Count == 0)
            {
                throw new RecoveryException(RecoveryError.LogMarkNotFound, mark, $"No log backup carries the mark '{mark}', and no full set of that name is proven quiesced.");
            }
        }

        HashSet<MediaBackup>? needed = mark is null ? null : [.. points.SelectMany(p => p.Chains).SelectMany(c => c.Logs.Concat([c.Full]))];
        var results = new List<BackupTestResult>();
        results.AddRange(catalogue.Findings
            .Where(f => f.Level == FindingLevel.Error)
            .Select(f => new BackupTestResult(BackupCheck.FileReadable, f.Subject, BackupTestOutcome.Failed, f.Text)));
        results.AddRange(TestMedia(catalogue.Backups.Where(b => needed?.Contains(b) ?? true).ToList(), address, cancellationToken));
        if (points.Count == 0)
        {
            results.Add(new BackupTestResult(BackupCheck.Mark, "the folder", BackupTestOutcome.Failed, "no log backup carries a mark, and no full set is proven quiesced; full backups alone cannot be restored consistently"));
        }

        results.AddRange(catalogue.Sets.Where(s => mark is null || string.Equals(s.Point, mark, StringComparison.Ordinal)).Select(TestSet));
        foreach (RecoveryPoint point in points)
        {
            results.AddRange(point.Faults.Select(f => new BackupTestResult(BackupCheck.Chain, $"{f.Member}, {point.Mark}", BackupTestOutcome.Failed, f.Text)));
            foreach (MemberChain chain in point.Chains)
            {
                if (chain.LastLog is not { } log)
                {
                    results.Add(new BackupTestResult(BackupCheck.Chain, $"{chain.Member}, {point.Mark}", BackupTestOutcome.Passed, $"one full: the manifest proves that {point.Proven}"));
                    continue;
                }

                BackupTestResult found = TestMark(chain.Member, log, point.Mark, out MarkPosition? position, cancellationToken);
                results.Add(TestChain(catalogue, chain, point.Mark, position));
                results.Add(found);
            }
        }

        return results;
    }

    /// <summary>Where the mark stands decides which full can be used: one that ends behind it cannot.</summary>
    private static BackupTestResult TestChain(BackupCatalogue catalogue, MemberChain chain, string mark, MarkPosition? position)
    {
        string subject = $"{chain.Member}, {mark}";
        ChainFault? fault = null;
        MemberChain? exact = position is null ? chain : ChainBuilder.Build(catalogue, chain.Member, mark, position.Lsn, out fault);
        return exact is null
            ? new BackupTestResult(BackupCheck.Chain, subject, BackupTestOutcome.Failed, fault!.Text)
            : new BackupTestResult(BackupCheck.Chain, subject, BackupTestOutcome.Passed, $"one full and {exact.Logs.Count} logs without a gap");
    }

    private static BackupTestResult TestSet(BackupSet set) => new(
        BackupCheck.SetComplete,
        $"{set.Kind} {set.Mark ?? set.Stamp}",
        set.IsComplete ? BackupTestOutcome.Passed : BackupTestOutcome.Failed,
        set.IsComplete ? $"{set.Files.Count} members" : string.Join("; ", set.Findings.Select(f => $"{f.Subject}: {f.Text}")));

    private static BackupTestResult Judge(MediaBackup backup, StatementOutcome outcome)
    {
        string checksums = backup.Header.HasBackupChecksums ? "with its checksums" : "the file has no checksums, so only its structure was read";
        return outcome.Cause is { } cause
            ? new BackupTestResult(BackupCheck.Media, backup.ToString(), BackupTestOutcome.Failed, $"{cause.Number}, {cause.Text}")
            : outcome.Says(3262)
                ? new BackupTestResult(BackupCheck.Media, backup.ToString(), BackupTestOutcome.Passed, checksums)
                : new BackupTestResult(BackupCheck.Media, backup.ToString(), BackupTestOutcome.NotChecked, "the server neither reported an error nor called the backup valid (3262)");
    }

    private IEnumerable<BackupTestResult> TestMedia(IReadOnlyList<MediaBackup> backups, SqlInstanceAddress address, CancellationToken cancellationToken)
    {
        var results = new BackupTestResult[backups.Count];
        var connections = new ConcurrentBag<ISqlInstance>();
        int done = 0;
        try
        {
            MemberPool.Run(backups, Parallelism, (backup, i) =>
            {
                cancellationToken.ThrowIfCancelled(backup.Path, "Testing the backup files");
                if (!connections.TryTake(out ISqlInstance? instance))
                {
                    instance = _ports.Sql.Open(address, cancellationToken);
                }

                results[i] = Judge(backup, instance.Verify(backup.Path, backup.Header.Position, backup.Header.HasBackupChecksums, cancellationToken));
                connections.Add(instance);
                _ports.Log.Progress(Activity, null, backup.Path, Interlocked.Increment(ref done) * 100 / backups.Count);
            });
        }
        finally
        {
            foreach (ISqlInstance instance in connections)
            {
                instance.Dispose();
            }

            _ports.Log.Progress(Activity, null, "Done", 100, completed: true);
        }

        return results;
    }

    private BackupTestResult TestMark(MemberKey member, MediaBackup log, string mark, out MarkPosition? position, CancellationToken cancellationToken)
    {
        position = null;
        string subject = $"{member}, {mark}";
        if (_ports.Marks is not { } reader)
        {
            return new BackupTestResult(BackupCheck.Mark, subject, BackupTestOutcome.NotChecked, "nothing here can read marks from a log file");
        }

        try
        {
            position = reader.Find(log.Path, log.Header.Position, mark, cancellationToken);
            return position is not null
                ? new BackupTestResult(BackupCheck.Mark, subject, BackupTestOutcome.Passed, $"at LSN {position.Lsn} in {log} ({position.Statement})")
                : new BackupTestResult(BackupCheck.Mark, subject, BackupTestOutcome.Failed, $"{log} was read to its end and does not hold the mark");
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.BackupMediaUnreadable or RecoveryError.MarkUnconfirmed)
        {
            return new BackupTestResult(BackupCheck.Mark, subject, BackupTestOutcome.NotChecked, error.Message);
        }
    }
}
