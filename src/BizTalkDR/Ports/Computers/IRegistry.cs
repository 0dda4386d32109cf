using System.Collections.Generic;

namespace BizTalkDR.Ports.Computers;

/// <summary>View of the registry.</summary>
public enum RegistryView
{
    Registry64,

    Registry32,
}

/// <summary>Type of a value, by the names of winnt.h.</summary>
public enum RegistryValueType
{
    String,

    ExpandString,

    DWord,

    QWord,

    MultiString,

    Binary,
}

/// <summary>A value. <paramref name="Data"/> is a string, int, long, string[] or byte[] by its type.</summary>
public sealed record RegistryValue(string Name, RegistryValueType Type, object Data);

/// <summary>HKEY_LOCAL_MACHINE of a computer; keys are given below it (<c>SOFTWARE\Microsoft\ENTSSO</c>).</summary>
public interface IRegistry
{
    bool KeyExists(string key, RegistryView view = RegistryView.Registry64);

    /// <summary>Names of the keys below one; empty when it is not there.</summary>
    IReadOnlyList<string> SubKeys(string key, RegistryView view = RegistryView.Registry64);

    /// <summary>Values of a key; empty when it is not there.</summary>
    IReadOnlyList<RegistryValue> Values(string key, RegistryView view = RegistryView.Registry64);

    /// <summary>Sets a value; the key is made.</summary>
    void Set(string key, RegistryValue value, RegistryView view = RegistryView.Registry64);
}
