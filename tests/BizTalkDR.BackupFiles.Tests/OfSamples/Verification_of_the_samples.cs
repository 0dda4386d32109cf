using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

public class Verification_of_the_samples
{
    public static TheoryData<string> Files => [.. Samples.All];

    [SampleTheory]
    [MemberData(nameof(Files))]
    public void Raises_no_false_alarm(string name)
    {
        VerificationResult result = BackupVerification.Run(Samples.PathOf(name));

        Assert.All(result.Checks, c => Assert.True(c.Outcome != CheckOutcome.Failed, c.ToString()));
        Assert.Equal(CheckOutcome.Passed, result[BackupCheck.Structure]!.Outcome);
        Assert.Equal(CheckOutcome.Passed, result[BackupCheck.Completeness]!.Outcome);
        Assert.Equal(CheckOutcome.Passed, result[BackupCheck.SetMap]!.Outcome);
        Assert.Equal(CheckOutcome.Passed, result[BackupCheck.HeaderCopies]!.Outcome);
        Assert.Equal(CheckOutcome.Passed, result[BackupCheck.LsnConsistency]!.Outcome);
        Assert.Equal(CheckOutcome.Passed, result[BackupCheck.Unchanged]!.Outcome);
    }

    [SampleTheory]
    [MemberData(nameof(Files))]
    public void Accounts_for_every_byte_of_the_file(string name)
    {
        VerificationResult result = BackupVerification.Run(Samples.PathOf(name));

        Assert.Equal(new FileInfo(Samples.PathOf(name)).Length, result.Coverage.Values.Sum());
    }

    [SampleTheory]
    [MemberData(nameof(Files))]
    public void Checks_what_the_backup_carries(string name)
    {
        BackupFile file = BackupFile.Open(Samples.PathOf(name));
        VerificationResult result = BackupVerification.Run(Samples.PathOf(name));

        bool compressed = file.Container == BackupContainer.Compressed;
        Assert.Equal(compressed ? CheckOutcome.Passed : null, result[BackupCheck.RecordChecksums]?.Outcome);
        int streams = file.Sets.Sum(s => s.ChecksumStreams);
        Assert.Equal(streams, result[BackupCheck.BackupChecksum]?.Examined ?? 0);
        if (streams > 0)
            Assert.Equal(CheckOutcome.Passed, result[BackupCheck.BackupChecksum]!.Outcome);
        bool full = file.Sets.Any(s => s.Type.Value == BackupType.Database);
        // The Northwind of old never had page checksums, whatever server holds it.
        if (full && !name.Contains("orthwind-2005", StringComparison.Ordinal) && !name.Contains("northwind", StringComparison.Ordinal))
            Assert.True(result[BackupCheck.PageChecksums]!.Examined > 0, result[BackupCheck.PageChecksums]!.Message);
    }

    [SampleFact]
    public void Compares_the_hash_with_the_manifest()
    {
        string path = Samples.PathOf("stopat/StopAt_1.trn");
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

        VerificationResult good = BackupVerification.Run(path, new VerificationOptions { Level = VerificationLevel.Hash, ExpectedSha256 = hash });
        VerificationResult bad = BackupVerification.Run(path, new VerificationOptions { Level = VerificationLevel.Hash, ExpectedSha256 = new string('0', 64) });
        VerificationResult none = BackupVerification.Run(path, new VerificationOptions { Level = VerificationLevel.Hash });

        Assert.Equal(CheckOutcome.Passed, good[BackupCheck.Hash]!.Outcome);
        Assert.Equal(CheckOutcome.Failed, bad[BackupCheck.Hash]!.Outcome);
        Assert.Equal(CheckOutcome.NotChecked, none[BackupCheck.Hash]!.Outcome);
        Assert.Equal(hash, none.Sha256);
        Assert.Null(good[BackupCheck.PageChecksums]);
    }

    [SampleFact]
    public void Knows_whether_all_stripes_are_there()
    {
        BackupFile[] all = [.. Enumerable.Range(1, 3).Select(i => BackupFile.Open(Samples.PathOf($"striped3-2008r2/multiFilesBackup{i}.bak")))];
        BackupFile other = BackupFile.Open(Samples.PathOf("striped3-2008r2/differentialMultiFilesBackup3.bak"));
        BackupFile lonely = BackupFile.Open(Samples.PathOf("versions/Chinook-2025-stripe1of2.bak"));

        Assert.Equal(CheckOutcome.Passed, StripeCheck.Of(all[0], all).Outcome);
        Assert.Equal(CheckOutcome.NotChecked, StripeCheck.Of(all[0], null).Outcome);
        Assert.Contains("3", StripeCheck.Of(all[0], [all[1], other]).Message);
        Assert.Equal(CheckOutcome.Failed, StripeCheck.Of(all[0], [all[1], other]).Outcome);
        Assert.Equal(CheckOutcome.Failed, StripeCheck.Of(lonely, [lonely, all[0]]).Outcome);
    }
}
