using System;
using System.IO;
using System.Linq;
using BizTalkDR.Computer.Windows;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;
using Xunit;

namespace BizTalkDR.Tests.Computers.Windows;

/// <summary>Files and tools of the computer that the process runs on: real files, and a process in the place where a tool is installed.</summary>
public sealed class WindowsFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("files-").FullName;
    private readonly WindowsFiles _files = new("BTS1");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Writes_lists_reads_deletes_and_wipes()
    {
        string one = Path.Combine(_folder, "below", "one.txt"), two = Path.Combine(_folder, "two.txt");
        _files.Write(one, FileProtection.OwnerOnly, s => s.WriteByte(65));
        _files.Write(two, FileProtection.Inherited, s => s.WriteByte(66));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(one));
        Assert.Equal([two], _files.List(_folder, "*.txt").Select(f => f.Path));
        Assert.Equal([one, two], _files.List(_folder, "*.txt", recurse: true).Select(f => f.Path));
        Assert.Empty(_files.List(Path.Combine(_folder, "nowhere")));
        using (Stream read = _files.Read(one))
            Assert.Equal(65, read.ReadByte());
        _files.Delete(two);
        _files.Delete(two);
        _files.Wipe(one);
        Assert.False(_files.FileExists(one));
        Assert.True(_files.FolderExists(Path.GetDirectoryName(one)!));
        Assert.Throws<FileNotFoundException>(() => _files.Read(one));
    }

    [Fact]
    public void Knows_variables_and_names_what_is_closed()
    {
        string name = "BIZTALKDR_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(name, _folder);
        try
        {
            Assert.Equal(_folder + "/x", _files.ToHostPath($"%{name}%/x"));
            Assert.True(_files.FolderExists($"%{name}%"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        // A folder cannot be opened as a file, whoever asks.
        RecoveryException closed = Assert.Throws<RecoveryException>(() => _files.Read(_folder));
        Assert.Equal((RecoveryError.PermissionDenied, _folder), (closed.Code, closed.Target));
    }

    [ShellFact]
    public void Runs_a_tool_of_the_folder_that_the_registry_names_and_says_where_it_looked_for_another()
    {
        using ComputerFolder folder = new();
        string install = Path.Combine(_folder, "BizTalk");
        folder.Write("registry.json", "{ \"Registry64\": { \"SOFTWARE\\\\Microsoft\\\\BizTalk Server\\\\3.0\": { \"InstallPath\": { \"type\": \"String\", \"data\": \"" + install + "\\\\\" } } } }");
        // The separator of Windows is part of a name here.
        string program = install + @"\BTSTask.exe";
        File.WriteAllText(program, "#!/bin/sh\necho \"$@\"; exit 3\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using IComputer computer = folder.Open();
        WindowsTools tools = new(computer.Registry);

        ToolResult result = tools.Run(new ToolCommand(ExternalTool.BtsTask, ["ListApps", "/Server:A B"]));
        Assert.Equal((3, "ListApps /Server:A B"), (result.ExitCode, result.Output.Trim()));
        RecoveryException missing = Assert.Throws<RecoveryException>(() => tools.Run(new ToolCommand(ExternalTool.Bm, ["get-config"])));
        Assert.Equal(RecoveryError.ToolNotFound, missing.Code);
        Assert.Contains(install + @"\Tracking\bm.exe", missing.Message, StringComparison.Ordinal);
        folder.Write("registry.json", "{ }");
        Assert.Contains("InstallPath", Assert.Throws<RecoveryException>(() => tools.Run(new ToolCommand(ExternalTool.BtsTask, []))).Message, StringComparison.Ordinal);
    }
}
