using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Computer;
using BizTalkDR.Computer.Windows;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Configuration.Setup;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers.CommandLines;

/// <summary>Every command line that the product can emit against the documented syntax of its tool.</summary>
public sealed class EmittedCommandTests
{
    private static readonly BtsTaskCommands s_btsTask = new(new DatabaseAddress("LABSQL1", "BizTalkMgmtDb"));

    private static readonly PortalPool s_pool = new("BAMAppPool", "v4.0", "Integrated", Is32Bit: true, "SpecificUser", "LAB\\bam");
    private static readonly PortalApplication s_application = new("Default Web Site", "/BAM", @"C:\BAMPortal");
    private static readonly DatabaseAddress s_primaryImport = new("LABSQL2", "BAMPrimaryImport");

    public static TheoryData<string, string[]> Emitted
    {
        get
        {
            TheoryData<string, string[]> rows = [];
            foreach (ToolCommand command in All())
                rows.Add(command.Tool.ToString(), [.. command.Arguments]);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Emitted))]
    public void Is_as_documented(string tool, string[] arguments)
    {
        List<DocumentedCommand> candidates = DocumentedCommands.All.Where(d => d.Tool.ToString() == tool).ToList();
        List<string?> wrong = candidates.Select(d => d.WhatIsWrong(arguments)).ToList();
        Assert.True(wrong.Contains(null), $"{tool} {string.Join(' ', arguments)}: {string.Join("; ", wrong)}");
    }

    [Theory]
    [InlineData("ExportApp /ApplicationName:A", "/Package: is missing")]
    [InlineData("ExportApp /Package:", "/Package: is no documented option")]
    [InlineData("ExportApp /Package:x /Password:y", "/Password:y is no documented option")]
    [InlineData("ExportBindings /Destination:x /GroupLevel /ApplicationName:A", "only one may be given of /GroupLevel, /ApplicationName:, /AssemblyName:")]
    [InlineData("-exportapp -package:x", "it does not begin with ExportApp")]
    [InlineData("/S x.xml /L", "a word is to follow /L", "Configuration")]
    [InlineData("/S x.xml /P x", "/P is no documented option", "Configuration")]
    [InlineData("-backupSecret x.sso secret", "secret is no documented option", "SsoConfig")]
    public void The_table_says_no(string line, string expected, string tool = "BtsTask")
    {
        string[] arguments = line.Split(' ');
        Assert.Contains(expected, DocumentedCommands.All.Where(d => d.Tool.ToString() == tool).Select(d => d.WhatIsWrong(arguments)));
    }

    [Fact]
    public void Every_documented_row_is_emitted_by_something()
    {
        Assert.All(DocumentedCommands.All, d => Assert.Contains(All(), c => c.Tool == d.Tool && d.WhatIsWrong(c.Arguments) is null));
    }

    private static IEnumerable<ToolCommand> All() =>
    [
        s_btsTask.ExportApplication("My App", @"C:\Temp\x y.msi"),
        s_btsTask.ListResources("My App", @"C:\Temp\x.xml"),
        s_btsTask.ExportBindings("My App", @"C:\Temp\x.xml"),
        s_btsTask.ExportGroupBindings(@"C:\Temp\x.xml"),
        s_btsTask.ExportParties(@"C:\Temp\x.xml"),
        s_btsTask.ImportApplication("My App", @"C:\Temp\x.msi"),
        s_btsTask.ImportBindings("My App", @"C:\Temp\x.xml"),
        MachineCommands.Install(@"C:\Temp\x.msi"),
        MachineCommands.AddToCache(@"C:\Temp\x.dll"),
        PortalCommands.PoolAttribute("BAMAppPool", "processModel.userName"),
        PortalCommands.ListApplications("BAMAppPool"),
        PortalCommands.ListDirectories("Default Web Site/BAM"),
        PortalCommands.AddPool(s_pool),
        PortalCommands.SetIdentityType("BAMAppPool", "NetworkService"),
        PortalCommands.StartPool("BAMAppPool"),
        PortalCommands.AddApplication(s_application),
        PortalCommands.SetPool(s_application, "BAMAppPool"),
        PortalCommands.GetConfiguration(@"C:\Temp\x.xml", s_primaryImport),
        PortalCommands.GetDefinitions(@"C:\Temp\x.xml", s_primaryImport),
        SetupCommands.Configure(@"C:\Temp\x y.xml", @"C:\Temp\x.log"),
        SetupCommands.RestoreGroup(@"D:\RestoreConfig.vbe", @"C:\Temp\x.xml"),
        SingleSignOnCommands.Display(),
        SingleSignOnCommands.Update(@"C:\Temp\x.xml"),
        SingleSignOnCommands.Backup(@"C:\Temp\x.sso"),
        SingleSignOnCommands.Restore(@"C:\Temp\x.sso"),
        ServiceCommands.QueryAll(),
        ServiceCommands.Query("BTSSvc$Host"),
        ServiceCommands.Start("BTSSvc$Host"),
        ServiceCommands.Stop("BTSSvc$Host"),
        .. Enum.GetValues<ServiceStart>().Select(s => ServiceCommands.SetStart("BTSSvc$Host", s)),
        EventCommands.Query("ENTSSO", [10559, 10525], 1000),
    ];
}
