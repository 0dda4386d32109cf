using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Machine;

/// <summary>The computer itself: keys of the registry in both views, services, configuration files, hosts file, SQL aliases, MSDTC.</summary>
/// <remarks>
/// Keys that setup and Configuration write are compared and never imported: they hold what belongs to the other computer. What nobody else brings back (aliases, MSDTC,
/// configuration files, start types, lines of the hosts file) comes back; machine.config and accounts of services are for people.
/// </remarks>
public sealed class MachinePart : IConfigurationPart
{
    /// <inheritdoc/>
    public ConfigurationPart Part => ConfigurationPart.Machine;

    /// <inheritdoc/>
    public string? WhyNot(PartContext context, CancellationToken cancellationToken = default) => null;

    /// <inheritdoc/>
    public PartManifest Backup(PartContext context, CancellationToken cancellationToken = default)
    {
        IComputer computer = context.Computer;
        string folder = InventoryFile.NewFolder(context, MachineInventory.Folder);
        List<KeptFile> files = [];
        List<KeptKey> keys = [];
        List<KeptMachineFile> machineFiles = [];
        List<string> leftOut = [];
        SecretKeeper keeper = new(context, folder);
        foreach ((string key, string name, MachineUse use) in MachineScope.Keys)
        {
            foreach (RegistryView view in new[] { RegistryView.Registry64, RegistryView.Registry32 })
            {
                List<RegistryKeyText> tree = MachineScope.Tree(computer.Registry, key, view).ToList();
                if (tree.Count == 0)
                    continue;
                foreach (RegistryKeyText one in tree.Where(HoldsSecret))
                    leftOut.Add($@"HKLM\{one.Key} ({view}): a password or a key seems to stand in a value in clear. The value is not kept; keep it yourself.");
                tree = tree.Select(WithoutSecrets).ToList();
                string file = $"{folder}/{name}-{(view == RegistryView.Registry64 ? "64" : "32")}.reg";
                files.Add(context.Folder.Keep(file, s => RegistryText.Write(s, tree)));
                keys.Add(new KeptKey(key, view, file, use));
            }
        }

        if (computer.Registry.KeyExists(MachineScope.Secrets))
            leftOut.Add("The master secret in the registry: it is encrypted for this computer alone. Backup-BizTalkMasterSecret keeps it.");
        foreach ((string path, MachineUse use) in MachineScope.Files(ProductKey.Value(computer.Registry, "InstallPath")).Where(f => computer.Files.FileExists(f.Path)))
        {
            string name = FormattableString.Invariant($"file{machineFiles.Count + 1}-{path.Substring(path.LastIndexOf('\\') + 1)}");
            bool isSecret = SecretWords.MayHold(Text(computer.Files.Read(path)));
            if (isSecret && !keeper.CanKeep)
            {
                leftOut.Add($"{path}: a password or a key seems to stand in it in clear, and nothing was given to protect it with. {SecretKeeper.Remedy}, or keep the file yourself.");
                continue;
            }

            KeptFile file = isSecret ? keeper.Keep(name + ".protected", Bytes(computer.Files.Read(path))) : context.Folder.Keep($"{folder}/{name}", computer.Files, computer.Files.Expand(path));
            if (!isSecret)
                files.Add(file);
            machineFiles.Add(new KeptMachineFile(path, file.Name, use) { IsProtected = isSecret });
        }

        files.AddRange(keeper.Files);
        List<KeptService> services = computer.Services.List().Where(s => MachineScope.IsOurs(s.Name)).Select(s => new KeptService(s.Name, s.Start, s.Account)).ToList();
        files.Add(InventoryFile.Write(context.Folder, $"{folder}/{MachineInventory.FileName}", new MachineInventory(1, computer.Name, keys, services, machineFiles)));
        return new PartManifest(Part, context.Ports.Clock.UtcNow, files)
        {
            Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["services"] = string.Join(";", services.Select(s => $"{s.Name}={s.Account}")) },
            LeftOut = leftOut,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default)
    {
        if (kept is null)
            return [PartCheck.NothingKept(context.Computer.Name, Part, "Backup-BizTalkConfiguration")];
        try
        {
            return MachineChecks.Of(context, kept, MachineInventory.Read(context.Folder, kept));
        }
        catch (RecoveryException unreadable)
        {
            return [new PartCheck(context.Computer.Name, Part, "Kept", MachineInventory.FileName, CheckOutcome.Failed, unreadable.Message, unreadable.Hint) { Error = unreadable.Code }];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<PartStep> steps = MachinePlanner.Plan(MachineInventory.Read(context.Folder, kept), kept.Files);
        foreach (KeptFile file in steps.OfType<RegistryStep>().Select(s => s.File))
            MachineChecks.ReadKeys(context.Folder, file);
        // A password that does not open a protected file is found out before anything is changed.
        foreach (MachineFileStep file in steps.OfType<MachineFileStep>().Where(s => s.Kept.IsProtected))
            MachineChecks.Content(context, file.Kept, file.File, file.Envelope).Dispose();
        return steps;
    }

    /// <inheritdoc/>
    public PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default) => new MachineRun(context).Do((MachineStep)step);

    internal static string Text(Stream stream)
    {
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static byte[] Bytes(Stream stream)
    {
        using (stream)
            return KeyFilePassword.Bytes(stream);
    }

    private static bool HoldsSecret(RegistryKeyText key) => key.Values.Any(IsSecret);

    private static RegistryKeyText WithoutSecrets(RegistryKeyText key) => HoldsSecret(key) ? key with { Values = key.Values.Where(v => !IsSecret(v)).ToList() } : key;

    private static bool IsSecret(RegistryValue value) => value.Data is string text && SecretWords.MayHold($"{value.Name}={text}");
}
