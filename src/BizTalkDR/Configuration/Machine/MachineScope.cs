using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Machine;

/// <summary>What becomes of something that is kept.</summary>
public enum MachineUse
{
    /// <summary>Compared alone: what wrote it writes it again (setup, Configuration).</summary>
    Compare,

    /// <summary>Brought back as it was.</summary>
    Restore,

    /// <summary>Lines that are missing are added.</summary>
    AddLines,

    /// <summary>Compared; a difference is for people to judge.</summary>
    Judge,
}

/// <summary>Which keys, files and services of a computer belong to BizTalk Server.</summary>
/// <remarks>
/// No page of Microsoft's lists what has to be kept ("Disaster Recovery for Computers Running BizTalk Server" asks for a record): the keys are those that BizTalk Server, Enterprise SSO, the Rule
/// Engine, SQL Server's client (aliases) and MSDTC (network access) are known to use; one that is not there is passed over. The master secret (SSOSS) is left out: it is
/// encrypted for its computer and is no backup.
/// </remarks>
internal static class MachineScope
{
    public const string Secrets = @"SOFTWARE\Microsoft\ENTSSO\SSOSS";
    public const string TransactionCoordinator = @"SOFTWARE\Microsoft\MSDTC\Security";

    public static IReadOnlyList<(string Key, string Name, MachineUse Use)> Keys { get; } =
    [
        (@"SOFTWARE\Microsoft\BizTalk Server", "biztalk-server", MachineUse.Compare),
        (@"SOFTWARE\Microsoft\BusinessRules\3.0", "business-rules", MachineUse.Compare),
        (@"SOFTWARE\Microsoft\ENTSSO", "entsso", MachineUse.Compare),
        (@"SOFTWARE\Microsoft\MSSQLServer\Client\ConnectTo", "sql-aliases", MachineUse.Restore),
        (TransactionCoordinator, "msdtc", MachineUse.Restore),
    ];

    /// <summary>Files, by the computer's own paths.</summary>
    /// <param name="install">Install folder of BizTalk Server; empty when it is not known.</param>
    public static IEnumerable<(string Path, MachineUse Use)> Files(string install)
    {
        if (install.Length > 0)
        {
            yield return (install.TrimEnd('\\') + @"\BTSNTSvc.exe.config", MachineUse.Restore);
            yield return (install.TrimEnd('\\') + @"\BTSNTSvc64.exe.config", MachineUse.Restore);
            yield return (install.TrimEnd('\\') + @"\Tracking\bm.exe.config", MachineUse.Restore);
        }

        yield return (@"%windir%\Microsoft.NET\Framework\v4.0.30319\Config\machine.config", MachineUse.Judge);
        yield return (@"%windir%\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config", MachineUse.Judge);
        yield return (@"%windir%\System32\drivers\etc\hosts", MachineUse.AddLines);
    }

    /// <summary>Whether a service is one of BizTalk Server's, or one that it needs.</summary>
    public static bool IsOurs(string service) => service.StartsWith("BTSSvc$", StringComparison.OrdinalIgnoreCase)
        || new[] { "ENTSSO", "RuleEngineUpdateService", "BAMAlerts", "MSDTC", "W3SVC" }.Contains(service, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a key with everything below it, but the master secret.</summary>
    public static IEnumerable<RegistryKeyText> Tree(IRegistry registry, string key, RegistryView view)
    {
        if (!registry.KeyExists(key, view) || string.Equals(key, Secrets, StringComparison.OrdinalIgnoreCase))
            yield break;
        yield return new RegistryKeyText(key, registry.Values(key, view));
        foreach (RegistryKeyText below in registry.SubKeys(key, view).SelectMany(k => Tree(registry, key + "\\" + k, view)))
            yield return below;
    }
}
