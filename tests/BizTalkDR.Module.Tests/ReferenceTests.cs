using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace BizTalkDR.Module.Tests;

/// <summary>Arrows point one way: Loader → Module → SqlServer, Computer → BizTalkDR → BackupFiles, and nothing points to the Lab.</summary>
public sealed class ReferenceTests
{
    private static readonly string[] s_platform = ["netstandard", "mscorlib", "System"];

    [Fact]
    public void The_loader_references_nothing_but_the_platform() =>
        Assert.All(References(Path.Combine(Repository.CoreFolder, "BizTalkDR.Loader.dll")), IsPlatform);

    [Fact]
    public void The_reader_of_backup_files_references_nothing_but_the_platform() =>
        Assert.Equal(["netstandard"], References(Path.Combine(Repository.CoreFolder, "BizTalkDR.BackupFiles.dll")));

    [Fact]
    public void The_domain_knows_no_SMO_no_SqlClient_no_PowerShell()
    {
        IReadOnlyList<string> references = References(Path.Combine(Repository.CoreFolder, "BizTalkDR.dll"));
        Assert.Equal(["BizTalkDR.BackupFiles"], Ours(references));
        Assert.DoesNotContain(references, r => r.StartsWith("Microsoft.", StringComparison.Ordinal) || r == "System.Management.Automation");
    }

    [Fact]
    public void The_adapter_knows_no_PowerShell()
    {
        IReadOnlyList<string> references = References(Path.Combine(Repository.CoreFolder, "BizTalkDR.SqlServer.dll"));
        Assert.Equal(["BizTalkDR", "BizTalkDR.BackupFiles"], Ours(references).Union(["BizTalkDR.BackupFiles"]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("System.Management.Automation", references);
    }

    [Theory]
    [InlineData("net8.0")]
    [InlineData("net472")]
    public void The_skin_knows_no_SMO_and_no_SqlClient(string framework)
    {
        IReadOnlyList<string> references = References(Repository.Output("BizTalkDR.Module", framework));
        Assert.Subset(new HashSet<string> { "BizTalkDR", "BizTalkDR.BackupFiles", "BizTalkDR.Computer", "BizTalkDR.SqlServer" }, Ours(references).ToHashSet());
        Assert.DoesNotContain(references, r => r.StartsWith("Microsoft.SqlServer", StringComparison.Ordinal) || r.StartsWith("Microsoft.Data", StringComparison.Ordinal));
        Assert.Contains("System.Management.Automation", references);
    }

    [Fact]
    public void Nothing_in_the_package_references_the_lab_nor_ships_its_parser()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Package, "bin"), "*.dll", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(Path.GetFileName(file), (string[])["BizTalkDR.Lab.dll", "Microsoft.SqlServer.TransactSql.ScriptDom.dll"]);
            if (HasMetadata(file))
                Assert.DoesNotContain("BizTalkDR.Lab", References(file));
        }
    }

    [Fact]
    public void The_lab_references_the_adapters_the_domain_and_the_reader_alone() => Assert.Subset(
        new HashSet<string> { "BizTalkDR", "BizTalkDR.BackupFiles", "BizTalkDR.Computer", "BizTalkDR.SqlServer" },
        Ours(References(Path.Combine(Repository.LabFolder, "BizTalkDR.Lab.dll"))).ToHashSet());

    [Theory]
    [InlineData("BizTalkDR.BackupFiles")]
    [InlineData("BizTalkDR", "BizTalkDR.BackupFiles")]
    [InlineData("BizTalkDR.SqlServer", "BizTalkDR")]
    [InlineData("BizTalkDR.Computer", "BizTalkDR")]
    [InlineData("BizTalkDR.Loader")]
    [InlineData("BizTalkDR.Module", "BizTalkDR", "BizTalkDR.SqlServer", "BizTalkDR.Computer", "BizTalkDR.Loader", "HelpBuilder")]
    [InlineData("BizTalkDR.Lab", "BizTalkDR", "BizTalkDR.BackupFiles", "BizTalkDR.SqlServer", "BizTalkDR.Computer")]
    public void Projects_reference_only_what_they_may(string project, params string[] allowed)
    {
        IEnumerable<string> references = XDocument.Load(Repository.In("src", project, project + ".csproj")).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.Subset(allowed.ToHashSet(), references.ToHashSet());
    }

    internal static IReadOnlyList<string> References(string file)
    {
        using PEReader image = new(File.OpenRead(file));
        MetadataReader metadata = image.GetMetadataReader();
        return metadata.AssemblyReferences.Select(r => metadata.GetString(metadata.GetAssemblyReference(r).Name)).Order(StringComparer.Ordinal).ToList();
    }

    internal static bool HasMetadata(string file)
    {
        using PEReader image = new(File.OpenRead(file));
        return image.HasMetadata;
    }

    private static IEnumerable<string> Ours(IEnumerable<string> references) => references.Where(r => r.StartsWith("BizTalkDR", StringComparison.Ordinal));

    private static void IsPlatform(string reference) => Assert.True(
        s_platform.Contains(reference, StringComparer.Ordinal) || (reference.StartsWith("System.", StringComparison.Ordinal) && reference != "System.Management.Automation"),
        reference);
}
