using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Writes and reads the JSON file in which a part says what its other files are.</summary>
internal static class InventoryFile
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    /// <summary>Writes it.</summary>
    /// <typeparam name="T">The part's own form.</typeparam>
    public static KeptFile Write<T>(IBackupFolder folder, string name, T inventory) => folder.Keep(name, stream => JsonSerializer.Serialize(stream, inventory, s_options));

    /// <summary>Reads it.</summary>
    /// <typeparam name="T">The part's own form.</typeparam>
    /// <param name="folder">The backup's folder.</param>
    /// <param name="kept">What is kept of the part.</param>
    /// <param name="name">How its name ends.</param>
    /// <param name="isValid">Whether what was read is of a form that this version reads.</param>
    /// <exception cref="RecoveryException">KeptFileMissing, KeptFileChanged, ComputerManifestInvalid.</exception>
    public static T Read<T>(IBackupFolder folder, PartManifest kept, string name, Func<T, bool> isValid)
        where T : class
    {
        KeptFile file = Find(kept.Files, name) ?? throw Invalid(folder, name, "the manifest does not list it", null);
        using Stream stream = folder.Open(file);
        try
        {
            return JsonSerializer.Deserialize<T>(stream, s_options) is { } read && isValid(read) ? read : throw Invalid(folder, name, "it is of a form that this version does not read", null);
        }
        catch (Exception damaged) when (damaged is JsonException or NotSupportedException)
        {
            throw Invalid(folder, name, damaged.Message, damaged);
        }
    }

    /// <summary>Finds a file by the end of its name; null when the manifest does not list it.</summary>
    public static KeptFile? Find(IEnumerable<KeptFile> files, string name) => files.FirstOrDefault(f => f.Name.EndsWith("/" + name, StringComparison.Ordinal));

    /// <summary>Finds a file by its name.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.KeptFileMissing"/>: the manifest does not list it.</exception>
    public static KeptFile FileOf(string name, IEnumerable<KeptFile> files) => files.FirstOrDefault(f => string.Equals(f.Name, name, StringComparison.Ordinal))
        ?? throw new RecoveryException(RecoveryError.KeptFileMissing, name, $"The manifest of the backup does not list the file {name}.");

    /// <summary>Gives a new folder below a part's own: a backup that is cut short leaves the one before it whole.</summary>
    public static string NewFolder(PartContext context, string part) => part + "/" + context.Ports.Clock.UtcNow.ToString("yyyyMMdd'T'HHmmssfff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static RecoveryException Invalid(IBackupFolder folder, string name, string why, Exception? cause) =>
        new(RecoveryError.ComputerManifestInvalid, name, $"{name} in {folder.Path} cannot be used: {why}.", null, cause);
}
