using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// ALTER DATABASE … SET.
internal sealed partial class Interpreter
{
    private void SetOption(LabDatabase database, DatabaseOption option, AlterDatabaseTermination? termination, ExecutionFrame frame)
    {
        if (database.IsInStandby && option.OptionKind is DatabaseOptionKind.ReadOnly or DatabaseOptionKind.ReadWrite or DatabaseOptionKind.Recovery)
        {
            throw new LabSqlException(5063, 16, 1, $"Database '{database.Name}' is in warm standby. A warm-standby database is read-only.");
        }

        if (option.OptionKind is DatabaseOptionKind.SingleUser or DatabaseOptionKind.RestrictedUser or DatabaseOptionKind.Offline or DatabaseOptionKind.ReadOnly or DatabaseOptionKind.Recovery)
        {
            RefuseMember(database);
        }

        switch (option.OptionKind)
        {
            case DatabaseOptionKind.Hadr when option is HadrDatabaseOption hadr:
                RefuseSystem(database, frame, "HADR");
                SetHadr(database, hadr);
                break;
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
                Server.Backups.NoteDamage(database);
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
            case DatabaseOptionKind.Encryption when option is OnOffDatabaseOption encryption:
                RefuseSystem(database, frame, "ENCRYPTION");
                SetEncryption(database, encryption.OptionState == OptionState.On);
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

        if (termination?.RollbackAfter is { } seconds && LeaveWithin(TimeSpan.FromSeconds(int.Parse(seconds.Value, System.Globalization.CultureInfo.InvariantCulture)), Left))
        {
            return;
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

    /// <summary>Gives the others time to leave by themselves.</summary>
    /// <returns>Whether all did.</returns>
    private bool LeaveWithin(TimeSpan time, Func<List<SqlSession>> left)
    {
        TimeProvider clock = Instance.Options.Clock;
        long start = clock.GetTimestamp();
        while (left().Count > 0)
        {
            if (clock.GetElapsedTime(start) >= time)
            {
                return false;
            }

            _session.Cancellation.WaitHandle.WaitOne(20);
            _session.Cancellation.ThrowIfCancellationRequested();
        }

        return true;
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
