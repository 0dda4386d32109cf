using System;
using System.Collections.Generic;
using System.Security;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration;

/// <summary>What an operator chose for the backup or the restore of a computer. Parts use what concerns them.</summary>
public sealed record PartOptions
{
    /// <summary>Management database; null when the registry of the computer tells.</summary>
    public SqlInstanceAddress? ManagementInstance { get; init; }

    /// <summary>Name of the Management database; null when the registry of the computer tells.</summary>
    public string? ManagementDatabase { get; init; }

    /// <summary>Addresses of instances by the names BizTalk knows them by, for logins and for servers that moved.</summary>
    public IReadOnlyDictionary<string, SqlInstanceAddress> Instances { get; init; } = new Dictionary<string, SqlInstanceAddress>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How instances are reached that nobody named: login and encryption; the name is not used.</summary>
    public SqlInstanceAddress InstanceDefaults { get; init; } = new(string.Empty);

    /// <summary>Password of the master secret's backup file.</summary>
    public SecureString? SecretPassword { get; init; }

    /// <summary>Reminder of that password; shown to whoever restores.</summary>
    public string? SecretReminder { get; init; }

    /// <summary>Password of the PFX files that certificates are kept in, and of the protected files of other parts.</summary>
    public SecureString? CertificatePassword { get; init; }

    /// <summary>Certificate (DER or PEM) whose holder alone can open the PFX files: their password is a random one, enclosed to it. Comes before <see cref="CertificatePassword"/> in a backup.</summary>
    public byte[]? CertificateRecipient { get; init; }

    /// <summary>The operator's bindings map: values of ports that differ at the destination.</summary>
    public string? BindingsMap { get; init; }

    /// <summary>Folders and files to keep beside the assemblies.</summary>
    public IReadOnlyList<string> ExtraFiles { get; init; } = [];

    /// <summary>Configuration files on the computer that were exported in the window of Configuration, the newest first.</summary>
    public IReadOnlyList<string> ConfigurationFiles { get; init; } = [];

    /// <summary>Passwords of service accounts, by account.</summary>
    public IReadOnlyDictionary<string, SecureString> ServiceCredentials { get; init; } = new Dictionary<string, SecureString>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The operator's RestoreConfig.vbe on the computer, for Standard Edition.</summary>
    public string? RestoreConfigScript { get; init; }

    /// <summary>Whether the computer becomes the master secret server when the SSO database names another one.</summary>
    public bool MoveSecretServer { get; init; }

    /// <summary>Instances that moved: the name they were kept by to the name that <see cref="Instances"/> knows, or an address.</summary>
    public IReadOnlyDictionary<string, string> InstanceMap { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether everything outside the databases of an instance is kept, not only what the group uses.</summary>
    public bool AllSqlObjects { get; init; }

    /// <summary>Names of objects of an instance that are not to be made.</summary>
    public IReadOnlyList<string> ExcludedObjects { get; init; } = [];
}
