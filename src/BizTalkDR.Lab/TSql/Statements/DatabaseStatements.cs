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

    private void SetOption(LabDatabase database, DatabaseOption option, AlterDatabaseTermination? termination, ExecutionFrame frame)
    {
        switch (option.OptionKind)
        {
            case DatabaseOptionKind.SingleUser:
                RefuseServers(database, frame, "SINGLE_USER");
                Clear(database, termination, frame);
                Instance.SetUserAccess(database, UserAccess.SingleUser);
                break;
            case DatabaseOptionKind.RestrictedUser:
                RefuseServers(database, frame, "RESTRICTED_USER");
                Clear(database, termination, frame, s => !DatabaseAccess.IsOwner(Server, s.Login, database));
                Instance.SetUserAccess(database, UserAccess.RestrictedUser);
                break;
            case DatabaseOptionKind.MultiUser:
                RefuseTaken(database, frame);
                Instance.SetUserAccess(database, UserAccess.MultiUser);
                break;
            case DatabaseOptionKind.Online:
                Instance.SetOffline(database, false);
                break;
            case DatabaseOptionKind.Offline:
                RefuseSystem(database, frame, "OFFLINE");
                Clear(database, termination, frame);
                LeaveDatabase(database, frame);
                Instance.SetOffline(database, true);
                break;
            case DatabaseOptionKind.ReadOnly:
                RefuseSystem(database, frame, "READ_ONLY");
                Clear(database, termination, frame);
                Instance.SetReadOnly(database, true);
                break;
            case DatabaseOptionKind.ReadWrite:
                Clear(database, termination, frame);
                Instance.SetReadOnly(database, false);
                break;
            case DatabaseOptionKind.Recovery when option is RecoveryDatabaseOption recovery:
                SetRecovery(database, recovery.Value, frame);
                break;
            default:
                AcceptUnchanged(database, option, frame);
                break;
        }
    }

    private void SetRecovery(LabDatabase database, RecoveryDatabaseOptionKind model, ExecutionFrame frame)
    {
        if (string.Equals(database.Name, "tempdb", StringComparison.OrdinalIgnoreCase))
        {
            throw AlterFailed(frame, new LabSqlException(5058, 16, 1, "Option 'RECOVERY' cannot be set in database 'tempdb'."));
        }

        Instance.SetRecoveryModel(database, model switch
        {
            RecoveryDatabaseOptionKind.Full => RecoveryModel.Full,
            RecoveryDatabaseOptionKind.BulkLogged => RecoveryModel.BulkLogged,
            _ => RecoveryModel.Simple,
        });
    }

    /// <summary>Nobody can have master or tempdb alone.</summary>
    private void RefuseServers(LabDatabase database, ExecutionFrame frame, string option)
    {
        if (Same(database.Name, "master") || Same(database.Name, "tempdb"))
        {
            RefuseSystem(database, frame, option);
        }
    }

    private void RefuseSystem(LabDatabase database, ExecutionFrame frame, string option)
    {
        if (IsSystemDatabase(database.Name))
        {
            throw AlterFailed(frame, new LabSqlException(5058, 16, 5, $"Option '{option}' cannot be set in database '{database.Name}'."));
        }
    }

    /// <summary>In SINGLE_USER mode only the session inside may change the database.</summary>
    private void RefuseTaken(LabDatabase database, ExecutionFrame frame)
    {
        if (database.UserAccess == UserAccess.SingleUser && OthersIn(database).Count > 0)
        {
            throw AlterFailed(frame, new LabSqlException(5064, 16, 1, $"Changes to the state or options of database '{database.Name}' cannot be made at this time. The database is in single-user mode, and a user is currently connected to it."));
        }
    }

    /// <summary>Sends the session itself to master when its database goes away.</summary>
    private void LeaveDatabase(LabDatabase database, ExecutionFrame frame)
    {
        if (!ReferenceEquals(_session.CurrentDatabase, database))
        {
            return;
        }

        LabDatabase master = Instance.Find("master")!;
        string old = database.Name;
        _session.CurrentDatabase = master;
        for (ExecutionFrame? scope = frame; scope is not null; scope = scope.Caller)
        {
            scope.Database = ReferenceEquals(scope.Database, database) ? master : scope.Database;
        }

        frame.Sink.DatabaseChanged(master.Name, old);
    }

    /// <summary>Gets other sessions out of the database: at once (ROLLBACK IMMEDIATE), never (NO_WAIT: error), after some time, or when they leave.</summary>
    private void Clear(LabDatabase database, AlterDatabaseTermination? termination, ExecutionFrame frame, Func<SqlSession, bool>? which = null)
    {
        List<SqlSession> Left() => [.. OthersIn(database).Where(which ?? (_ => true))];
        if (Left().Count == 0)
        {
            return;
        }

        if (termination?.NoWait == true)
        {
            _session.Send(frame, new SqlMessage(5070, 16, 2, $"Database state cannot be changed while other users are using the database '{database.Name}'"));
            throw new LabSqlException(5069, 16, 1, "ALTER DATABASE statement failed.");
        }

        if (termination?.RollbackAfter is { } seconds)
        {
            Pause(TimeSpan.FromSeconds(int.Parse(seconds.Value, System.Globalization.CultureInfo.InvariantCulture)));
        }

        if (termination is { ImmediateRollback: true } or { RollbackAfter: not null })
        {
            frame.Inform(new SqlMessage(5060, 10, 1, "Nonqualified transactions are being rolled back. Estimated rollback completion: 0%."));
            Left().ForEach(s => s.Kill());
            frame.Inform(new SqlMessage(5060, 10, 1, "Nonqualified transactions are being rolled back. Estimated rollback completion: 100%."));
            return;
        }

        while (Left().Count > 0)
        {
            _session.Cancellation.WaitHandle.WaitOne(20);
            _session.Cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Options the lab does not have may only be set to what they are.</summary>
    private void AcceptUnchanged(LabDatabase database, DatabaseOption option, ExecutionFrame frame)
    {
        bool unchanged = option switch
        {
            OnOffDatabaseOption onOff => (onOff.OptionState == OptionState.On) == IsOnByDefault(option.OptionKind),
            PageVerifyDatabaseOption verify => verify.Value == PageVerifyDatabaseOptionKind.Checksum,
            ParameterizationDatabaseOption parameterization => parameterization.IsSimple,
            LiteralDatabaseOption { OptionKind: DatabaseOptionKind.CompatibilityLevel } level => level.Value.Value == database.CompatibilityLevel.ToString(System.Globalization.CultureInfo.InvariantCulture),
            CursorDefaultDatabaseOption cursor => !cursor.IsLocal,
            TargetRecoveryTimeDatabaseOption or DelayedDurabilityDatabaseOption => true,
            _ => option.OptionKind is DatabaseOptionKind.DisableBroker or DatabaseOptionKind.NewBroker or DatabaseOptionKind.ErrorBrokerConversations,
        };
        if (!unchanged)
        {
            throw AlterFailed(frame, new LabSqlException(5058, 16, 8, $"Option '{option.OptionKind}' cannot be set in database '{database.Name}'."));
        }
    }

    private static bool IsOnByDefault(DatabaseOptionKind option) => option is DatabaseOptionKind.AutoCreateStatistics or DatabaseOptionKind.AutoUpdateStatistics or DatabaseOptionKind.MixedPageAllocation;
}
