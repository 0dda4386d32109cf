using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>Certificates on the lab: the group's own thumbprints in SQL, real keys in the computers' stores.</summary>
[Collection("computers' parts")]
public sealed class CertificatePartTests(ComputersLab lab)
{
    private const string Canary = "cAnary-S3cret-Pfx";
    private static readonly CertificatePart s_part = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_group_uses_comes_back_to_a_computer_that_lost_it(bool toRecipient)
    {
        lab.Fill();
        string backup = "certificates-" + toRecipient;
        using X509Certificate2 recipient = Recipient();
        PartOptions options = toRecipient ? new PartOptions { CertificateRecipient = recipient.Export(X509ContentType.Cert) } : new PartOptions { CertificatePassword = ComputersLab.Secret(Canary) };
        PartManifest kept = ComputersLab.BackUp(s_part, lab.Context("LABBTS1", backup, options));
        Assert.Empty(kept.LeftOut);
        Assert.Equal(3, kept.Facts["thumbprints"].Split(',').Length);
        Assert.Equal(2, kept.Facts["keysKept"].Split(',').Length);
        Assert.False(lab.BackupHolds(backup, Canary));

        lab.Wipe("LABBTS1");
        if (toRecipient)
            PutRecipient(recipient);
        PartContext restore = lab.Context("LABBTS1", backup, toRecipient ? new PartOptions() : options);
        ConfigurationRun run = lab.Restore(s_part, restore);
        Assert.Null(run.Error);
        Assert.Equal(["create-store", "import", "import", "import", "bind-check"], run.Steps.Select(s => s.Step.Id.Split('/')[0]));
        Assert.All(run.Steps, s => Assert.Equal(StepState.Done, s.State));
        Assert.All(s_part.Test(restore, kept), c => Assert.True(c.Outcome == CheckOutcome.Passed, $"{c.Check} {c.Subject}: {c.Text}"));
        Assert.Contains("run Test-BizTalkCertificate under each", run.Steps[^1].Text, StringComparison.Ordinal);
        PartCheck unkept = Assert.Single(s_part.Test(restore, null), c => c.Outcome != CheckOutcome.Passed);
        Assert.Equal(("Kept", CheckOutcome.Failed, RecoveryError.PartNotKept), (unkept.Check, unkept.Outcome, unkept.Error));
        // Again: nothing is left to do.
        Assert.Equal(["bind-check"], lab.Restore(s_part, restore).Steps.Select(s => s.Step.Id));
    }

    [Fact]
    public void A_wrong_password_no_password_and_a_damaged_file_have_names_and_change_nothing()
    {
        lab.Fill();
        PartManifest kept = ComputersLab.BackUp(s_part, lab.Context("LABBTS1", "bad", new PartOptions { CertificatePassword = ComputersLab.Secret(Canary) }));
        lab.Wipe("LABBTS1");
        RecoveryException wrong = Refused.With(RecoveryError.PasswordWrong, () => lab.Restore(s_part, lab.Context("LABBTS1", "bad", new PartOptions { CertificatePassword = ComputersLab.Secret("other") })));
        Assert.DoesNotContain(Canary, wrong.ToString(), StringComparison.Ordinal);
        Refused.With(RecoveryError.CertificatePasswordMissing, () => lab.Restore(s_part, lab.Context("LABBTS1", "bad")));
        PartContext right = lab.Context("LABBTS1", "bad", new PartOptions { CertificatePassword = ComputersLab.Secret(Canary) });
        IReadOnlyList<PartCheck> untried = s_part.Test(lab.Context("LABBTS1", "bad"), kept);
        Assert.Equal(2, untried.Count(c => c is { Check: "File", Outcome: CheckOutcome.NotChecked, Error: RecoveryError.CertificatePasswordMissing }));
        KeptFile pfx = kept.Files.First(f => f.Name.EndsWith(".pfx", StringComparison.Ordinal));
        string path = lab.FileOf("bad", "LABBTS1", pfx);
        byte[] content = File.ReadAllBytes(path);
        content[content.Length / 2] ^= 1;
        File.WriteAllBytes(path, content);
        Refused.With(RecoveryError.KeptFileChanged, () => lab.Restore(s_part, right));
        File.Delete(path);
        Refused.With(RecoveryError.KeptFileMissing, () => lab.Restore(s_part, right));
        Assert.False(right.Computer.Certificates.StoreExists("LocalMachine", "AddressBook"));
        Assert.Empty(right.Computer.Certificates.List("LocalMachine", "My"));
    }

    [Fact]
    public void A_key_that_may_not_leave_is_left_out_by_name_and_asked_for_at_the_end()
    {
        lab.Fill();
        PartOptions options = new() { CertificatePassword = ComputersLab.Secret(Canary) };
        PartContext context = lab.Context("LABBTS1", "fixed", options);
        StoredCertificate own = Assert.Single(context.Computer.Certificates.List("CurrentUser", "My"));
        File.WriteAllBytes(Path.Combine(LabComputer.FolderOf(lab.Folder, "LABBTS1"), "certificates", "CurrentUser", "My", own.Thumbprint + ".fixed"), []);
        PartManifest kept = ComputersLab.BackUp(s_part, context);
        Assert.Contains(own.Thumbprint, Assert.Single(kept.LeftOut), StringComparison.Ordinal);
        Assert.Contains(s_part.Test(context, kept), c => c is { Check: "Exportability", Outcome: CheckOutcome.Failed, Error: RecoveryError.PrivateKeyNotExportable });
        Assert.Equal(2, s_part.Test(context, kept).Count(c => c is { Check: "Kept", Outcome: CheckOutcome.Failed }));

        lab.Wipe("LABBTS1");
        ConfigurationRun run = lab.Restore(s_part, lab.Context("LABBTS1", "fixed", options), confirmsManualSteps: false);
        Assert.Equal(RecoveryError.ManualStepOpen, run.Error!.Code);
        Assert.Contains(own.Thumbprint, run.Error.Message, StringComparison.Ordinal);
        Assert.Equal(("bind-check", StepState.Manual), (run.Steps[^1].Step.Id, run.Steps[^1].State));
    }

    [Fact]
    public void A_partners_certificate_that_nobody_kept_ends_the_restore_with_its_name()
    {
        lab.Fill();
        PartOptions options = new() { CertificatePassword = ComputersLab.Secret(Canary) };
        ComputersLab.BackUp(s_part, lab.Context("LABBTS1", "missing", options));
        lab.Wipe("LABBTS1");
        string other = new('A', 40);
        lab.Tables().Run([("UPDATE dbo.bts_sendport SET nvcEncryptionCertHash = @t WHERE nvcName = N'OrdersToPartner';", [("@t", other)])]);
        ConfigurationRun run = lab.Restore(s_part, lab.Context("LABBTS1", "missing", options));
        Assert.Equal(RecoveryError.CertificateMissing, run.Error!.Code);
        Assert.Contains(other, run.Error.Message, StringComparison.Ordinal);
        Assert.Contains("OrdersToPartner", run.Error.Message, StringComparison.Ordinal);
        Assert.All(run.Steps.SkipLast(1), s => Assert.Equal(StepState.Done, s.State));
    }

    [Fact]
    public void Keys_are_kept_under_protection_only()
    {
        lab.Fill();
        PartManifest kept = ComputersLab.BackUp(s_part, lab.Context("LABBTS1", "bare"));
        Assert.DoesNotContain(kept.Files, f => f.Name.EndsWith(".pfx", StringComparison.Ordinal));
        Assert.Equal(2, kept.LeftOut.Count);
        Assert.All(kept.LeftOut, l => Assert.Contains("-CertificatePassword", l, StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
            Assert.All(kept.Files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(lab.FileOf("bare", "LABBTS1", f))));
    }

    private static X509Certificate2 Recipient()
    {
        using RSA key = RSA.Create(2048);
        return new CertificateRequest("CN=recovery", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
    }

    private void PutRecipient(X509Certificate2 recipient)
    {
        LabComputer computer = lab.Inside("LABBTS1");
        computer.Certificates.ImportPfx("CurrentUser", "My", recipient.Export(X509ContentType.Pfx, "p"), ComputersLab.Secret("p"), exportable: true);
    }
}
