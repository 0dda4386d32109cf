using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Applications;

/// <summary>Does the steps of the applications' restore, each with a look at what it brought.</summary>
internal sealed class ApplicationRun(PartContext context, BtsTaskCommands commands, Func<IReadOnlyList<ApplicationRecord>> readGroup, CancellationToken cancellationToken)
{
    private readonly IComputer _computer = context.Computer;

    public PartStepResult Do(PartStep step) => step switch
    {
        ImportApplicationStep import => Import(import),
        InstallApplicationStep install => Install(install),
        ImportBindingsStep bindings => Bind(bindings),
        InstallAssemblyStep assembly => AddToCache(assembly),
        CopyFileStep copy => Copy(copy),
        _ => CheckAssemblies(step),
    };

    private PartStepResult Import(ImportApplicationStep step)
    {
        if (IsInGroup(step.Application.Name))
            return new PartStepResult(step, StepState.NotNeeded, "The group knows it.");
        using ToolScratch scratch = new(_computer);
        scratch.Run(commands.ImportApplication(step.Application.Name, Bring(scratch, step.Package, ".msi")), null, cancellationToken);
        return IsInGroup(step.Application.Name)
            ? new PartStepResult(step, StepState.Done, "The group knows it now.")
            : throw new RecoveryException(RecoveryError.StepFailed, step.Application.Name, $"BTSTask imported {step.Application.Name} without an error, and the Management database does not know it.");
    }

    private PartStepResult Install(InstallApplicationStep step)
    {
        if (step.Application.Assemblies.Count > 0 && Missing(step.Application).Count == 0)
            return new PartStepResult(step, StepState.NotNeeded, "All its assemblies are in the global assembly cache.");
        using ToolScratch scratch = new(_computer);
        ToolResult result = scratch.Run(MachineCommands.Install(Bring(scratch, step.Package, ".msi")), MachineCommands.IsInstalled, cancellationToken);
        IReadOnlyList<string> missing = Missing(step.Application);
        string restart = result.Succeeded ? string.Empty : " Windows wants a restart.";
        return new PartStepResult(step, StepState.Done, (missing.Count == 0 ? "It is installed." : "It is installed; its package did not bring " + string.Join("; ", missing) + ".") + restart);
    }

    private PartStepResult Bind(ImportBindingsStep step)
    {
        using ToolScratch scratch = new(_computer);
        BindingFile wanted = ApplicationPart.ReadBindings(context.Folder, step.Bindings);
        IReadOnlyCollection<string> changed = step.Map?.ApplyTo(wanted) ?? [];
        BindingFile there = Current(scratch, step.Application.Name);
        IReadOnlyCollection<BoundPort> needed = wanted.PortsToImport(there, changed);
        if (needed.Count == 0)
            return new PartStepResult(step, StepState.NotNeeded, "The group has every port, with the values wanted." + ToLookAt(step.Application));
        if (there.Transports.Count > 0)
            wanted.KeepOnly(needed);
        string path = scratch.NewFile(".xml");
        _computer.Files.Write(path, FileProtection.OwnerOnly, wanted.Save);
        scratch.Run(commands.ImportBindings(step.Application.Name, _computer.Files.ToHostPath(path)), null, cancellationToken);
        IReadOnlyCollection<BoundPort> left = wanted.PortsToImport(Current(scratch, step.Application.Name), changed);
        if (left.Count > 0)
            throw new RecoveryException(RecoveryError.StepFailed, step.Application.Name, $"BTSTask imported the bindings of {step.Application.Name} without an error, and these ports are not as wanted: {string.Join(", ", left)}.");
        List<MissingPassword> passwords = step.Application.MissingPasswords.Where(m => needed.Any(n => string.Equals(n.Name, m.Port, StringComparison.OrdinalIgnoreCase))).ToList();
        return passwords.Count == 0
            ? new PartStepResult(step, StepState.Done, $"Imported: {string.Join(", ", needed)}.")
            : new PartStepResult(step, StepState.Manual, $"Imported: {string.Join(", ", needed)}. No file holds these passwords; type them into the ports in the Administration console: {string.Join("; ", passwords)}.");
    }

    /// <summary>A run before this one may have imported the ports and stopped for the passwords: they are named again.</summary>
    private static string ToLookAt(KeptApplication application) => application.MissingPasswords.Count == 0
        ? string.Empty : $" Whether these passwords are typed cannot be seen; look at them in the Administration console: {string.Join("; ", application.MissingPasswords)}.";

    private BindingFile Current(ToolScratch scratch, string application)
    {
        string path = scratch.NewFile(".xml");
        scratch.Run(commands.ExportBindings(application, _computer.Files.ToHostPath(path)), null, cancellationToken);
        using Stream stream = _computer.Files.Read(path);
        return BindingFile.Read(stream, $"the bindings of {application}");
    }

    private PartStepResult AddToCache(InstallAssemblyStep step)
    {
        AssemblyRecord assembly = step.Assembly.Assembly;
        if (AssemblyCache.Find(_computer.Files, assembly) is not null)
            return new PartStepResult(step, StepState.NotNeeded, "It is there.");
        if (_computer.Tools.Find(ExternalTool.GacUtil) is null)
            return new PartStepResult(step, StepState.Manual, $"gacutil is not on {_computer.Name} (it belongs to the Windows SDK). Put {step.File.Name} of the backup into the global assembly cache as {assembly}.");
        using ToolScratch scratch = new(_computer);
        scratch.Run(MachineCommands.AddToCache(Bring(scratch, step.File, "\\" + assembly.Name + ".dll")), null, cancellationToken);
        return AssemblyCache.Find(_computer.Files, assembly) is not null
            ? new PartStepResult(step, StepState.Done, "It is there now.")
            : throw new RecoveryException(RecoveryError.AssemblyMissing, assembly.ToString(), $"gacutil ended without an error, and {assembly} is not in the global assembly cache.");
    }

    private PartStepResult Copy(CopyFileStep step)
    {
        string path = step.Extra.Path;
        if (!_computer.Files.FileExists(path))
        {
            context.Folder.CopyTo(step.File, _computer.Files, path, FileProtection.Inherited);
            return new PartStepResult(step, StepState.Done, "It is there now.");
        }

        using (Stream there = _computer.Files.Read(path))
        {
            if (ContentHash.Of(there) == (step.File.SizeBytes, step.File.Sha256))
                return new PartStepResult(step, StepState.NotNeeded, "It is there.");
        }

        string aside = path + ".before-restore";
        for (int number = 2; _computer.Files.FileExists(aside); number++)
            aside = FormattableString.Invariant($"{path}.before-restore-{number}");
        using (Stream old = _computer.Files.Read(path))
            _computer.Files.Write(aside, FileProtection.Inherited, old.CopyTo);
        context.Folder.CopyTo(step.File, _computer.Files, path, FileProtection.Inherited);
        return new PartStepResult(step, StepState.Done, $"Another file was there; it is kept as {aside}.");
    }

    private PartStepResult CheckAssemblies(PartStep step)
    {
        List<PartCheck> missing = ApplicationChecks.Assemblies(_computer, readGroup()).Where(c => c.Outcome == CheckOutcome.Failed).ToList();
        return missing.Count == 0
            ? new PartStepResult(step, StepState.Done, "Every assembly is there.")
            : throw new RecoveryException(RecoveryError.AssemblyMissing, missing[0].Subject, $"These assemblies of the group are not in the global assembly cache of {_computer.Name}: {string.Join("; ", missing.Select(m => m.Subject))}.");
    }

    private bool IsInGroup(string name) => readGroup().Any(a => string.Equals(a.Name, name, StringComparison.OrdinalIgnoreCase));

    private List<string> Missing(KeptApplication application) => application.Assemblies.Where(a => AssemblyCache.Find(_computer.Files, a) is null).Select(a => a.ToString()).ToList();

    private string Bring(ToolScratch scratch, KeptFile file, string ending)
    {
        string path = scratch.NewFile(ending);
        context.Folder.CopyTo(file, _computer.Files, path, FileProtection.OwnerOnly);
        return _computer.Files.ToHostPath(path);
    }
}
