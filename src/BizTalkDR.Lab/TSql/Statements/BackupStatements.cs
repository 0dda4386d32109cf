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

            if (backup.MirrorToClauses.Count > 0 || (backup as BackupDatabaseStatement)?.Files.Count > 0)
            {
                throw UnsupportedOption(backup.MirrorToClauses.Count > 0 ? "mirror to" : "file");
            }

            BackupRequest request = Request(backup, database, isLog, frame);
            RefuseUrls(request.Disks);
            if (!isLog && string.Equals(database.Name, "tempdb", StringComparison.OrdinalIgnoreCase))
            {
                throw new LabSqlException(3147, 16, 1, "Backup and restore operations are not allowed on database tempdb.");
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

    private static void RefuseUrls(IEnumerable<string> disks)
    {
        string? url = disks.FirstOrDefault(d => d.StartsWith("http", StringComparison.OrdinalIgnoreCase) || d.StartsWith("s3:", StringComparison.OrdinalIgnoreCase));
        if (url is not null)
        {
            throw new LabSqlException(3201, 16, 1, $"Cannot open backup device '{url}'. Operating system error 50(The request is not supported.).");
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

    private BackupRequest Request(BackupStatement backup, LabDatabase database, bool isLog, ExecutionFrame frame)
    {
        var options = backup.Options.GroupBy(o => o.OptionKind).ToDictionary(g => g.Key, g => g.First());
        foreach (BackupOption option in backup.Options)
        {
            CheckOption(option);
        }

        string? Text(BackupOptionKind kind) => options.TryGetValue(kind, out BackupOption? option) ? Scalar<string>(option.Value, SqlType.NVarChar(4000), frame) : null;
        bool Has(BackupOptionKind kind) => options.ContainsKey(kind);
        Conflict(Has(BackupOptionKind.Init), Has(BackupOptionKind.NoInit), "init", "noinit");
        Conflict(Has(BackupOptionKind.Format), Has(BackupOptionKind.NoFormat), "format", "noformat");
        Conflict(Has(BackupOptionKind.Compression), Has(BackupOptionKind.NoCompression), "compression", "no_compression");
        Conflict(isLog, Has(BackupOptionKind.Differential), "log", "differential");
        return new BackupRequest
        {
            Database = database.Name,
            Kind = isLog ? BackupKind.Log : Has(BackupOptionKind.Differential) ? BackupKind.Differential : BackupKind.Database,
            Disks = DisksOf(backup.Devices, frame),
            Name = Text(BackupOptionKind.Name),
            Description = Text(BackupOptionKind.Description),
            MediaName = Text(BackupOptionKind.MediaName),
            CopyOnly = Has(BackupOptionKind.CopyOnly),
            Init = Has(BackupOptionKind.Init),
            Format = Has(BackupOptionKind.Format),
            Checksum = Has(BackupOptionKind.Checksum) || (!Has(BackupOptionKind.NoChecksum) && Server.Configuration.InUse("backup checksum default") == 1),
            Compression = Has(BackupOptionKind.Compression) ? true : Has(BackupOptionKind.NoCompression) ? false : Server.Configuration.InUse("backup compression default") == 1 ? true : null,
            NoTruncate = Has(BackupOptionKind.NoTruncate),
            NoRecovery = Has(BackupOptionKind.NoRecovery),
            Stats = options.TryGetValue(BackupOptionKind.Stats, out BackupOption? stats) ? (stats.Value is null ? 10 : Scalar<int>(stats.Value, SqlType.Int, frame)) : 0,
            UserName = _session.Login.Name,
        };
    }

    private static void Conflict(bool one, bool other, string first, string second)
    {
        if (one && other)
        {
            throw new LabSqlException(3031, 16, 1, $"Option '{second}' conflicts with option(s) '{first}'. Remove the conflicting option and reissue the statement.");
        }
    }

    private static void CheckOption(BackupOption option)
    {
        switch (option.OptionKind)
        {
            case BackupOptionKind.Encryption:
                throw new LabSqlException(15151, 16, 1, $"Cannot find the certificate '{EncryptorName(option)}', because it does not exist or you do not have permission.");
            case BackupOptionKind.TruncateOnly or BackupOptionKind.NoLog:
                throw new LabSqlException(155, 15, 1, $"'{(option.OptionKind == BackupOptionKind.NoLog ? "NO_LOG" : "TRUNCATE_ONLY")}' is not a recognized BACKUP option.");
            case BackupOptionKind.ExpireDate or BackupOptionKind.RetainDays or BackupOptionKind.Password or BackupOptionKind.MediaPassword or BackupOptionKind.Standby
                or BackupOptionKind.Snapshot or BackupOptionKind.ContinueAfterError or BackupOptionKind.EnhancedIntegrity:
                throw UnsupportedOption(option.OptionKind.ToString().ToLowerInvariant());
            default:
                break;
        }
    }

    private static string EncryptorName(BackupOption option) =>
        option is BackupEncryptionOption { Encryptor.Identifier: { } name } ? name.Value : string.Empty;
}

/// <summary>Passes messages of a long statement to the client as they come.</summary>
internal sealed class FrameMessages : IMessageSink
{
    private readonly ExecutionFrame _frame;

    public FrameMessages(ExecutionFrame frame) => _frame = frame;

    public void Message(SqlMessage message) => _frame.Session.Send(_frame, message with { Procedure = message.Procedure ?? _frame.ProcedureName });
}
