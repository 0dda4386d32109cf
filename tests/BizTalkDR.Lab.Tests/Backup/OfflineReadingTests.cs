using System;
using System.Linq;
using BizTalkDR.BackupFiles;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>The product's own reader, which knows nothing of the lab, reads every kind of file the lab writes.</summary>
public sealed class OfflineReadingTests : IDisposable
{
    private readonly BackupFixture _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(1, true, false)]
    [InlineData(2, false, true)]
    [InlineData(1, true, true)]
    [InlineData(3, true, true)]
    public void Reads_full_differential_and_log_sets_of_one_medium(int stripes, bool compressed, bool checksum)
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        Fill(source, 3000, 0);
        string[] files = [.. Enumerable.Range(1, stripes).Select(i => _lab.File($"all{i}.bak"))];
        foreach (BackupKind kind in new[] { BackupKind.Database, BackupKind.Differential, BackupKind.Log, BackupKind.Log })
        {
            Messages backup = _lab.Backup(new BackupRequest { Database = "Orders", Kind = kind, Disks = files, Compression = compressed, Checksum = checksum, Name = kind.ToString() });
            Assert.True(backup.Succeeded, backup.ToString());
            Fill(source, 200, 10_000 * (int)(kind + 1));
            BackupFixture.Insert(source, -(int)kind - 1, "BTS_" + kind);
        }

        BackupFile[] read = [.. files.Select(f => BackupFile.Open(f))];
        for (int i = 0; i < stripes; i++)
        {
            BackupFile file = read[i];
            Assert.True(file.IsComplete, string.Join(" | ", file.Findings.Select(f => f.ToString())));
            Assert.Equal(compressed ? BackupContainer.Compressed : BackupContainer.Plain, file.Container);
            Assert.Equal((stripes, i + 1), (file.Media.FamilyCount.Value, file.Media.FamilyNumber.Value));
            Assert.Equal([BackupType.Database, BackupType.Differential, BackupType.Log, BackupType.Log], file.Sets.Select(s => s.Type.Value));
            Assert.Equal([1, 2, 3, 4], file.Sets.Select(s => s.Position));
            Assert.Equal(file.Sets[0].CheckpointLsn.Value, file.Sets[1].DifferentialBaseLsn.Value);
            Assert.Equal(file.Sets[0].BackupSetGuid.Value, file.Sets[1].DifferentialBaseGuid.Value);
            Assert.Equal(file.Sets[2].LastLsn.Value, file.Sets[3].FirstLsn.Value);
            Assert.All(file.Sets, s => Assert.Equal(checksum, s.HasBackupChecksums.Value));
            VerificationResult result = BackupVerification.Run(files[i], new VerificationOptions { MediaFiles = read });
            Assert.False(result.HasFailed, string.Join(" | ", result.Checks));
        }

        string[] marks = [.. read.SelectMany(f => f.Sets).Where(s => s.Type.Value == BackupType.Log).SelectMany(s => s.ReadMarks().Select(m => m.Name)).Distinct().Order()];
        Assert.Equal(["BTS_Database", "BTS_Differential", "BTS_Log"], marks);
    }

    private static void Fill(LabDatabase database, int count, int from)
    {
        LabTransaction transaction = database.Instance.Begin();
        LabTable table = database.FindTable("dbo", "Numbers")!;
        for (int i = 0; i < count; i++)
        {
            table.Insert(transaction, [from + i]);
        }

        database.Instance.Commit(transaction);
    }
}
