using System;
using System.IO;
using System.Security;
using BizTalkDR.Computer;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Tests.Computers;

/// <summary>A simulated computer in a temporary folder, written by hand as docs/lab.md describes it.</summary>
internal sealed class ComputerFolder : IDisposable
{
    public ComputerFolder()
    {
        Directory.CreateDirectory(Path);
        Write("computer.json", """{ "schemaVersion": 1, "name": "LABBTS1", "environment": { "CommonProgramFiles": "C:\\Program Files\\Common Files", "TEMP": "C:\\Temp" } }""");
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "computer-" + Guid.NewGuid().ToString("N"));

    public static SecureString Secret(string text)
    {
        SecureString secret = new();
        foreach (char c in text)
            secret.AppendChar(c);
        return secret;
    }

    public IComputer Open() => new ComputerFactory().Open(new ComputerAddress(Path));

    public string Write(string name, string content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Installs a program of its own for the shell: tools are started as processes.</summary>
    public void Install(string tool, string script)
    {
        string path = Write("tools/" + tool, "#!/bin/sh\n" + script.ReplaceLineEndings("\n") + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Read(string name) => File.ReadAllText(System.IO.Path.Combine(Path, name));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
