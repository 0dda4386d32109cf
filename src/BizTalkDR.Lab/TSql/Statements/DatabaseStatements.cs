using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// CREATE, ALTER, DROP DATABASE.
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

    private void AlterDatabase(AlterDatabaseStatement alter, ExecutionFrame frame)
    {
        RefuseInTransaction("ALTER DATABASE");
        string name = alter.UseCurrent ? frame.Database.Name : alter.DatabaseName.Value;
        if (string.Equals(name, "CURRENT", StringComparison.OrdinalIgnoreCase))
        {
            name = frame.Database.Name;
        }

        LabDatabase? database = Instance.Find(name);
        if (database is null || !frame.IsOwner(database))
        {
            throw AlterFailed(frame, new LabSqlException(5011, 14, 5, $"User does not have permission to alter database '{name}', the database does not exist, or the database is not in a state that allows access checks."));
        }

        if (database.State == DatabaseState.Restoring)
        {
            throw AlterFailed(frame, new LabSqlException(5052, 16, 1, "ALTER DATABASE is not permitted while a database is in the Restoring state."));
        }

        switch (alter)
        {
            case AlterDatabaseSetStatement set:
                foreach (DatabaseOption option in set.Options)
                {
                    SetOption(database, option, set.Termination, frame);
                }

                break;
            case AlterDatabaseModifyNameStatement rename:
                Rename(database, rename.NewDatabaseName.Value, frame);
                break;
            case AlterDatabaseModifyFileStatement file:
                ModifyFile(database, file.FileDeclaration);
                break;
            default:
                throw AlterFailed(frame, ServerErrors.NotSupported(alter.GetType().Name));
        }

        _session.LastRowCount = 0;
    }

    /// <summary>Sends the cause and gives the error that always follows it.</summary>
    private LabSqlException AlterFailed(ExecutionFrame frame, LabSqlException cause)
    {
        _session.Send(frame, cause.Error with { Procedure = frame.ProcedureName });
        return new LabSqlException(5069, 16, 1, "ALTER DATABASE statement failed.");
    }

    private void Rename(LabDatabase database, string name, ExecutionFrame frame)
    {
        if (IsSystemDatabase(database.Name))
        {
            throw new LabSqlException(5030, 16, 2, "The database could not be exclusively locked to perform the operation.");
        }

        if (Instance.Find(name) is { } other && !ReferenceEquals(other, database))
        {
            throw new LabSqlException(1801, 16, 3, $"Database '{name}' already exists. Choose a different database name.");
        }

        if (OthersIn(database).Count > 0)
        {
            throw new LabSqlException(5030, 16, 2, "The database could not be exclusively locked to perform the operation.");
        }

        Instance.RenameDatabase(database, name);
        frame.Inform(new SqlMessage(5030, 10, 1, $"The database name '{name}' has been set."));
    }

    private static void ModifyFile(LabDatabase database, FileDeclaration file)
    {
        string? old = file.Options.OfType<NameFileDeclarationOption>().FirstOrDefault(o => !o.IsNewName)?.LogicalFileName.Value;
        string? renamed = file.Options.OfType<NameFileDeclarationOption>().FirstOrDefault(o => o.IsNewName)?.LogicalFileName.Value;
        DatabaseFile target = database.Files.FirstOrDefault(f => Same(f.LogicalName, old ?? string.Empty))
            ?? throw new LabSqlException(5041, 16, 1, $"MODIFY FILE failed. File '{old}' does not exist.");
        if (file.Options.Any(o => o is not NameFileDeclarationOption and not SizeFileDeclarationOption and not FileGrowthFileDeclarationOption and not MaxSizeFileDeclarationOption))
        {
            throw ServerErrors.NotSupported("MODIFY FILE (FILENAME)");
        }

        if (renamed is not null)
        {
            target.LogicalName = renamed;
            database.Checkpoint();
        }
    }

    /// <summary>Other sessions that use the database.</summary>
    private List<SqlSession> OthersIn(LabDatabase database) =>
        [.. Server.Sessions.Where(s => !ReferenceEquals(s, _session) && s.UsedDatabases().Contains(database))];
}
