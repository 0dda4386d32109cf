using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Computer.Folder;
using BizTalkDR.Lab.Computer.Applications;
using BizTalkDR.Lab.Computer.Portal;
using BizTalkDR.Lab.Computer.Setup;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab.Computer.Tools;

/// <summary>Every program of a lab's computers, one line each.</summary>
internal static class ComputerTools
{
    /// <summary>First word of the lab's command line that runs one: <c>tool ssoconfig -showDB</c>.</summary>
    public const string ToolCommand = "tool";

    /// <summary>First word of the lab's command line that runs the program of a service: <c>service ENTSSO start</c>.</summary>
    public const string ServiceCommand = "service";

    /// <summary>File of a computer with the command line of every program that ran on it, as anybody could have seen it: nothing secret may ever be in it.</summary>
    public const string StartsFile = "command-lines.log";

    /// <summary>Tools that operators and the product start.</summary>
    public static IReadOnlyList<IComputerTool> Tools { get; } =
    [
        new SsoConfigTool(),
        new SsoManageTool(),
        new BtsTaskTool(),
        new MsiExecTool(),
        new GacUtilTool(),
        new AppCmdTool(),
        new BmTool(),
        new ConfigurationTool(),
        new ScriptTool(),
    ];

    /// <summary>Programs of services; their arguments are <c>start</c> or <c>stop</c>.</summary>
    public static IReadOnlyList<IComputerTool> Services { get; } =
    [
        new EntSsoService(),
        new HostService(),
    ];

    /// <summary>Runs a program in this process.</summary>
    /// <exception cref="UsageException">There is none of that name, or no computer.</exception>
    public static int Run(IReadOnlyList<string> words, TextReader input, TextWriter output)
    {
        IReadOnlyList<IComputerTool> programs = words[0] == ToolCommand ? Tools : Services;
        IComputerTool program = programs.FirstOrDefault(t => words.Count > 1 && string.Equals(t.Name, words[1], StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"'{words[0]}' needs one of these: {string.Join(", ", programs.Select(t => t.Name))}.");
        string folder = Environment.GetEnvironmentVariable(FolderTools.FolderVariable) is { Length: > 0 } set ? set
            : throw new UsageException($"The variable {FolderTools.FolderVariable} does not name the computer's folder.");
        File.AppendAllText(Path.Combine(folder, StartsFile), string.Join(' ', Environment.GetCommandLineArgs()) + Environment.NewLine);
        return program.Run(new ToolContext(LabComputer.Open(folder), input, output), words.Skip(2).ToList());
    }

    /// <summary>Puts the files that start the programs into a computer's folder.</summary>
    public static void Install(string folder)
    {
        foreach (IComputerTool tool in Tools)
            Write(folder, ToolCommand, tool.Name, Path.Combine(folder, "tools", tool.Name));
        foreach (IComputerTool service in Services)
            Write(folder, ServiceCommand, service.Name, Path.Combine(folder, "tools", "services", service.Name));
    }

    private static void Write(string folder, string command, string name, string path)
    {
        string program = typeof(ComputerTools).Assembly.Location;
        string host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (OperatingSystem.IsWindows())
        {
            File.WriteAllText(path + ".cmd", $"@set \"{FolderTools.FolderVariable}={folder}\"\r\n@\"{host}\" exec \"{program}\" {command} {name} %*\r\n");
            return;
        }

        static string Quoted(string text) => "'" + text.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
        File.WriteAllText(path, $"#!/bin/sh\n{FolderTools.FolderVariable}={Quoted(folder)} exec {Quoted(host)} exec {Quoted(program)} {command} {name} \"$@\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
