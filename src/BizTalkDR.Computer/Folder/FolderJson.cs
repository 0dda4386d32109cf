using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>Reads and writes the files of a simulated computer.</summary>
internal static class FolderJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly JsonSerializerOptions s_line = new(s_options) { WriteIndented = false };

    /// <summary>Reads a file; null when it is not there.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.ComputerUnreachable"/>: it is damaged.</exception>
    public static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path), s_options) : null;
        }
        catch (JsonException damaged)
        {
            throw new RecoveryException(RecoveryError.ComputerUnreachable, path, $"The file {path} of the simulated computer is damaged: {damaged.Message}", null, damaged);
        }
    }

    public static void Write<T>(string path, T content) =>
        SafeFile.Write(path, FileProtection.Inherited, s => JsonSerializer.Serialize(s, content, s_options));

    /// <summary>Writes one line of a file of lines.</summary>
    public static string Line<T>(T content) => JsonSerializer.Serialize(content, s_line);

    public static T Line<T>(string line) => JsonSerializer.Deserialize<T>(line, s_options)!;
}
