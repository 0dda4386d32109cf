using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading.Tasks;
using BizTalkDR.Computer;
using BizTalkDR.Configuration;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.Applications;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>A lab with its group and both computers, for tests of their parts. Each test begins with <see cref="Fill"/>.</summary>
public sealed class ComputersLab : IAsyncLifetime
{
    private readonly ScratchFolder _scratch = new();
    private LabEnvironment _environment = null!;
    private GroupDefinition _group = null!;

    internal LabFolder Folder => _environment.Folder;

    public async Task InitializeAsync()
    {
        _environment = await LabEnvironment.StartAsync(LabFolder.Create(_scratch["lab"], ["LABSQL1", "LABSQL2"], 7, null), new LabEnvironmentOptions());
        _group = GroupDefinition.Default("LABSQL1", "LABSQL2", 0);
        await new GroupBuilder(_group, _environment.ConnectionStrings, 7).BuildAsync();
        LabComputers.Create(Folder, _group, _environment.ConnectionStrings, "first-backup-password");
    }

    public async Task DisposeAsync()
    {
        Microsoft.Data.SqlClient.SqlConnection.ClearAllPools();
        await _environment.DisposeAsync();
        _scratch.Dispose();
    }

    /// <summary>Gives both computers everything again, with new certificates.</summary>
    internal void Fill()
    {
        foreach (string name in (string[])["LABBTS1", "LABBTS2"])
            Wipe(name);
        ComputerContent.Fill(Folder, _group, ["LABBTS1", "LABBTS2"]);
    }

    /// <summary>Makes both computers again as they are when a lab is made: joined, with a new master secret.</summary>
    internal void Renew()
    {
        foreach (string folder in LabComputers.Folders(Folder))
            Directory.Delete(folder, recursive: true);
        if (Directory.Exists(Shares))
            Directory.Delete(Shares, recursive: true);
        Sql("LABSQL1", """
            DELETE FROM BizTalkMsgBoxDb.dbo.Spool;
            DELETE FROM BizTalkMsgBoxDb.dbo.Instances;
            UPDATE SSODB.dbo.SSOX_GlobalInfo SET gi_SecretServer = N'LABBTS1';
            DELETE FROM SSODB.dbo.SSOX_ExternalCredentials;
            DELETE FROM SSODB.dbo.SSOX_Servers WHERE srv_server_name <> N'labbts1';
            DELETE FROM BizTalkMgmtDb.dbo.adm_HostInstance WHERE Name NOT LIKE N'% LABBTS1';
            DELETE FROM BizTalkMgmtDb.dbo.adm_Server2HostMapping WHERE ServerId IN (SELECT Id FROM BizTalkMgmtDb.dbo.adm_Server WHERE Name <> N'LABBTS1');
            DELETE FROM BizTalkMgmtDb.dbo.adm_Server WHERE Name <> N'LABBTS1';
            """);
        LabComputers.Create(Folder, _group, _environment.ConnectionStrings, "first-backup-password");
    }

    /// <summary>Takes a computer that was added out of the lab and of the group's databases; the first is the secret server again.</summary>
    internal void Forget(string name)
    {
        Directory.Delete(LabComputer.FolderOf(Folder, name), recursive: true);
        Sql("LABSQL1", $"""
            UPDATE SSODB.dbo.SSOX_GlobalInfo SET gi_SecretServer = N'LABBTS1';
            DELETE FROM SSODB.dbo.SSOX_Servers WHERE srv_server_name = LOWER(N'{name}');
            DELETE FROM BizTalkMgmtDb.dbo.adm_HostInstance WHERE Name LIKE N'% {name}';
            DELETE FROM BizTalkMgmtDb.dbo.adm_Server2HostMapping WHERE ServerId IN (SELECT Id FROM BizTalkMgmtDb.dbo.adm_Server WHERE Name = N'{name}');
            DELETE FROM BizTalkMgmtDb.dbo.adm_Server WHERE Name = N'{name}';
            """);
    }

    private string Shares => Path.Combine(Folder.FullPath, "shares", "LABFILES");

    /// <summary>Puts an order where partners put theirs.</summary>
    internal void PutOrder(string content)
    {
        Directory.CreateDirectory(Path.Combine(Shares, "orders"));
        File.WriteAllText(Path.Combine(Shares, "orders", Guid.NewGuid().ToString("N") + ".xml"), content);
    }

    /// <summary>Orders that nobody has taken.</summary>
    internal int OrdersWaiting() => Directory.GetFiles(Path.Combine(Shares, "orders")).Length;

    /// <summary>What was sent to the partner.</summary>
    internal List<byte[]> Sent() => Directory.Exists(Path.Combine(Shares, "partner")) ? Directory.GetFiles(Path.Combine(Shares, "partner")).Select(File.ReadAllBytes).ToList() : [];

    /// <summary>Why messages are suspended.</summary>
    internal List<string> Suspended() => ManagementTables.Of(Folder, "LABSQL1", "BizTalkMsgBoxDb")!.Rows("SELECT nvcErrorDescription FROM dbo.Instances WHERE nState = 4;", r => r.GetString(0));

    /// <summary>Runs the host instance's program as somebody at the computer types it.</summary>
    internal static string RunHost(LabComputer computer)
    {
        string program = Path.Combine(computer.Folder, "tools", "services", "BTSSvc" + (OperatingSystem.IsWindows() ? ".cmd" : string.Empty));
        using Process process = Process.Start(new ProcessStartInfo(program, "run") { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said;
    }

    /// <summary>Counts rows.</summary>
    internal int Count(string server, string from) => ManagementTables.Of(Folder, server, "master")!.Rows($"SELECT COUNT(*) FROM {from};", r => r.GetInt32(0)).Single();

    /// <summary>Runs statements on an instance.</summary>
    internal void Sql(string server, string text)
    {
        using Microsoft.Data.SqlClient.SqlConnection connection = new(new Microsoft.Data.SqlClient.SqlConnectionStringBuilder(_environment.ConnectionStrings[server]) { Pooling = false }.ConnectionString);
        connection.Open();
        using Microsoft.Data.SqlClient.SqlCommand command = new(text, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Reads one value from an instance.</summary>
    internal object? Scalar(string server, string text)
    {
        using Microsoft.Data.SqlClient.SqlConnection connection = new(new Microsoft.Data.SqlClient.SqlConnectionStringBuilder(_environment.ConnectionStrings[server]) { Pooling = false }.ConnectionString);
        connection.Open();
        using Microsoft.Data.SqlClient.SqlCommand command = new(text, connection);
        return command.ExecuteScalar();
    }

    /// <summary>Loses everything on a computer; what joining the group writes to its registry is there again.</summary>
    internal void Wipe(string name)
    {
        LabComputers.Wipe(Folder, name);
        using IComputer computer = Open(name);
        computer.Registry.Set(@"SOFTWARE\Microsoft\BizTalk Server\3.0\Administration", new RegistryValue("MgmtDBServer", RegistryValueType.String, "LABSQL1"));
        computer.Registry.Set(@"SOFTWARE\Microsoft\BizTalk Server\3.0\Administration", new RegistryValue("MgmtDBName", RegistryValueType.String, "BizTalkMgmtDb"));
    }

    internal IComputer Open(string name) => new ComputerFactory().Open(new ComputerAddress(LabComputer.FolderOf(Folder, name)));

    internal LabComputer Inside(string name) => LabComputer.Open(LabComputer.FolderOf(Folder, name));

    internal ManagementTables Tables() => ManagementTables.Of(Folder, "LABSQL1", "BizTalkMgmtDb")!;

    internal PartContext Context(string computer, string backup, PartOptions? options = null, string? backupOf = null) => new(
        Open(computer),
        FlowLab.Ports(),
        ComputerManifestStore.FolderOf(new BackupFolder(_scratch[backup]), backupOf ?? computer),
        (options ?? new PartOptions()) with { Instances = _environment.ConnectionStrings.ToDictionary(c => c.Key, c => FlowLab.At(c.Value), StringComparer.OrdinalIgnoreCase) });

    /// <summary>A context with everything that all parts of a computer ask for.</summary>
    internal PartContext WholeContext(string computer, string backup, string secret, string? backupOf = null)
    {
        Dictionary<string, SecureString> passwords = ((string[])[@"LAB\SsoService", @"LAB\BizTalkHost", @"LAB\RuleEngine", @"LAB\BamPortal"]).ToDictionary(a => a, _ => Secret(Folder.ReadPassword()), StringComparer.OrdinalIgnoreCase);
        PartContext context = Context(computer, backup, null, backupOf);
        return context with
        {
            Options = context.Options with
            {
                ManagementInstance = context.Options.Instances["LABSQL1"], ManagementDatabase = "BizTalkMgmtDb", ServiceCredentials = passwords,
                SecretPassword = Secret(secret), SecretReminder = "the horse", CertificatePassword = Secret(secret),
            },
        };
    }

    /// <summary>Backs one part up and expects no error.</summary>
    internal static PartManifest BackUp(IConfigurationPart part, PartContext context)
    {
        PartBackup backup = Assert.Single(new ConfigurationBackup([part], context).Run());
        Assert.Null(backup.Error);
        Assert.NotNull(backup.Manifest);
        return backup.Manifest;
    }

    /// <summary>Plans and runs the restore of one part; manual steps are answered as done.</summary>
    internal ConfigurationRun Restore(IConfigurationPart part, PartContext context, bool confirmsManualSteps = true) => Restore([part], context, confirmsManualSteps);

    /// <summary>Plans and runs the restore of parts; manual steps are answered as done.</summary>
    internal ConfigurationRun Restore(IReadOnlyList<IConfigurationPart> parts, PartContext context, bool confirmsManualSteps = true)
    {
        ComputerManifest manifest = ComputerManifestStore.Find(context.Folder)!;
        ConfigurationPlan plan = ConfigurationPlan.Of(parts, context, manifest);
        using var journal = new RestoreJournalFile(_scratch[Guid.NewGuid().ToString("N") + ".jsonl"], context.Ports.Clock);
        return new ConfigurationRunner(parts, context, journal).Run(plan, null, new StepAnswers(confirmsManualSteps ? [.. plan.Steps.Select(ConfigurationPlan.Key)] : [], []));
    }

    /// <summary>Whether a text stands in any file of a backup, as UTF-8 or UTF-16.</summary>
    internal bool BackupHolds(string backup, string text)
    {
        byte[][] forms = [System.Text.Encoding.UTF8.GetBytes(text), System.Text.Encoding.Unicode.GetBytes(text)];
        return Directory.EnumerateFiles(_scratch[backup], "*", SearchOption.AllDirectories).Select(File.ReadAllBytes).Any(content => forms.Any(f => content.AsSpan().IndexOf(f) >= 0));
    }

    /// <summary>Full path of a kept file.</summary>
    internal string FileOf(string backup, string computer, KeptFile file) => Path.Combine(_scratch[backup], computer, file.Name);

    internal static SecureString Secret(string text)
    {
        SecureString secret = new();
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }
}

[CollectionDefinition("computers' parts")]
public sealed class ComputersCollection : ICollectionFixture<ComputersLab>;

/// <summary>Tests that make both computers again at their beginning share a lab.</summary>
[CollectionDefinition("whole computers")]
public sealed class WholeComputersCollection : ICollectionFixture<ComputersLab>;
