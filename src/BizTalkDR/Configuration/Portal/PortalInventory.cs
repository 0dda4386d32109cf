using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Portal;

/// <summary>An application pool, without its password.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RuntimeVersion">managedRuntimeVersion.</param>
/// <param name="PipelineMode">managedPipelineMode.</param>
/// <param name="Is32Bit">enable32BitAppOnWin64.</param>
/// <param name="IdentityType">processModel.identityType.</param>
/// <param name="UserName">processModel.userName; empty for an account of the system.</param>
public sealed record PortalPool(string Name, string RuntimeVersion, string PipelineMode, bool Is32Bit, string IdentityType, string UserName)
{
    /// <summary>Whether it runs under an account whose password people hold.</summary>
    public bool NeedsPassword => string.Equals(IdentityType, "SpecificUser", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says why a pool does not run under this one's account; null when it does. Another user's name may be meant on another computer; none never is.</summary>
    /// <param name="there">The pool on the computer; null when there is none.</param>
    internal string? WhyNotIdentity(PortalPool? there) => there is null ? "there is no such application pool"
        : !string.Equals(there.IdentityType, IdentityType, StringComparison.OrdinalIgnoreCase) ? $"it runs as {(there.IdentityType.Length == 0 ? "an unknown account" : there.IdentityType)}, not as {(NeedsPassword ? UserName : IdentityType)}"
        : NeedsPassword && there.UserName.Length == 0 ? $"no user is set to run it, {UserName} was" : null;
}

/// <summary>A virtual application.</summary>
/// <param name="Site">Name of the web site.</param>
/// <param name="Path">Path below it (<c>/BAM</c>).</param>
/// <param name="PhysicalPath">Folder.</param>
public sealed record PortalApplication(string Site, string Path, string PhysicalPath)
{
    /// <summary>Name that IIS knows it by (<c>Default Web Site/BAM</c>).</summary>
    public string Name => Site + Path;
}

/// <summary>A Web.config file.</summary>
/// <param name="Path">Where it is on the computer.</param>
/// <param name="File">Its file below the backup's folder.</param>
public sealed record KeptWebConfig(string Path, string File);

/// <summary>How BAM alerts are sent.</summary>
public enum AlertKind
{
    /// <summary>BAM alerts are not configured.</summary>
    None,

    /// <summary>The service BAMAlerts and Database Mail: SQL Server 2012 and later.</summary>
    Service,

    /// <summary>Notification Services: SQL Server 2008 R2 and older.</summary>
    NotificationServices,
}

/// <summary>What <c>portal.json</c> holds.</summary>
/// <param name="SchemaVersion">Version of the form; 1.</param>
/// <param name="Computer">The computer it was taken from.</param>
/// <param name="Pool">The portal's application pool.</param>
/// <param name="Applications">Virtual applications of the pool.</param>
/// <param name="WebConfigs">Their Web.config files.</param>
/// <param name="Alerts">How alerts are sent.</param>
public sealed record PortalInventory(int SchemaVersion, string Computer, PortalPool Pool, IReadOnlyList<PortalApplication> Applications, IReadOnlyList<KeptWebConfig> WebConfigs, AlertKind Alerts)
{
    /// <summary>Folder of the part below the backup's folder.</summary>
    public const string Folder = "portal";

    /// <summary>Name of the file.</summary>
    public const string FileName = "portal.json";

    /// <summary>Configuration of BAM as <c>bm.exe get-config</c> writes it.</summary>
    public const string BamConfiguration = "BAMConfiguration.xml";

    /// <summary>Activities and views as <c>bm.exe get-defxml</c> writes them.</summary>
    public const string BamDefinitions = "BAMDefinitions.xml";

    /// <summary>The pool that Configuration makes.</summary>
    public const string PoolName = "BAMAppPool";

    /// <exception cref="Errors.RecoveryException">KeptFileMissing, KeptFileChanged, ComputerManifestInvalid.</exception>
    internal static PortalInventory Read(IBackupFolder folder, PartManifest kept) => InventoryFile.Read<PortalInventory>(
        folder, kept, FileName, i => i is { SchemaVersion: 1, Computer: not null, Pool.Name: not null, Applications: not null, WebConfigs: not null }
            && i.Applications.All(a => a is { Site: not null, Path: not null, PhysicalPath: not null }));
}
