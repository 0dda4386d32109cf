using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Brings a BizTalk computer back from its backup: every part, step by step, in the documented order.</summary>
[Cmdlet(VerbsData.Restore, "BizTalkConfiguration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PartStepResult))]
public sealed class RestoreBizTalkConfigurationCommand : PartRestoreCmdlet
{
    /// <summary>Parts to restore. Default: all that the backup holds.</summary>
    [Parameter]
    public ConfigurationPart[] Part { get; set; } = [];

    /// <summary>Password of the backup of the master secret.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? SecretPassword { get; set; }

    /// <summary>Makes the computer the master secret server when the SSO database names another one.</summary>
    [Parameter]
    public SwitchParameter MoveSecretServer { get; set; }

    /// <summary>Goes on with a restore that stopped, from its journal.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <summary>Steps that were cut short, did not take effect and may be done again.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] RepeatStep { get; set; } = [];

    /// <summary>Password of the files with private keys of certificates and of other protected files; not needed where it is enclosed to a certificate whose key is here.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>JSON file with values of ports that differ at the destination.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BindingsMap { get; set; }

    /// <summary>Service accounts with their passwords: Configuration keeps none.</summary>
    [Parameter]
    [ValidateNotNull]
    public PSCredential[] ServiceCredential { get; set; } = [];

    /// <summary>Your RestoreConfig.vbe on the computer, for Standard Edition.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RestoreConfigScript { get; set; }

    /// <summary>SQL Server instances that moved: old name to new name.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? InstanceMap { get; set; }

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new()
    {
        InstanceMap = NameMap.Of(InstanceMap),
        SecretPassword = SecretPassword,
        MoveSecretServer = MoveSecretServer,
        ServiceCredentials = Passwords(),
        RestoreConfigScript = RestoreConfigScript,
        CertificatePassword = CertificatePassword,
        BindingsMap = BindingsMap is null ? null : GetUnresolvedProviderPathFromPSPath(BindingsMap),
    };

    private protected override string GoOn => "the same command with -Resume";

    /// <inheritdoc/>
    protected override void Execute()
    {
        ConfigurationJournal? earlier = Resume ? OnComputer(SourceComputer, (context, _) => ConfigurationJournal.Find(Journals(), context.Computer.Name)) : null;
        Restore(ConfigurationParts.Of(Part.Length > 0 ? Part : KeptParts(earlier)), earlier, RepeatStep);
    }

    /// <summary>Passwords by account; of an account that is named twice the last one.</summary>
    private Dictionary<string, SecureString> Passwords()
    {
        var passwords = new Dictionary<string, SecureString>(StringComparer.OrdinalIgnoreCase);
        foreach (PSCredential one in ServiceCredential)
        {
            passwords[one.UserName] = one.Password;
        }

        return passwords;
    }

    private string Journals() => JournalPath is null ? JournalPlace.Folder() : GetUnresolvedProviderPathFromPSPath(JournalPath);

    /// <summary>The parts of the run that is resumed; in a new one, all that the backup holds.</summary>
    private ConfigurationPart[] KeptParts(ConfigurationJournal? earlier) => earlier is not null ? [.. earlier.Parts]
        : OnComputer(SourceComputer, (context, _) => ComputerManifestStore.PartsOf(new Computer.BackupFolder(Root), SourceComputer ?? context.Computer.Name));
}
