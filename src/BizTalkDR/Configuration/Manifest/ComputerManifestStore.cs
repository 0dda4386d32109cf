using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Keeps <c>computer.biztalkdr.json</c> in the folder of a computer's backup.</summary>
public static class ComputerManifestStore
{
    private const int SchemaVersion = 1;

    private static readonly Regex s_hash = new("^[0-9a-f]{64}$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    /// <summary>Finds the folder of one computer's backup among those of several.</summary>
    /// <param name="root">Folder with a folder for each computer.</param>
    /// <param name="computer">NetBIOS name.</param>
    public static IBackupFolder FolderOf(IBackupFolder root, string computer) => root.Below(computer.ToUpperInvariant());

    /// <summary>Reads a manifest; null when there is none.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.ComputerManifestInvalid"/>.</exception>
    public static ComputerManifest? Find(IBackupFolder folder)
    {
        if (!folder.Exists(ComputerManifest.FileName))
            return null;
        try
        {
            using Stream stream = folder.Read(ComputerManifest.FileName);
            ComputerManifest? manifest = JsonSerializer.Deserialize<ComputerManifest>(stream, s_options);
            return manifest is not null && WhatIsWrong(manifest) is not { } wrong ? manifest : throw Invalid(folder, manifest is null ? "it is empty" : WhatIsWrong(manifest)!, null);
        }
        catch (Exception damaged) when (damaged is JsonException or NotSupportedException)
        {
            throw Invalid(folder, damaged.Message, damaged);
        }
    }

    /// <summary>Reads the manifest of a computer from its folder; null when there is none.</summary>
    /// <exception cref="RecoveryException">ComputerManifestInvalid: it is damaged, or of another computer (a folder that was copied or renamed).</exception>
    public static ComputerManifest? FindOf(IBackupFolder folder, string computer)
    {
        ComputerManifest? manifest = Find(folder);
        return manifest is null || string.Equals(manifest.Computer, computer, StringComparison.OrdinalIgnoreCase) ? manifest
            : throw Invalid(folder, $"it is of the computer {manifest.Computer}, in the folder of {computer}", null);
    }

    /// <summary>Reads the manifest of a computer.</summary>
    /// <param name="root">Folder with a folder for each computer.</param>
    /// <param name="computer">NetBIOS name.</param>
    /// <exception cref="RecoveryException">ComputerManifestMissing, with the computers that are there; ComputerManifestInvalid.</exception>
    public static ComputerManifest Read(IBackupFolder root, string computer)
    {
        ComputerManifest? manifest = FindOf(FolderOf(root, computer), computer);
        if (manifest is null)
        {
            IReadOnlyList<string> there = root.FoldersWith(ComputerManifest.FileName);
            throw new RecoveryException(
                RecoveryError.ComputerManifestMissing, root.Path, $"There is no backup of the computer {computer} in {root.Path}. "
                + (there.Count == 0 ? "There is none of another computer either." : "There are backups of: " + string.Join(", ", there) + "."));
        }

        return manifest;
    }

    /// <summary>Gives the parts that the backup of a computer holds.</summary>
    /// <exception cref="RecoveryException">ComputerManifestMissing, ComputerManifestInvalid; PartNotKept when it holds none.</exception>
    public static ConfigurationPart[] PartsOf(IBackupFolder root, string computer)
    {
        ConfigurationPart[] parts = Read(root, computer).Parts.Select(p => p.Part).ToArray();
        return parts.Length > 0 ? parts : throw new RecoveryException(RecoveryError.PartNotKept, computer, $"The backup of {computer} in {root.Path} holds no part.");
    }

    /// <summary>Writes a manifest; the one before it is replaced whole or not at all.</summary>
    public static void Write(IBackupFolder folder, ComputerManifest manifest) =>
        folder.Write(ComputerManifest.FileName, stream => JsonSerializer.Serialize(stream, manifest, s_options));

    /// <summary>Makes a manifest that is known of a computer and holds no part yet.</summary>
    public static ComputerManifest New(string computer, DateTime takenUtc) => new(SchemaVersion, computer, takenUtc, []);

    /// <summary>Puts a part in: it replaces an older backup of the same part.</summary>
    public static ComputerManifest With(this ComputerManifest manifest, PartManifest part) => manifest with
    {
        TakenUtc = part.TakenUtc,
        Parts = manifest.Parts.Where(p => p.Part != part.Part).Append(part).OrderBy(p => p.Part).ToList(),
    };

    /// <summary>Gives a part.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.PartNotKept"/>.</exception>
    public static PartManifest Part(this ComputerManifest manifest, ConfigurationPart part) => manifest.Parts.FirstOrDefault(p => p.Part == part)
        ?? throw new RecoveryException(RecoveryError.PartNotKept, part, $"The backup of {manifest.Computer} does not hold the part {part}; it holds: {(manifest.Parts.Count == 0 ? "nothing" : string.Join(", ", manifest.Parts.Select(p => p.Part)))}.");

    private static string? WhatIsWrong(ComputerManifest manifest)
    {
        if (manifest.SchemaVersion != SchemaVersion)
            return $"its schema version is {manifest.SchemaVersion}, this version reads {SchemaVersion}";
        if (string.IsNullOrWhiteSpace(manifest.Computer) || manifest.Parts is null || manifest.Parts.Any(p => p?.Files is null || p.Facts is null || p.LeftOut is null))
            return "the computer's name or a list is missing";
        if (manifest.Parts.GroupBy(p => p.Part).Any(g => g.Count() > 1 || !Enum.IsDefined(typeof(ConfigurationPart), g.Key)))
            return "a part is in it twice or is unknown";
        return manifest.Parts.SelectMany(p => p.Files).Any(f => f?.Name is null || f.SizeBytes < 0 || f.Sha256 is null || !s_hash.IsMatch(f.Sha256) || LeadsOut(f.Name))
            ? "the entry of a file is damaged" : null;
    }

    private static bool LeadsOut(string name) => name.Length == 0 || name[0] == '/' || name.IndexOf('\\') >= 0 || name.IndexOf(':') >= 0 || name.Split('/').Any(p => p is "" or "." or "..");

    private static RecoveryException Invalid(IBackupFolder folder, string why, Exception? cause) =>
        new(RecoveryError.ComputerManifestInvalid, folder.Path, $"The manifest {ComputerManifest.FileName} in {folder.Path} cannot be used: {why}.", null, cause);
}
