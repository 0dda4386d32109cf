using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration.Certificates;

namespace BizTalkDR.Configuration.Machine;

/// <summary>Decides how settings of a computer come back; pure. Each step looks for itself whether it is needed: services come with a stage before it.</summary>
internal static class MachinePlanner
{
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.KeptFileMissing"/>.</exception>
    public static IReadOnlyList<PartStep> Plan(MachineInventory kept, IReadOnlyList<KeptFile> files)
    {
        List<PartStep> steps = [];
        steps.AddRange(kept.Keys.Where(k => k.Use == MachineUse.Restore).Select(k => new RegistryStep(k, InventoryFile.FileOf(k.File, files))));
        steps.AddRange(kept.Files.Select(f => new MachineFileStep(f, InventoryFile.FileOf(f.File, files), InventoryFile.Find(files, CertificateInventory.EnvelopeName))));
        steps.AddRange(kept.Services.Select(s => new ServiceStep(s)));
        steps.Add(new MachineCheckStep(kept.Keys));
        return ConfigurationPlan.InOrder(steps);
    }
}
