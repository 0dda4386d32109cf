using System;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>The key of BizTalk Server in the registry of a computer.</summary>
public static class ProductKey
{
    /// <summary>Path below HKEY_LOCAL_MACHINE.</summary>
    public const string Path = @"SOFTWARE\Microsoft\BizTalk Server\3.0";

    /// <summary>Reads a text from the key, in whichever view it is; empty when it is in neither.</summary>
    public static string Value(IRegistry registry, string name) => registry.Values(Path).Concat(registry.Values(Path, RegistryView.Registry32))
        .FirstOrDefault(v => string.Equals(v.Name, name, StringComparison.OrdinalIgnoreCase))?.Data as string ?? string.Empty;
}
