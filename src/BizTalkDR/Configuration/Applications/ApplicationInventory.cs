using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Applications;

/// <summary>An application as a backup keeps it; file names are those below the backup's folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Modified">DateModified in the Management database.</param>
/// <param name="Package">Windows Installer package.</param>
/// <param name="Bindings">Binding file.</param>
/// <param name="Resources">Resource specification.</param>
public sealed record KeptApplication(string Name, DateTime Modified, string Package, string Bindings, string Resources)
{
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Assemblies that do not come with BizTalk Server.</summary>
    public IReadOnlyList<AssemblyRecord> Assemblies { get; init; } = [];

    /// <summary>Secrets that its bindings do not hold.</summary>
    public IReadOnlyList<MissingPassword> MissingPasswords { get; init; } = [];
}

/// <summary>An assembly of the global assembly cache that Microsoft did not sign.</summary>
/// <param name="Assembly">Its name.</param>
/// <param name="File">Its file below the backup's folder.</param>
public sealed record KeptAssembly(AssemblyRecord Assembly, string File);

/// <summary>A file beside the assemblies.</summary>
/// <param name="Path">Where it belongs on the computer.</param>
/// <param name="File">Its file below the backup's folder.</param>
public sealed record KeptExtraFile(string Path, string File);

/// <summary>What <c>applications.json</c> holds.</summary>
/// <param name="SchemaVersion">Version of the form; 1.</param>
/// <param name="Applications">Without BizTalk.System, which comes with BizTalk Server.</param>
/// <param name="Assemblies">Assemblies of the global assembly cache.</param>
/// <param name="ExtraFiles">Files that the operator listed.</param>
/// <param name="Policies">Policies of the Rule Engine at that time; they are in its database and, where an application owns them, in its package.</param>
public sealed record ApplicationInventory(
    int SchemaVersion, IReadOnlyList<KeptApplication> Applications, IReadOnlyList<KeptAssembly> Assemblies, IReadOnlyList<KeptExtraFile> ExtraFiles, IReadOnlyList<PolicyRecord> Policies)
{
    /// <summary>Folder of the part below the backup's folder.</summary>
    public const string Folder = "applications";

    /// <summary>Name of the file.</summary>
    public const string FileName = "applications.json";

    /// <summary>Binding file of the whole group with its parties.</summary>
    public const string GroupBindings = "group.bindings.xml";

    /// <summary>Parties (BizTalk Server 2016 and later).</summary>
    public const string Parties = "parties.xml";

    /// <exception cref="Errors.RecoveryException">KeptFileMissing, KeptFileChanged, ComputerManifestInvalid.</exception>
    internal static ApplicationInventory Read(IBackupFolder folder, PartManifest kept) => InventoryFile.Read<ApplicationInventory>(
        folder, kept, FileName, i => i is { SchemaVersion: 1, Applications: not null, Assemblies: not null, ExtraFiles: not null, Policies: not null }
            && i.Applications.All(a => a is { Name: not null, Package: not null, Bindings: not null, Resources: not null }));
}
