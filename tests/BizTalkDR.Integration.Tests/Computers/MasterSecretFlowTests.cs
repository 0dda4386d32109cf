using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>The master secret is kept, lost with its computer, and comes back: on the lab's computers, through their tools.</summary>
public sealed class MasterSecretFlowTests : IAsyncLifetime
{
    private const string Password = "Correct-Horse-7";

    private ComputerLab _lab = null!;

    public async Task InitializeAsync() => _lab = await ComputerLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public void A_lost_secret_server_comes_back_from_its_backup()
    {
        // A backup counts only while it holds the current secret.
        PartBackup first = _lab.BackUp("LABBTS1", Password);
        Assert.All(_lab.Test("LABBTS1"), c => Assert.Equal(CheckOutcome.Passed, c.Outcome));
        Assert.Empty(Directory.GetFiles(Path.Combine(_lab.Folder("LABBTS1"), "files", "C", "Windows", "Temp")));
        Assert.Equal(0, _lab.Tool("LABBTS1", ExternalTool.SsoConfig, ["-generateSecret", @"C:\new.sso"], "x", "x", "y").ExitCode);
        Assert.Equal(RecoveryError.SecretBackupOutdated, _lab.Test("LABBTS1").Single(c => c.Outcome == CheckOutcome.Failed).Error);
        PartBackup second = _lab.BackUp("LABBTS1", Password);
        Assert.All(_lab.Test("LABBTS1"), c => Assert.Equal(CheckOutcome.Passed, c.Outcome));
        Assert.NotEqual(first.Manifest!.Files[0].Name, second.Manifest!.Files[0].Name);
        Assert.True(_lab.Root.Below("LABBTS1").Exists(first.Manifest.Files[0].Name));

        // With the computer the secret is gone, and hosts elsewhere do not start.
        LabComputers.Wipe(_lab.Lab.Folder, "LABBTS1");
        using IComputer other = _lab.Open("LABBTS2");
        Restart(other);
        Assert.Equal(RecoveryError.SecretMissing, _lab.Test("LABBTS2").Single(c => c.Check == "SecretObtained").Error);
        Assert.Equal(RecoveryError.ServiceNotStarted, Assert.Throws<RecoveryException>(() => StartHost(other)).Code);

        // The computer set up anew is not joined yet; then the password is wrong; then all is well, and once more changes nothing.
        Assert.Equal(RecoveryError.SsoNotJoined, _lab.Restore("LABBTS1", Password).Error!.Code);
        Assert.Equal(0, _lab.Tool("LABBTS1", ExternalTool.SsoConfig, ["-setDB", "LABSQL2", "SSODB"]).ExitCode);
        ConfigurationRun wrong = _lab.Restore("LABBTS1", "Wrong-Horse");
        Assert.Equal((RecoveryError.PasswordWrong, StepState.Failed, StepState.NotReached), (wrong.Error!.Code, wrong.Steps[1].State, wrong.Steps[2].State));
        Assert.Equal("no secret", _lab.WhyNotReadable("LABBTS1"));
        ConfigurationRun run = _lab.Restore("LABBTS1", Password);
        Assert.Null(run.Error);
        Assert.Equal([StepState.NotNeeded, StepState.Done, StepState.Done], run.Steps.Select(s => s.State));
        Assert.Equal([StepState.NotNeeded, StepState.NotNeeded, StepState.Done], _lab.Restore("LABBTS1", Password).Steps.Select(s => s.State));

        Assert.Null(_lab.WhyNotReadable("LABBTS1"));
        Restart(other);
        StartHost(other);
        Assert.Equal(ServiceState.Running, other.Services.Find("BTSSvc$BizTalkServerApplication")!.State);
        Assert.All(_lab.Test("LABBTS1").Concat(_lab.Test("LABBTS2")), c => Assert.Equal(CheckOutcome.Passed, c.Outcome));
    }

    [Fact]
    public void Another_computer_takes_the_place_of_a_lost_secret_server()
    {
        _lab.BackUp("LABBTS1", Password);
        LabComputers.Wipe(_lab.Lab.Folder, "LABBTS1");
        RecoveryException refused = Assert.Throws<RecoveryException>(() => _lab.Restore("LABBTS2", Password, "LABBTS1"));
        Assert.Equal(RecoveryError.NotTheSecretServer, refused.Code);

        ConfigurationRun run = _lab.Restore("LABBTS2", Password, "LABBTS1", moves: true);
        Assert.Equal(RecoveryError.ManualStepOpen, run.Error!.Code);
        Assert.Equal("start-sso move restart restore prove others", string.Join(" ", run.Steps.Select(s => s.Step.Id)));
        Assert.Equal([StepState.NotNeeded, StepState.Done, StepState.Done, StepState.Done, StepState.Done, StepState.Manual], run.Steps.Select(s => s.State));
        Assert.Null(_lab.Restore("LABBTS2", Password, "LABBTS1", true, "MasterSecret/others").Error);

        using IComputer moved = _lab.Open("LABBTS2");
        Assert.Equal(("LABBTS2", true), (moved.SingleSignOn.ReadInfo().SecretServer, moved.SingleSignOn.ReadInfo().IsSecretServer));
        Assert.Null(_lab.WhyNotReadable("LABBTS2"));
        StartHost(moved);
        Assert.Contains("SSO secret server   : Yes", _lab.Tool("LABBTS2", ExternalTool.SsoConfig, ["-status"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_lose_the_secret_is_refused_and_changes_nothing()
    {
        string Registry() => File.ReadAllText(Path.Combine(_lab.Folder("LABBTS1"), "registry.json"));
        Assert.Equal(RecoveryError.NotTheSecretServer, Assert.Throws<RecoveryException>(() => _lab.BackUp("LABBTS2", Password)).Code);
        Assert.Equal(RecoveryError.SecretPasswordMissing, Assert.Throws<RecoveryException>(() => _lab.BackUp("LABBTS1", string.Empty)).Code);
        PartContext own = _lab.Context("LABBTS1", Password) with { Folder = new BizTalkDR.Computer.BackupFolder(Path.Combine(_lab.Folder("LABBTS1"), "files", "C", "kept")) };
        Assert.Equal(RecoveryError.SecretOnlyOnItsComputer, Assert.Throws<RecoveryException>(() => new ConfigurationBackup([new MasterSecretPart()], own).RunOne()).Code);
        Assert.False(Directory.Exists(own.Folder.Path));

        // A secret that is not in the backup is not replaced.
        _lab.BackUp("LABBTS1", Password);
        Assert.Equal(0, _lab.Tool("LABBTS1", ExternalTool.SsoConfig, ["-generateSecret", @"C:\new.sso"], "x", "x", "y").ExitCode);
        string before = Registry();
        Assert.Equal(RecoveryError.SecretDiffers, Assert.Throws<RecoveryException>(() => _lab.Restore("LABBTS1", Password)).Code);
        Assert.Equal(before, Registry());

        // A kept file that is not the one that was written is not used, whatever it is.
        string kept = Directory.GetFiles(Path.Combine(_lab.Root.Path, "LABBTS1", "master-secret")).Single();
        File.Copy(Path.Combine(_lab.Folder("LABBTS1"), "files", "C", "new.sso"), kept, overwrite: true);
        LabComputers.Wipe(_lab.Lab.Folder, "LABBTS1");
        Assert.Equal(RecoveryError.KeptFileChanged, Assert.Throws<RecoveryException>(() => _lab.Restore("LABBTS1", Password)).Code);
        Assert.Equal(RecoveryError.KeptFileChanged, _lab.Test("LABBTS1").First(c => c.Check == "KeptFile").Error);
    }

    private static void Restart(IComputer computer)
    {
        computer.Services.Stop("ENTSSO", TimeSpan.FromMinutes(2));
        computer.Services.Start("ENTSSO", TimeSpan.FromMinutes(2));
    }

    private static void StartHost(IComputer computer) => computer.Services.Start("BTSSvc$BizTalkServerApplication", TimeSpan.FromMinutes(2));
}
