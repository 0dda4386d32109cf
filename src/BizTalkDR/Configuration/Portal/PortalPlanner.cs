using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.Portal;

/// <summary>Decides the steps that bring the portal back, on the same computer or another.</summary>
internal static class PortalPlanner
{
    /// <param name="kept">What is kept.</param>
    /// <param name="files">The files of the backup, by the manifest.</param>
    /// <param name="hasPool">Whether the destination has the pool.</param>
    /// <param name="applications">Names of the pool's virtual applications there.</param>
    /// <param name="primaryImport">Where BAM Primary Import is now.</param>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.KeptFileMissing"/>.</exception>
    public static IReadOnlyList<PartStep> Plan(PortalInventory kept, IReadOnlyList<KeptFile> files, bool hasPool, IReadOnlyList<string> applications, DatabaseAddress primaryImport)
    {
        List<PartStep> steps = [];
        if (!hasPool)
            steps.Add(new AddPoolStep(kept.Pool) { Command = PortalCommands.AddPool(kept.Pool).ToString() });
        steps.AddRange(kept.Applications.Where(k => !applications.Contains(k.Name, StringComparer.OrdinalIgnoreCase))
            .OrderBy(a => a.Path.Length).Select(a => new AddApplicationStep(a, kept.Pool.Name) { Command = PortalCommands.AddApplication(a).ToString() }));
        steps.AddRange(kept.WebConfigs.Select(w => new WebConfigStep(w, InventoryFile.FileOf(w.File, files), kept.Computer, primaryImport)));
        steps.Add(new PoolIdentityStep(kept.Pool) { Command = kept.Pool.NeedsPassword ? null : PortalCommands.SetIdentityType(kept.Pool.Name, kept.Pool.IdentityType).ToString() });
        steps.Add(new StartPoolStep(kept.Pool) { Command = PortalCommands.StartPool(kept.Pool.Name).ToString() });
        if (kept.Alerts != AlertKind.None)
            steps.Add(new AlertsStep(kept.Alerts, primaryImport.Server));
        steps.Add(new PortalCheckStep(kept, primaryImport));
        return steps;
    }
}
