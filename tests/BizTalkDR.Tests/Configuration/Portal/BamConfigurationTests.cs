using System;
using System.Text;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Portal;

public sealed class BamConfigurationTests : IDisposable
{
    private const string Path = @"C:\Temp\bam.xml";
    private readonly PartSetting _setting = new();

    public void Dispose() => _setting.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("<BAMConfiguration>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e \"x\">]><BAMConfiguration>&e;</BAMConfiguration>")]
    public void What_the_tool_wrote_has_to_be_XML(string text)
    {
        Write(text);
        Assert.Equal(RecoveryError.ToolFailed, Assert.Throws<RecoveryException>(() => PortalPart.ReadConfiguration(_setting.Context.Computer, Path)).Code);
    }

    [Fact]
    public void Its_root_is_read()
    {
        Write("<BAMConfiguration />");
        Assert.Equal("BAMConfiguration", PortalPart.ReadConfiguration(_setting.Context.Computer, Path).Name.LocalName);
    }

    private void Write(string text)
    {
        byte[] content = Encoding.UTF8.GetBytes(text);
        _setting.Context.Computer.Files.Write(Path, FileProtection.OwnerOnly, s => s.Write(content, 0, content.Length));
    }
}
