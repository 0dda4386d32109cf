using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// BACKUP DATABASE and BACKUP LOG.
internal sealed partial class Interpreter
{
    private void Backup(BackupStatement backup, ExecutionFrame frame)
    {
        bool isLog = backup is BackupTransactionLogStatement;
        string verb = isLog ? "BACKUP LOG" : "BACKUP DATABASE";
        Terminating(verb, frame, () =>
        {
            if (_session.Transaction.Current is not null)
            {
                throw new LabSqlException(3021, 16, 0, "Cannot perform a backup or restore operation within a transaction.");
            }

            string name = TextOf(backup.DatabaseName, frame);
            LabDatabase database = Instance.Find(name) ?? throw ServerErrors.UnknownDatabase(name);
            if (!frame.IsOwner(database) && !frame.IsInRole(database, "db_backupoperator"))
            {
                throw ServerErrors.NotAllowedInDatabase(verb, database.Name);
            }

            if (backup.MirrorToClauses.Count > 0)
            {
                throw new LabSqlException(3218, 16, 1, "Backup mirroring is not available in this edition of SQL Server. See Books Online for more details on feature support in different SQL Server editions.");
            }

            if ((backup as BackupDatabaseStatement)?.Files.Count > 0)
            {
                throw UnsupportedOption("file");
            }

            BackupRequest request = Request(backup, database, isLog, frame);
            RefuseUrls(request.Disks, forRestore: false);
            if (!isLog && string.Equals(database.Name, "tempdb", StringComparison.OrdinalIgnoreCase))
            {
                throw new LabSqlException(3147, 16, 1, "Backup and restore operations are not allowed on database tempdb.");
            }

            if (request.NoRecovery)
            {
                RefuseMember(database);
            }

            if (request.NoRecovery && _session.UsedDatabases().Contains(database))
            {
                throw new LabSqlException(3102, 16, 1, $"BACKUP cannot process database '{database.Name}' because it is in use by this session. It is recommended that the master database be used when performing this operation.");
            }

            if (request.NoRecovery && OthersIn(database).Count > 0)
            {
                throw new LabSqlException(3101, 16, 1, "Exclusive access could not be obtained because the database is in use.");
            }

            Server.Backups.Backup(request, new FrameMessages(frame), _session.Cancellation);
            _session.LastRowCount = 0;
        });
    }

    /// <summary>Runs a backup or restore; its cause goes out first, then 3013, as always.</summary>
    private void Terminating(string verb, ExecutionFrame frame, Action body)
    {
        try
        {
            body();
        }
        catch (LabSqlException cause) when (cause.Number != 3013)
        {
            if (cause.Number is 102 or 137)
            {
                throw;
            }

            _session.Send(frame, cause.Error with { Procedure = frame.ProcedureName });
            throw new LabSqlException(3013, 16, 1, $"{verb} is terminating abnormally.");
        }
    }

    private static LabSqlException UnsupportedOption(string option) =>
        new(3032, 16, 2, $"One or more of the options ({option}) are not supported for this statement. Review the documentation for supported options.");

    private static void RefuseUrls(IEnumerable<string> disks, bool forRestore)
    {
        if (disks.FirstOrDefault(d => d.StartsWith("s3:", StringComparison.OrdinalIgnoreCase) || (!forRestore && UrlDevice.Is(d))) is { } url)
        {
            throw UrlDevice.NotSupported(url);
        }
    }

    private string TextOf(IdentifierOrValueExpression name, ExecutionFrame frame) =>
        name.Identifier is not null ? name.Identifier.Value : Scalar<string>(name.ValueExpression, SqlType.NVarChar(4000), frame) ?? string.Empty;

    private List<string> DisksOf(IList<DeviceInfo> devices, ExecutionFrame frame)
    {
        var disks = new List<string>();
        foreach (DeviceInfo device in devices)
        {
            if (device.DeviceType is not DeviceType.Disk || device.PhysicalDevice is null)
            {
                string logical = device.LogicalDevice?.Value ?? device.DeviceType.ToString();
                throw new LabSqlException(3206, 16, 1, $"Backup device '{logical}' does not exist. To view existing backup devices, use the sys.backup_devices catalog view. To create a new backup device use either sp_addumpdevice or SQL Server Management Studio.");
            }

            string path = Scalar<string>(device.PhysicalDevice, SqlType.NVarChar(4000), frame) ?? string.Empty;
            bool isAbsolute = Path.IsPathRooted(path) || path.Contains(':', StringComparison.Ordinal) || path.StartsWith('\\');
            disks.Add(isAbsolute ? path : Path.Combine(Instance.BackupFolder, path));
        }

        return disks;
    }
}

/// <summary>Passes messages of a long statement to the client as they come.</summary>
internal sealed class FrameMessages : IMessageSink
{
    private readonly ExecutionFrame _frame;

    public FrameMessages(ExecutionFrame frame) => _frame = frame;

    public void Message(SqlMessage message) => _frame.Session.Send(_frame, message with { Procedure = message.Procedure ?? _frame.ProcedureName });
}
