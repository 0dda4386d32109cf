using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Machine;

/// <summary>Does the steps that bring settings of a computer back, each with a look at what it brought.</summary>
internal sealed class MachineRun(PartContext context)
{
    private const string Coordinator = "MSDTC";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly IComputer _computer = context.Computer;

    public PartStepResult Do(MachineStep step) => step switch
    {
        RegistryStep registry => SetValues(registry),
        MachineFileStep file => Bring(file),
        ServiceStep service => SetStart(service),
        MachineCheckStep check => Check(check),
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    private PartStepResult SetValues(RegistryStep step)
    {
        IReadOnlyList<RegistryKeyText> kept = MachineChecks.ReadKeys(context.Folder, step.File);
        IReadOnlyList<ValueDifference> differences = MachineChecks.Differences(_computer, step.Key, kept);
        if (differences.Count == 0)
            return new PartStepResult(step, StepState.NotNeeded, "They are as they were.");
        foreach (ValueDifference one in differences)
            _computer.Registry.Set(one.Key, one.Kept, step.Key.View);
        if (MachineChecks.Differences(_computer, step.Key, kept) is { Count: > 0 } left)
            throw Differs(step, string.Join("; ", left));
        string rest = string.Empty;
        if (step.Key.Key == MachineScope.TransactionCoordinator && _computer.Services.Find(Coordinator) is { State: ServiceState.Running })
        {
            _computer.Services.Stop(Coordinator, s_patience);
            _computer.Services.Start(Coordinator, s_patience);
            rest = " MSDTC was restarted.";
        }

        return new PartStepResult(step, StepState.Done, $"Set: {string.Join("; ", differences.Select(d => d.Key + "\\" + d.Kept.Name))}.{rest}");
    }

    private PartStepResult Bring(MachineFileStep step)
    {
        string path = step.Kept.Path;
        if (MachineChecks.WhyNot(context, step.Kept, step.File, step.Envelope) is not { } why)
            return new PartStepResult(step, StepState.NotNeeded, "It is as it was.");
        if (step.Kept.Use == MachineUse.Judge)
            return new PartStepResult(step, StepState.Manual, $"{path} is not as it was: {why}. It belongs to Windows: compare it with {step.File.Name} in {context.Folder.Path} and take over what BizTalk Server needs (extensions of WCF, limits of connections).");
        string? before = _computer.Files.FileExists(path) ? MachinePart.Text(_computer.Files.Read(path)) : null;
        if (before is not null)
            PutAside(path);
        if (step.Kept.Use == MachineUse.AddLines && before is not null)
        {
            string added = string.Concat(MachineDifferences.MissingLines(MachinePart.Text(MachineChecks.Content(context, step.Kept, step.File, step.Envelope)), before).Select(l => l + "\r\n"));
            byte[] bytes = new UTF8Encoding(false).GetBytes(before + (before.Length == 0 || before[before.Length - 1] == '\n' ? string.Empty : "\r\n") + added);
            _computer.Files.Write(path, FileProtection.Inherited, s => s.Write(bytes, 0, bytes.Length));
        }
        else
        {
            using Stream content = MachineChecks.Content(context, step.Kept, step.File, step.Envelope);
            _computer.Files.Write(path, FileProtection.Inherited, content.CopyTo);
        }

        return MachineChecks.WhyNot(context, step.Kept, step.File, step.Envelope) is { } left ? throw Differs(step, $"{path}: {left}")
            : new PartStepResult(step, StepState.Done, before is null ? "Written." : "Written; the file that was there is beside it (.before-restore).");
    }

    private void PutAside(string path)
    {
        string aside = path + ".before-restore";
        for (int number = 2; _computer.Files.FileExists(aside); number++)
            aside = FormattableString.Invariant($"{path}.before-restore-{number}");
        using Stream there = _computer.Files.Read(path);
        _computer.Files.Write(aside, FileProtection.Inherited, there.CopyTo);
    }

    private PartStepResult SetStart(ServiceStep step)
    {
        KeptService kept = step.Kept;
        if (_computer.Services.Find(kept.Name) is not { } there)
            return new PartStepResult(step, StepState.Manual, $"The service {kept.Name} is not on {_computer.Name}: install what it belongs to. It started {kept.Start}, as {kept.Account}.");
        if (there.Start != kept.Start)
            _computer.Services.SetStart(kept.Name, kept.Start);
        return MachineDifferences.OfService(kept, _computer.Services.Find(kept.Name)) is { } why
            ? new PartStepResult(step, StepState.Manual, $"{kept.Name} on {_computer.Name}: {why}. Set the account with its password (for a host instance in BizTalk Server Administration, else in Services), or leave it when the other account is meant.")
            : new PartStepResult(step, there.Start == kept.Start ? StepState.NotNeeded : StepState.Done, $"It starts {kept.Start}, as {kept.Account}.");
    }

    /// <summary>Keys that are compared alone hold what is another computer's too: a difference is said, and is no failure.</summary>
    private PartStepResult Check(MachineCheckStep step)
    {
        PartManifest kept = ComputerManifestStore.Find(context.Folder)!.Part(ConfigurationPart.Machine);
        List<string> differences = step.Keys.Where(k => k.Use == MachineUse.Compare)
            .SelectMany(k => MachineChecks.Differences(_computer, k, MachineChecks.ReadKeys(context.Folder, InventoryFile.FileOf(k.File, kept.Files)))).Select(d => d.ToString()).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return new PartStepResult(step, StepState.Done, differences.Count == 0 ? "The keys of BizTalk Server, SSO and the Rule Engine are as they were." : $"Looked at, not changed: {string.Join("; ", differences)}.");
    }

    private static RecoveryException Differs(PartStep step, string what) => new(RecoveryError.MachineDiffers, step.Id, $"The step '{step.Text}' ended without an error, and this is not as it was: {what}.");
}
