using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.Json;

namespace BizTalkDR.Module.Tests;

/// <summary>What out/BizTalkDR must hold to be imported anywhere.</summary>
public sealed class PackageTests
{
    // Parts of SqlClient's and SMO's closure that only features we never use ask for (Entra sign-in, Always Encrypted, OLE DB, WMI):
    // they would be loaded at the first use of such a feature, which does not come.
    private static readonly string[] s_neverAskedFor =
    [
        "Azure.Core", "Azure.Identity", "Microsoft.Bcl.Cryptography", "Microsoft.Extensions.Caching.Abstractions", "Microsoft.Extensions.Caching.Memory",
        "Microsoft.Extensions.Options", "Microsoft.Identity.Client", "Microsoft.Identity.Client.Broker", "Microsoft.IdentityModel.JsonWebTokens",
        "Microsoft.IdentityModel.Logging", "Microsoft.IdentityModel.Protocols", "Microsoft.IdentityModel.Protocols.OpenIdConnect",
        "Microsoft.IdentityModel.Tokens", "System.Data.OleDb", "System.IdentityModel.Tokens.Jwt", "System.Management",
        "System.Security.Cryptography.Pkcs", "System.Security.Permissions",
    ];

    [Fact]
    public void Holds_the_texts_PowerShell_looks_for()
    {
        foreach (string file in (string[])["BizTalkDR.psd1", "BizTalkDR.psm1", "BizTalkDR.Format.ps1xml", "LICENSE", "CHANGELOG.md", "en-US/BizTalkDR.Module.dll-Help.xml"])
            Assert.True(File.Exists(Path.Combine(Repository.Package, file)), file);
    }

    [Fact]
    public void Holds_what_was_seen_to_be_loaded_at_work()
    {
        foreach (string name in (string[])[
            "BizTalkDR", "BizTalkDR.BackupFiles", "BizTalkDR.Computer", "BizTalkDR.Loader", "BizTalkDR.Module", "BizTalkDR.SqlServer", "Microsoft.SqlServer.ConnectionInfo", "Microsoft.SqlServer.Smo",
            "Microsoft.SqlServer.SmoExtended", "Microsoft.SqlServer.Management.Sdk.Sfc", "Microsoft.SqlServer.SqlEnum", "Microsoft.SqlServer.Dmf.Common", "Microsoft.SqlServer.ServiceBrokerEnum",
            "Microsoft.Data.Tools.Sql.BatchParser", "Microsoft.SqlServer.Server", "System.Configuration.ConfigurationManager", "System.Text.Json"])
        {
            Assert.True(File.Exists(Path.Combine(Repository.CoreFolder, name + ".dll")), name);
        }
    }

    [Fact]
    public void The_manifest_of_the_package_names_the_editions_that_are_in_it()
    {
        string manifest = File.ReadAllText(Path.Combine(Repository.Package, "BizTalkDR.psd1"));
        bool hasDesktop = Directory.Exists(Path.Combine(Repository.Package, "bin", "net472"));
        Assert.Equal(hasDesktop ? ["Core", "Desktop"] : ["Core"], Repository.ManifestList(manifest, "CompatiblePSEditions"));
        Assert.Equal(hasDesktop ? "5.1" : "7.4", Repository.ManifestValue(manifest, "PowerShellVersion"));
        foreach (string key in (string[])["ModuleVersion", "GUID", "RootModule"])
            Assert.Equal(Repository.ManifestValue(Repository.Manifest, key), Repository.ManifestValue(manifest, key));
        Assert.Equal(Repository.ManifestList(Repository.Manifest, "CmdletsToExport"), Repository.ManifestList(manifest, "CmdletsToExport"));
    }

    [Theory]
    [InlineData("unix")]
    [InlineData("win")]
    public void Every_assembly_that_is_asked_for_is_there(string system)
    {
        Dictionary<string, string> present = Directory.GetFiles(Repository.CoreFolder, "*.dll")
            .Concat(Directory.GetFiles(Path.Combine(Repository.CoreFolder, "runtimes", system, "lib", "net8.0"), "*.dll"))
            .ToDictionary(f => Path.GetFileNameWithoutExtension(f), StringComparer.OrdinalIgnoreCase);
        string platform = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        HashSet<string> missing = [];
        HashSet<string> seen = ["BizTalkDR.Module"];
        Queue<string> queue = new(seen);
        while (queue.TryDequeue(out string? name))
        {
            foreach (string reference in ReferenceTests.References(present[name]).Where(seen.Add))
            {
                if (present.ContainsKey(reference))
                    queue.Enqueue(reference);
                else if (!File.Exists(Path.Combine(platform, reference + ".dll")) && reference != "System.Management.Automation")
                    missing.Add(reference);
            }
        }

        string[] unexpected = missing.Except(s_neverAskedFor).Order(StringComparer.Ordinal).ToArray();
        Assert.True(unexpected.Length == 0, string.Join(", ", unexpected));
        Assert.Contains("Microsoft.Data.SqlClient", seen);
        Assert.Contains("Microsoft.SqlServer.Smo", seen);
    }

    [Theory]
    [InlineData("unix", false)]
    [InlineData("win", true)]
    public void SqlClient_is_there_for_each_system_in_its_own_build(string system, bool callsNative)
    {
        using PEReader image = new(File.OpenRead(Path.Combine(Repository.CoreFolder, "runtimes", system, "lib", "net8.0", "Microsoft.Data.SqlClient.dll")));
        MetadataReader metadata = image.GetMetadataReader();
        IEnumerable<string> modules = Enumerable.Range(1, metadata.GetTableRowCount(TableIndex.ModuleRef))
            .Select(row => metadata.GetString(metadata.GetModuleReference(MetadataTokens.ModuleReferenceHandle(row)).Name));
        Assert.Equal(callsNative, modules.Any(m => m.StartsWith("Microsoft.Data.SqlClient.SNI", StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("win-x64", Machine.Amd64)]
    [InlineData("win-x86", Machine.I386)]
    [InlineData("win-arm64", Machine.Arm64)]
    public void The_native_part_is_there_for_each_processor(string folder, Machine machine)
    {
        using PEReader image = new(File.OpenRead(Path.Combine(Repository.CoreFolder, "runtimes", folder, "native", "Microsoft.Data.SqlClient.SNI.dll")));
        Assert.Equal(machine, image.PEHeaders.CoffHeader.Machine);
        Assert.False(image.HasMetadata);
    }

    [Fact]
    public void Nothing_that_depends_on_the_system_lies_where_every_system_looks() => Assert.Empty(
        Directory.GetFiles(Repository.CoreFolder).Where(f => Path.GetFileName(f).StartsWith("Microsoft.Data.SqlClient", StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public void Carries_no_PowerShell_and_no_symbols() => Assert.Empty(
        Directory.GetFiles(Repository.Package, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) is "System.Management.Automation.dll" || Path.GetExtension(f) is ".pdb" or ".user"));

    [Fact]
    public void No_deps_file_chooses_assemblies_for_the_module() => Assert.Empty(Directory.GetFiles(Repository.CoreFolder, "*.json"));

    [Fact]
    public void The_lab_lies_beside_the_module_with_everything_its_deps_file_names()
    {
        using JsonDocument deps = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.LabFolder, "BizTalkDR.Lab.deps.json")));
        JsonElement targets = deps.RootElement.GetProperty("targets").EnumerateObject().Single().Value;
        IEnumerable<string> files = targets.EnumerateObject()
            .SelectMany(library => library.Value.TryGetProperty("runtime", out JsonElement runtime) ? runtime.EnumerateObject().Select(f => Path.GetFileName(f.Name)).ToList() : []);
        Assert.Empty(files.Where(f => !File.Exists(Path.Combine(Repository.LabFolder, f))));
        Assert.Contains("Microsoft.Data.SqlClient.dll", files);
        Assert.Contains("BizTalkDR.Lab.dll", files);
    }

    [Fact]
    public void The_lab_runs_on_any_newer_runtime()
    {
        using JsonDocument options = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.LabFolder, "BizTalkDR.Lab.runtimeconfig.json")));
        Assert.Equal("Major", options.RootElement.GetProperty("runtimeOptions").GetProperty("rollForward").GetString());
    }
}
