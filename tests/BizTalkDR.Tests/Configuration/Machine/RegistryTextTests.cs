using System;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Configuration.Machine;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Configuration.Machine;

public sealed class RegistryTextTests
{
    [Fact]
    public void What_is_written_is_read_back_as_it_was()
    {
        RegistryValue[] values =
        [
            new("", RegistryValueType.String, "default"), new("a \"quoted\" C:\\path", RegistryValueType.String, @"C:\x\""y"""), new("lines", RegistryValueType.String, "one\r\ntwo"), new("number", RegistryValueType.DWord, -1),
            new("long", RegistryValueType.QWord, long.MinValue), new("expand", RegistryValueType.ExpandString, @"%windir%\ä"), new("many", RegistryValueType.MultiString, new[] { "a", "b c" }),
            new("none", RegistryValueType.MultiString, Array.Empty<string>()), new("bytes", RegistryValueType.Binary, new byte[] { 0, 255 }), new("=", RegistryValueType.String, "=,;[x]"),
        ];
        using MemoryStream stream = new();
        RegistryText.Write(stream, [new RegistryKeyText(@"SOFTWARE\A", values), new RegistryKeyText(@"SOFTWARE\A\B", [])]);
        Assert.StartsWith("\uFEFFWindows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n@=\"default\"\r\n", Encoding.Unicode.GetString(stream.ToArray()), StringComparison.Ordinal);
        stream.Position = 0;
        var read = RegistryText.Read(stream);
        Assert.Equal([@"SOFTWARE\A", @"SOFTWARE\A\B"], read.Select(k => k.Key));
        Assert.Equal(values.Length, read[0].Values.Count);
        Assert.All(values, v => Assert.True(RegistryText.Same(v, Assert.Single(read[0].Values, r => r.Name == v.Name)), v.Name));
    }

    [Fact]
    public void What_regedit_writes_is_read()
    {
        const string Text = "Windows Registry Editor Version 5.00\r\n\r\n; comment\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n\"x\"=hex:01,02,\\\r\n  03\r\n\"y\"=dword:0000000a\r\n\r\n";
        var key = Assert.Single(RegistryText.Read(new MemoryStream([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Text)])));
        Assert.Equal(new byte[] { 1, 2, 3 }, key.Values[0].Data);
        Assert.Equal(10, key.Values[1].Data);
    }

    [Theory]
    [InlineData("REGEDIT4", "does not begin")]
    [InlineData("Windows Registry Editor Version 5.00\n\"x\"=dword:1", "belongs to no key")]
    [InlineData("Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\A]\n\"x", "quotation mark")]
    [InlineData("Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\A]\n\"x\"=hex:zz", "no bytes")]
    [InlineData("Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\A]\n\"x\"=hex(9):00", "not known")]
    [InlineData("Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\A]\n\"x\"", "no value")]
    [InlineData("Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\A]\n\"x\"=1", "no value")]
    public void Another_form_is_named(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => RegistryText.Read(new MemoryStream(Encoding.Unicode.GetBytes(text)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1.2.3.4 a", "1.2.3.4  A # there", "")]
    [InlineData("# 1.2.3.4 a\n\n1.2.3.4 b\r\n1.2.3.4 b", "", "1.2.3.4 b")]
    [InlineData("1.2.3.4 a b\n::1 c", "1.2.3.4 a\n", "1.2.3.4 a b|::1 c")]
    public void Lines_that_are_missing_are_told_apart(string kept, string there, string missing) => Assert.Equal(missing, string.Join('|', MachineDifferences.MissingLines(kept, there)));
}
