using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using BizTalkDR.Lab.Group;

namespace BizTalkDR.Lab.Hosting;

/// <summary>The files of a lab: what it is, where its instances keep their data, how to log in.</summary>
public sealed partial class LabFolder
{
    private const int SchemaVersion = 1;
    private const string PasswordLetters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private LabFolder(string path, Identity identity)
    {
        FullPath = path;
        About = identity;
    }

    public string FullPath { get; }

    /// <summary>Network names of the instances.</summary>
    public IReadOnlyList<string> Instances => About.Instances;

    public int Seed => About.Seed;

    /// <summary>Whether the practice group was built to its end.</summary>
    public bool IsBuilt => About.Built;

    public string BackupFolder => Path.Combine(FullPath, "backup");

    public string DirectoryFile => Path.Combine(FullPath, "directory.json");

    /// <summary>The only file that holds the password.</summary>
    public string ConnectionFile => Path.Combine(FullPath, "connection.json");

    private Identity About { get; set; }

    /// <summary>Whether a folder holds a lab.</summary>
    public static bool IsLab(string path) => File.Exists(IdentityFile(path));

    /// <summary>Makes the files of a new lab in a folder that is empty or does not exist.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="instances">Network names of the instances.</param>
    /// <param name="seed">Seed of all that is generated, the password excepted.</param>
    /// <param name="password">Password of sa; null = a new random one.</param>
    /// <exception cref="LabException">The folder holds something else, a name is impossible, the password is too simple.</exception>
    public static LabFolder Create(string path, IReadOnlyList<string> instances, int seed, string? password)
    {
        string full = Path.GetFullPath(path);
        CheckNames(instances);
        if (password is { Length: < 8 })
            throw new LabException("The password of a lab has at least 8 characters.");
        if (File.Exists(full) || (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any()))
            throw new LabException($"The folder {full} is not empty and holds no lab: choose another one.");
        PrivateFile.CreateFolder(full);
        LabFolder folder = new(full, new Identity(SchemaVersion, instances, seed, false));
        Directory.CreateDirectory(folder.BackupFolder);
        LabDirectory.Create(folder.DirectoryFile, instances);
        folder.WriteConnections(password ?? NewPassword(), new Dictionary<string, string>(StringComparer.Ordinal));
        folder.Save();
        return folder;
    }

    /// <summary>Opens the files of an existing lab.</summary>
    /// <exception cref="LabException">They are missing or damaged.</exception>
    public static LabFolder Open(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            Identity? identity = JsonSerializer.Deserialize<Identity>(File.ReadAllText(IdentityFile(full)), JsonSerializerOptions.Web);
            if (identity is not { SchemaVersion: SchemaVersion, Instances.Count: > 0 })
                throw new LabException($"The folder {full} holds no lab this program can open.");
            CheckNames(identity.Instances);
            return new LabFolder(full, identity);
        }
        catch (Exception damaged) when (damaged is JsonException or IOException)
        {
            throw new LabException($"The folder {full} holds no lab this program can open: {damaged.Message}", damaged);
        }
    }

    public string InstanceFolder(string name) => Path.Combine(FullPath, "instances", name.Replace('\\', '$'));

    /// <summary>Notes that the practice group is complete.</summary>
    public void MarkBuilt()
    {
        About = About with { Built = true };
        Save();
    }

    public string ReadPassword() => ReadConnections().Password;

    /// <summary>Writes the login and the addresses of the running instances where only the owner can read them.</summary>
    /// <param name="password">Password of sa.</param>
    /// <param name="addresses">Network name to address, as a client writes it: <c>127.0.0.1,port</c>.</param>
    public void WriteConnections(string password, IReadOnlyDictionary<string, string> addresses)
    {
        List<InstanceAddress> instances = Instances.Where(addresses.ContainsKey).Select(name => new InstanceAddress(name, addresses[name])).ToList();
        Connections connections = new(SchemaVersion, "sa", password, instances, GroupDefinition.DefaultManagementDatabase, BackupFolder);
        PrivateFile.Write(ConnectionFile, JsonSerializer.Serialize(connections, JsonSerializerOptions.Web));
    }

    private static string IdentityFile(string path) => Path.Combine(path, "lab.json");

    private static void CheckNames(IReadOnlyList<string> instances)
    {
        if (instances.Count is 0 or > 16)
            throw new LabException("A lab has 1 to 16 instances.");
        if (instances.FirstOrDefault(name => !InstanceName().IsMatch(name)) is { } wrong)
            throw new LabException($"'{wrong}' is no name of an instance: a computer name (letters, digits, hyphens), perhaps a backslash and an instance name.");
        if (instances.Distinct(StringComparer.OrdinalIgnoreCase).Count() != instances.Count)
            throw new LabException("The instances of a lab need different names.");
    }

    private static string NewPassword()
    {
        // One of each kind in front, so that any password policy is content.
        return "aZ7-" + RandomNumberGenerator.GetString(PasswordLetters, 20);
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9\-]{0,31}(\\[A-Za-z][A-Za-z0-9_]{0,15})?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InstanceName();

    private Connections ReadConnections()
    {
        try
        {
            return JsonSerializer.Deserialize<Connections>(File.ReadAllText(ConnectionFile), JsonSerializerOptions.Web) is { Password.Length: > 0 } connections
                ? connections
                : throw new LabException($"{ConnectionFile} holds no password.");
        }
        catch (Exception damaged) when (damaged is JsonException or IOException)
        {
            throw new LabException($"{ConnectionFile} cannot be read: {damaged.Message}", damaged);
        }
    }

    private void Save() => PrivateFile.Write(IdentityFile(FullPath), JsonSerializer.Serialize(About, JsonSerializerOptions.Web));

    private sealed record Identity(int SchemaVersion, IReadOnlyList<string> Instances, int Seed, bool Built);

    private sealed record InstanceAddress(string Name, string Address);

    private sealed record Connections(
        int SchemaVersion, string Login, string Password, IReadOnlyList<InstanceAddress> Instances, string ManagementDatabase, string BackupFolder);
}
