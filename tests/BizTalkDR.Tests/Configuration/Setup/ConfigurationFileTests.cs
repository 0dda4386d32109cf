using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Text;
using System.Xml.Linq;
using BizTalkDR.Configuration.Setup;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Tests.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Setup;

public sealed class ConfigurationFileTests
{
    [Theory]
    [InlineData("")]
    [InlineData("<Configuration>")]
    [InlineData("<Configuration />")]
    [InlineData("<configuration><Feature Name=\"WMI\" /></configuration>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><Configuration><Feature Name=\"&e;\" /></Configuration>")]
    public void What_is_no_configuration_file_is_refused_by_name(string text) =>
        Assert.Equal(RecoveryError.ConfigurationFileInvalid, Assert.Throws<RecoveryException>(() => SampleFile.Read(text)).Code);

    [Fact]
    public void Create_becomes_join_nothing_is_removed_and_no_secret_stays()
    {
        ConfigurationFile file = SampleFile.Read();
        Assert.Equal(("Create", "Create", "Yes"), (file.Answer("IsSecretServer"), file.Answer("CREATEORJOIN"), file.Answer("{fc99d786-2d26-489b-a748-42ae4dd0f6fc}")));
        Assert.Contains(file.WhatIsWrong(), w => w.Contains("take a feature away", StringComparison.Ordinal));
        file.JoinAndKeep();
        Assert.True(file.EmptySecrets());
        Assert.False(file.EmptySecrets());
        Assert.Equal(("Join", "Join", "No", "Yes"), (file.Answer("IsSecretServer"), file.Answer("CREATEORJOIN"), file.Answer("{FC99D786-2D26-489b-A748-42AE4DD0F6FC}"), file.Answer("EDI")));
        Assert.Empty(file.WhatIsWrong());
        string text = SampleFile.Saved(file.Save);
        Assert.DoesNotContain("cAnary", text, StringComparison.Ordinal);
        Assert.DoesNotContain("first.bak", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Accounts_in_use_alone_need_a_password()
    {
        Assert.Equal([@"LAB\SsoService", @"LAB\BizTalkHost"], SampleFile.Read().Accounts());
        Assert.Equal(new DatabaseAddress("OLDSQL", "BizTalkMgmtDb"), SampleFile.Read().Database("{d757dbf9-5d71-4995-9f20-a552b7dfe7f1}"));
        ConfigurationFile joined = SampleFile.Usable();
        Assert.DoesNotContain(joined.Settings(), s => s.Key.Contains("84ADD76E", StringComparison.Ordinal) || s.Value.Contains("SSO Administrators", StringComparison.Ordinal));
        Assert.Equal("OLDSQL/SSODB", joined.Settings()["SSOServer,Engine/SSO_DB_ID"]);
    }

    [Fact]
    public void Passwords_are_in_the_stream_alone_and_as_they_are()
    {
        ConfigurationFile file = SampleFile.Usable();
        Dictionary<string, SecureString> passwords = new(StringComparer.OrdinalIgnoreCase) { [@"lab\ssoservice"] = ComputerFolder.Secret("a<b>&\"ä€𝄞]]>"), [@"LAB\BizTalkHost"] = ComputerFolder.Secret("place-0") };
        string text = SampleFile.Saved(s => file.Save(s, passwords));
        XElement read = XElement.Parse(text[text.IndexOf("<Configuration", StringComparison.Ordinal)..]);
        Assert.Equal(["a<b>&\"ä€𝄞]]>", "place-0", string.Empty], read.Descendants("NTService").Where(s => s.Ancestors("Answer").All(a => (string?)a.Attribute("Selected") == "Yes")).Select(s => s.Element("Password")!.Value));
        Assert.DoesNotContain("place-0", SampleFile.Saved(file.Save), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<Answer Value=\"Join\" GUID=\"{B9432756-1620-4bec-8CD9-E6D0B7805AA5}\" />", "<Answer Value=\"Join\" Selected=\"Yes\" />", "IsSecretServer has 2 selected")]
    [InlineData("<Answer Value=\"No\" Selected=\"Yes\" />\n    </Question>\n  </Feature>\n  <Feature Name=\"RulesEngine\"", "<Answer Value=\"No\" />\n    </Question>\n  </Feature>\n  <Feature Name=\"RulesEngine\"", "ISOHOST has 0 selected")]
    [InlineData("<Database>SSODB</Database>", "<Database />", "SSO_DB_ID has no server or no name")]
    [InlineData("<UserName>SsoService</UserName><Domain>LAB</Domain>", "<UserName /><Domain>LAB</Domain>", "ENTSSO has no account")]
    [InlineData("<NTAccount>BizTalk Application Users</NTAccount>", "<NTAccount />", "BTS_HOST_GROUP is empty")]
    [InlineData("Name=\"RulesEngine\"", "Name=\"WMI\"", "'WMI' is in it 2 times")]
    public void What_is_wrong_is_named(string now, string then, string expected)
    {
        Assert.Contains(now, SampleFile.Text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains(SampleFile.Read(SampleFile.Text.ReplaceLineEndings("\n").Replace(now, then, StringComparison.Ordinal)).WhatIsWrong(), w => w.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_of_the_features_is_a_file_of_its_own()
    {
        Assert.Equal(["SSOServer,Engine"], SampleFile.Read().Only(f => f == "SSOServer,Engine").Features);
        Assert.Contains("<InstalledFeature>WMI</InstalledFeature>", SampleFile.Saved(SampleFile.Read().Only(f => f == "WMI").Save), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain", true)]
    [InlineData("tab\there", false)]
    [InlineData("\u0001", false)]
    public void A_password_with_a_control_character_has_no_place_in_a_file(string text, bool fits) => Assert.Equal(fits, SecretText.FitsXml(ComputerFolder.Secret(text)));
}
