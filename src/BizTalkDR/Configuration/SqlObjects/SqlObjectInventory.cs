using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>What is kept of an instance. Values that are secret are in the protected file beside it.</summary>
/// <param name="Server">Its real name.</param>
/// <param name="Objects">What it held.</param>
public sealed record KeptInstance(string Server, IReadOnlyList<SqlObject> Objects);

/// <summary>What <c>sqlobjects.json</c> holds.</summary>
/// <param name="SchemaVersion">Version of the form; 1.</param>
/// <param name="Instances">The group's instances.</param>
public sealed record SqlObjectInventory(int SchemaVersion, IReadOnlyList<KeptInstance> Instances)
{
    /// <summary>Folder of the part below the backup's folder.</summary>
    public const string Folder = "sqlobjects";

    /// <summary>Name of the file.</summary>
    public const string FileName = "sqlobjects.json";

    /// <summary>Name of the protected file.</summary>
    public const string SecretsName = "sqlobjects.protected";

    /// <exception cref="Errors.RecoveryException">KeptFileMissing, KeptFileChanged, ComputerManifestInvalid.</exception>
    internal static SqlObjectInventory Read(IBackupFolder folder, PartManifest kept) => InventoryFile.Read<SqlObjectInventory>(
        folder, kept, FileName, i => i is { SchemaVersion: 1, Instances: not null } && i.Instances.All(s => s is { Server: not null, Objects: not null } && s.Objects.All(o => IsWhole(o) && o.Parts.All(IsWhole))));

    private static bool IsWhole(SqlObject what) => what is { Name: not null, Values: not null, Parts: not null };
}
