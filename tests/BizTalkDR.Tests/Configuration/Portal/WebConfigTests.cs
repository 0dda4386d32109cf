using System;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Portal;

public sealed class WebConfigTests
{
    [Theory]
    [InlineData("BamQueryWSUrl", "http://OLD/BAM/Q.asmx", "http://new/BAM/Q.asmx")]
    [InlineData("BamManagementWSUrl", "https://old.lab.local:8443/BAM/M.asmx", "https://new:8443/BAM/M.asmx")]
    [InlineData("BamQueryWSUrl", "http://portal.lab/BAM/Q.asmx", "http://portal.lab/BAM/Q.asmx")]
    [InlineData("BamServer", "SQLOLD", "SQLNEW")]
    [InlineData("bamdatabase", "BAMPrimaryImport", "BAMPrimaryImport")]
    [InlineData("MaxResultRows", "2000", "2000")]
    public void Changes_what_names_a_computer_or_a_database(string key, string value, string expected)
    {
        WebConfig config = Read($"""<configuration><appSettings><add key="{key}" value="{value}" /><add key="Other" value="OLD" /></appSettings></configuration>""");
        Assert.Equal(!string.Equals(value, expected, StringComparison.Ordinal), config.Adapt("OLD", "NEW", new DatabaseAddress("SQLNEW", "BAMPrimaryImport")).Any());
        Assert.Equal(expected, config.Setting(key));
        Assert.Equal("OLD", config.Setting("other"));
        Assert.Empty(config.Adapt("OLD", "NEW", new DatabaseAddress("SQLNEW", "BAMPrimaryImport")));
    }

    [Fact]
    public void Leaves_everything_else_as_it_is()
    {
        const string Text = "<configuration>\n  <!-- kept -->\n  <appSettings>\n    <add key=\"BamServer\" value=\"A\" />\n  </appSettings>\n</configuration>";
        WebConfig config = Read(Text);
        config.Adapt("OLD", "NEW", new DatabaseAddress("B", "D"));
        using MemoryStream stream = new();
        config.Save(stream);
        Assert.EndsWith(Text.Replace("\"A\"", "\"B\"", StringComparison.Ordinal), Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<configuration>")]
    [InlineData("<other />")]
    public void Refuses_what_is_no_configuration_file(string text) => Assert.Equal(RecoveryError.WebConfigInvalid, Assert.Throws<RecoveryException>(() => Read(text)).Code);

    private static WebConfig Read(string text)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        return WebConfig.Read(stream, "Web.config");
    }
}
