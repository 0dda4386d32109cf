using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Applications;

/// <summary>Rows: what the group knows, whether there is a map, and the steps that follow.</summary>
public sealed class ApplicationPlannerTests
{
    private const string Hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly AssemblyRecord s_assembly = new("Lab.Orders", "1.2.0.0", "neutral", "5f1c2d3e4a5b6c7d", IsSystem: false);

    [Theory]
    [InlineData("Common,Orders", "install/Common bindings/Common install/Orders bindings/Orders assembly file check")]
    [InlineData("", "import/Common install/Common bindings/Common import/Orders install/Orders bindings/Orders assembly file check")]
    [InlineData("common", "install/Common bindings/Common import/Orders install/Orders bindings/Orders assembly file check")]
    public void Imports_what_the_group_does_not_know_after_what_it_references(string inGroup, string expected)
    {
        IReadOnlyList<PartStep> steps = ApplicationPlanner.Plan(new ApplicationPlanFacts(Kept(), Files(), inGroup.Split(',', StringSplitOptions.RemoveEmptyEntries), new BtsTaskCommands(new DatabaseAddress("S", "D"))));
        Assert.Equal(expected, string.Join(' ', steps.Select(Describe)));
        Assert.Equal(steps.Select(s => s.Stage).OrderBy(s => s), steps.Select(s => s.Stage));
        Assert.All(steps.OfType<ImportApplicationStep>(), s => Assert.False(s.IsRepeatable));
        // Whether an import that was cut short left a password to type, nobody could see.
        Assert.Equal([true, false], steps.OfType<ImportBindingsStep>().Select(s => s.IsRepeatable));
    }

    private static string Describe(PartStep step) => step switch
    {
        ImportApplicationStep s => "import/" + s.Application.Name,
        InstallApplicationStep s => "install/" + s.Application.Name,
        ImportBindingsStep s => "bindings/" + s.Application.Name,
        InstallAssemblyStep => "assembly",
        CopyFileStep => "file",
        _ => "check",
    };

    private static ApplicationInventory Kept() => new(
        1,
        [
            new KeptApplication("Orders", DateTime.UnixEpoch, "o.msi", "o.xml", "o.res") { References = ["BizTalk.System", "Common"], Assemblies = [s_assembly], MissingPasswords = [new MissingPassword("Out", "Password", IsCertain: true)] },
            new KeptApplication("Common", DateTime.UnixEpoch, "c.msi", "c.xml", "c.res"),
        ],
        [new KeptAssembly(s_assembly, "a.dll")],
        [new KeptExtraFile(@"C:\App\x.config", "x.config")],
        []);

    private static List<KeptFile> Files() => new[] { "o.msi", "o.xml", "o.res", "c.msi", "c.xml", "c.res", "a.dll", "x.config" }.Select(n => new KeptFile(n, 0, Hash)).ToList();
}
