using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Machine;

/// <summary>Compares a computer with what is kept of it, difference by difference.</summary>
internal static class MachineChecks
{
    private const string Again = "Back the computer up again, or see why it was changed.";

    public static IReadOnlyList<PartCheck> Of(PartContext context, PartManifest kept, MachineInventory inventory)
    {
        IComputer computer = context.Computer;
        List<PartCheck> checks = [];
        foreach (KeptKey key in inventory.Keys)
        {
            IReadOnlyList<ValueDifference> differences = Differences(computer, key, ReadKeys(context.Folder, InventoryFile.FileOf(key.File, kept.Files)));
            checks.Add(Check(computer, "Registry", $@"HKLM\{key.Key} ({key.View})", differences.Count == 0 ? null : string.Join("; ", differences)));
        }

        checks.AddRange(inventory.Services.Select(s => Check(computer, "Service", s.Name, MachineDifferences.OfService(s, computer.Services.Find(s.Name)))));
        checks.AddRange(inventory.Files.Select(f => CheckFile(context, f, kept)));
        return checks;
    }

    /// <summary>Values of a key on the computer that are not as they were kept.</summary>
    public static IReadOnlyList<ValueDifference> Differences(IComputer computer, KeptKey key, IReadOnlyList<RegistryKeyText> kept) =>
        MachineDifferences.OfKeys(kept, MachineScope.Tree(computer.Registry, key.Key, key.View).ToList());

    /// <exception cref="RecoveryException">KeptFileMissing, KeptFileChanged, ComputerManifestInvalid.</exception>
    public static IReadOnlyList<RegistryKeyText> ReadKeys(IBackupFolder folder, KeptFile file)
    {
        using Stream stream = folder.Open(file);
        try
        {
            return RegistryText.Read(stream);
        }
        catch (FormatException damaged)
        {
            throw new RecoveryException(RecoveryError.ComputerManifestInvalid, file.Name, $"{file.Name} in {folder.Path} is no text of the registry that this version reads: {damaged.Message}.", null, damaged);
        }
    }

    /// <summary>Opens the content of a kept file.</summary>
    /// <exception cref="RecoveryException">KeptFileMissing, KeptFileChanged; of a protected one CertificatePasswordMissing, RecipientKeyMissing, PasswordWrong.</exception>
    public static Stream Content(PartContext context, KeptMachineFile kept, KeptFile file, KeptFile? envelope) =>
        kept.IsProtected ? new MemoryStream(SecretKeeper.Open(context, file, envelope is null ? [] : [envelope]), writable: false) : context.Folder.Open(file);

    /// <summary>Says why a file is not as it was kept; null when it is.</summary>
    public static string? WhyNot(PartContext context, KeptMachineFile kept, KeptFile file, KeptFile? envelope)
    {
        if (!context.Computer.Files.FileExists(kept.Path))
            return "it is not there";
        using Stream content = Content(context, kept, file, envelope);
        if (kept.Use == MachineUse.AddLines)
        {
            IReadOnlyList<string> missing = MachineDifferences.MissingLines(MachinePart.Text(content), MachinePart.Text(context.Computer.Files.Read(kept.Path)));
            return missing.Count == 0 ? null : $"these lines are missing: {string.Join("; ", missing)}";
        }

        using Stream there = context.Computer.Files.Read(kept.Path);
        return ContentHash.Of(there) == ContentHash.Of(content) ? null : "its content is another one";
    }

    private static PartCheck CheckFile(PartContext context, KeptMachineFile file, PartManifest kept)
    {
        try
        {
            return Check(context.Computer, "File", file.Path, WhyNot(context, file, InventoryFile.FileOf(file.File, kept.Files), InventoryFile.Find(kept.Files, CertificateInventory.EnvelopeName)));
        }
        catch (RecoveryException closed) when (closed.Code is RecoveryError.CertificatePasswordMissing or RecoveryError.RecipientKeyMissing)
        {
            return new PartCheck(context.Computer.Name, ConfigurationPart.Machine, "File", file.Path, CheckOutcome.NotChecked, $"It is kept encrypted and was not compared: {closed.Message}", closed.Hint) { Error = closed.Code };
        }
        catch (RecoveryException closed) when (closed.Code == RecoveryError.PasswordWrong)
        {
            return new PartCheck(context.Computer.Name, ConfigurationPart.Machine, "File", file.Path, CheckOutcome.Failed, closed.Message, closed.Hint) { Error = closed.Code };
        }
    }

    private static PartCheck Check(IComputer computer, string check, string subject, string? difference) => difference is null
        ? new PartCheck(computer.Name, ConfigurationPart.Machine, check, subject, CheckOutcome.Passed, "It is as it was kept.")
        : new PartCheck(computer.Name, ConfigurationPart.Machine, check, subject, CheckOutcome.Failed, $"It differs from the backup: {difference}.", Again) { Error = RecoveryError.MachineDiffers };
}
