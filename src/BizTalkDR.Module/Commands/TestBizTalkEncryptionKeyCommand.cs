using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.Keys;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.Commands;

/// <summary>Tests whether the certificates that encrypt the group's databases and backups are kept, and whether destinations have them.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BizTalkEncryptionKey")]
[OutputType(typeof(EncryptionKeyCheck), typeof(bool))]
public sealed class TestBizTalkEncryptionKeyCommand : EncryptionKeyCmdlet
{
    /// <summary>Instances that the group would be restored to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = [];

    /// <summary>Gives true when every check passed, else false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        List<EncryptionKeyCheck> checks = Run((log, stop) =>
        {
            RecoveryPorts ports = PortsFor(log);
            IReadOnlyList<EncryptionKey> keys = ReadKeys(ports, stop).Keys;
            List<EncryptionKeyCheck> results = keys.Select(k => EncryptionKeyTest.Kept(k, Path, Map, ports.Files)).ToList();
            foreach (SqlInstanceAddress address in Destination.Length == 0 ? [] : AddressesOf(Destination))
            {
                using ISqlInstance instance = ports.Sql.Open(address, stop);
                IReadOnlyList<ServerKey>? there = instance.ReadReadiness([], stop).Keys;
                results.AddRange(keys.Select(k => EncryptionKeyTest.Destination(k, Path, instance.Identity.ServerName, there)));
            }

            return results;
        });
        if (Quiet)
        {
            WriteObject(checks.TrueForAll(c => c.Outcome == CheckOutcome.Passed));
        }
        else
        {
            WriteObject(checks, enumerateCollection: true);
        }
    }
}
