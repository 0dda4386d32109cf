using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// ALTER DATABASE.
internal sealed partial class Interpreter
{
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

        if (database.State == DatabaseState.Restoring && !(alter is AlterDatabaseSetStatement set && set.Options.All(o => o is HadrDatabaseOption)))
        {
            throw AlterFailed(frame, Instance.GroupOf(database) is not null ? InGroup(database) : new LabSqlException(5052, 16, 1, "ALTER DATABASE is not permitted while a database is in the Restoring state."));
        }

        try
        {
            Alter(database, alter, frame);
        }
        catch (LabSqlException e) when (e.Number is 1468 or 5061 or 5063 or 33106 or 33107 or 33108)
        {
            throw AlterFailed(frame, e);
        }

        _session.LastRowCount = 0;
    }

    private void Alter(LabDatabase database, AlterDatabaseStatement alter, ExecutionFrame frame)
    {
        switch (alter)
        {
            case AlterDatabaseSetStatement set:
                foreach (DatabaseOption option in set.Options)
                {
                    SetOption(database, option, set.Termination, frame);
                }

                break;
            case AlterDatabaseModifyNameStatement rename:
                RefuseMember(database);
                Rename(database, rename.NewDatabaseName.Value, frame);
                break;
            case AlterDatabaseModifyFileStatement file:
                ModifyFile(database, file.FileDeclaration);
                break;
            default:
                throw AlterFailed(frame, ServerErrors.NotSupported(alter.GetType().Name));
        }
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
            database.RenameFile(target.FileId, renamed);
        }
    }

    /// <summary>Other sessions that use the database.</summary>
    private List<SqlSession> OthersIn(LabDatabase database) =>
        [.. Server.Sessions.Where(s => !ReferenceEquals(s, _session) && s.UsedDatabases().Contains(database))];
}
