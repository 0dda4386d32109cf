using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// RESTORE in all its forms.
internal sealed partial class Interpreter
{
    private void Restore(RestoreStatement restore, ExecutionFrame frame)
    {
        string verb = restore.Kind switch
        {
            RestoreStatementKind.TransactionLog => "RESTORE LOG",
            RestoreStatementKind.HeaderOnly => "RESTORE HEADERONLY",
            RestoreStatementKind.FileListOnly => "RESTORE FILELIST",
            RestoreStatementKind.LabelOnly => "RESTORE LABELONLY",
            RestoreStatementKind.VerifyOnly => "VERIFY DATABASE",
            _ => "RESTORE DATABASE",
        };
        Terminating(verb, frame, () =>
        {
            if (_session.Transaction.Current is not null)
            {
                throw new LabSqlException(3021, 16, 0, "Cannot perform a backup or restore operation within a transaction.");
            }

            if (!frame.HasServerPermission("CREATE ANY DATABASE") && !OwnsTarget(restore, frame))
            {
                throw ServerErrors.NotAllowedInDatabase(restore.Kind is RestoreStatementKind.Database or RestoreStatementKind.TransactionLog ? verb : "CREATE DATABASE", "master");
            }

            RunRestore(restore, frame);
            _session.LastRowCount = 0;
        });
    }

    private bool OwnsTarget(RestoreStatement restore, ExecutionFrame frame) =>
        restore.DatabaseName is not null && Instance.Find(TextOf(restore.DatabaseName, frame)) is { } database && string.Equals(database.Owner, _session.Login.Name, StringComparison.OrdinalIgnoreCase);

    private void RunRestore(RestoreStatement restore, ExecutionFrame frame)
    {
        List<string> disks = DisksOf(restore.Devices, frame);
        RefuseUrls(disks, forRestore: true);
        RestoreOptions options = ReadOptions(restore, frame);
        if (restore.Files.Count > 0)
        {
            throw UnsupportedOption("file");
        }

        switch (restore.Kind)
        {
            case RestoreStatementKind.HeaderOnly:
                Show(Server.Backups.HeaderOnly(disks, options.File, new FrameMessages(frame)), frame);
                break;
            case RestoreStatementKind.FileListOnly:
                Show(Server.Backups.FileListOnly(disks, options.File, options.Checksum, new FrameMessages(frame)), frame);
                break;
            case RestoreStatementKind.LabelOnly:
                Show(Server.Backups.LabelOnly(disks, new FrameMessages(frame)), frame);
                break;
            case RestoreStatementKind.VerifyOnly:
                Server.Backups.VerifyOnly(disks, options.File, options.Checksum, options.LoadHistory, new FrameMessages(frame), _session.Cancellation);
                break;
            case RestoreStatementKind.Database or RestoreStatementKind.TransactionLog:
                Server.Backups.Restore(RestoreRequestOf(restore, disks, options, frame), new FrameMessages(frame), _session.Cancellation);
                break;
            default:
                throw UnsupportedOption(restore.Kind.ToString().ToLowerInvariant());
        }
    }

    private void Show(ResultTable table, ExecutionFrame frame) =>
        SendTable(frame, [.. table.Columns.Select(c => new ResultColumn(c.Name, c.Type))], table.Rows);

    private RestoreRequest RestoreRequestOf(RestoreStatement restore, List<string> disks, RestoreOptions options, ExecutionFrame frame)
    {
        string name = TextOf(restore.DatabaseName, frame);
        if (IsSystemDatabase(name) && !Same(name, "msdb") && !Same(name, "model"))
        {
            throw Same(name, "tempdb")
                ? new LabSqlException(3147, 16, 1, "Backup and restore operations are not allowed on database tempdb.")
                : new LabSqlException(3108, 16, 1, "To restore the master database, the server must be running in single-user mode. For information on starting in single-user mode, see \"How to: Start an Instance of SQL Server (sqlservr.exe)\" in Books Online.");
        }

        Conflict(options.NoRecovery, options.Recovery is not null, "norecovery", "recovery");
        Conflict(options.Standby is not null, options.Recovery is not null, "standby", "recovery");
        Conflict(options.Standby is not null, options.NoRecovery, "standby", "norecovery");
        return new RestoreRequest
        {
            Database = name,
            Kind = restore.Kind == RestoreStatementKind.TransactionLog ? RestoreKind.Log : RestoreKind.Database,
            Disks = disks,
            File = options.File ?? 1,
            Moves = options.Moves,
            Replace = options.Replace,
            Recovery = options.Standby is not null ? RecoveryOption.Standby : options.NoRecovery ? RecoveryOption.NoRecovery : RecoveryOption.Recovery,
            StandbyFile = options.Standby,
            Stop = options.Stop,
            Checksum = options.Checksum,
            NoChecksum = options.NoChecksum,
            ContinueAfterError = options.ContinueAfterError,
            Restart = options.Restart,
            MediaName = options.MediaName,
            RestrictedUser = options.RestrictedUser,
            Stats = options.Stats,
            UserName = _session.Login.Name,
            InUseError = database =>
                _session.UsedDatabases().Contains(database) ? 3102 : OthersIn(database).Count > 0 ? 3101 : 0,
        };
    }

    private RestoreOptions ReadOptions(RestoreStatement restore, ExecutionFrame frame)
    {
        var options = new RestoreOptions();
        foreach (RestoreOption option in restore.Options)
        {
            switch (option)
            {
                case MoveRestoreOption move:
                    options.Moves.Add((Scalar<string>(move.LogicalFileName, SqlType.NVarChar(4000), frame) ?? string.Empty, Scalar<string>(move.OSFileName, SqlType.NVarChar(4000), frame) ?? string.Empty));
                    break;
                case StopRestoreOption stop:
                    DateTime? after = stop.After is null ? null : Scalar<DateTime>(stop.After, SqlType.DateTime, frame);
                    options.Stop = new StopPoint(Scalar<string>(stop.Mark, SqlType.NVarChar(4000), frame), Before: !stop.IsStopAt, after, null);
                    break;
                case ScalarExpressionRestoreOption value:
                    ReadValue(options, value, frame);
                    break;
                case FileStreamRestoreOption:
                    throw UnsupportedOption("filestream");
                default:
                    ReadFlag(options, option.OptionKind);
                    break;
            }
        }

        return options;
    }

    private void ReadValue(RestoreOptions options, ScalarExpressionRestoreOption option, ExecutionFrame frame)
    {
        switch (option.OptionKind)
        {
            case RestoreOptionKind.File:
                options.File = Scalar<int>(option.Value, SqlType.Int, frame);
                break;
            case RestoreOptionKind.Stats:
                options.Stats = option.Value is null ? 10 : Scalar<int>(option.Value, SqlType.Int, frame);
                break;
            case RestoreOptionKind.Standby:
                options.Standby = Scalar<string>(option.Value, SqlType.NVarChar(4000), frame);
                break;
            case RestoreOptionKind.StopAt:
                options.Stop = new StopPoint(null, Before: false, null, Scalar<DateTime>(option.Value, SqlType.DateTime, frame));
                break;
            case RestoreOptionKind.MediaName:
                options.MediaName = Scalar<string>(option.Value, SqlType.NVarChar(4000), frame);
                break;
            case RestoreOptionKind.BlockSize or RestoreOptionKind.BufferCount or RestoreOptionKind.MaxTransferSize:
                break;
            default:
                throw UnsupportedOption(option.OptionKind.ToString().ToLowerInvariant());
        }
    }

    private static void ReadFlag(RestoreOptions options, RestoreOptionKind kind)
    {
        switch (kind)
        {
            case RestoreOptionKind.NoRecovery:
                options.NoRecovery = true;
                break;
            case RestoreOptionKind.Recovery:
                options.Recovery = true;
                break;
            case RestoreOptionKind.Replace:
                options.Replace = true;
                break;
            case RestoreOptionKind.Checksum:
                options.Checksum = true;
                break;
            case RestoreOptionKind.NoChecksum:
                options.NoChecksum = true;
                break;
            case RestoreOptionKind.ContinueAfterError:
                options.ContinueAfterError = true;
                break;
            case RestoreOptionKind.Restart:
                options.Restart = true;
                break;
            case RestoreOptionKind.RestrictedUser or RestoreOptionKind.DboOnly:
                options.RestrictedUser = true;
                break;
            case RestoreOptionKind.LoadHistory:
                options.LoadHistory = true;
                break;
            case RestoreOptionKind.Stats:
                options.Stats = 10;
                break;
            case RestoreOptionKind.StopOnError or RestoreOptionKind.Unload or RestoreOptionKind.NoUnload or RestoreOptionKind.Rewind
                or RestoreOptionKind.NoRewind or RestoreOptionKind.EnableBroker or RestoreOptionKind.NewBroker or RestoreOptionKind.ErrorBrokerConversations:
                // Tape handling, defaults, and Service Broker, which no lab database uses.
                break;
            default:
                throw UnsupportedOption(kind.ToString().ToLowerInvariant());
        }
    }

    private sealed class RestoreOptions
    {
        public List<(string Logical, string Physical)> Moves { get; } = [];

        public int? File { get; set; }

        public int Stats { get; set; }

        public bool NoRecovery { get; set; }

        public bool? Recovery { get; set; }

        public bool Replace { get; set; }

        public bool Checksum { get; set; }

        public bool NoChecksum { get; set; }

        public bool ContinueAfterError { get; set; }

        public bool Restart { get; set; }

        public string? MediaName { get; set; }

        public bool RestrictedUser { get; set; }

        public bool LoadHistory { get; set; }

        public string? Standby { get; set; }

        public StopPoint? Stop { get; set; }
    }
}
