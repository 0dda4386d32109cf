using System;
using BizTalkDR.Reports;

namespace BizTalkDR.Ports;

/// <summary>Names the streams.</summary>
public static class RecoveryLogExtensions
{
    public static void Debug(this IRecoveryLog log, string text) => log.Write(new RecoveryLogEntry(RecoveryLogLevel.Debug, text));

    public static void Verbose(this IRecoveryLog log, string text) => log.Write(new RecoveryLogEntry(RecoveryLogLevel.Verbose, text));

    public static void Information(this IRecoveryLog log, string text) => log.Write(new RecoveryLogEntry(RecoveryLogLevel.Information, text));

    public static void Warning(this IRecoveryLog log, string text) => log.Write(new RecoveryLogEntry(RecoveryLogLevel.Warning, text));

    /// <summary>Warns of a finding: what it is about, and what was noticed.</summary>
    public static void Warning(this IRecoveryLog log, Finding finding) => log.Warning($"{finding.Subject}: {finding.Text}");

    /// <summary>Reports progress; the percentage is held between 0 and 100.</summary>
    public static void Progress(this IRecoveryLog log, string activity, string? member, string status, int percent, bool completed = false, TimeSpan? left = null) =>
        log.Write(new RecoveryLogEntry(RecoveryLogLevel.Progress, status)
        {
            Progress = new OperationProgress(activity, member, status, Math.Max(0, Math.Min(100, percent)), completed) { Left = left },
        });
}
