using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

public class Headers_of_the_samples
{
    private static readonly string[] NotHeaderValues = ["file"];

    public static TheoryData<string> Files => [.. Samples.All];

    [SampleTheory]
    [MemberData(nameof(Files))]
    public void Say_what_the_server_says(string name)
    {
        BackupFile file = BackupFile.Open(Samples.PathOf(name));

        Assert.DoesNotContain(file.Findings, f => f.Severity != FindingSeverity.Information);
        Assert.True(file.IsComplete);
        ExpectedHeader[] expected = [.. ExpectedHeader.ReadAll().Where(e => e.File == name)];
        Assert.Equal(expected.Length, file.Sets.Count);
        var wrong = new List<string>();
        foreach (ExpectedHeader row in expected)
        {
            Dictionary<string, string> actual = Shown(file, file.Sets[row.Position - 1]);
            wrong.AddRange(row.Columns.Except(NotHeaderValues).Where(c => !Same(row[c], actual[c])).Select(c => $"{row} {c}: expected '{row[c]}', read '{actual[c]}'"));
        }

        Assert.Empty(wrong);
    }

    [SampleFact]
    public void Are_38_files_of_39_sets_with_38_values_each()
    {
        Assert.Equal(38, Samples.All.Count);
        IReadOnlyList<ExpectedHeader> rows = ExpectedHeader.ReadAll();
        Assert.Equal(39, rows.Count);
        Assert.Equal(38, rows.Select(r => r.File).Distinct().Count());
        Assert.All(rows, r => Assert.Equal(38, r.Columns.Except(NotHeaderValues).Count()));
    }

    [SampleTheory]
    [MemberData(nameof(Files))]
    public void Take_at_most_64_KB_of_a_log_file_to_read(string name)
    {
        BackupFile file = BackupFile.Open(Samples.PathOf(name));

        // Full backups have their headers in more places; two sets on one medium have them twice.
        bool oneLog = file.Sets.Count == 1 && file.Sets[0].Type.Value == BackupType.Log;
        Assert.InRange(file.HeaderBytesRead, 1, oneLog ? 64 * 1024 : 128 * 1024);
    }

    private static bool Same(string expected, string actual) =>
        expected == "(present, not reproduced)" ? actual.Length > 0 : expected == actual;

    private static Dictionary<string, string> Shown(BackupFile file, BackupSet set) => new(StringComparer.Ordinal)
    {
        ["position"] = Text(set.Position),
        ["backup_name"] = set.BackupName,
        ["backup_type"] = $"{(int)set.Type.Value} {set.Type.Value}",
        ["compressed"] = file.Container == BackupContainer.Compressed ? "1" : "0",
        ["database"] = set.DatabaseName.Value,
        ["server"] = set.ServerName.Value,
        ["machine"] = set.MachineName.Value,
        ["user"] = set.UserName,
        ["software"] = set.SoftwareVersion.Value.ToString(),
        ["db_version"] = Text(set.DatabaseVersion),
        ["compat"] = Text(set.CompatibilityLevel),
        ["db_created"] = Text(set.DatabaseCreationDateLocal),
        ["start"] = Text(set.StartLocal),
        ["finish"] = Text(set.FinishLocal),
        ["first_lsn"] = Text(set.FirstLsn),
        ["last_lsn"] = Text(set.LastLsn),
        ["checkpoint_lsn"] = Text(set.CheckpointLsn),
        ["database_backup_lsn"] = Text(set.DatabaseBackupLsn),
        ["diff_base_lsn"] = Text(set.DifferentialBaseLsn),
        ["diff_base_guid"] = Text(set.DifferentialBaseGuid),
        ["backup_set_guid"] = Text(set.BackupSetGuid),
        ["binding_id"] = Text(set.BindingId),
        ["recovery_fork"] = Text(set.RecoveryForkId),
        ["family_guid"] = Text(set.FamilyGuid),
        ["fork_point_lsn_raw"] = Text(set.ForkPointLsn),
        ["log_chain_start_lsn"] = Text(set.LogChainStartLsn),
        ["begins_log_chain"] = set.BeginsLogChain.Value ? "1" : "0",
        ["flags"] = ((long)set.Flags.Value).ToString(CultureInfo.InvariantCulture),
        ["has_checksums"] = set.HasBackupChecksums.Value ? "1" : "0",
        ["csum_streams"] = Text(set.ChecksumStreams),
        ["db_status"] = Text(set.DatabaseStatus),
        ["recovery_model"] = set.RecoveryModel.Value switch { RecoveryModel.Full => "FULL", RecoveryModel.Simple => "SIMPLE", _ => "BULK-LOGGED" },
        ["backup_size"] = Text(set.BackupSizeBytes),
        ["compressed_size"] = set.CompressedBackupSizeBytes.TryGet(out long size) ? Text(size) : string.Empty,
        ["media_set"] = Text(file.Media.MediaSetId),
        ["family_count"] = Text(file.Media.FamilyCount),
        ["family_ordinal"] = Text(file.Media.FamilyNumber),
        ["files"] = string.Join(" | ", set.Files.Select(f => f.ToString())),
    };

    private static string Text<T>(Known<T> value) => Text(value.Value);

    private static string Text<T>(T value) => value switch
    {
        DateTime date => date.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? string.Empty,
    };
}
