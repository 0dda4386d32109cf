using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Applications;

/// <summary>An assembly in the global assembly cache.</summary>
/// <param name="Assembly">Its name.</param>
/// <param name="Path">Its file.</param>
internal sealed record CachedAssembly(AssemblyRecord Assembly, string Path);

/// <summary>The global assembly cache of a computer, by its folders.</summary>
/// <remarks>
/// .NET Framework 4 keeps assemblies in <c>%windir%\Microsoft.NET\assembly\GAC_MSIL\NAME\v4.0_VERSION_CULTURE_TOKEN</c>, older ones in
/// <c>%windir%\assembly\GAC_MSIL\NAME\VERSION_CULTURE_TOKEN</c>; a neutral culture is empty there.
/// </remarks>
internal static class AssemblyCache
{
    private static readonly string[] s_roots = [@"%windir%\Microsoft.NET\assembly", @"%windir%\assembly"];
    private static readonly string[] s_kinds = ["GAC_MSIL", "GAC_64", "GAC_32"];

    // Keys that Microsoft signs .NET, Windows, Visual Studio, SQL Server and BizTalk Server with.
    private static readonly string[] s_microsoft =
        ["b77a5c561934e089", "b03f5f7f11d50a3a", "31bf3856ad364e35", "89845dcd8080cc91", "71e9bce111e9429c", "7cec85d7bea7798e", "cc7b13ffcd2ddd51", "adb9793829ddae60", "842cf8be1de50553"];

    private static readonly Regex s_folder = new("^(v4\\.0_)?(?<version>[0-9]+(\\.[0-9]+){1,3})_(?<culture>[^_]*)_(?<token>[0-9A-Fa-f]{16})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    /// <summary>Finds the file of an assembly; null when the cache does not hold it.</summary>
    public static string? Find(IComputerFiles files, AssemblyRecord assembly) =>
        s_roots.SelectMany(root => s_kinds.Select(kind => Place(root, kind, assembly))).Select(files.Expand).FirstOrDefault(files.FileExists);

    /// <summary>Lists the assemblies that Microsoft did not sign.</summary>
    public static IReadOnlyList<CachedAssembly> Custom(IComputerFiles files) => s_roots.SelectMany(root => s_kinds.Select(kind => files.Expand(root + "\\" + kind)))
        .SelectMany(folder => files.List(folder, "*.dll", recurse: true)).Select(f => Parse(f.Path)).Where(a => a is not null && !s_microsoft.Contains(a.Assembly.PublicKeyToken, StringComparer.OrdinalIgnoreCase))
        .Select(a => a!).ToList();

    /// <summary>Reads name and version out of a path of the cache; null when it is none.</summary>
    public static CachedAssembly? Parse(string path)
    {
        string[] parts = path.Split('\\');
        if (parts.Length < 3 || s_folder.Match(parts[parts.Length - 2]) is not { Success: true } match)
            return null;
        string culture = match.Groups["culture"].Value;
        return new CachedAssembly(
            new AssemblyRecord(parts[parts.Length - 3], match.Groups["version"].Value, culture.Length == 0 ? "neutral" : culture, match.Groups["token"].Value.ToLowerInvariant(), IsSystem: false), path);
    }

    private static string Place(string root, string kind, AssemblyRecord assembly)
    {
        string culture = string.Equals(assembly.Culture, "neutral", StringComparison.OrdinalIgnoreCase) ? string.Empty : assembly.Culture;
        string prefix = root == s_roots[0] ? "v4.0_" : string.Empty;
        return $@"{root}\{kind}\{assembly.Name}\{prefix}{assembly.Version}_{culture}_{assembly.PublicKeyToken}\{assembly.Name}.dll";
    }
}
