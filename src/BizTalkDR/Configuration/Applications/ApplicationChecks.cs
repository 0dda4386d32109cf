using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Applications;

/// <summary>Compares the group's applications with the computer and with what is kept.</summary>
internal static class ApplicationChecks
{
    /// <summary>Whether the computer's global assembly cache holds each assembly the group references.</summary>
    public static List<PartCheck> Assemblies(IComputer computer, IEnumerable<ApplicationRecord> applications) => applications
        .SelectMany(a => a.Assemblies.Where(m => !m.IsSystem).Select(m => (Application: a.Name, Assembly: m)))
        .Select(m => AssemblyCache.Find(computer.Files, m.Assembly) is { } path
            ? new PartCheck(computer.Name, ConfigurationPart.Application, "Assembly", m.Assembly.ToString(), CheckOutcome.Passed, $"It is in the global assembly cache: {path}.")
            : new PartCheck(
                computer.Name, ConfigurationPart.Application, "Assembly", m.Assembly.ToString(), CheckOutcome.Failed, $"{m.Application} references {m.Assembly}, which is not in the global assembly cache of {computer.Name}.",
                "Install the application's package on this computer, or put the assembly into the cache (gacutil /i).")
            {
                Error = RecoveryError.AssemblyMissing,
            }).ToList();

    /// <summary>Whether the backup holds each application as it is now.</summary>
    public static IEnumerable<PartCheck> Kept(string computer, IEnumerable<ApplicationRecord> applications, ApplicationInventory kept)
    {
        const string Remedy = "Run Backup-BizTalkApplication.";
        foreach (ApplicationRecord application in applications.Where(a => !a.IsSystem))
        {
            KeptApplication? one = kept.Applications.FirstOrDefault(k => string.Equals(k.Name, application.Name, StringComparison.OrdinalIgnoreCase));
            if (one is null)
                yield return new PartCheck(computer, ConfigurationPart.Application, "Kept", application.Name, CheckOutcome.Failed, $"The backup does not hold the application {application.Name}.", Remedy) { Error = RecoveryError.PartNotKept };
            else if (application.Modified > one.Modified)
                yield return new PartCheck(computer, ConfigurationPart.Application, "Kept", application.Name, CheckOutcome.Failed, FormattableString.Invariant($"{application.Name} was changed at {application.Modified:yyyy-MM-dd HH:mm:ss}, after it was kept ({one.Modified:yyyy-MM-dd HH:mm:ss})."), Remedy) { Error = RecoveryError.PartNotKept };
            else
                yield return new PartCheck(computer, ConfigurationPart.Application, "Kept", application.Name, CheckOutcome.Passed, "The backup holds it as it is.");
        }
    }
}
