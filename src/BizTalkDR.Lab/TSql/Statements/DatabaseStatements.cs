using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// CREATE and DROP DATABASE.
internal sealed partial class Interpreter
{
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
        if (!frame.HasServerRole("dbcreator"))
        {
            throw ServerErrors.NotAllowedInDatabase("CREATE DATABASE", "master");
        }

        if (Instance.Find(name) is not null)
        {
            throw new LabSqlException(1801, 16, 3, $"Database '{name}' already exists. Choose a different database name.");
        }

        if (create.AttachMode != AttachMode.None || create.DatabaseSnapshot is not null || create.CopyOf is not null || create.FileGroups.Count > 1 || create.FileGroups.Any(g => g.FileDeclarations.Count > 1) || create.LogOn.Count > 1)
        {
            throw ServerErrors.NotSupported("CREATE DATABASE with this form of files");
        }

        FileDeclaration? data = create.FileGroups.FirstOrDefault()?.FileDeclarations.FirstOrDefault();
        FileDeclaration? log = create.LogOn.FirstOrDefault();
        LabDatabase database = Instance.CreateDatabase(name, _session.Login.Name, create.Collation?.Value, PathOf(data), PathOf(log));
        NameFile(database, data, isLog: false);
        NameFile(database, log, isLog: true);
        _session.LastRowCount = 0;
    }

    private static string? PathOf(FileDeclaration? file) => file?.Options.OfType<FileNameFileDeclarationOption>().FirstOrDefault()?.OSFileName.Value;

    private static void NameFile(LabDatabase database, FileDeclaration? file, bool isLog)
    {
        string? name = file?.Options.OfType<NameFileDeclarationOption>().FirstOrDefault(o => !o.IsNewName)?.LogicalFileName.Value;
        if (name is not null && database.Files.FirstOrDefault(f => f.IsLog == isLog) is { } target)
        {
            target.LogicalName = name;
        }
    }

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
            if (Server.Sessions.Any(s => s.UsedDatabases().Contains(database)))
            {
                throw new LabSqlException(3702, 16, 4, $"Cannot drop database \"{database.Name}\" because it is currently in use.");
            }

            Instance.DropDatabase(database);
        }

        _session.LastRowCount = 0;
    }
}
