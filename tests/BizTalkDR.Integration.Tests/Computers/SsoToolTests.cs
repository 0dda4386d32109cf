using System;
using System.IO;
using System.Threading.Tasks;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>A lab for all tests of a class; each leaves it as it was.</summary>
public sealed class SharedComputers : IAsyncLifetime
{
    internal ComputerLab Lab { get; private set; } = null!;

    public async Task InitializeAsync() => Lab = await ComputerLab.StartAsync();

    public async Task DisposeAsync() => await Lab.DisposeAsync();
}

/// <summary>ssoconfig and ssomanage of the lab as processes: arguments, prompts, exit codes.</summary>
public sealed class SsoToolTests(SharedComputers computers) : IClassFixture<SharedComputers>
{
    private readonly ComputerLab _lab = computers.Lab;

    [Theory]
    [InlineData(ExternalTool.SsoConfig, "-bogus", 1, "the arguments are not understood")]
    [InlineData(ExternalTool.SsoConfig, "-backupSecret", 1, "the arguments are not understood")]
    [InlineData(ExternalTool.SsoConfig, "-SHOWDB", 0, "SSO database : SSODB")]
    [InlineData(ExternalTool.SsoConfig, "-restoreSecret missing", 1, "was not found")]
    [InlineData(ExternalTool.SsoConfig, @"-backupSecret \\nas\share\x", 1, "event 10561")]
    [InlineData(ExternalTool.SsoManage, "-displayDB", 0, "SSO secret server name             : LABBTS1")]
    [InlineData(ExternalTool.SsoManage, "-showDB", 0, "SQL Server   : LABSQL2")]
    [InlineData(ExternalTool.SsoManage, "-listApps", 0, "FILE_TL_BizTalkServerApplication")]
    [InlineData(ExternalTool.SsoManage, "-displayApp nothing", 1, "does not exist")]
    [InlineData(ExternalTool.SsoManage, "-updateDB missing", 1, "was not found")]
    [InlineData(ExternalTool.SsoManage, "-updateDB", 1, "the arguments are not understood")]
    public void Tools_take_the_documented_arguments_and_no_others(ExternalTool tool, string arguments, int exitCode, string said)
    {
        ToolResult result = _lab.Tool("LABBTS1", tool, arguments.Split(' '));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(said, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LABBTS1", "<secretServer>LABBTS2</secretServer>", 0)]
    [InlineData("LABBTS2", "<secretServer>LABBTS2</secretServer>", 0)]
    [InlineData("LABBTS1", "<ssoAdminAccount>LAB\\Others</ssoAdminAccount>", 0)]
    [InlineData("LABBTS2", "<ssoAdminAccount>LAB\\Others</ssoAdminAccount><secretServer>LABBTS2</secretServer>", 1)]
    [InlineData("LABBTS1", "<nonsense/>", 1)]
    [InlineData("LABBTS1", "<ticketTimeout>soon</ticketTimeout>", 1)]
    [InlineData("LABBTS1", "<secretServer>", 1)]
    public void An_update_of_the_database_is_checked_as_documented(string computer, string elements, int exitCode)
    {
        LabComputer first = LabComputer.Open(_lab.Folder("LABBTS1"));
        SsoDatabase database = SsoDatabase.Of(first)!;
        database.Update(database.Read() with { SecretServer = "LABBTS1" });
        string file = Path.Combine(_lab.Folder(computer), "files", "C", "update.xml");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $"<sso><globalInfo>{elements}</globalInfo></sso>");
        Assert.Equal(exitCode, _lab.Tool(computer, ExternalTool.SsoManage, ["-updateDB", @"C:\update.xml"]).ExitCode);
        database.Update(database.Read() with { SecretServer = "LABBTS1" });
    }

    [Theory]
    [InlineData("cAnary", "cAnary", 0)]
    [InlineData("cAnary", "other", 1)]
    public void Passwords_go_to_prompts_and_are_in_nothing_the_tool_leaves(string password, string again, int exitCode)
    {
        ToolResult result = _lab.Tool("LABBTS1", ExternalTool.SsoConfig, ["-backupSecret", @"C:\x.sso"], password, again, "the dog");
        Assert.Equal(exitCode, result.ExitCode);
        Assert.DoesNotContain("cAnary", result.Output + result.ErrorOutput, StringComparison.Ordinal);
        string[] files = Directory.GetFiles(_lab.Folder("LABBTS1"), "*", SearchOption.AllDirectories);
        Assert.All(files, f => Assert.DoesNotContain("cAnary", File.ReadAllText(f), StringComparison.Ordinal));
        Assert.Contains("-backupSecret", File.ReadAllText(Path.Combine(_lab.Folder("LABBTS1"), "command-lines.log")), StringComparison.Ordinal);
    }
}
