using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// The options of BACKUP: each is carried out, means nothing for files on disk, or is refused.
internal sealed partial class Interpreter
{
    private const int LargestBlock = 65536;
    private const int LargestTransfer = 4 << 20;

    private BackupRequest Request(BackupStatement backup, LabDatabase database, bool isLog, ExecutionFrame frame)
    {
        var options = backup.Options.GroupBy(o => o.OptionKind).ToDictionary(g => g.Key, g => g.First());
        foreach (BackupOption option in backup.Options)
        {
            CheckOption(option, isLog);
        }

        string? Text(BackupOptionKind kind) => options.TryGetValue(kind, out BackupOption? option) ? Scalar<string>(option.Value, SqlType.NVarChar(4000), frame) : null;
        int? Number(BackupOptionKind kind) => options.TryGetValue(kind, out BackupOption? option) && option.Value is not null ? Scalar<int>(option.Value, SqlType.Int, frame) : null;
        bool Has(BackupOptionKind kind) => options.ContainsKey(kind);
        CheckConflicts(Has, isLog);
        CheckSizes(Number(BackupOptionKind.BlockSize), Number(BackupOptionKind.BufferCount), Number(BackupOptionKind.MaxTransferSize), backup.Devices.Count);
        return new BackupRequest
        {
            Database = database.Name,
            Kind = isLog ? BackupKind.Log : Has(BackupOptionKind.Differential) ? BackupKind.Differential : BackupKind.Database,
            Disks = DisksOf(backup.Devices, frame),
            Name = Text(BackupOptionKind.Name),
            Description = Text(BackupOptionKind.Description),
            MediaName = Text(BackupOptionKind.MediaName),
            MediaDescription = Text(BackupOptionKind.MediaDescription),
            CopyOnly = Has(BackupOptionKind.CopyOnly),
            Init = Has(BackupOptionKind.Init) || Has(BackupOptionKind.Format),
            Format = Has(BackupOptionKind.Format),
            Skip = Has(BackupOptionKind.Skip) || Has(BackupOptionKind.Format),
            ExpirationDate = Expiration(options, Number(BackupOptionKind.RetainDays), frame),
            Checksum = Has(BackupOptionKind.Checksum) || (!Has(BackupOptionKind.NoChecksum) && Server.Configuration.InUse("backup checksum default") == 1),
            ContinueAfterError = Has(BackupOptionKind.ContinueAfterError),
            Compression = Has(BackupOptionKind.Compression) ? true : Has(BackupOptionKind.NoCompression) ? false : null,
            CompressionDefault = Server.Configuration.InUse("backup compression default") == 1,
            Encryption = EncryptionOf(backup.Options.OfType<BackupEncryptionOption>().FirstOrDefault()),
            NoTruncate = Has(BackupOptionKind.NoTruncate),
            NoRecovery = Has(BackupOptionKind.NoRecovery),
            Stats = options.TryGetValue(BackupOptionKind.Stats, out BackupOption? stats) ? (stats.Value is null ? 10 : Scalar<int>(stats.Value, SqlType.Int, frame)) : 0,
            UserName = _session.Login.Name,
        };
    }

    private DateTime? Expiration(Dictionary<BackupOptionKind, BackupOption> options, int? days, ExecutionFrame frame)
    {
        if (days is { } retained)
        {
            return retained is >= 0 and <= 99999
                ? Instance.Now.AddDays(retained)
                : throw OutOfRange(retained, "RETAINDAYS");
        }

        return options.TryGetValue(BackupOptionKind.ExpireDate, out BackupOption? date) ? Scalar<DateTime>(date.Value, SqlType.DateTime, frame) : null;
    }

    private static void CheckConflicts(Func<BackupOptionKind, bool> has, bool isLog)
    {
        Conflict(has(BackupOptionKind.Init), has(BackupOptionKind.NoInit), "init", "noinit");
        Conflict(has(BackupOptionKind.Format), has(BackupOptionKind.NoFormat), "format", "noformat");
        Conflict(has(BackupOptionKind.Skip), has(BackupOptionKind.NoSkip), "skip", "noskip");
        Conflict(has(BackupOptionKind.Compression), has(BackupOptionKind.NoCompression), "compression", "no_compression");
        Conflict(has(BackupOptionKind.Checksum), has(BackupOptionKind.NoChecksum), "checksum", "no_checksum");
        Conflict(has(BackupOptionKind.ContinueAfterError), has(BackupOptionKind.StopOnError), "continue_after_error", "stop_on_error");
        Conflict(has(BackupOptionKind.RetainDays), has(BackupOptionKind.ExpireDate), "retaindays", "expiredate");
        Conflict(isLog, has(BackupOptionKind.Differential), "log", "differential");
    }

    /// <summary>Sizes a SQL Server reads and writes by. The lab has its own, but refuses what a SQL Server does.</summary>
    private static void CheckSizes(int? block, int? buffers, int? transfer, int devices)
    {
        if (block is { } size)
        {
            if (size <= 0 || !BitOperations.IsPow2(size))
            {
                throw new LabSqlException(3253, 16, 1, "The block size parameter must supply a value that is a power of 2.");
            }

            if (size is < 512 or > LargestBlock)
            {
                throw OutOfRange(size, "BLOCKSIZE");
            }
        }

        if (buffers < Math.Max(1, devices))
        {
            throw new LabSqlException(3273, 16, 1, "The BUFFERCOUNT parameter must supply a value that allows at least one buffer per backup device.");
        }

        if (transfer is { } bytes && (bytes < LargestBlock || bytes > LargestTransfer || bytes % LargestBlock != 0))
        {
            throw OutOfRange(bytes, "MAXTRANSFERSIZE");
        }
    }

    private static LabSqlException OutOfRange(int value, string parameter) => new(
        3250, 16, 1, string.Create(CultureInfo.InvariantCulture, $"The value '{value}' is not within range for the {parameter} parameter."));

    private static void Conflict(bool one, bool other, string first, string second)
    {
        if (one && other)
        {
            throw new LabSqlException(3031, 16, 1, $"Option '{second}' conflicts with option(s) '{first}'. Remove the conflicting option and reissue the statement.");
        }
    }

    private static void CheckOption(BackupOption option, bool isLog)
    {
        if (option is BackupEncryptionOption)
        {
            return;
        }

        switch (option.OptionKind)
        {
            case BackupOptionKind.TruncateOnly or BackupOptionKind.NoLog:
                throw new LabSqlException(155, 15, 1, $"'{(option.OptionKind == BackupOptionKind.NoLog ? "NO_LOG" : "TRUNCATE_ONLY")}' is not a recognized BACKUP option.");
            case BackupOptionKind.NoTruncate or BackupOptionKind.NoRecovery when !isLog:
                throw UnsupportedOption(option.OptionKind == BackupOptionKind.NoTruncate ? "no_truncate" : "norecovery");
            case BackupOptionKind.Checksum or BackupOptionKind.NoChecksum or BackupOptionKind.ContinueAfterError or BackupOptionKind.StopOnError
                or BackupOptionKind.CopyOnly or BackupOptionKind.Differential or BackupOptionKind.Compression or BackupOptionKind.NoCompression
                or BackupOptionKind.Init or BackupOptionKind.NoInit or BackupOptionKind.Format or BackupOptionKind.NoFormat or BackupOptionKind.Skip or BackupOptionKind.NoSkip
                or BackupOptionKind.Name or BackupOptionKind.Description or BackupOptionKind.MediaName or BackupOptionKind.MediaDescription
                or BackupOptionKind.ExpireDate or BackupOptionKind.RetainDays or BackupOptionKind.Stats
                or BackupOptionKind.NoTruncate or BackupOptionKind.NoRecovery
                or BackupOptionKind.BlockSize or BackupOptionKind.BufferCount or BackupOptionKind.MaxTransferSize:
                break;
            case BackupOptionKind.Unload or BackupOptionKind.NoUnload or BackupOptionKind.Rewind or BackupOptionKind.NoRewind or BackupOptionKind.Restart:
                // Documented for tapes, and without effect on files; RESTART of BACKUP has none at all.
                break;
            default:
                throw UnsupportedOption(option.OptionKind.ToString().ToLowerInvariant());
        }
    }

    private (ServerCertificate Certificate, int KeyBits)? EncryptionOf(BackupEncryptionOption? option)
    {
        if (option is null)
        {
            return null;
        }

        CertificateRecord certificate = ServerCertificateOf(option.Encryptor);
        int bits = option.Algorithm switch
        {
            EncryptionAlgorithm.Aes128 => 128,
            EncryptionAlgorithm.Aes192 => 192,
            EncryptionAlgorithm.Aes256 => 256,
            _ => throw UnsupportedOption("encryption(algorithm = " + option.Algorithm + ")"),
        };
        return (new ServerCertificate(certificate.Name, certificate.Thumbprint, certificate.PrivateKey, certificate.Public), bits);
    }
}
