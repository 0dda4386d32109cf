using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Lets a destination read the backups of one member, and keeps what it read.</summary>
internal sealed class PlanFileTest
{
    // 33111 names the certificate that is missing in every language.
    private static readonly Regex Thumbprint = new("0x[0-9A-F]{8,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private readonly ISqlInstance _instance;
    private readonly List<BackupHeader> _headers = [];
    private readonly List<string> _missingKeys = [];

    public PlanFileTest(ISqlInstance instance) => _instance = instance;

    /// <summary>Reads a backup's header, and the label of each further stripe.</summary>
    public PlanTestResult Test(MediaBackup planned, CancellationToken cancellationToken)
    {
        try
        {
            BackupHeader? header = _instance.ReadHeaders(planned.Path, cancellationToken).FirstOrDefault(h => h.Position == planned.Header.Position);
            if (header is null || header.BackupSetGuid != planned.Header.BackupSetGuid)
            {
                return Failed(planned.Path, RecoveryError.BackupFileChanged, "it holds another backup now");
            }

            _headers.Add(header);
            if (_instance.ReadLabel(planned.Path, cancellationToken) is { } own && own.FamilyCount != planned.Paths.Count)
            {
                return Failed(planned.Path, RecoveryError.BackupMediaUnreadable, $"it is one of {own.FamilyCount} stripes, of which {planned.Paths.Count} {(planned.Paths.Count == 1 ? "was" : "were")} found");
            }

            foreach (string stripe in planned.Stripes)
            {
                if (_instance.ReadLabel(stripe, cancellationToken) is not { } label || (planned.Label is { } medium && medium.MediaSetGuid != label.MediaSetGuid))
                {
                    return Failed(stripe, RecoveryError.BackupFileChanged, "it is no stripe of the backup any more");
                }
            }

            return new PlanTestResult(PlanCheck.File, planned.Path, BackupTestOutcome.Passed, "it holds the backup of the plan");
        }
        catch (RecoveryException error) when (error.Code is not (RecoveryError.OperationCancelled or RecoveryError.ConnectionLost))
        {
            Remember(error);
            return Failed(error.Target as string ?? planned.Path, error.Code, error.Message);
        }
    }

    /// <summary>Gives what was read, and the files that the full backup makes.</summary>
    public MemberEvidence EvidenceOf(MemberPlan member, DatabaseFacts? now, CancellationToken cancellationToken)
    {
        MediaBackup full = member.Chain.Full;
        IReadOnlyList<BackupDataFile>? files = null;
        string? reason = null;
        try
        {
            files = _instance.ReadFileList(full.Paths, full.Header.Position, cancellationToken);
        }
        catch (RecoveryException error) when (error.Code is not (RecoveryError.OperationCancelled or RecoveryError.ConnectionLost))
        {
            Remember(error);
            reason = error.Message;
        }

        return new MemberEvidence(member, _headers, files) { NoFilesReason = reason, MissingKeys = _missingKeys, Now = now };
    }

    private static PlanTestResult Failed(string path, RecoveryError code, string reason) => new(PlanCheck.File, path, BackupTestOutcome.Failed, reason) { Code = code, Remedy = ErrorCatalogue.HintOf(code) };

    private void Remember(RecoveryException error)
    {
        if (error.Code == RecoveryError.EncryptionKeyMissing && Thumbprint.Match(error.Message) is { Success: true } found && !_missingKeys.Contains(found.Value, StringComparer.OrdinalIgnoreCase))
        {
            _missingKeys.Add(found.Value);
        }
    }
}
