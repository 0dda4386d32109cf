using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Portal;

/// <summary>Compares the portal on a computer with what is kept of it and with where BAM is now.</summary>
internal static class PortalChecks
{
    public static IReadOnlyList<PartCheck> Of(IComputer computer, PortalInventory kept, DatabaseAddress primaryImport, CancellationToken cancellationToken)
    {
        PortalReader reader = new(computer, cancellationToken);
        string? state = reader.Attribute(kept.Pool.Name, "state");
        IReadOnlyList<string> applications = state is null ? [] : reader.ApplicationNames(kept.Pool.Name);
        List<PartCheck> checks =
        [
            Check(computer, "Pool", kept.Pool.Name, string.Equals(state, "Started", StringComparison.OrdinalIgnoreCase), "It runs.", state is null ? "There is no such application pool." : $"It is {state}.", "Start it (appcmd start apppool), having set its account's password."),
        ];
        string? why = kept.Pool.WhyNotIdentity(reader.Pool(kept.Pool.Name));
        checks.Add(Check(computer, "Identity", kept.Pool.Name, why is null, "It runs under the kind of account that was kept.", $"Its account is not the one that was kept: {why}.", "Set the identity of the application pool (IIS Manager, Application Pools, Advanced Settings)."));
        checks.AddRange(kept.Applications.Select(k => Check(
            computer, "Application", k.Name, applications.Contains(k.Name, StringComparer.OrdinalIgnoreCase), "It is there.", "There is no such virtual application in the pool.", "Restore-BizTalkBamPortal makes it.")));
        checks.AddRange(kept.WebConfigs.Select(w => Settings(computer, w.Path, kept.Computer, primaryImport)));
        return checks;
    }

    private static PartCheck Settings(IComputer computer, string path, string oldComputer, DatabaseAddress primaryImport)
    {
        if (!computer.Files.FileExists(path))
            return Check(computer, "WebConfig", path, false, string.Empty, "The file is not there.", "Restore-BizTalkBamPortal writes it.");
        using Stream stream = computer.Files.Read(path);
        IReadOnlyList<string> wrong = WebConfig.Read(stream, path).Adapt(oldComputer, computer.Name, primaryImport);
        return Check(computer, "WebConfig", path, wrong.Count == 0, "Its settings name today's servers.", $"These settings name another server or database: {string.Join(", ", wrong)}.", "Restore-BizTalkBamPortal sets them.");
    }

    private static PartCheck Check(IComputer computer, string check, string subject, bool passed, string good, string bad, string remedy) => passed
        ? new PartCheck(computer.Name, ConfigurationPart.BamPortal, check, subject, CheckOutcome.Passed, good)
        : new PartCheck(computer.Name, ConfigurationPart.BamPortal, check, subject, CheckOutcome.Failed, bad, remedy) { Error = RecoveryError.PortalIncomplete };
}
