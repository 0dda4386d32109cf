using System.IO;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>A simulated computer that is kept in a folder; docs/lab.md describes its files.</summary>
internal sealed class FolderComputer : IComputer
{
    /// <summary>The file by which a folder is known as a computer.</summary>
    public const string DescriptionFile = "computer.json";

    private FolderComputer(ComputerAddress address, FolderDescription description)
    {
        string folder = Path.GetFullPath(address.Name);
        Address = address;
        Name = description.Name;
        Files = new FolderFiles(folder, Path.GetFullPath(Path.Combine(folder, description.Shares)), description.Environment);
        Registry = new FolderRegistry(Path.Combine(folder, "registry.json"));
        Certificates = new FolderCertificates(Path.Combine(folder, "certificates"));
        Tools = new FolderTools(folder);
        Services = new FolderServices(folder);
        Events = new FolderEventLog(Path.Combine(folder, "events.jsonl"));
        SingleSignOn = new SingleSignOnTools(Name, Tools, Files);
    }

    public ComputerAddress Address { get; }

    public string Name { get; }

    public bool IsSimulated => true;

    public IComputerFiles Files { get; }

    public IRegistry Registry { get; }

    public IServiceControl Services { get; }

    public ICertificateStores Certificates { get; }

    public IExternalTools Tools { get; }

    public IEventLog Events { get; }

    public ISingleSignOn SingleSignOn { get; }

    /// <summary>Opens the computer of a folder.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.ComputerUnreachable"/>: the description cannot be read, or is of another form.</exception>
    public static FolderComputer Open(ComputerAddress address)
    {
        FolderDescription? description = FolderJson.Read<FolderDescription>(Path.Combine(address.Name, DescriptionFile));
        if (description is not { SchemaVersion: 1, Name.Length: > 0 })
        {
            throw new RecoveryException(
                RecoveryError.ComputerUnreachable, address.Name, $"{DescriptionFile} in {address.Name} is of a form that this version does not know (schema version {description?.SchemaVersion}).");
        }

        return new FolderComputer(address, description);
    }

    public void Dispose()
    {
        // Nothing is held open: every look at the computer reads its files anew.
    }
}
