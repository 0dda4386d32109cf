using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>A computer with its backups, lost as often as a test wants, and what a restore that nobody disturbs makes of it.</summary>
public sealed class LostComputer : IDisposable
{
    internal const string Name = "LABBTS1";
    internal const string Secret = "Correct-Horse-7";

    /// <summary>Backup of everything; the same with the master secret that was before; the same without the partner's certificate.</summary>
    internal const string Whole = "whole", Older = "older", Lean = "lean";

    private static readonly string[] s_passing = ["entsso.memory ", "machine.key ", "events"];

    private readonly ScratchFolder _scratch = new();
    private readonly ComputersLab _lab;
    private readonly Lazy<string> _undisturbed;

    public LostComputer(ComputersLab lab)
    {
        _lab = lab;
        _undisturbed = new Lazy<string>(Prepare);
    }

    /// <summary>State of the computer after a restore that nobody disturbed.</summary>
    internal string Undisturbed => _undisturbed.Value;

    /// <summary>Lines of that restore's journal.</summary>
    internal int Lines { get; private set; }

    /// <summary>The partner's certificate, which the lean backup lacks.</summary>
    internal byte[] Partner { get; private set; } = [];

    public void Dispose() => _scratch.Dispose();

    internal string NewJournal() => _scratch[Guid.NewGuid().ToString("N") + ".jsonl"];

    /// <summary>Loses the computer, which is then set up with Windows and BizTalk Server alone.</summary>
    internal void Lose()
    {
        Assert.NotEmpty(Undisturbed);
        LabComputers.Wipe(_lab.Folder, Name);
    }

    internal PartContext Context(string backup, string computer = Name, string secret = Secret) => _lab.WholeContext(computer, backup, secret, Name) is var context && secret == Secret
        ? context : context with { Options = context.Options with { CertificatePassword = ComputersLab.Secret(Secret) } };

    /// <summary>Runs all parts as the cmdlet does: first, or with -Resume.</summary>
    internal static ConfigurationRun Run(PartContext context, string path, bool resume = false, int lines = int.MaxValue)
    {
        ComputerManifest manifest = ComputerManifestStore.Find(context.Folder)!;
        ConfigurationJournal? earlier = resume ? ConfigurationJournal.Find(path, context.Computer.Name) : null;
        earlier?.Refuse(context.Computer.Name, manifest);
        IReadOnlyList<IConfigurationPart> parts = ConfigurationParts.Of(earlier?.Parts ?? []);
        ConfigurationPlan plan = ConfigurationPlan.Of(parts, context, manifest);
        using RestoreJournalFile file = resume ? RestoreJournalFile.Continue(path, context.Ports.Clock) : new RestoreJournalFile(path, context.Ports.Clock);
        var journal = new EndingJournal(file, lines);
        return new ConfigurationRunner(parts, context, journal) { GoOn = "the same command with -Resume" }.Run(plan, earlier, new StepAnswers([.. plan.Steps.Select(ConfigurationPlan.Key)], []));
    }

    /// <summary>What of a computer and of the group matters: registry, services, certificates, files, portal; without times, events and what is encrypted anew each time.</summary>
    internal string State(string computer = Name)
    {
        LabComputer inside = _lab.Inside(computer);
        List<string> lines = Content(inside.Folder).Where(l => !s_passing.Any(p => l.StartsWith(p, StringComparison.Ordinal))).ToList();
        using JsonDocument registry = JsonDocument.Parse(File.ReadAllText(Path.Combine(inside.Folder, "registry.json"))), services = JsonDocument.Parse(File.ReadAllText(Path.Combine(inside.Folder, "services.json")));
        lines.AddRange(registry.RootElement.EnumerateObject().SelectMany(v => v.Value.EnumerateObject().SelectMany(k => k.Value.EnumerateObject()
            .Select(x => $"{v.Name} {k.Name}\\{x.Name} {(x.Name == "Secret" ? "encrypted" : x.Value.GetRawText())}"))).Order(StringComparer.Ordinal));
        lines.AddRange(services.RootElement.EnumerateArray().Select(s => s.GetRawText()).Order(StringComparer.Ordinal));
        lines.Add(EntSso.Held(inside) is { } held ? $"{held.Ids} {SsoDatabase.Of(inside)!.WhyNotReadable(held)}" : "no secret");
        lines.Add(Group());
        return string.Join('\n', lines);
    }

    /// <summary>Everything on a computer, byte for byte, and what its group knows of it.</summary>
    internal string Bytes(string computer = Name) => string.Join('\n', Content(_lab.Inside(computer).Folder, everything: true)) + Group();

    private string Prepare()
    {
        _lab.Renew();
        BackUp(ConfigurationParts.All, Older);
        using (IComputer computer = _lab.Open(Name))
        {
            PromptAnswer answer = new(string.Empty, ComputersLab.Secret("x"));
            Assert.Equal(0, computer.Tools.Run(new ToolCommand(ExternalTool.SsoConfig, ["-generateSecret", @"C:\new.sso"]) { Answers = [answer, answer, answer] }).ExitCode);
            Copy(Older, Whole);
            BackUp([new MasterSecretPart()], Whole);
            Copy(Whole, Lean);
            StoredCertificate partner = Assert.Single(computer.Certificates.List("LocalMachine", "AddressBook"));
            Partner = computer.Certificates.Export("LocalMachine", "AddressBook", partner.Thumbprint);
            File.Delete(Path.Combine(_lab.Inside(Name).Folder, "certificates", "LocalMachine", "AddressBook", partner.Thumbprint + ".cer"));
            Assert.Contains(BackUp([new CertificatePart()], Lean).SelectMany(b => b.Manifest!.LeftOut), l => l.Contains(partner.Thumbprint, StringComparison.Ordinal));
        }

        LabComputers.Wipe(_lab.Folder, Name);
        string journal = NewJournal();
        ConfigurationRun run = Run(Context(Whole), journal);
        Assert.True(run.Error is null, run.Error?.ToString());
        Lines = File.ReadAllLines(journal).Length;
        return State();
    }

    private List<PartBackup> BackUp(IReadOnlyList<IConfigurationPart> parts, string backup)
    {
        List<PartBackup> all = new ConfigurationBackup(parts, Context(backup)).Run().ToList();
        Assert.All(all, b => Assert.True(b.Error is null && b.Manifest is not null, $"{b.Part}: {b.Skipped}{b.Error}"));
        return all;
    }

    private void Copy(string from, string to)
    {
        string source = Context(from).Folder.Path, target = Context(to).Folder.Path;
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static IEnumerable<string> Content(string folder, bool everything = false)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(folder, file);
            // What the lab's programs were called with, also those that only look.
            if (name == "command-lines.log")
                continue;
            bool isRead = everything || (name is not ("registry.json" or "services.json") && !name.EndsWith(".pfx", StringComparison.Ordinal));
            yield return name + " " + (isRead ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))) : string.Empty);
        }
    }

    private string Group() => string.Join('\n', ((string[])
        ["SELECT Name FROM BizTalkMgmtDb.dbo.adm_Server ORDER BY Name;", "SELECT Name FROM BizTalkMgmtDb.dbo.adm_HostInstance ORDER BY Name;", "SELECT nvcName FROM BizTalkMgmtDb.dbo.bts_application ORDER BY nvcName;"])
        .SelectMany(q => _lab.Tables().Rows(q, r => r.GetString(0))).Append((string)_lab.Scalar("LABSQL1", "SELECT gi_SecretServer FROM SSODB.dbo.SSOX_GlobalInfo;")!));
}

/// <summary>Ends a run, as a kill does, when it has taken down so many lines.</summary>
internal sealed class EndingJournal(IRestoreJournal inner, int lines) : IRestoreJournal
{
    private int _written;

    public string? Path => inner.Path;

    public void Write(string what, IReadOnlyDictionary<string, string?> details)
    {
        if (_written++ == lines)
            throw new KilledException();
        inner.Write(what, details);
    }
}

internal sealed class KilledException : Exception;
