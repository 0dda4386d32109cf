using System;
using System.Security;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Enterprise SSO of this computer: master secrets by its interop assembly, everything else, and those too where it cannot be used, by its tools.</summary>
internal sealed class WindowsSingleSignOn(SingleSignOnTools tools, IComputerFiles files, Func<SecretInterop?> interop) : ISingleSignOn
{
    private readonly Lazy<SecretInterop?> _interop = new(interop);

    public bool IsInstalled => tools.IsInstalled;

    public SingleSignOnInfo ReadInfo() => tools.ReadInfo();

    public void BackupSecret(string file, SecureString password, string reminder)
    {
        if (_interop.Value is { } found)
            found.Backup(files.ToHostPath(file), password, reminder);
        else
            tools.BackupSecret(file, password, reminder);
    }

    public void RestoreSecret(string file, SecureString password)
    {
        if (_interop.Value is { } found)
            found.Restore(files.ToHostPath(file), password);
        else
            tools.RestoreSecret(file, password);
    }

    public void MoveSecretServer(string computer) => tools.MoveSecretServer(computer);
}
