using System;
using System.IO;
using System.Linq;
using System.Security;
using System.Threading.Tasks;
using BizTalkDR.Computer;
using BizTalkDR.Configuration;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>A practice group with its two computers, and a folder elsewhere for their backups.</summary>
internal sealed class ComputerLab : IAsyncDisposable
{
    private readonly ScratchFolder _kept = new();

    private int _journals;

    private ComputerLab(PracticeLab lab) => Lab = lab;

    public PracticeLab Lab { get; }

    public IBackupFolder Root => new BackupFolder(_kept.Path);

    public static async Task<ComputerLab> StartAsync()
    {
        PracticeLab lab = await PracticeLab.StartAsync(PracticeLab.Small());
        LabComputers.Create(lab.Folder, lab.Group, lab.Environment.ConnectionStrings, lab.Environment.Password);
        return new ComputerLab(lab);
    }

    public static SecureString Secret(string text)
    {
        SecureString secret = new();
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }

    public string Folder(string name) => LabComputer.FolderOf(Lab.Folder, name);

    public IComputer Open(string name) => new ComputerFactory().Open(new ComputerAddress(Folder(name)));

    public PartContext Context(string name, string password, string? source = null, bool moves = false) => new(
        Open(name), SqlServerPorts.Create(NullRecoveryLog.Instance), ComputerManifestStore.FolderOf(Root, source ?? name),
        new PartOptions { SecretPassword = Secret(password), SecretReminder = "the dog", MoveSecretServer = moves });

    public PartBackup BackUp(string name, string password) => new ConfigurationBackup([new MasterSecretPart()], Context(name, password)).RunOne();

    public PartCheck[] Test(string name) => new ConfigurationBackup([new MasterSecretPart()], Context(name, "unused")).Test().ToArray();

    public ConfigurationRun Restore(string name, string password, string? source = null, bool moves = false, params string[] completed)
    {
        PartContext context = Context(name, password, source, moves);
        ComputerManifest manifest = ComputerManifestStore.Read(Root, source ?? name);
        using RestoreJournalFile journal = new(Path.Combine(_kept.Path, $"computer-{++_journals}.jsonl"), context.Ports.Clock);
        IConfigurationPart[] parts = [new MasterSecretPart()];
        return new ConfigurationRunner(parts, context, journal).Run(ConfigurationPlan.Of(parts, context, manifest), null, new StepAnswers(completed, []));
    }

    public ToolResult Tool(string name, ExternalTool tool, string[] arguments, params string[] answers)
    {
        using IComputer computer = Open(name);
        return computer.Tools.Run(new ToolCommand(tool, arguments) { Answers = answers.Select(a => new PromptAnswer(string.Empty, Secret(a))).ToList() });
    }

    /// <summary>Why the SSO database cannot be decrypted with what a computer's service holds; null when it can.</summary>
    public string? WhyNotReadable(string name)
    {
        LabComputer computer = LabComputer.Open(Folder(name));
        return EntSso.Held(computer) is { } secrets ? SsoDatabase.Of(computer)!.WhyNotReadable(secrets) : "no secret";
    }

    public async ValueTask DisposeAsync()
    {
        _kept.Dispose();
        await Lab.DisposeAsync();
    }
}
