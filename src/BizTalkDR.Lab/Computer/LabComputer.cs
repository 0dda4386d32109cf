using System;
using System.IO;
using System.Security.Cryptography;
using BizTalkDR.Computer.Folder;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer;

/// <summary>A BizTalk computer of a lab: a folder in the form that the product opens (docs/lab.md), and what only the lab knows of it.</summary>
/// <remarks>Used by one process at a time; nothing is held open.</remarks>
internal sealed class LabComputer
{
    private const int KeyBytes = 32;

    private LabComputer(string folder, FolderComputer computer, LabFolder lab)
    {
        Folder = folder;
        Inner = computer;
        Lab = lab;
        Registry = new FolderRegistry(Path.Combine(folder, "registry.json"));
        Services = new FolderServices(folder);
        EventLog = new FolderEventLog(Path.Combine(folder, "events.jsonl"));
    }

    public string Folder { get; }

    public string Name => Inner.Name;

    public LabFolder Lab { get; }

    public IComputerFiles Files => Inner.Files;

    public ICertificateStores Certificates => Inner.Certificates;

    public FolderRegistry Registry { get; }

    public FolderServices Services { get; }

    /// <summary>Folder with the shares of other computers.</summary>
    public string Shares => Path.GetFullPath(Path.Combine(Files.ToHostPath(@"\\server\share"), "..", ".."));

    private FolderComputer Inner { get; }

    private FolderEventLog EventLog { get; }

    private string MemoryFile => Path.Combine(Folder, "entsso.memory");

    private string KeyFile => Path.Combine(Folder, "machine.key");

    /// <summary>Folder of the computers of a lab.</summary>
    public static string FolderOf(LabFolder lab, string name) => Path.Combine(lab.FullPath, "computers", name);

    /// <summary>Opens the computer of a folder that lies in a lab's folder.</summary>
    public static LabComputer Open(string folder)
    {
        string full = Path.GetFullPath(folder);
        return new LabComputer(full, FolderComputer.Open(new ComputerAddress(full)), LabFolder.Open(Path.GetFullPath(Path.Combine(full, "..", ".."))));
    }

    /// <summary>Opens another computer of the same lab; null when it is not there (any more).</summary>
    public LabComputer? Neighbour(string name)
    {
        string folder = FolderOf(Lab, name.ToUpperInvariant());
        return File.Exists(Path.Combine(folder, FolderComputer.DescriptionFile)) ? Open(folder) : null;
    }

    /// <summary>Writes an event of the Application log.</summary>
    public void Log(string source, int id, string message) => EventLog.Append(new LoggedEvent(source, id, DateTime.UtcNow, message));

    /// <summary>Encrypts with the computer's own key: what is read elsewhere is worth nothing there.</summary>
    public byte[] Protect(byte[] content) => Cipher.Encrypt(MachineKey(), content, []);

    /// <exception cref="CryptographicException">It was encrypted on another computer, or on this one before it was set up anew.</exception>
    public byte[] Unprotect(byte[] content) => Cipher.Decrypt(MachineKey(), content, []);

    /// <summary>What a running service keeps in memory outlives the programs that stand for it in a file that only this computer can read; null for nothing.</summary>
    public byte[]? Memory
    {
        get => File.Exists(MemoryFile) ? Unprotect(Convert.FromBase64String(File.ReadAllText(MemoryFile))) : null;
        set
        {
            if (value is null)
                File.Delete(MemoryFile);
            else
                PrivateFile.Write(MemoryFile, Convert.ToBase64String(Protect(value)));
        }
    }

    private byte[] MachineKey()
    {
        if (!File.Exists(KeyFile))
            PrivateFile.Write(KeyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
        return Convert.FromBase64String(File.ReadAllText(KeyFile));
    }
}
