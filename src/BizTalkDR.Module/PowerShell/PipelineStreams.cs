using System;
using System.Collections.Generic;
using System.Management.Automation;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Writes log entries to PowerShell's streams; called on the pipeline thread only.</summary>
internal sealed class PipelineStreams
{
    private const int GroupActivity = 1;

    private readonly Cmdlet _cmdlet;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (string Activity, string Status, int Percent, TimeSpan? Left)> _shown = [];

    public PipelineStreams(Cmdlet cmdlet) => _cmdlet = cmdlet;

    public void Write(RecoveryLogEntry entry)
    {
        switch (entry.Level)
        {
            case RecoveryLogLevel.Debug:
                _cmdlet.WriteDebug(entry.Text);
                break;
            case RecoveryLogLevel.Verbose:
                _cmdlet.WriteVerbose(entry.Text);
                break;
            case RecoveryLogLevel.Information:
                _cmdlet.WriteInformation(entry.Text, ["BizTalkDR"]);
                break;
            case RecoveryLogLevel.Warning:
                _cmdlet.WriteWarning(entry.Text);
                break;
            case RecoveryLogLevel.Progress when entry.Progress is { } progress:
                Show(progress);
                break;
        }
    }

    /// <summary>Takes every progress bar away, whatever ended the operation.</summary>
    public void CompleteProgress()
    {
        foreach (KeyValuePair<int, (string Activity, string Status, int Percent, TimeSpan? Left)> bar in _shown)
        {
            _cmdlet.WriteProgress(new ProgressRecord(bar.Key, bar.Value.Activity, bar.Value.Status) { RecordType = ProgressRecordType.Completed });
        }

        _shown.Clear();
    }

    private void Show(OperationProgress progress)
    {
        int id = GroupActivity;
        if (progress.Member is { } member && !_ids.TryGetValue(member, out id))
        {
            id = GroupActivity + 1 + _ids.Count;
            _ids.Add(member, id);
        }

        string activity = progress.Member ?? progress.Activity;
        string status = progress.Status.Length == 0 ? " " : progress.Status;
        if (_shown.TryGetValue(id, out (string Activity, string Status, int Percent, TimeSpan? Left) last)
            && last == (activity, status, progress.Percent, progress.Left) && !progress.IsCompleted)
        {
            return;
        }

        var record = new ProgressRecord(id, activity, status)
        {
            PercentComplete = progress.Percent,
            SecondsRemaining = progress.Left is { } left ? (int)Math.Min(int.MaxValue, left.TotalSeconds) : -1,
            ParentActivityId = progress.Member is null ? -1 : GroupActivity,
        };
        if (progress.IsCompleted)
        {
            record.RecordType = ProgressRecordType.Completed;
            _shown.Remove(id);
        }
        else
        {
            _shown[id] = (activity, status, progress.Percent, progress.Left);
        }

        _cmdlet.WriteProgress(record);
    }
}
