using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab.Faults;

/// <summary>What a fault happens to: a running lab, and the choices the seed makes.</summary>
public sealed class FaultTarget : IDisposable
{
    private readonly Random _random;
    private readonly List<IDisposable> _held = [];

    /// <param name="environment">The lab, each instance a process of its own.</param>
    /// <param name="seed">The same seed chooses the same among the same.</param>
    public FaultTarget(LabEnvironment environment, int seed)
    {
        ArgumentNullException.ThrowIfNull(environment);
        Environment = environment;
        _random = new Random(seed);
    }

    public LabEnvironment Environment { get; }

    /// <summary>Name of the instance chosen; empty before.</summary>
    public string Instance { get; private set; } = string.Empty;

    /// <summary>The backup file chosen; empty before.</summary>
    public string BackupFile { get; private set; } = string.Empty;

    /// <summary>The file's length before.</summary>
    public long LengthBefore { get; private set; }

    /// <summary>Place in the file that damage would hit.</summary>
    public long Offset { get; private set; }

    /// <summary>Byte that was there before, 0 to 255.</summary>
    public int ByteBefore { get; private set; }

    /// <summary>Chooses one of the instances that run.</summary>
    /// <exception cref="FaultException">None runs.</exception>
    public string ChooseInstance()
    {
        string[] running = [.. Environment.ConnectionStrings.Keys.Order(StringComparer.Ordinal)];
        Instance = running.Length > 0 ? running[_random.Next(running.Length)] : throw new FaultException("No instance runs.");
        return Instance;
    }

    /// <summary>Chooses one of the backup files of the group.</summary>
    /// <exception cref="FaultException">There is none.</exception>
    public string ChooseBackup()
    {
        string[] files = [.. Directory.EnumerateFiles(Environment.Folder.BackupFolder, "*.bak", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        BackupFile = files.Length > 0 ? files[_random.Next(files.Length)] : throw new FaultException($"There is no backup in {Environment.Folder.BackupFolder}: make one first.");
        LengthBefore = new FileInfo(BackupFile).Length;
        Offset = (LengthBefore / 4) + (long)(_random.NextDouble() * (LengthBefore / 2));
        ByteBefore = ReadByte() ?? throw new FaultException($"{BackupFile} is empty.");
        return BackupFile;
    }

    /// <summary>What the client whose statement was cut off was told; empty before.</summary>
    public string CutOff { get; internal set; } = string.Empty;

    /// <summary>Byte at the chosen place of the chosen file, which lies in its middle half, where the data are; null when the file ends before it.</summary>
    internal int? ReadByte()
    {
        using FileStream file = new(BackupFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Offset;
        int found = file.ReadByte();
        return found < 0 ? null : found;
    }

    /// <summary>Changes the byte at the chosen place.</summary>
    internal void Damage()
    {
        using FileStream file = new(BackupFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = Offset;
        file.WriteByte((byte)(ByteBefore ^ 0x5A));
    }

    /// <summary>Keeps something until the fault is over.</summary>
    internal void Hold(IDisposable thing) => _held.Add(thing);

    /// <summary>Ends what only lasts as long as somebody holds it.</summary>
    public void Dispose()
    {
        _held.ForEach(h => h.Dispose());
        _held.Clear();
    }
}
