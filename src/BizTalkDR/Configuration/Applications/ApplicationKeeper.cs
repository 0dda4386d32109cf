using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Applications;

/// <summary>Lets BTSTask export applications and keeps what it wrote, once that has been looked at.</summary>
internal sealed class ApplicationKeeper(PartContext context, BtsTaskCommands commands) : IDisposable
{
    // First bytes of every Windows Installer package: a compound file.
    private static readonly byte[] s_package = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    private readonly ToolScratch _scratch = new(context.Computer);
    private readonly string _folder = InventoryFile.NewFolder(context, ApplicationInventory.Folder);
    private readonly List<KeptFile> _files = [];
    private readonly SortedSet<string> _inClear = new(StringComparer.OrdinalIgnoreCase);
    private int _number;

    /// <summary>What was written.</summary>
    public IReadOnlyList<KeptFile> Files => _files;

    /// <summary>Ports and properties whose secrets stand in clear in the bindings that were kept.</summary>
    public IReadOnlyCollection<string> InClear => _inClear;

    public void Dispose() => _scratch.Dispose();

    /// <summary>Keeps package, bindings and resource list of an application.</summary>
    /// <exception cref="RecoveryException">ToolNotFound, ToolFailed, ToolTimedOut, PackageInvalid, BindingsInvalid.</exception>
    public KeptApplication Keep(ApplicationRecord application, CancellationToken cancellationToken)
    {
        // Names of applications may hold what names of files may not: files are numbered, the inventory knows their names.
        string name = FormattableString.Invariant($"{_folder}/app{++_number:000}");
        string package = Export(".msi", p => commands.ExportApplication(application.Name, p), cancellationToken);
        RequirePackage(package, application.Name);
        string bindings = Export(".xml", p => commands.ExportBindings(application.Name, p), cancellationToken);
        IReadOnlyList<MissingPassword> missing = MissingPasswords.In(ReadBindings(bindings, $"the bindings of {application.Name}"));
        string resources = Export(".xml", p => commands.ListResources(application.Name, p), cancellationToken);
        return new KeptApplication(application.Name, application.Modified, Add(name + ".msi", package), Add(name + ".bindings.xml", bindings), Add(name + ".resources.xml", resources))
        {
            References = application.References,
            Assemblies = application.Assemblies.Where(a => !a.IsSystem).ToList(),
            MissingPasswords = missing,
        };
    }

    /// <summary>Keeps the bindings of the whole group and, where the product can export them, its parties.</summary>
    public void KeepGroup(bool hasParties, CancellationToken cancellationToken)
    {
        string bindings = Export(".xml", commands.ExportGroupBindings, cancellationToken);
        ReadBindings(bindings, "the bindings of the group");
        Add($"{_folder}/{ApplicationInventory.GroupBindings}", bindings);
        if (hasParties)
            Add($"{_folder}/{ApplicationInventory.Parties}", Export(".xml", commands.ExportParties, cancellationToken));
    }

    public KeptAssembly Keep(CachedAssembly assembly) => new(assembly.Assembly, Add($"{_folder}/gac/{++_number:0000}-{Path.GetFileName(assembly.Path.Replace('\\', '/'))}", assembly.Path));

    public KeptExtraFile KeepExtra(string path) => new(path, Add($"{_folder}/files/{++_number:0000}-{Path.GetFileName(path.Replace('\\', '/'))}", path));

    public void KeepInventory(ApplicationInventory inventory) => _files.Add(InventoryFile.Write(context.Folder, $"{_folder}/{ApplicationInventory.FileName}", inventory));

    private string Export(string ending, Func<string, ToolCommand> command, CancellationToken cancellationToken)
    {
        string path = _scratch.NewFile(ending);
        ToolCommand line = command(context.Computer.Files.ToHostPath(path));
        _scratch.Run(line, null, cancellationToken);
        return context.Computer.Files.FileExists(path) ? path
            : throw new RecoveryException(RecoveryError.ToolFailed, line.ToString(), $"{line} ended without an error, and the file it was to write is not there.");
    }

    private void RequirePackage(string path, string application)
    {
        byte[] first = new byte[s_package.Length];
        using Stream stream = context.Computer.Files.Read(path);
        int read = stream.Read(first, 0, first.Length);
        if (read < first.Length || !first.SequenceEqual(s_package))
            throw new RecoveryException(RecoveryError.PackageInvalid, application, $"What BTSTask wrote as the package of {application} is no Windows Installer package. Nothing was kept of it.");
    }

    private BindingFile ReadBindings(string path, string name)
    {
        using Stream stream = context.Computer.Files.Read(path);
        BindingFile bindings = BindingFile.Read(stream, name);
        _inClear.UnionWith(MissingPasswords.InClear(bindings));
        return bindings;
    }

    private string Add(string name, string path)
    {
        _files.Add(context.Folder.Keep(name, context.Computer.Files, path));
        return name;
    }
}
