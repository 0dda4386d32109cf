using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using BizTalkDR.Lab.TSql;

namespace BizTalkDR.Lab.Hosting;

/// <summary>The lab's name service: a small file that says where each instance listens, with the secret the instances know each other by.</summary>
/// <remarks>Only the environment writes the file; instances in processes of their own read it again whenever it has changed.</remarks>
public sealed class LabDirectory : ILabDirectory
{
    private const int SchemaVersion = 1;
    private const int SecretBytes = 32;

    private readonly object _lock = new();
    private readonly string _path;
    private Content _content;
    private (DateTime Written, long Length) _stamp;

    private LabDirectory(string path)
    {
        _path = path;
        _content = Load();
    }

    public string LinkSecret => Current().LinkSecret;

    public IReadOnlyList<string> Names => Current().Instances.Select(entry => entry.Name).ToList();

    /// <summary>Starts a new directory with a new secret.</summary>
    public static LabDirectory Create(string path, IEnumerable<string> names)
    {
        string secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));
        Save(path, new Content(SchemaVersion, secret, names.Select(name => new Entry(name, "127.0.0.1", 0)).ToList()));
        return new LabDirectory(path);
    }

    /// <summary>Opens an existing directory.</summary>
    /// <exception cref="InvalidDataException">The file is no directory of a lab.</exception>
    public static LabDirectory Open(string path) => new(path);

    /// <summary>Gives the endpoint; null for an unknown name and for an instance that is not running.</summary>
    public LabEndpoint? Find(string serverName) =>
        Current().Instances.FirstOrDefault(entry => string.Equals(entry.Name, serverName, StringComparison.OrdinalIgnoreCase)) is { Port: > 0 } entry
            ? new LabEndpoint(entry.Host, entry.Port)
            : null;

    /// <summary>Notes where an instance listens now; port 0 = not running.</summary>
    public void Register(string name, int port)
    {
        lock (_lock)
        {
            List<Entry> instances = _content.Instances.Where(entry => !string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
            instances.Add(new Entry(name, "127.0.0.1", port));
            Content content = _content with { Instances = instances };
            Save(_path, content);
            _content = content;
            _stamp = Stamp();
        }
    }

    private static void Save(string path, Content content) => PrivateFile.Write(path, JsonSerializer.Serialize(content, JsonSerializerOptions.Web));

    private Content Current()
    {
        lock (_lock)
        {
            if (Stamp() != _stamp)
                _content = Load();
            return _content;
        }
    }

    private Content Load()
    {
        _stamp = Stamp();
        try
        {
            Content? content = JsonSerializer.Deserialize<Content>(File.ReadAllText(_path), JsonSerializerOptions.Web);
            return content is { SchemaVersion: SchemaVersion, LinkSecret.Length: > 0, Instances: not null }
                ? content
                : throw new InvalidDataException($"{_path} is no directory of a lab.");
        }
        catch (JsonException damaged)
        {
            throw new InvalidDataException($"{_path} is no directory of a lab: {damaged.Message}", damaged);
        }
    }

    private (DateTime Written, long Length) Stamp()
    {
        FileInfo file = new(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private sealed record Entry(string Name, string Host, int Port);

    private sealed record Content(int SchemaVersion, string LinkSecret, IReadOnlyList<Entry> Instances);
}
