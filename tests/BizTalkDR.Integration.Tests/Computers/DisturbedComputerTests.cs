using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Kill;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>What disturbs the restore of a whole computer has a name and a next step, before anything is changed or in a state that a run goes on from; and wherever a run is killed, -Resume ends it with the same computer.</summary>
[Collection("whole computers")]
public sealed class DisturbedComputerTests(ComputersLab lab, LostComputer lost, ITestOutputHelper output) : IClassFixture<LostComputer>
{
    private const string Host = "BTSSvc$BizTalkServerApplication";
    private const string Product = @"SOFTWARE\Microsoft\BizTalk Server\3.0";

    [Theory]
    [InlineData("another edition", RecoveryError.EditionDiffers)]
    [InlineData("an older version", RecoveryError.ProductVersionDiffers)]
    [InlineData("the file of another secret", RecoveryError.KeptFileChanged)]
    [InlineData("no file of a certificate", RecoveryError.KeptFileMissing)]
    [InlineData("no password of the secret", RecoveryError.SecretPasswordMissing)]
    [InlineData("a wrong password of the certificates", RecoveryError.PasswordWrong)]
    public void What_can_be_known_before_is_refused_and_nothing_is_changed(string hindrance, RecoveryError expected)
    {
        lost.Lose();
        PartContext context = lost.Context(LostComputer.Whole);
        using Undo? undo = Hinder(hindrance, ref context);
        string before = lost.Bytes(), journal = lost.NewJournal();
        Flows.Refused.With(expected, () => LostComputer.Run(context, journal));
        Assert.Equal(before, lost.Bytes());
        Assert.False(File.Exists(journal));
    }

    [Fact]
    public void A_wrong_password_another_secret_and_a_missing_certificate_stop_the_run_one_after_the_other_and_it_ends_as_if_undisturbed()
    {
        lost.Lose();
        string journal = lost.NewJournal(), other = lost.NewJournal();
        PartContext context = lost.Context(LostComputer.Lean);
        Stopped(LostComputer.Run(lost.Context(LostComputer.Lean, secret: "Wrong-Horse"), journal), RecoveryError.PasswordWrong, "MasterSecret/restore");
        Assert.Contains("no secret", lost.State(), StringComparison.Ordinal);

        RecoveryException error = Stopped(LostComputer.Run(lost.Context(LostComputer.Older), other), RecoveryError.ConfigurationFailed, "Configuration/configure");
        Assert.Contains("cannot be decrypted with the master secrets", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(context.Computer.Services.List(), s => s.Name.StartsWith("BTSSvc$", StringComparison.Ordinal) && s.State == ServiceState.Running);
        // The journal of the older backup is not gone on with from this one.
        Flows.Refused.With(RecoveryError.JournalInvalid, () => LostComputer.Run(context, other, resume: true));

        Stopped(LostComputer.Run(context, journal, resume: true), RecoveryError.CertificateMissing, "Certificate/bind-check");
        // A host that runs now would suspend what needs the certificate.
        Assert.Equal(ServiceState.Stopped, context.Computer.Services.Find(Host)!.State);
        context.Computer.Certificates.Import("LocalMachine", "AddressBook", lost.Partner);
        Ended(LostComputer.Run(context, journal, resume: true));
        Assert.Equal(lost.Undisturbed, lost.State());
    }

    [Fact]
    public void A_computer_with_another_name_does_not_become_the_secret_server_unasked()
    {
        lost.Lose();
        LabComputers.Add(lab.Folder, "LABBTS3");
        string journal = lost.NewJournal();
        PartContext context = lost.Context(LostComputer.Whole, "LABBTS3");
        try
        {
            RecoveryException error = Stopped(LostComputer.Run(context, journal), RecoveryError.NotTheSecretServer, "MasterSecret/restore");
            Assert.Contains("-MoveSecretServer", error.Hint, StringComparison.Ordinal);
            Assert.Equal(LostComputer.Name, context.Computer.SingleSignOn.ReadInfo().SecretServer);
            Assert.Empty(context.Computer.Registry.SubKeys(MasterSecrets.RegistryKey));
            Ended(LostComputer.Run(context with { Options = context.Options with { MoveSecretServer = true } }, journal, resume: true));
            Assert.Equal("LABBTS3", context.Computer.SingleSignOn.ReadInfo().SecretServer);
            Assert.Null(SsoDatabase.Of(lab.Inside("LABBTS3"))!.WhyNotReadable(EntSso.Held(lab.Inside("LABBTS3"))!));
            Assert.Equal(ServiceState.Running, context.Computer.Services.Find(Host)!.State);
        }
        finally
        {
            lab.Forget("LABBTS3");
        }
    }

    [Fact]
    public void A_run_that_is_killed_anywhere_is_resumed_to_the_same_computer()
    {
        Assert.NotEmpty(lost.Undisturbed);
        Random random = new(CommitKillTests.Seed);
        List<int> all = Enumerable.Range(1, lost.Lines - 1).ToList();
        // In each run three kills of one restore; in a full sweep one of as many restores as there are lines.
        List<int[]> restores = CommitKillTests.IsFullSweep ? all.Select(l => new[] { l }).ToList() : [all.OrderBy(_ => random.Next()).Take(3).Order().ToArray()];
        List<string> faults = [];
        foreach (int[] kills in restores)
        {
            try
            {
                KillAndResume(kills);
            }
            catch (Exception fault)
            {
                faults.Add($"Killed after {string.Join(", ", kills)} lines: {fault.Message}");
            }
        }

        output.WriteLine($"{lost.Lines} lines, {restores.Count} restores, {restores.Sum(k => k.Length)} kills, {faults.Count} faults, seed {CommitKillTests.Seed}.");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private void KillAndResume(int[] kills)
    {
        lost.Lose();
        string journal = lost.NewJournal();
        int before = 0;
        foreach (int line in kills)
        {
            Assert.Throws<KilledException>(() => LostComputer.Run(lost.Context(LostComputer.Whole), journal, resume: before > 0, lines: line - before));
            before = line;
        }

        Ended(LostComputer.Run(lost.Context(LostComputer.Whole), journal, resume: true));
        Assert.True(ConfigurationJournal.Read(journal).IsDone);
        string state = lost.State();
        Assert.True(lost.Undisturbed == state, string.Join("; ", state.Split('\n').Except(lost.Undisturbed.Split('\n')).Concat(lost.Undisturbed.Split('\n').Except(state.Split('\n')).Select(l => "lacks " + l))));
    }

    private static RecoveryException Stopped(ConfigurationRun run, RecoveryError expected, string step)
    {
        Assert.True(run.Error?.Code == expected, run.Error?.ToString() ?? "The run came to its end.");
        Assert.NotEmpty(run.Error!.Hint);
        Assert.Contains("go on with the same command with -Resume", run.Error.StateLeftBehind, StringComparison.Ordinal);
        Assert.Equal(step, ConfigurationPlan.Key(run.Steps.Single(s => s.State == StepState.Failed).Step));
        return run.Error;
    }

    private static void Ended(ConfigurationRun run)
    {
        Assert.True(run.Error is null, run.Error?.ToString());
        Assert.All(run.Steps, s => Assert.Contains(s.State, new[] { StepState.Done, StepState.NotNeeded, StepState.Confirmed }));
    }

    private Undo? Hinder(string hindrance, ref PartContext context)
    {
        switch (hindrance)
        {
            case "another edition":
                context.Computer.Registry.Set(Product, new RegistryValue("ProductEdition", RegistryValueType.String, "Standard"));
                return null;
            case "an older version":
                context.Computer.Registry.Set(Product, new RegistryValue("ProductVersion", RegistryValueType.String, "3.12.774.0"));
                return null;
            case "no password of the secret":
                context = context with { Options = context.Options with { SecretPassword = null } };
                return null;
            case "a wrong password of the certificates":
                context = context with { Options = context.Options with { CertificatePassword = ComputersLab.Secret("Wrong-Horse") } };
                return null;
            default:
                ConfigurationPart part = hindrance == "no file of a certificate" ? ConfigurationPart.Certificate : ConfigurationPart.MasterSecret;
                string ending = part == ConfigurationPart.Certificate ? ".pfx" : ".sso";
                string Path(string backup) => lab.FileOf(backup, LostComputer.Name, ComputerManifestStore.Find(lost.Context(backup).Folder)!.Part(part).Files.First(f => f.Name.EndsWith(ending, StringComparison.Ordinal)));
                string path = Path(LostComputer.Whole);
                byte[] content = File.ReadAllBytes(path);
                if (part == ConfigurationPart.Certificate)
                    File.Delete(path);
                else
                    File.Copy(Path(LostComputer.Older), path, overwrite: true);
                return new Undo(() => File.WriteAllBytes(path, content));
        }
    }

    private sealed class Undo(Action act) : IDisposable
    {
        public void Dispose() => act();
    }
}
