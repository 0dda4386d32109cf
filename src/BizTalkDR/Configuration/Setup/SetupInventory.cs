using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Setup;

/// <summary>A configuration file that is kept.</summary>
/// <param name="File">Its file below the backup's folder.</param>
/// <param name="Origin">Where it came from: a path on the computer, or that it was built from what is set.</param>
public sealed record KeptConfiguration(string File, string Origin);

/// <summary>What <c>configuration.json</c> holds.</summary>
/// <param name="SchemaVersion">Version of the form; 1.</param>
/// <param name="Computer">The computer it was taken from.</param>
/// <param name="Use">Name of the file that a restore uses.</param>
/// <param name="Files">All files that are kept.</param>
public sealed record SetupInventory(int SchemaVersion, string Computer, string Use, IReadOnlyList<KeptConfiguration> Files)
{
    /// <summary>Folder of the part below the backup's folder.</summary>
    public const string Folder = "configuration";

    /// <summary>Name of the file.</summary>
    public const string FileName = "configuration.json";

    /// <exception cref="Errors.RecoveryException">KeptFileMissing, KeptFileChanged, ComputerManifestInvalid.</exception>
    internal static SetupInventory Read(IBackupFolder folder, PartManifest kept) => InventoryFile.Read<SetupInventory>(
        folder, kept, FileName, i => i is { SchemaVersion: 1, Computer: not null, Use: not null, Files: not null } && i.Files.Any(f => f?.File == i.Use));

    /// <summary>Reads the file that a restore uses.</summary>
    /// <exception cref="Errors.RecoveryException">KeptFileMissing, KeptFileChanged, ConfigurationFileInvalid.</exception>
    internal ConfigurationFile Open(IBackupFolder folder, PartManifest kept)
    {
        using Stream stream = folder.Open(InventoryFile.FileOf(Use, kept.Files));
        return ConfigurationFile.Read(stream, Use);
    }
}
