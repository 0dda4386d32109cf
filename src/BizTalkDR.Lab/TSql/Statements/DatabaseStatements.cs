using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// CREATE and DROP DATABASE.
internal sealed partial class Interpreter
{
    /// <summary>Fewer than SQL Server allows: a page number of the lab has room for 31 data files.</summary>
    private const int LargestFileCount = 31;
    private static readonly string[] s_systemDatabases = ["master", "model", "msdb", "tempdb"];

    private static bool IsSystemDatabase(string name) => s_systemDatabases.Contains(name, StringComparer.OrdinalIgnoreCase);

    private void RefuseInTransaction(string statement)
    {
        if (_session.Transaction.Current is not null)
        {
            throw new LabSqlException(226, 16, 6, $"{statement} statement not allowed within multi-statement transaction.");
        }
    }

    private void CreateDatabase(CreateDatabaseStatement create, ExecutionFrame frame)
    {
        RefuseInTransaction("CREATE DATABASE");
        string name = create.DatabaseName.Value;
        if (!frame.HasServerPermission("CREATE ANY DATABASE"))
        {
            throw ServerErrors.NotAllowedInDatabase("CREATE DATABASE", "master");
        }

        if (Instance.Find(name) is not null)
        {
            throw new LabSqlException(1801, 16, 3, $"Database '{name}' already exists. Choose a different database name.");
        }

        if (create.AttachMode != AttachMode.None || create.DatabaseSnapshot is not null || create.CopyOf is not null || create.LogOn.Count > 1
            || create.FileGroups.Any(g => g.ContainsFileStream || g.ContainsMemoryOptimizedData))
        {
            throw ServerErrors.NotSupported("CREATE DATABASE with this form of files");
        }

        (List<DatabaseFile> files, List<FileGroupEntry> groups) = FilesOf(create, name);
        Instance.CreateDatabase(name, _session.Login.Name, create.Collation?.Value, files, groups);
        _session.LastRowCount = 0;
    }

    /// <summary>The files of a new database: 1 is the first data file, 2 the log, the others follow.</summary>
    private (List<DatabaseFile> Files, List<FileGroupEntry> Groups) FilesOf(CreateDatabaseStatement create, string name)
    {
        List<FileGroupEntry> groups = [FileGroupEntry.PrimaryGroup];
        List<DatabaseFile> files = [];
        foreach (FileGroupDefinition group in create.FileGroups)
        {
            int id = FileGroupEntry.Primary;
            if (group.Name is not null && !Same(group.Name.Value, "PRIMARY"))
            {
                id = groups.Count + 1;
                groups.Add(new FileGroupEntry(id, group.Name.Value, group.IsDefault, Guid.NewGuid()));
            }

            foreach (FileDeclaration declaration in group.FileDeclarations)
            {
                int fileId = files.Count == 0 ? 1 : files.Count + 2;
                files.Add(FileOf(declaration, fileId, id, files.Count == 0 ? name : $"{name}_{fileId}", Path.Combine(Instance.DataFolder, files.Count == 0 ? name + ".mdf" : $"{name}_{fileId}.ndf")));
            }
        }

        if (files.Count == 0)
        {
            files.Add(FileOf(null, 1, FileGroupEntry.Primary, name, Path.Combine(Instance.DataFolder, name + ".mdf")));
        }

        DatabaseFile log = FileOf(create.LogOn.FirstOrDefault(), 2, 0, name + "_log", Path.Combine(Instance.LogFolder, name + "_log.ldf"));
        log.IsLog = true;
        files.Insert(1, log);
        if (files.GroupBy(f => f.LogicalName, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new LabSqlException(1828, 16, 4, $"The logical file name \"{twice.Key}\" is already in use. Choose a different name.");
        }

        if (groups.Exists(g => g.Id > 1 && g.IsDefault))
        {
            groups[0] = groups[0] with { IsDefault = false };
        }

        return files.Count <= LargestFileCount ? (files, groups) : throw new LabSqlException(5033, 16, 1, $"The maximum of {LargestFileCount} files per database has been exceeded.");
    }

    private static DatabaseFile FileOf(FileDeclaration? declaration, int id, int group, string name, string path) => new()
    {
        FileId = id,
        FileGroupId = group,
        FileGuid = Guid.NewGuid(),
        LogicalName = declaration?.Options.OfType<NameFileDeclarationOption>().FirstOrDefault(o => !o.IsNewName)?.LogicalFileName.Value ?? name,
        PhysicalName = declaration?.Options.OfType<FileNameFileDeclarationOption>().FirstOrDefault()?.OSFileName.Value ?? path,
    };

    private void DropDatabases(DropDatabaseStatement drop, ExecutionFrame frame)
    {
        RefuseInTransaction("DROP DATABASE");
        foreach (Identifier name in drop.Databases)
        {
            LabDatabase? database = Instance.Find(name.Value);
            if (database is null)
            {
                if (drop.IsIfExists)
                {
                    continue;
                }

                throw new LabSqlException(3701, 11, 1, $"Cannot drop the database '{name.Value}', because it does not exist or you do not have permission.");
            }

            if (IsSystemDatabase(database.Name))
            {
                throw new LabSqlException(3708, 16, 6, $"Cannot drop the database '{database.Name}' because it is a system database.");
            }

            frame.RequireOwner(database, "DROP DATABASE");
            if (Instance.GroupOf(database) is not null)
            {
                throw new LabSqlException(3752, 16, 1, $"The database '{database.Name}' is currently joined to an availability group.  Before you can drop the database, you need to remove it from the availability group.");
            }

            if (Server.Sessions.Any(s => s.UsedDatabases().Contains(database)))
            {
                throw new LabSqlException(3702, 16, 4, $"Cannot drop database \"{database.Name}\" because it is currently in use.");
            }

            Instance.DropDatabase(database);
        }

        _session.LastRowCount = 0;
    }
}
