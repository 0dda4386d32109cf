using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>A resource of an application; content is that of an assembly where the computer had it.</summary>
internal sealed record LabResource(string Type, string Luid, string? Content);

/// <summary>The lab's stand-in for a Windows Installer package: the first bytes of one, then JSON. Nothing but the lab's own tools can read it.</summary>
internal sealed record LabPackage(string Application, string Description, IReadOnlyList<string> References, IReadOnlyList<LabResource> Resources)
{
    private static readonly byte[] s_first = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    public void Save(Stream stream)
    {
        stream.Write(s_first);
        JsonSerializer.Serialize(stream, this);
    }

    /// <summary>Reads a package; null when the file is none.</summary>
    public static LabPackage? Load(Stream stream)
    {
        byte[] first = new byte[s_first.Length];
        if (stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) < first.Length || !first.SequenceEqual(s_first))
            return null;
        try
        {
            return JsonSerializer.Deserialize<LabPackage>(stream);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The lab's stand-in for an assembly: a text file whose first line is its full name.</summary>
internal static class LabAssembly
{
    private static readonly Regex s_name = new("^[^,]+, Version=[0-9.]+, Culture=[A-Za-z-]+, PublicKeyToken=[0-9a-f]{16}$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    public static string Content(string fullName) => fullName + "\nThis file stands for an assembly of a simulated computer.\n";

    /// <summary>Full name out of a file's content; null when it is no assembly of a lab.</summary>
    public static string? NameOf(string content) => content.Split('\n')[0].Trim() is var name && s_name.IsMatch(name) ? name : null;

    /// <summary>Place of an assembly in the global assembly cache of .NET Framework 4.</summary>
    public static string CachePath(IComputerFiles files, string fullName)
    {
        string[] parts = fullName.Split(", ");
        string version = parts[1]["Version=".Length..], culture = parts[2]["Culture=".Length..], token = parts[3]["PublicKeyToken=".Length..];
        return files.Expand($@"%windir%\Microsoft.NET\assembly\GAC_MSIL\{parts[0]}\v4.0_{version}_{(culture == "neutral" ? string.Empty : culture)}_{token}\{parts[0]}.dll");
    }

    public static void AddToCache(IComputerFiles files, string fullName, string content) =>
        files.Write(CachePath(files, fullName), FileProtection.Inherited, s => s.Write(System.Text.Encoding.UTF8.GetBytes(content)));
}
