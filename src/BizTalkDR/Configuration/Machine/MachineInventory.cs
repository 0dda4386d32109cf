using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Machine;

/// <summary>A part of the registry that is kept as a .reg file.</summary>
/// <param name="Key">Key below HKEY_LOCAL_MACHINE.</param>
/// <param name="View">View.</param>
/// <param name="File">Its file below the backup's folder.</param>
/// <param name="Use">What becomes of it.</param>
public sealed record KeptKey(string Key, RegistryView View, string File, MachineUse Use);

/// <summary>A service that is kept: its settings, never a password.</summary>
public sealed record KeptService(string Name, ServiceStart Start, string Account);

/// <summary>A file that is kept.</summary>
/// <param name="Path">Where it is on the computer.</param>
/// <param name="File">Its file below the backup's folder.</param>
/// <param name="Use">What becomes of it.</param>
public sealed record KeptMachineFile(string Path, string File, MachineUse Use)
{
    /// <summary>Whether a password seems to stand in it: it is kept encrypted.</summary>
    public bool IsProtected { get; init; }
}

/// <summary>What <c>machine.json</c> holds.</summary>
public sealed record MachineInventory(int SchemaVersion, string Computer, IReadOnlyList<KeptKey> Keys, IReadOnlyList<KeptService> Services, IReadOnlyList<KeptMachineFile> Files)
{
    /// <summary>Folder of the part below the backup's folder.</summary>
    public const string Folder = "machine";

    /// <summary>Name of the file.</summary>
    public const string FileName = "machine.json";

    /// <exception cref="Errors.RecoveryException">KeptFileMissing, KeptFileChanged, ComputerManifestInvalid.</exception>
    internal static MachineInventory Read(IBackupFolder folder, PartManifest kept) => InventoryFile.Read<MachineInventory>(
        folder, kept, FileName, i => i is { SchemaVersion: 1, Computer: not null, Keys: not null, Services: not null, Files: not null }
            && i.Keys.All(k => k is { Key: not null, File: not null }) && i.Services.All(s => s is { Name: not null, Account: not null }) && i.Files.All(f => f is { Path: not null, File: not null }));
}
