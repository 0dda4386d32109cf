using System.Linq;
using System.Management.Automation;
using System.Security;
using BizTalkDR.Keys;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Backs up the certificates that encrypt the group's databases and backups, with their private keys.</summary>
[Cmdlet(VerbsData.Backup, "BizTalkEncryptionKey", SupportsShouldProcess = true)]
[OutputType(typeof(EncryptionKeyBackupResult))]
public sealed class BackupBizTalkEncryptionKeyCommand : EncryptionKeyCmdlet
{
    /// <summary>Password that protects the files of the private keys.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [ValidateNotNull]
    public SecureString Password { get; set; } = null!;

    /// <inheritdoc/>
    protected override void Execute()
    {
        var found = Run((log, stop) => ReadKeys(PortsFor(log), stop));
        if (found.Keys.Count == 0)
        {
            WriteWarning("Neither a member nor a backup of one that msdb knows of is encrypted with a certificate: there is nothing to back up.");
            return;
        }

        string action = $"Back up {string.Join("; ", found.Keys.Select(k => $"'{k.Certificate ?? k.Thumbprint}' of {k.Server} ({string.Join(", ", k.UsedBy)})"))} to {Path}";
        if (!ShouldProcess(SqlInstance[0], action))
        {
            return;
        }

        foreach (EncryptionKeyBackupResult result in Run((log, stop) => EncryptionKeyBackup.Run(found.Keys, Path, Map, Password, found.Directory, PortsFor(log), stop)))
        {
            WriteObject(result);
            WriteProblem(result.Error);
        }
    }
}
