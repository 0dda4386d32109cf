using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Text;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Errors;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Applications;

/// <summary>Binding files in the form of BTSTask ExportBindings.</summary>
public sealed class BindingFileTests
{
    public static TheoryData<string, string[]> Configurations => new()
    {
        { """<CustomProps><UserName vt="8">u</UserName><Password vt="8">******</Password></CustomProps>""", ["Password!"] },
        { """<CustomProps><UserName vt="8">u</UserName><Password vt="1" /></CustomProps>""", ["Password?"] },
        { """<CustomProps><UserName vt="1" /><Password vt="1" /></CustomProps>""", [] },
        { """<CustomProps><Password vt="1" /></CustomProps>""", [] },
        { """<CustomProps><Password vt="8">known</Password></CustomProps>""", [] },
        { """<CustomProps><SharedAccessKeyName vt="8">k</SharedAccessKeyName></CustomProps>""", [] },
        { """<CustomProps><ProxyPassword vt="8">***</ProxyPassword><AccountKey vt="8">*</AccountKey></CustomProps>""", ["AccountKey!", "ProxyPassword!"] },
        { "<CustomProps><AdapterConfig vt=\"8\">" + SecurityElement.Escape("<Config><user>x</user><password>*****</password></Config>") + "</AdapterConfig></CustomProps>", ["password!"] },
        { "not XML at all", [] },
        { string.Empty, [] },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Lists_the_secrets_that_are_missing(string configuration, string[] expected) =>
        Assert.Equal(expected, MissingPasswords.In(Read(Bindings(configuration))).Select(m => m.Property + (m.IsCertain ? "!" : "?")));

    [Theory]
    [InlineData("""<CustomProps><UserName vt="8">u</UserName><Password vt="8">cAnary</Password></CustomProps>""", "Out: Password")]
    [InlineData("<CustomProps><AdapterConfig vt=\"8\">&lt;Config&gt;&lt;password&gt;cAnary&lt;/password&gt;&lt;/Config&gt;</AdapterConfig></CustomProps>", "Out: password")]
    [InlineData("""<CustomProps><Password vt="8">***</Password></CustomProps>""", null)]
    [InlineData("""<CustomProps><Password vt="1" /></CustomProps>""", null)]
    [InlineData("""<CustomProps><SharedAccessKeyName vt="8">k</SharedAccessKeyName><UsePassword vt="11">True</UsePassword><UserName vt="8">u</UserName></CustomProps>""", null)]
    [InlineData("not XML at all", null)]
    public void Names_the_secrets_that_stand_in_clear_and_not_their_values(string configuration, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], MissingPasswords.InClear(Read(Bindings(configuration))));

    [Fact]
    public void Finds_every_transport()
    {
        Assert.Equal(["Out https://prod/out", "Out file://prod/second", @"In \\PROD\in\*.xml"], Read(Bindings("<a/>")).Transports.Select(t => $"{t.Port} {t.Address?.Value}"));
    }

    [Theory]
    [InlineData("", "BindingsInvalid")]
    [InlineData("<BindingInfo>", "BindingsInvalid")]
    [InlineData("<Other />", "BindingsInvalid")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><BindingInfo>&e;</BindingInfo>", "BindingsInvalid")]
    public void Refuses_what_is_no_binding_file(string content, string expected) => Assert.Equal(expected, Assert.Throws<RecoveryException>(() => Read(content)).Code.ToString());

    [Fact]
    public void Puts_values_of_the_destination_in_their_place()
    {
        BindingFile bindings = Read(Bindings("<CustomProps><Uri vt=\"8\">net.tcp://prod/a&amp;b</Uri></CustomProps>"));
        BindingsMap map = BindingsMap.Parse("""{ "schemaVersion": 1, "values": [ { "from": "//prod/", "to": "//dr/" }, { "port": "In", "from": "\\\\PROD\\", "to": "\\\\DR\\" }, { "from": "a&b", "to": "c<d" } ] }""", "map");
        map.RequireUsed([bindings], "map");
        Assert.Equal(["In", "Out"], map.ApplyTo(bindings).OrderBy(p => p));
        BindingFile again = Read(Text(bindings));
        Assert.Equal(["https://dr/out", "file://dr/second", @"\\DR\in\*.xml"], again.Transports.Select(t => t.Address!.Value));
        Assert.Equal("<CustomProps><Uri vt=\"8\">net.tcp://dr/c&lt;d</Uri></CustomProps>", again.Transports[0].Data!.Value);
    }

    [Theory]
    [InlineData("<a/>", "", "", "In Out")]
    [InlineData("<a/>", "<a/>", "", "")]
    [InlineData("<a/>", "<a/>", "Out", "")]
    [InlineData("<a/>", "<b/>", "", "")]
    [InlineData("<a/>", "<b/>", "out", "Out")]
    [InlineData("<a><Password vt=\"8\">******</Password></a>", "<a><Password vt=\"1\" /></a>", "Out", "")]
    [InlineData("<a><Password>*</Password><User>x</User></a>", "<a><Password>*</Password><User>y</User></a>", "Out", "Out")]
    public void Imports_ports_that_are_missing_or_not_yet_changed_and_never_for_a_password(string wanted, string there, string changed, string expected)
    {
        BindingFile group = Read(there.Length == 0 ? "<BindingInfo />" : Bindings(there));
        Assert.Equal(expected, string.Join(' ', Read(Bindings(wanted)).PortsToImport(group, changed.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(p => p.Name).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_receive_location_that_bears_the_name_of_a_send_port_is_missing_all_the_same()
    {
        BindingFile group = Read(Bindings("<a/>").Replace("Name=\"In\"", "Name=\"Other\"", StringComparison.Ordinal));
        BindingFile wanted = Read(Bindings("<a/>").Replace("Name=\"In\"", "Name=\"out\"", StringComparison.Ordinal));
        BoundPort missing = Assert.Single(wanted.PortsToImport(group, []));
        Assert.Equal(new BoundPort("Out", IsReceiveLocation: true), missing);
        wanted.KeepOnly([missing]);
        Assert.Equal([missing], Read(Text(wanted)).Transports.Select(t => t.Place));
    }

    [Fact]
    public void Leaves_out_of_an_import_what_it_is_not_to_touch()
    {
        BindingFile bindings = Read(Bindings("<a/>"));
        bindings.KeepOnly([new BoundPort("in", IsReceiveLocation: true)]);
        string text = Text(bindings);
        Assert.Equal(["In"], Read(text).Transports.Select(t => t.Port));
        Assert.DoesNotContain("<Party ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<ModuleRef ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("In", "In")]
    [InlineData("Second", "Second")]
    [InlineData("second IN", "In Second")]
    [InlineData("Nothing", "")]
    public void Of_a_receive_port_only_the_locations_that_are_needed_are_imported(string needed, string expected)
    {
        BindingFile bindings = Read(Bindings("<a/>").Replace("</ReceiveLocations>", """<ReceiveLocation Name="Second"><Address>ftp://prod/</Address><ReceiveLocationTransportTypeData>&lt;a&gt;&lt;Password&gt;******&lt;/Password&gt;&lt;/a&gt;</ReceiveLocationTransportTypeData></ReceiveLocation></ReceiveLocations>""", StringComparison.Ordinal));
        bindings.KeepOnly(needed.Split(' ').Select(n => new BoundPort(n, IsReceiveLocation: true)).ToList());
        Assert.Equal(expected, string.Join(' ', Read(Text(bindings)).Transports.Select(t => t.Port)));
        Assert.Equal(expected.Length > 0, Text(bindings).Contains("<ReceivePort ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{ "schemaVersion": 2, "values": [] }""")]
    [InlineData("""{ "schemaVersion": 1 }""")]
    [InlineData("""{ "schemaVersion": 1, "values": [ { "from": "", "to": "x" } ] }""")]
    [InlineData("""{ "schemaVersion": 1, "values": [ { "from": "x" } ] }""")]
    [InlineData("""{ "schemaVersion": 1, "values": [ { "from": "//prdo/", "to": "//dr/" } ] }""")]
    [InlineData("""{ "schemaVersion": 1, "values": [ { "port": "In", "from": "//prod/", "to": "//dr/" } ] }""")]
    public void Refuses_a_map_that_would_leave_old_values(string json)
    {
        RecoveryException refused = Assert.Throws<RecoveryException>(() => BindingsMap.Parse(json, "map").RequireUsed([Read(Bindings("<a/>"))], "map"));
        Assert.Equal(RecoveryError.BindingsMapInvalid, refused.Code);
    }

    private static BindingFile Read(string content)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(content));
        return BindingFile.Read(stream, "bindings.xml");
    }

    private static string Text(BindingFile bindings)
    {
        using MemoryStream stream = new();
        bindings.Save(stream);
        return Encoding.UTF8.GetString(stream.ToArray()).TrimStart('\uFEFF');
    }

    private static string Bindings(string configuration) => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <BindingInfo BindingStatus="NoBindings" BoundEndpoints="0" TotalEndpoints="0">
          <ModuleRefCollection><ModuleRef Name="M" /></ModuleRefCollection>
          <SendPortCollection>
            <SendPort Name="Out" IsStatic="true">
              <PrimaryTransport><Address>https://prod/out</Address><TransportTypeData>{SecurityElement.Escape(configuration)}</TransportTypeData></PrimaryTransport>
              <SecondaryTransport><Address>file://prod/second</Address></SecondaryTransport>
            </SendPort>
          </SendPortCollection>
          <ReceivePortCollection>
            <ReceivePort Name="P"><ReceiveLocations><ReceiveLocation Name="In"><Address>\\PROD\in\*.xml</Address></ReceiveLocation></ReceiveLocations></ReceivePort>
          </ReceivePortCollection>
          <PartyCollection><Party Name="Partner" /></PartyCollection>
        </BindingInfo>
        """;
}
