using System;
using System.Linq;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Tests.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Applications;

public sealed class AssemblyCacheTests : IDisposable
{
    private readonly ComputerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(@"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\Lab.Orders\v4.0_1.2.0.0__5f1c2d3e4a5b6c7d\Lab.Orders.dll", "Lab.Orders, Version=1.2.0.0, Culture=neutral, PublicKeyToken=5f1c2d3e4a5b6c7d")]
    [InlineData(@"C:\Windows\assembly\GAC_32\Lab.Orders.resources\1.2.0.0_de-DE_5F1C2D3E4A5B6C7D\Lab.Orders.resources.dll", "Lab.Orders.resources, Version=1.2.0.0, Culture=de-DE, PublicKeyToken=5f1c2d3e4a5b6c7d")]
    [InlineData(@"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\note.dll", null)]
    [InlineData(@"C:\x\y\1.0_z\a.dll", null)]
    [InlineData("a.dll", null)]
    public void Reads_a_name_out_of_a_path(string path, string? expected) => Assert.Equal(expected, AssemblyCache.Parse(path)?.Assembly.ToString());

    [Theory]
    [InlineData("Microsoft.NET/assembly/GAC_MSIL/Lab.Orders/v4.0_1.2.0.0__5f1c2d3e4a5b6c7d", true)]
    [InlineData("Microsoft.NET/assembly/GAC_64/Lab.Orders/v4.0_1.2.0.0__5f1c2d3e4a5b6c7d", true)]
    [InlineData("assembly/GAC_32/Lab.Orders/1.2.0.0__5f1c2d3e4a5b6c7d", true)]
    [InlineData("Microsoft.NET/assembly/GAC_MSIL/Lab.Orders/v4.0_1.1.0.0__5f1c2d3e4a5b6c7d", false)]
    [InlineData("Microsoft.NET/assembly/GAC_MSIL/Lab.Orders/v4.0_1.2.0.0_de_5f1c2d3e4a5b6c7d", false)]
    public void Finds_exactly_the_version_that_is_referenced(string place, bool found)
    {
        _folder.Write("computer.json", """{ "schemaVersion": 1, "name": "LABBTS1", "environment": { "windir": "C:\\Windows" } }""");
        _folder.Write("files/C/Windows/" + place + "/Lab.Orders.dll", "x");
        using IComputer computer = _folder.Open();
        Assert.Equal(found, AssemblyCache.Find(computer.Files, new AssemblyRecord("Lab.Orders", "1.2.0.0", "neutral", "5f1c2d3e4a5b6c7d", IsSystem: false)) is not null);
    }

    [Fact]
    public void Lists_what_Microsoft_did_not_sign()
    {
        _folder.Write("computer.json", """{ "schemaVersion": 1, "name": "LABBTS1", "environment": { "windir": "C:\\Windows" } }""");
        _folder.Write("files/C/Windows/Microsoft.NET/assembly/GAC_MSIL/Lab.Orders/v4.0_1.2.0.0__5f1c2d3e4a5b6c7d/Lab.Orders.dll", "x");
        _folder.Write("files/C/Windows/Microsoft.NET/assembly/GAC_MSIL/System.Xml/v4.0_4.0.0.0__b77a5c561934e089/System.Xml.dll", "x");
        using IComputer computer = _folder.Open();
        Assert.Equal(["Lab.Orders"], AssemblyCache.Custom(computer.Files).Select(a => a.Assembly.Name));
    }
}
