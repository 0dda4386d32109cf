using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>HKEY_LOCAL_MACHINE of a simulated computer: <c>registry.json</c>, view → key → value name → type and data.</summary>
internal sealed class FolderRegistry(string path) : IRegistry
{
    public bool KeyExists(string key, RegistryView view = RegistryView.Registry64) =>
        Load()[view].Keys.Any(k => IsKey(k, key) || IsBelow(k, key));

    public IReadOnlyList<string> SubKeys(string key, RegistryView view = RegistryView.Registry64) => Load()[view].Keys
        .Where(k => IsBelow(k, key)).Select(k => k.Substring(Trim(key).Length + 1).Split('\\')[0])
        .Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(k => k, StringComparer.OrdinalIgnoreCase).ToList();

    public IReadOnlyList<RegistryValue> Values(string key, RegistryView view = RegistryView.Registry64) => Load()[view]
        .Where(k => IsKey(k.Key, key)).SelectMany(k => k.Value).Select(v => new RegistryValue(v.Key, v.Value.Type, Data(v.Value))).ToList();

    public void Set(string key, RegistryValue value, RegistryView view = RegistryView.Registry64)
    {
        Dictionary<RegistryView, Dictionary<string, Dictionary<string, StoredValue>>> all = Load();
        string name = all[view].Keys.FirstOrDefault(k => IsKey(k, key)) ?? Trim(key);
        if (!all[view].TryGetValue(name, out Dictionary<string, StoredValue>? values))
            all[view][name] = values = new(StringComparer.Ordinal);
        string valueName = values.Keys.FirstOrDefault(v => string.Equals(v, value.Name, StringComparison.OrdinalIgnoreCase)) ?? value.Name;
        values[valueName] = new StoredValue(value.Type, JsonSerializer.SerializeToElement(value.Data, value.Data.GetType()));
        FolderJson.Write(path, all);
    }

    /// <summary>Deletes a key with everything below it.</summary>
    public void Delete(string key, RegistryView view = RegistryView.Registry64)
    {
        Dictionary<RegistryView, Dictionary<string, Dictionary<string, StoredValue>>> all = Load();
        foreach (string name in all[view].Keys.Where(k => IsKey(k, key) || IsBelow(k, key)).ToList())
            all[view].Remove(name);
        FolderJson.Write(path, all);
    }

    private Dictionary<RegistryView, Dictionary<string, Dictionary<string, StoredValue>>> Load()
    {
        Dictionary<RegistryView, Dictionary<string, Dictionary<string, StoredValue>>> all =
            FolderJson.Read<Dictionary<RegistryView, Dictionary<string, Dictionary<string, StoredValue>>>>(path) ?? [];
        foreach (RegistryView view in new[] { RegistryView.Registry64, RegistryView.Registry32 })
        {
            if (!all.ContainsKey(view))
                all[view] = new(StringComparer.Ordinal);
        }

        return all;
    }

    private static object Data(StoredValue value) => value.Type switch
    {
        RegistryValueType.DWord => value.Data.GetInt32(),
        RegistryValueType.QWord => value.Data.GetInt64(),
        RegistryValueType.MultiString => value.Data.EnumerateArray().Select(e => e.GetString()!).ToArray(),
        RegistryValueType.Binary => value.Data.GetBytesFromBase64(),
        _ => value.Data.GetString()!,
    };

    private static string Trim(string key) => key.Trim('\\');

    private static bool IsKey(string key, string wanted) => string.Equals(key, Trim(wanted), StringComparison.OrdinalIgnoreCase);

    private static bool IsBelow(string key, string wanted) => key.StartsWith(Trim(wanted) + "\\", StringComparison.OrdinalIgnoreCase);

    private sealed record StoredValue(RegistryValueType Type, JsonElement Data);
}
