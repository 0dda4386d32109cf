using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Configuration.Applications;

/// <summary>What a plan of the applications' restore needs to know.</summary>
/// <param name="Kept">What is kept.</param>
/// <param name="Files">The files of the backup, by the manifest.</param>
/// <param name="InGroup">Names of the applications that the Management database knows.</param>
/// <param name="Commands">BTSTask's command lines.</param>
internal sealed record ApplicationPlanFacts(ApplicationInventory Kept, IReadOnlyList<KeptFile> Files, IReadOnlyCollection<string> InGroup, BtsTaskCommands Commands)
{
    /// <summary>Values that differ at the destination; null for none.</summary>
    public BindingsMap? Map { get; init; }
}

/// <summary>Decides the steps that bring applications back to a computer.</summary>
/// <remarks>
/// Microsoft's documentation, "Restoring Your BizTalk Applications": where the databases came back, the group knows its applications, and importing them again is not
/// needed; their packages still have to be installed on each computer. Which ports need their bindings is looked at when the step runs, so that a run that was cut
/// short anywhere goes on where it was.
/// </remarks>
internal static class ApplicationPlanner
{
    /// <exception cref="Errors.RecoveryException">ApplicationReferencesInvalid, KeptFileMissing.</exception>
    public static IReadOnlyList<PartStep> Plan(ApplicationPlanFacts facts)
    {
        List<PartStep> steps = [];
        foreach (KeptApplication application in ApplicationOrder.Sort(facts.Kept.Applications, a => a.Name, a => a.References))
        {
            bool isThere = facts.InGroup.Contains(application.Name, StringComparer.OrdinalIgnoreCase);
            KeptFile package = InventoryFile.FileOf(application.Package, facts.Files);
            if (!isThere)
                steps.Add(new ImportApplicationStep(application, package) { Command = facts.Commands.ImportApplication(application.Name, application.Package).ToString(), IsRepeatable = false });
            steps.Add(new InstallApplicationStep(application, package) { Command = MachineCommands.Install(application.Package).ToString() });
            steps.Add(new ImportBindingsStep(application, InventoryFile.FileOf(application.Bindings, facts.Files), facts.Map)
            {
                Command = facts.Commands.ImportBindings(application.Name, application.Bindings).ToString(), IsRepeatable = application.MissingPasswords.Count == 0,
            });
        }

        steps.AddRange(facts.Kept.Assemblies.Select(a => new InstallAssemblyStep(a, InventoryFile.FileOf(a.File, facts.Files)) { Command = MachineCommands.AddToCache(a.File).ToString() }));
        steps.AddRange(facts.Kept.ExtraFiles.Select(e => new CopyFileStep(e, InventoryFile.FileOf(e.File, facts.Files))));
        steps.Add(new AssembliesCheckStep());
        return steps;
    }
}
