using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using BizTalkDR.Computer.Windows;
using BizTalkDR.Errors;
using BizTalkDR.Computer;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers.Windows;

/// <summary>What the adapter for Windows knows without Windows: where tools are, whose disk a path is on, how values are stored, that nothing of the ports is missing.</summary>
public sealed class WindowsPlacesTests
{
    private const string Install = @"C:\Program Files (x86)\Microsoft BizTalk Server\";

    [Theory]
    [InlineData(ExternalTool.SsoConfig, false, @"%CommonProgramW6432%\Enterprise Single Sign-On\ssoconfig.exe")]
    [InlineData(ExternalTool.SsoManage, false, @"%CommonProgramW6432%\Enterprise Single Sign-On\ssomanage.exe")]
    [InlineData(ExternalTool.BtsTask, false, Install + "BTSTask.exe")]
    [InlineData(ExternalTool.Configuration, false, Install + "Configuration.exe")]
    [InlineData(ExternalTool.Bm, false, Install + @"Tracking\bm.exe")]
    [InlineData(ExternalTool.AppCmd, false, @"%windir%\System32\inetsrv\appcmd.exe")]
    [InlineData(ExternalTool.CScript, true, @"%windir%\SysWOW64\cscript.exe|%windir%\System32\cscript.exe")]
    [InlineData(ExternalTool.CScript, false, @"%windir%\System32\cscript.exe")]
    [InlineData(ExternalTool.MsiExec, false, @"%windir%\System32\msiexec.exe")]
    [InlineData(ExternalTool.Sc, false, @"%windir%\System32\sc.exe")]
    [InlineData(ExternalTool.WevtUtil, false, @"%windir%\System32\wevtutil.exe")]
    [InlineData(ExternalTool.GacUtil, false, @"%ProgramFiles(x86)%\Microsoft SDKs\Windows\*\bin\*\gacutil.exe")]
    public void Looks_for_tools_where_they_are_installed(ExternalTool tool, bool wow64, string expected) =>
        Assert.Equal(expected, string.Join('|', WindowsToolPlaces.Of(tool, wow64, Install)));

    [Fact]
    public void Knows_a_place_for_every_tool_but_none_of_BizTalk_without_its_folder()
    {
        Assert.All(Enum.GetValues<ExternalTool>(), t => Assert.NotEmpty(WindowsToolPlaces.Of(t, false, Install)));
        Assert.Empty(WindowsToolPlaces.Of(ExternalTool.BtsTask, false, null));
    }

    [Fact]
    public void Finds_the_highest_version_in_folders_of_any_name()
    {
        string folder = Directory.CreateTempSubdirectory("places-").FullName + Path.DirectorySeparatorChar;
        try
        {
            foreach (string version in (string[])["v8.1A", "v10.0A", "v7.0"])
                Directory.CreateDirectory(Path.Combine(folder, version, "bin"));
            File.WriteAllText(Path.Combine(folder, "v7.0", "bin", "x.exe"), string.Empty);
            File.WriteAllText(Path.Combine(folder, "v8.1A", "bin", "x.exe"), string.Empty);
            string wanted = folder + "*" + Path.Combine(Path.DirectorySeparatorChar + "bin", "x.exe");
            Assert.Equal(Path.Combine(folder, "v8.1A", "bin", "x.exe"), WindowsTools.Matches(wanted).First());
            Assert.Empty(WindowsTools.Matches(Path.Combine(folder, "nothing", "*", "x.exe")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(@"C:\escrow", true)]
    [InlineData(@"\\?\C:\escrow", true)]
    [InlineData(@"N:\escrow", false)]
    [InlineData(@"R:\escrow", false)]
    [InlineData(@"\\nas\escrow", false)]
    [InlineData(@"\\?\UNC\nas\escrow", false)]
    [InlineData(@"\\bts1\c$\escrow", true)]
    [InlineData(@"\\BTS1.lab.local\escrow", true)]
    [InlineData(@"\\?\UNC\BTS1\c$", true)]
    [InlineData(@"\\localhost\c$", true)]
    [InlineData(@"\\127.0.0.1\c$", true)]
    [InlineData(@"\\bts10\escrow", false)]
    public void Knows_whose_disk_a_path_is_on(string path, bool expected) => Assert.Equal(expected, WindowsFiles.IsOwn(path, "BTS1", root => root switch
    {
        @"N:\" => DriveType.Network,
        @"R:\" => DriveType.Removable,
        @"C:\" => DriveType.Fixed,
        _ => throw new ArgumentOutOfRangeException(nameof(root), root, null),
    }));

    [Fact]
    public void Keeps_the_type_of_every_value()
    {
        (RegistryValueType Type, object Data)[] values =
        [
            (RegistryValueType.String, "a"), (RegistryValueType.ExpandString, "%windir%"), (RegistryValueType.DWord, -1), (RegistryValueType.QWord, 1L << 40), (RegistryValueType.MultiString, new[] { "a", "b" }), (RegistryValueType.Binary, new byte[] { 1 }),
        ];
        Assert.Equal(Enum.GetValues<RegistryValueType>().Order(), values.Select(v => v.Type).Order());
        Assert.All(values, v => Assert.Equal(new RegistryValue("n", v.Type, v.Data), RegistryData.From("n", RegistryData.KindOf(v.Type), v.Data)));
        Assert.Equal(RegistryValueType.Binary, RegistryData.From("n", -1, new byte[] { 1 })!.Type);
        Assert.Null(RegistryData.From("n", 8, new byte[] { 1 }));
    }

    [Fact]
    public void Every_port_of_a_computer_has_an_adapter_for_Windows()
    {
        Type[] adapters = typeof(ComputerFactory).Assembly.GetTypes().Where(t => t.Namespace == typeof(WindowsComputer).Namespace && t is { IsClass: true, IsAbstract: false }).ToArray();
        IEnumerable<Type> ports = typeof(IComputer).GetProperties().Select(p => p.PropertyType).Where(t => t.IsInterface).Append(typeof(IComputer));
        Assert.All(ports, port => Assert.Single(adapters, port.IsAssignableFrom));
        // None of them stops at a member that somebody has still to write.
        Assert.All(adapters.SelectMany(a => a.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)), m => Assert.DoesNotContain(Created(m), t => t == typeof(NotImplementedException) || t == typeof(NotSupportedException) || t == typeof(PlatformNotSupportedException)));
        Assert.Contains(typeof(NotSupportedException), Created(((Action)Unwritten).Method));
    }

    [Fact]
    public void Is_refused_by_name_where_there_is_no_Windows_and_sends_to_the_other_computer()
    {
        if (!OperatingSystem.IsWindows())
        {
            RecoveryException refused = Assert.Throws<RecoveryException>(() => new ComputerFactory().Open(new ComputerAddress(string.Empty)));
            Assert.Equal(RecoveryError.ComputerUnreachable, refused.Code);
            Assert.Contains("does not run Windows", refused.Message, StringComparison.Ordinal);
        }

        Assert.Contains("New-PSSession -ComputerName BTSPROD1", Assert.Throws<RecoveryException>(() => new ComputerFactory().Open(new ComputerAddress("BTSPROD1"))).Hint, StringComparison.Ordinal);
    }

    private static void Unwritten() => throw new NotSupportedException();

    /// <summary>Types that a method creates (newobj, 0x73).</summary>
    private static IEnumerable<Type?> Created(MethodInfo method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int at = 0; at + 4 < code.Length; at++)
        {
            if (code[at] != 0x73)
                continue;
            Type? type = null;
            try
            {
                type = method.Module.ResolveMethod(BitConverter.ToInt32(code, at + 1), method.DeclaringType!.GetGenericArguments(), method.GetGenericArguments())?.DeclaringType;
            }
            catch (Exception nothing) when (nothing is ArgumentException or BadImageFormatException)
            {
                // The byte was part of something else.
                continue;
            }

            yield return type;
        }
    }
}
