using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace BizTalkDR.Module.Tests;

/// <summary>Where things lie: the repository this test was built in and the package the build has laid out.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release, as this test was built.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string Package { get; } = Path.Combine(Root, "out", "BizTalkDR");

    public static string CoreFolder { get; } = Path.Combine(Package, "bin", "net8.0");

    public static string LabFolder { get; } = Path.Combine(Package, "lab");

    /// <summary>The manifest as it is in the repository.</summary>
    public static string Manifest { get; } = File.ReadAllText(In("BizTalkDR.psd1"));

    public static string In(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>What a project's build put into its output folder.</summary>
    public static string Output(string project, string framework) => In("src", project, "bin", Configuration, framework, project + ".dll");

    /// <summary>The texts between quotation marks of a list in a manifest.</summary>
    public static IReadOnlyList<string> ManifestList(string manifest, string name)
    {
        Match list = Regex.Match(manifest, $@"^\s*{name}\s*=\s*@\((?<items>[^)]*)\)", RegexOptions.Multiline);
        Assert.True(list.Success, $"The manifest has no list {name}.");
        return Regex.Matches(list.Groups["items"].Value, "'(?<item>[^']*)'").Select(m => m.Groups["item"].Value).ToList();
    }

    public static string ManifestValue(string manifest, string name) =>
        Regex.Match(manifest, $@"^\s*{name}\s*=\s*'(?<value>[^']*)'", RegexOptions.Multiline).Groups["value"].Value;

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "BizTalkDR.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("These tests run from the output folder inside the repository.");
    }
}
