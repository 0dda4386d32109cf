using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Tests.Restore.Differential;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Integration.Tests.Differential;

/// <summary>Plays a recipe on the lab, and lays out the folder that is left.</summary>
internal sealed class LabStage : IStage, IDisposable
{
    private readonly Func<string, LabServer> _serverOf;
    private readonly List<LabMember> _members = [];
    private readonly List<Action> _drops = [];

    /// <param name="folder">Empty folder of the case.</param>
    /// <param name="serverOf">Gives an instance by its name.</param>
    public LabStage(string folder, Func<string, LabServer> serverOf)
    {
        _serverOf = serverOf;
        Root = folder;
        Directory.CreateDirectory(Path.Combine(folder, "b"));
        Directory.CreateDirectory(Path.Combine(folder, "m"));
    }

    public string Root { get; }

    public bool HasEverything => false;

    public long SizeOf(string path, IReadOnlyList<ModelSet> sets) => new FileInfo(path).Length;

    public IMemberHistory Begin(string server, string database, Func<Guid> newId)
    {
        LabServer instance = _serverOf(server);
        var member = new LabMember(instance, server, database, Path.Combine(Root, "m"));
        _members.Add(member);
        _drops.Add(() => instance.Drop(member.Database));
        return member;
    }

    public LabMember MemberOf(Guid family) => _members.Single(m => m.Family == family);

    /// <summary>Puts the files and manifests where the case says they are now, as damaged as it says.</summary>
    /// <returns>The folders.</returns>
    public IReadOnlyList<string> LayOut(RestoreCase restoreCase)
    {
        string written = Path.Combine(Root, "b");
        string kept = Path.Combine(Root, "w");
        Directory.Move(written, kept);
        foreach (CaseFile file in restoreCase.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file.File.Path)!);
            byte[] content = File.ReadAllBytes(Path.Combine(kept, Path.GetFileName(file.WrittenTo)));
            File.WriteAllBytes(file.File.Path, file.File.IsReadable ? content : Damaged(file, content));
        }

        foreach (FoundManifest manifest in restoreCase.Manifests.Select(m => m.Found))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(manifest.Path)!);
            BackupManifestFile.Write(manifest.Content, manifest.Path);
        }

        return [.. restoreCase.Files.Select(f => f.File.Path).Concat(restoreCase.Manifests.Select(m => m.Found.Path)).Select(p => Path.GetDirectoryName(p)!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        foreach (Action drop in _drops)
            drop();
    }

    private static byte[] Damaged(CaseFile file, byte[] content)
    {
        // With several sets in a file the first would still be good: the case means the whole file.
        if (!file.ShowsHeader || file.File.Sets.Count > 1)
            return [.. new byte[4096], .. content.Skip(4096)];
        if (file.IsUnfinished)
            return content[..(content.Length * 3 / 5)];
        for (int i = content.Length / 2; i < content.Length; i++)
            content[i] ^= 0x5A;
        return content;
    }
}
