using System;
using System.IO;
using System.Runtime.InteropServices;
using BizTalkDR.Loader;

namespace BizTalkDR.Module.Tests;

/// <summary>The table the loader chooses by. That it works in a PowerShell is Pester's matter.</summary>
public sealed class LoaderTests
{
    [Theory]
    [InlineData(true, "win")]
    [InlineData(false, "unix")]
    public void SqlClient_comes_from_the_folder_of_the_system(bool isWindows, string folder)
    {
        string chosen = ModuleLoader.SqlClientFolder(isWindows);
        Assert.Equal(Path.Combine("runtimes", folder, "lib", "net8.0"), chosen);
        Assert.True(File.Exists(Path.Combine(Repository.CoreFolder, chosen, "Microsoft.Data.SqlClient.dll")));
    }

    [Theory]
    [InlineData(true, Architecture.X64, "win-x64")]
    [InlineData(true, Architecture.X86, "win-x86")]
    [InlineData(true, Architecture.Arm64, "win-arm64")]
    [InlineData(true, Architecture.Arm, null)]
    [InlineData(true, Architecture.S390x, null)]
    [InlineData(false, Architecture.X64, null)]
    [InlineData(false, Architecture.Arm64, null)]
    public void The_native_part_comes_from_the_folder_of_the_processor_on_Windows_alone(bool isWindows, Architecture architecture, string? folder)
    {
        string? chosen = ModuleLoader.NativeFolder(isWindows, architecture);
        Assert.Equal(folder is null ? null : Path.Combine("runtimes", folder, "native"), chosen);
        Assert.True(chosen is null || Directory.Exists(Path.Combine(Repository.CoreFolder, chosen)));
    }

    [Fact]
    public void A_folder_without_the_module_is_named_in_the_error()
    {
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModuleLoader.Load(Path.GetTempPath()));
        Assert.Equal(Path.Combine(Path.GetFullPath(Path.GetTempPath()), "BizTalkDR.Module.dll"), error.FileName);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void An_empty_folder_name_is_refused(string? folder) => Assert.ThrowsAny<ArgumentException>(() => ModuleLoader.Load(folder!));
}
