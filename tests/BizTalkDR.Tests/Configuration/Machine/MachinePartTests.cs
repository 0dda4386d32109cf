using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Machine;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Machine;

/// <summary>Settings of a computer on the disk: kept, changed, compared, brought back.</summary>
public sealed class MachinePartTests : IDisposable
{
    private const string Product = @"SOFTWARE\Microsoft\BizTalk Server\3.0";
    private const string Aliases = @"SOFTWARE\Microsoft\MSSQLServer\Client\ConnectTo";
    private const string Service = @"C:\BizTalk\BTSNTSvc.exe.config";
    private const string Hosts = @"%windir%\System32\drivers\etc\hosts";
    private const string MachineConfig = @"%windir%\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config";
    private static readonly MachinePart s_part = new();
    private readonly PartSetting _setting = new();

    public MachinePartTests()
    {
        _setting.Folder.Write("computer.json", """{ "schemaVersion": 1, "name": "LABBTS1", "environment": { "windir": "C:\\Windows", "TEMP": "C:\\Temp" } }""");
        _setting.Folder.Write("services.json", Services("automatic", @"LAB\Host"));
        _setting.Context = _setting.Context with { Computer = _setting.Folder.Open(), Options = new PartOptions { CertificatePassword = Secret("key") } };
        IRegistry registry = _setting.Context.Computer.Registry;
        registry.Set(Product, new RegistryValue("InstallPath", RegistryValueType.String, @"C:\BizTalk\"));
        registry.Set(Aliases, new RegistryValue("BIZSQL", RegistryValueType.String, "DBMSSOCN,SQL1,1433"));
        registry.Set(Aliases, new RegistryValue("BIZSQL", RegistryValueType.String, "DBMSSOCN,SQL1,1433"), RegistryView.Registry32);
        registry.Set(@"SOFTWARE\Microsoft\ENTSSO\SSOSS\{1}", new RegistryValue("Secret", RegistryValueType.Binary, Encoding.ASCII.GetBytes("cAnary")));
        registry.Set(@"SOFTWARE\Microsoft\ENTSSO\SQL", new RegistryValue("Server", RegistryValueType.String, "SQL1"));
        Write(Service, "<configuration><!-- ours --><add connectionString=\"Password=x\" /></configuration>");
        Write(Hosts, "127.0.0.1 localhost\n10.0.0.1 sql1\n");
        Write(MachineConfig, "<configuration><!-- wcf --></configuration>");
    }

    private IComputerFiles Files => _setting.Context.Computer.Files;

    public void Dispose() => _setting.Dispose();

    [Fact]
    public void What_is_kept_is_the_computer_but_never_its_secret()
    {
        PartManifest kept = BackUp();
        Assert.All(s_part.Test(_setting.Context, kept), c => Assert.True(c.Outcome == CheckOutcome.Passed, $"{c.Subject}: {c.Text}"));
        Assert.Contains(kept.LeftOut, l => l.Contains("master secret", StringComparison.Ordinal));
        Assert.Single(kept.LeftOut);
        Assert.Contains("the password", kept.Files.Single(f => f.Name.EndsWith("BTSNTSvc.exe.config.protected", StringComparison.Ordinal)).Needs, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(_setting.Root.Path, "*", SearchOption.AllDirectories), f => File.ReadAllText(f).Contains("Password=x", StringComparison.Ordinal));
        byte[][] forms = [Encoding.ASCII.GetBytes("cAnary"), Encoding.Unicode.GetBytes("cAnary"), Encoding.Unicode.GetBytes("63,41,6e"), Encoding.Unicode.GetBytes("SSOSS")];
        Assert.All(Directory.GetFiles(_setting.Root.Path, "*.reg", SearchOption.AllDirectories), f => Assert.All(forms, form => Assert.True(File.ReadAllBytes(f).AsSpan().IndexOf(form) < 0, f)));
        Assert.Equal(4, Directory.GetFiles(_setting.Root.Path, "*.reg", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void Without_protection_a_file_with_a_password_is_left_out_by_name_and_a_value_of_the_registry_always()
    {
        _setting.Context.Computer.Registry.Set(Product, new RegistryValue("ServicePassword", RegistryValueType.String, "x"));
        _setting.Context = _setting.Context with { Options = new PartOptions() };
        PartManifest kept = BackUp();
        Assert.DoesNotContain(kept.Files, f => f.Name.Contains("BTSNTSvc", StringComparison.Ordinal));
        Assert.Contains(kept.LeftOut, l => l.StartsWith(Service + ": a password", StringComparison.Ordinal) && l.Contains("-CertificatePassword", StringComparison.Ordinal));
        Assert.Contains(kept.LeftOut, l => l.StartsWith(@"HKLM\" + Product, StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.GetFiles(_setting.Root.Path, "*.reg", SearchOption.AllDirectories), f => File.ReadAllText(f, Encoding.Unicode).Contains("ServicePassword", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, RecoveryError.CertificatePasswordMissing, CheckOutcome.NotChecked)]
    [InlineData("wrong", RecoveryError.PasswordWrong, CheckOutcome.Failed)]
    public void A_protected_file_needs_its_password_before_anything_is_changed(string? password, RecoveryError expected, CheckOutcome outcome)
    {
        PartManifest kept = BackUp();
        _setting.Folder.Write("registry.json", "{}");
        _setting.Context = _setting.Context with { Options = new PartOptions { CertificatePassword = password is null ? null : Secret(password) } };
        Assert.Equal(expected, Assert.Throws<RecoveryException>(() => Run()).Code);
        Assert.False(_setting.Context.Computer.Registry.KeyExists(Aliases));
        PartCheck check = s_part.Test(_setting.Context, kept).Single(c => c.Subject == Service);
        Assert.Equal((outcome, expected), (check.Outcome, check.Error));
    }

    [Fact]
    public void Each_difference_is_named()
    {
        PartManifest kept = BackUp();
        _setting.Context.Computer.Registry.Set(Aliases, new RegistryValue("BIZSQL", RegistryValueType.String, "DBMSSOCN,OTHER"), RegistryView.Registry32);
        _setting.Context.Computer.Registry.Set(Aliases, new RegistryValue("LATER", RegistryValueType.String, "x"));
        _setting.Folder.Write("services.json", Services("disabled", @"LAB\Other"));
        Files.Delete(Service);
        Write(Hosts, "10.0.0.1  SQL1 # as before\n10.0.0.9 later");
        List<PartCheck> failed = s_part.Test(_setting.Context, kept).Where(c => c.Outcome == CheckOutcome.Failed).ToList();
        Assert.All(failed, c => Assert.Equal(RecoveryError.MachineDiffers, c.Error));
        Assert.Equal(
        [
            @"It differs from the backup: SOFTWARE\Microsoft\MSSQLServer\Client\ConnectTo\BIZSQL is another value.", @"It differs from the backup: it runs as LAB\Other, not as LAB\Host.",
            "It differs from the backup: it is not there.", "It differs from the backup: these lines are missing: 127.0.0.1 localhost.",
        ], failed.Select(c => c.Text));
        Assert.Equal(RecoveryError.PartNotKept, Assert.Single(s_part.Test(_setting.Context, null)).Error);
    }

    [Fact]
    public void What_nothing_else_brings_back_comes_back_and_the_rest_is_for_people()
    {
        PartManifest kept = BackUp();
        _setting.Folder.Write("registry.json", "{}");
        _setting.Folder.Write("services.json", Services("manual", @"LAB\Host"));
        Write(Service, "<configuration />");
        Write(Hosts, "10.0.0.9 later");
        Write(MachineConfig, "<configuration />");
        ConfigurationRun stopped = Run();
        Assert.Equal((RecoveryError.ManualStepOpen, "Machine/file/" + MachineConfig), (stopped.Error!.Code, stopped.Error.Target));
        ConfigurationRun run = Run("Machine/file/" + MachineConfig);
        Assert.True(run.Error is null, run.Error?.ToString());
        Assert.Equal("10.0.0.9 later\r\n127.0.0.1 localhost\r\n10.0.0.1 sql1\r\n", Text(Hosts));
        Assert.Equal(("<configuration />", "10.0.0.9 later"), (Text(Service + ".before-restore"), Text(Hosts + ".before-restore")));
        Assert.Contains("ours", Text(Service), StringComparison.Ordinal);
        IRegistry registry = _setting.Context.Computer.Registry;
        Assert.Equal("DBMSSOCN,SQL1,1433", Assert.Single(registry.Values(Aliases, RegistryView.Registry32)).Data);
        Assert.False(registry.KeyExists(Product));
        Assert.Contains(@"SOFTWARE\Microsoft\ENTSSO\SQL\Server is not there", run.Steps.Single(s => s.Step.Id == "machine-check").Text, StringComparison.Ordinal);
        Assert.Equal(ServiceStart.Automatic, _setting.Context.Computer.Services.Find("BTSSvc$Host")!.Start);
        Assert.Equal([MachineConfig, "HKLM"], s_part.Test(_setting.Context, kept).Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Subject.Split('\\')[0] == "HKLM" ? "HKLM" : c.Subject).Distinct().Order());
    }

    [Theory]
    [InlineData("missing", "is not on LABBTS1")]
    [InlineData("account", @"it runs as LAB\Other, not as LAB\Host")]
    public void A_service_that_people_must_set_stops_the_run(string what, string expected)
    {
        BackUp();
        _setting.Folder.Write("services.json", what == "missing" ? "[]" : Services("automatic", @"LAB\Other"));
        RecoveryException stopped = Run().Error!;
        Assert.Equal((RecoveryError.ManualStepOpen, "Machine/service/BTSSvc$Host"), (stopped.Code, stopped.Target));
        Assert.Contains(expected, stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kept_text_of_another_form_changes_nothing()
    {
        PartManifest kept = BackUp();
        string name = kept.Files.First(f => f.Name.EndsWith("sql-aliases-64.reg", StringComparison.Ordinal)).Name;
        KeptFile damaged = _setting.Context.Folder.Keep(name, s => s.Write("REGEDIT4"u8));
        ComputerManifestStore.Write(_setting.Context.Folder, Manifest().With(kept with { Files = [.. kept.Files.Where(f => f.Name != name), damaged] }));
        Assert.Equal(RecoveryError.ComputerManifestInvalid, Assert.Throws<RecoveryException>(() => Run()).Code);
    }

    private static string Services(string start, string account) =>
        $$"""[ { "name": "BTSSvc$Host", "displayName": "Host", "state": "stopped", "start": "{{start}}", "account": {{System.Text.Json.JsonSerializer.Serialize(account)}} }, { "name": "Other", "displayName": "Other", "state": "stopped", "start": "manual", "account": "x" } ]""";

    private PartManifest BackUp()
    {
        PartBackup backup = Assert.Single(new ConfigurationBackup([s_part], _setting.Context).Run());
        Assert.True(backup.Error is null, backup.Error?.ToString());
        return backup.Manifest!;
    }

    private ComputerManifest Manifest() => ComputerManifestStore.Find(_setting.Context.Folder)!;

    private ConfigurationRun Run(params string[] completed)
    {
        using RestoreJournalFile journal = new(Path.Combine(_setting.Root.Path, Guid.NewGuid().ToString("N") + ".jsonl"), _setting);
        return new ConfigurationRunner([s_part], _setting.Context, journal).Run(ConfigurationPlan.Of([s_part], _setting.Context, Manifest()), null, new StepAnswers(completed, []));
    }

    private static System.Security.SecureString Secret(string text)
    {
        System.Security.SecureString secret = new();
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }

    private void Write(string path, string text) => Files.Write(path, FileProtection.Inherited, s => s.Write(Encoding.UTF8.GetBytes(text)));

    private string Text(string path)
    {
        using StreamReader reader = new(Files.Read(path));
        return reader.ReadToEnd();
    }
}
