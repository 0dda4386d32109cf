using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tests.Store;

/// <summary>A folder of its own for one test, and short words for what the tests do all the time.</summary>
public sealed class StoreFixture : IDisposable
{
    private readonly List<LabInstance> _open = [];
    private int _copies;

    public string Root { get; } = Directory.CreateTempSubdirectory("lab-store-").FullName;

    public LabStorage Storage { get; } = new();

    public static TableDef Pairs(string name = "T") => new()
    {
        Name = name,
        Columns =
        [
            new ColumnDef { Name = "Id", Type = SqlType.Int, Nullable = false },
            new ColumnDef { Name = "Value", Type = SqlType.NVarChar(100) },
        ],
        Indexes = [new IndexDef { Name = "PK_" + name, IsUnique = true, IsPrimaryKey = true, Columns = [("Id", false)] }],
    };

    public static object?[] Row(int id, string? value) => [id, value];

    public static string[] Content(LabDatabase database, string table = "T") =>
        database.FindTable("dbo", table) is { } found ? [.. found.Scan(null).Select(r => $"{r.Values[0]}={r.Values[1]}").Order(StringComparer.Ordinal)] : ["no table"];

    public LabInstance Create(string server = "LAB1") => Keep(LabInstance.Create(Options(server, Path.Combine(Root, server))));

    /// <summary>Opens the folder as it is: what a process finds after the one before was killed.</summary>
    public LabInstance OpenCopy(string folder, string server = "LAB1", LabStorage? storage = null)
    {
        string copy = Copy(folder);
        Relocate(copy, folder);
        return Keep(LabInstance.Open(Options(server, copy, storage)));
    }

    public LabInstance Reopen(LabInstance instance)
    {
        instance.Dispose();
        return Keep(LabInstance.Open(Options(instance.Options.ServerName, instance.Options.Folder)));
    }

    /// <summary>Opens a copy of the instance's files without stopping it: a kill, as seen by the next start.</summary>
    public LabInstance Kill(LabInstance instance) => OpenCopy(instance.Options.Folder, instance.Options.ServerName);

    public string Copy(string folder)
    {
        string copy = Path.Combine(Root, $"copy{++_copies}");
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using FileStream source = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using FileStream destination = File.Create(target);
            source.CopyTo(destination);
        }

        Directory.CreateDirectory(Path.Combine(copy, "backup"));
        return copy;
    }

    /// <summary>Makes the catalogue of a copied folder point into the copy.</summary>
    public static void Relocate(string copy, string original)
    {
        string catalogue = Path.Combine(copy, "instance.json");
        File.WriteAllText(catalogue, File.ReadAllText(catalogue).Replace(original.Replace("\\", "\\\\") + "/", copy + "/", StringComparison.Ordinal));
    }

    public LabDatabase CreateDatabase(LabInstance instance, string name, params int[] ids)
    {
        LabDatabase database = instance.CreateDatabase(name, "sa");
        In(instance, t =>
        {
            LabTable table = database.CreateTable(t, Pairs());
            foreach (int id in ids)
            {
                table.Insert(t, Row(id, "v" + id));
            }
        });
        return database;
    }

    public static void In(LabInstance instance, Action<LabTransaction> work)
    {
        LabTransaction transaction = instance.Begin();
        work(transaction);
        instance.Commit(transaction);
    }

    public void Dispose()
    {
        foreach (LabInstance instance in _open)
        {
            instance.Dispose();
        }

        Directory.Delete(Root, recursive: true);
    }

    private LabInstance Keep(LabInstance instance)
    {
        _open.Add(instance);
        return instance;
    }

    private InstanceOptions Options(string server, string folder, LabStorage? storage = null) => new()
    {
        ServerName = server,
        Folder = folder,
        Storage = storage ?? new LabStorage(),
    };
}
