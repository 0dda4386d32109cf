using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Text;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Setup;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>What Configuration.exe sets up, on the lab: the programs are processes, the databases real ones of the lab.</summary>
public sealed class SetupPartTests(ComputersLab lab) : IClassFixture<ComputersLab>, IDisposable
{
    private const string Main = @"C:\Program Files (x86)\Microsoft BizTalk Server\ConfigMain.xml";
    private const string SecretPassword = "Correct-Horse-7";

    private static readonly SetupPart s_part = new();
    private static readonly MasterSecretPart s_secret = new();

    public void Dispose()
    {
        foreach (string name in (string[])["LABBTS1", "LABBTS2"])
            Assert.Empty(SetupRun.LeftFiles(lab.Context(name, "any").Computer));
    }

    [Fact]
    public void A_wiped_computer_is_configured_again_with_its_secret()
    {
        lab.Renew();
        PartContext before = Context("LABBTS1", "whole");
        PartManifest kept = BackUp("LABBTS1", "whole");
        Assert.Contains(kept.LeftOut, l => l.Contains(@"LAB\SsoService, LAB\BizTalkHost", StringComparison.Ordinal));
        Assert.All(s_part.Test(before, kept), c => Assert.True(c.Outcome == CheckOutcome.Passed, $"{c.Check} {c.Subject}: {c.Text}"));
        LabComputers.Wipe(lab.Folder, "LABBTS1");

        // Databases first; then the passwords of all accounts; then the right ones.
        PartContext wiped = Context("LABBTS1", "whole");
        lab.Sql("LABSQL1", "ALTER DATABASE SSODB SET OFFLINE WITH ROLLBACK IMMEDIATE;");
        Assert.Equal(RecoveryError.DatabasesAbsent, Refused(wiped));
        lab.Sql("LABSQL1", "ALTER DATABASE SSODB SET ONLINE;");
        Assert.Equal(RecoveryError.ConfigurationPasswordMissing, Refused(wiped with { Options = wiped.Options with { ServiceCredentials = new Dictionary<string, SecureString>() } }));
        Assert.Null(SsoDatabase.Setting(lab.Inside("LABBTS1")));
        ConfigurationRun wrong = Run(wiped with { Options = wiped.Options with { ServiceCredentials = Passwords("wrong-password-x") } });
        Assert.Equal((RecoveryError.AccountPasswordWrong, StepState.Failed), (wrong.Error!.Code, wrong.Steps.Single(s => s.Step.Id == "join-sso").State));
        Assert.DoesNotContain("wrong-password-x", wrong.Error.ToString(), StringComparison.Ordinal);
        Assert.Null(SsoDatabase.Setting(lab.Inside("LABBTS1")));

        ConfigurationRun run = Run(wiped);
        Assert.True(run.Error is null, run.Error?.ToString());
        Assert.Equal(
            "prerequisites join-sso start-sso restore configure host-instances start-hosts configuration-check prove", string.Join(' ', run.Steps.Select(s => s.Step.Id)));
        Assert.Contains("No secrets were retrieved", run.Steps.Single(s => s.Step.Id == "join-sso").Text, StringComparison.Ordinal);
        Assert.All(run.Steps, s => Assert.Contains(s.State, new[] { StepState.Done, StepState.NotNeeded }));
        Assert.Equal(ServiceState.Running, wiped.Computer.Services.Find("BTSSvc$BizTalkServerApplication")!.State);
        Assert.Null(SsoDatabase.Of(lab.Inside("LABBTS1"))!.WhyNotReadable(EntSso.Held(lab.Inside("LABBTS1"))!));
        Assert.DoesNotContain(s_part.Test(wiped, kept), c => c.Outcome == CheckOutcome.Failed && c.Check != "Setting");

        // Once more changes nothing, and its proofs are made again.
        ConfigurationRun again = Run(wiped);
        Assert.Null(again.Error);
        Assert.Equal(StepState.NotNeeded, again.Steps.Single(s => s.Step.Id == "join-sso").State);
        Assert.False(Leaks("LABBTS1", lab.Folder.ReadPassword()));
    }

    [Fact]
    public void Another_computer_takes_the_settings_under_its_own_name()
    {
        lab.Renew();
        BackUp("LABBTS2", "other");
        PartContext newcomer = Context("LABBTS3", "other", "LABBTS2");
        ConfigurationRun run = Run(newcomer, s_part);
        Assert.True(run.Error is null, run.Error?.ToString());
        Assert.Equal(ServiceState.Running, newcomer.Computer.Services.Find("BTSSvc$BizTalkServerApplication")!.State);
        Assert.Equal(1, lab.Tables().Rows("SELECT COUNT(*) FROM dbo.adm_Server WHERE Name = N'LABBTS3';", r => r.GetInt32(0))[0]);
        Directory.Delete(LabComputer.FolderOf(lab.Folder, "LABBTS3"), recursive: true);
    }

    [Fact]
    public void Standard_edition_comes_back_with_its_script_and_under_its_name()
    {
        lab.Renew();
        PartContext context = Context("LABBTS2", "standard");
        Edition("LABBTS2", "Standard");
        BackUp("LABBTS2", "standard");
        LabComputers.Wipe(lab.Folder, "LABBTS2");
        Assert.Equal(RecoveryError.EditionDiffers, Refused(context));
        Edition("LABBTS2", "Standard");
        Assert.Equal(RecoveryError.RestoreConfigMissing, Refused(context));
        context.Computer.Files.Write(@"C:\Tools\RestoreConfig.vbe", FileProtection.Inherited, s => s.Write(Encoding.ASCII.GetBytes("#@~^")));
        PartContext scripted = context with { Options = context.Options with { RestoreConfigScript = @"C:\Tools\RestoreConfig.vbe" } };
        ConfigurationRun run = Run(scripted, s_part);
        Assert.True(run.Error is null, run.Error?.ToString());
        Assert.Equal(StepState.Done, run.Steps.Single(s => s.Step.Id == "restore-group").State);
        LabComputers.Wipe(lab.Folder, "LABBTS1");
        Edition("LABBTS1", "Standard");
        Assert.Equal(RecoveryError.ComputerNameDiffers, Refused(Context("LABBTS1", "standard", "LABBTS2")));
    }

    [Fact]
    public void An_exported_file_is_used_and_its_passwords_are_not_kept()
    {
        lab.Renew();
        PartContext context = Context("LABBTS2", "exported");
        using (StreamReader reader = new(context.Computer.Files.Read(Main)))
        {
            string exported = reader.ReadToEnd().Replace("<Password />", "<Password>cAnary-in-file</Password>", StringComparison.Ordinal);
            context.Computer.Files.Write(@"C:\Exports\group.xml", FileProtection.Inherited, s => s.Write(Encoding.UTF8.GetBytes(exported)));
        }

        PartContext named = context with { Options = context.Options with { ConfigurationFiles = [@"C:\Exports\group.xml"] } };
        PartManifest kept = ComputersLab.BackUp(s_part, named);
        Assert.Contains(kept.LeftOut, l => l.Contains("held passwords in clear", StringComparison.Ordinal));
        Assert.False(lab.BackupHolds("exported", "cAnary-in-file"));
        SetupInventory inventory = SetupInventory.Read(named.Folder, kept);
        Assert.Equal(@"C:\Exports\group.xml", inventory.Files.Single(f => f.File == inventory.Use).Origin);
        Assert.Equal(RecoveryError.ConfigurationFileInvalid, Assert.Single(new ConfigurationBackup([s_part], context with { Options = context.Options with { ConfigurationFiles = [@"C:\Exports\missing.xml"] } }).Run()).Error!.Code);

        // A database that moved is named as changed; a file that a killed run left is named, and wiped by the next run.
        context.Computer.Files.Write(@"C:\Windows\Temp\biztalkdr-configuration-0.xml", FileProtection.OwnerOnly, s => s.Write("secret"u8));
        lab.Sql("LABSQL1", "UPDATE BizTalkMgmtDb.dbo.adm_Group SET RuleEngineDBName = N'BizTalkRuleEngineDb2';");
        IReadOnlyList<PartCheck> checks = s_part.Test(context, kept);
        lab.Sql("LABSQL1", "UPDATE BizTalkMgmtDb.dbo.adm_Group SET RuleEngineDBName = N'BizTalkRuleEngineDb';");
        Assert.Equal([RecoveryError.ConfigurationFailed, RecoveryError.ConfigurationOutdated], checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Error!.Value));
        Assert.Null(Run(context, s_part).Error);
        Assert.Empty(SetupRun.LeftFiles(context.Computer));
    }

    [Theory]
    [InlineData("", 0, "Usage")]
    [InlineData("/H", 0, "Usage")]
    [InlineData("/S", 1, "not understood")]
    [InlineData("/S C:\\none.xml /Q x", 1, "not understood")]
    [InlineData("/S C:\\none.xml /L C:\\none.log", 1, "")]
    public void Configuration_of_thelab_refuses_what_is_not_documented(string line, int code, string expected)
    {
        ToolResult result = Context("LABBTS1", "none").Computer.Tools.Run(new ToolCommand(ExternalTool.Configuration, line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(code, result.ExitCode);
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }

    private PartManifest BackUp(string name, string backup)
    {
        if (name == "LABBTS1")
            ComputersLab.BackUp(s_secret, Context(name, backup));
        return ComputersLab.BackUp(s_part, Context(name, backup));
    }

    private PartContext Context(string name, string backup, string? of = null)
    {
        if (!File.Exists(Path.Combine(LabComputer.FolderOf(lab.Folder, name), "computer.json")))
            LabComputers.Add(lab.Folder, name);
        return lab.Context(name, backup, new PartOptions { ServiceCredentials = Passwords(lab.Folder.ReadPassword()), SecretPassword = ComputersLab.Secret(SecretPassword), SecretReminder = "the horse" }, of);
    }

    private static Dictionary<string, SecureString> Passwords(string text) => ((string[])[@"LAB\SsoService", @"LAB\BizTalkHost", @"LAB\RuleEngine", @"LAB\BamPortal"])
        .ToDictionary(a => a, _ => ComputersLab.Secret(text), StringComparer.OrdinalIgnoreCase);

    private ConfigurationRun Run(PartContext context, params IConfigurationPart[] parts) => lab.Restore(parts.Length > 0 ? parts : [s_part, s_secret], context);

    private static RecoveryError Refused(PartContext context) =>
        Assert.Throws<RecoveryException>(() => ConfigurationPlan.Of([s_part], context, ComputerManifestStore.Find(context.Folder)!)).Code;

    private void Edition(string name, string edition)
    {
        using IComputer computer = Context(name, "any").Computer;
        computer.Registry.Set(@"SOFTWARE\Microsoft\BizTalk Server\3.0", new RegistryValue("ProductEdition", RegistryValueType.String, edition));
    }

    /// <summary>Whether a text stands in a file of a computer. IIS keeps the password of its pool in a file of its own.</summary>
    private bool Leaks(string name, string text) => Directory.EnumerateFiles(LabComputer.FolderOf(lab.Folder, name), "*", SearchOption.AllDirectories)
        .Where(f => Path.GetFileName(f) != "iis.json").Any(f => File.ReadAllText(f).Contains(text, StringComparison.Ordinal));
}
