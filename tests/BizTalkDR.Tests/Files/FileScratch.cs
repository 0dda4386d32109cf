using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.BackupFiles;
using BizTalkDR.BackupFiles.Tests;
using BizTalkDR.Files;
using BizTalkDR.Ports;

namespace BizTalkDR.Tests.Files;

/// <summary>A folder of backup files built for one test.</summary>
internal sealed class FileScratch : IDisposable
{
    public static readonly Version Server2008R2 = new(10, 50, 4000);

    /// <summary>A version of which no log with a mark was at hand to check the layout.</summary>
    public static readonly Version Server2016 = new(13, 0, 5000);

    public string Folder { get; } = Directory.CreateTempSubdirectory("bizdr-files").FullName;

    public static byte[] Log(string? mark = "BTS_2024_05_06_14_15_01_327", Version? version = null, string database = "BizTalkMsgBoxDb")
    {
        var block = new LogBlockBuilder(30, 100);
        if (mark is not null)
        {
            block.Begin(mark, marked: true).Commit(new Lsn(30, 100, 1), mark, new DateTime(2024, 5, 6, 14, 15, 1));
        }

        byte[] bytes = block.Other(700).Build();
        return new BackupBuilder
        {
            Log = { new List<byte[]> { bytes } },
            First = new Lsn(30, 100, 1),
            Last = new Lsn(30, 100 + (uint)(bytes.Length / 512), 1),
            Database = database,
            Software = version ?? Server2008R2,
        }.Build();
    }

    public static byte[] Full(string database = "BizTalkMsgBoxDb", bool checksum = true) =>
        new BackupBuilder { Type = 'D', Database = database, Pages = new byte[65536], WithChecksum = checksum }.Build();

    public static byte[] Stripe(int number, int count = 2, char medium = '1', char set = 'a') => new BackupBuilder
    {
        Type = 'D',
        FamilyCount = (ushort)count,
        FamilyNumber = (ushort)number,
        MediaSet = new Guid(new string(medium, 8) + "-2222-3333-4444-555555555555"),
        SetGuid = new Guid(new string(set, 8) + "-2222-3333-4444-555555555555"),
        Pages = new byte[65536],
        WithChecksum = true,
    }.Build();

    public string PathOf(string name) => Path.Combine(Folder, name.Replace('/', Path.DirectorySeparatorChar));

    public string Write(string name, byte[] content)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.Latin1.GetBytes(content));

    /// <summary>Runs a program of the system and waits for it.</summary>
    public static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    public FileReading ReadOne(string path, bool marks = false) => Read([path], marks).Single();

    public List<FileReading> Read(IReadOnlyList<string> paths, bool marks = false, int parallelism = 4) =>
        new BackupFileReader(NullRecoveryLog.Instance) { IncludeMarks = marks, Parallelism = parallelism }.Read(new FileSelection(paths)).ToList();

    public List<FileTestStep> Test(IReadOnlyList<string>? paths = null, VerificationLevel? level = null, HashManifest? manifest = null, bool recurse = false, IRecoveryLog? log = null) =>
        new BackupFileTester(log ?? NullRecoveryLog.Instance) { Level = level ?? VerificationLevel.Structure | VerificationLevel.Content, Manifest = manifest }
            .Test(new FileSelection(paths ?? [Folder]) { Recurse = recurse }, CancellationToken.None).ToList();

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
