using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Master keys, certificates, database encryption keys.
internal sealed partial class Interpreter
{
    private bool ExecuteEncryption(TSqlStatement statement, ExecutionFrame frame)
    {
        CertificateStore store = new(frame.Database);
        switch (statement)
        {
            case CreateMasterKeyStatement:
                Demand(frame);
                if (store.MasterKey is not null)
                {
                    throw new LabSqlException(15578, 16, 1, "There is already a master key in the database. Please drop it before performing this statement.");
                }

                store.CreateMasterKey();
                break;
            case DropMasterKeyStatement:
                Demand(frame);
                DropMasterKey(store);
                break;
            case CreateCertificateStatement create:
                Demand(frame);
                CreateCertificate(create, store, frame);
                break;
            case AlterCertificateStatement alter:
                Demand(frame);
                AlterCertificate(alter, store);
                break;
            case BackupCertificateStatement backup:
                Demand(frame);
                BackupCertificate(backup, store);
                break;
            case DropCertificateStatement drop:
                Demand(frame);
                DropCertificate(drop, store, frame);
                break;
            case CreateDatabaseEncryptionKeyStatement key:
                Demand(frame);
                CreateEncryptionKey(key, frame);
                break;
            case DropDatabaseEncryptionKeyStatement:
                Demand(frame);
                DropEncryptionKey(frame.Database);
                break;
            default:
                return false;
        }

        _session.LastRowCount = 0;
        return true;
    }

    private static void Demand(ExecutionFrame frame) => frame.RequireOwner(frame.Database, "CONTROL");

    private static void DropMasterKey(CertificateStore store)
    {
        if (store.MasterKey is null)
        {
            throw new LabSqlException(15151, 16, 1, "Cannot drop the symmetric key 'master key', because it does not exist or you do not have permission.");
        }

        if (store.All.FirstOrDefault(c => c.PrivateKey is not null) is { } held)
        {
            throw new LabSqlException(15580, 16, 1, $"Cannot drop master key because certificate '{held.Name}' is encrypted by it.");
        }

        store.DropMasterKey();
    }

    private void CreateCertificate(CreateCertificateStatement create, CertificateStore store, ExecutionFrame frame)
    {
        string name = create.Name.Value;
        if (create.ActiveForBeginDialog != OptionState.NotSet || create.Owner is not null || (create.EncryptionPassword is not null && create.CertificateSource is null))
        {
            throw ServerErrors.NotSupported("CREATE CERTIFICATE with AUTHORIZATION, ENCRYPTION BY PASSWORD or ACTIVE FOR BEGIN_DIALOG");
        }

        if (create.CertificateSource is not null and not FileEncryptionSource)
        {
            throw ServerErrors.NotSupported("CREATE CERTIFICATE from " + create.CertificateSource.GetType().Name);
        }

        if (store.Find(name) is not null)
        {
            throw new LabSqlException(15232, 16, 1, $"A certificate with name '{name}' already exists or this certificate already has been added to the database.");
        }

        bool needsKey = create.CertificateSource is null || create.PrivateKeyPath is not null;
        if (needsKey && store.MasterKey is null)
        {
            throw NoMasterKey();
        }

        if (create.CertificateSource is FileEncryptionSource { IsExecutable: false } source)
        {
            ImportCertificate(name, source, create, store);
            return;
        }

        DateTime start = DateOf(create, CertificateOptionKinds.StartDate, frame) ?? Instance.UtcNow;
        DateTime expiry = DateOf(create, CertificateOptionKinds.ExpiryDate, frame) ?? start.AddYears(1);
        string subject = create.CertificateOptions.FirstOrDefault(o => o.Kind == CertificateOptionKinds.Subject)?.Value.Value ?? string.Empty;
        if (expiry <= start)
        {
            throw new LabSqlException(15298, 16, 1, "The start date must be earlier than the expiry date.");
        }

        store.Create(name, subject, start, expiry);
    }

    private DateTime? DateOf(CreateCertificateStatement create, CertificateOptionKinds kind, ExecutionFrame frame) =>
        create.CertificateOptions.FirstOrDefault(o => o.Kind == kind) is { } option ? Scalar<DateTime>(option.Value, SqlType.DateTime, frame) : null;

    private void ImportCertificate(string name, FileEncryptionSource source, CreateCertificateStatement create, CertificateStore store)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(PathIn(source.File.Value));
            using X509Certificate2 certificate = new(bytes);
            if (store.All.Any(c => c.Thumbprint.AsSpan().SequenceEqual(certificate.GetCertHash())))
            {
                throw new LabSqlException(15232, 16, 1, $"A certificate with name '{name}' already exists or this certificate already has been added to the database.");
            }

            store.Add(name, certificate.Export(X509ContentType.Cert), create.PrivateKeyPath is null ? null : PrivateKey(create));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || (e is CryptographicException && create.PrivateKeyPath is null))
        {
            throw NoFile();
        }
    }

    /// <summary>Takes the private key of a certificate away, or brings it to one that has none.</summary>
    private void AlterCertificate(AlterCertificateStatement alter, CertificateStore store)
    {
        CertificateRecord certificate = store.Find(alter.Name.Value) ?? throw NoCertificate(alter.Name.Value);
        switch (alter.Kind)
        {
            case AlterCertificateStatementKind.RemovePrivateKey:
                store.SetPrivateKey(certificate, null);
                break;
            case AlterCertificateStatementKind.WithPrivateKey when alter.PrivateKeyPath is not null && alter.EncryptionPassword is null && certificate.PrivateKey is null:
                if (store.MasterKey is null)
                {
                    throw NoMasterKey();
                }

                store.SetPrivateKey(certificate, KeyOf(certificate, alter));
                break;
            default:
                throw ServerErrors.NotSupported("ALTER CERTIFICATE but REMOVE PRIVATE KEY, and WITH PRIVATE KEY (FILE, DECRYPTION BY PASSWORD) where there is none");
        }
    }

    private byte[] KeyOf(CertificateRecord certificate, AlterCertificateStatement alter)
    {
        try
        {
            byte[] key = PrivateKey(alter);
            using RSA rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(key, out _);
            using X509Certificate2 whole = new(certificate.Public);
            return rsa.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(whole.PublicKey.ExportSubjectPublicKeyInfo()) ? key : throw InvalidKey();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NoFile();
        }
    }

    private byte[] PrivateKey(CertificateStatementBase create)
    {
        byte[] file = File.ReadAllBytes(PathIn(create.PrivateKeyPath.Value));
        using RSA rsa = RSA.Create();
        try
        {
            rsa.ImportEncryptedPkcs8PrivateKey(create.DecryptionPassword?.Value ?? string.Empty, file, out _);
        }
        catch (CryptographicException)
        {
            throw new LabSqlException(15465, 16, 6, "The private key password is invalid.");
        }

        return rsa.ExportPkcs8PrivateKey();
    }

    private void BackupCertificate(BackupCertificateStatement backup, CertificateStore store)
    {
        CertificateRecord certificate = store.Find(backup.Name.Value) ?? throw NoCertificate(backup.Name.Value);
        string path = PathIn(backup.File.Value);
        string? keyPath = backup.PrivateKeyPath is null ? null : PathIn(backup.PrivateKeyPath.Value);
        foreach (string file in new[] { path, keyPath }.OfType<string>())
        {
            if (File.Exists(file) || !Directory.Exists(Path.GetDirectoryName(file)))
            {
                throw new LabSqlException(15240, 16, 1, $"Cannot write into file '{file}'. Verify that you have write permissions, that the file path is valid, and that the file does not already exist.");
            }
        }

        if (keyPath is not null)
        {
            using RSA rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(certificate.PrivateKey ?? throw InvalidKey(), out _);
            PbeParameters form = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000);
            File.WriteAllBytes(keyPath, rsa.ExportEncryptedPkcs8PrivateKey(backup.EncryptionPassword?.Value ?? string.Empty, form));
            store.NoteBackup(certificate);
        }

        File.WriteAllBytes(path, certificate.Public);
    }

    private void DropCertificate(DropCertificateStatement drop, CertificateStore store, ExecutionFrame frame)
    {
        CertificateRecord? certificate = store.Find(drop.Name.Value);
        if (certificate is null)
        {
            throw new LabSqlException(15151, 16, 1, $"Cannot drop the certificate '{drop.Name.Value}', because it does not exist or you do not have permission.");
        }

        if (Same(frame.Database.Name, "master") && Instance.Databases.Any(d => d.Encryption?.Thumbprint.AsSpan().SequenceEqual(certificate.Thumbprint) == true))
        {
            throw new LabSqlException(3716, 16, 15, $"The certificate '{certificate.Name}' cannot be dropped because it is bound to one or more database encryption key.");
        }

        store.Drop(certificate);
    }

    private void CreateEncryptionKey(CreateDatabaseEncryptionKeyStatement create, ExecutionFrame frame)
    {
        LabDatabase database = frame.Database;
        if (IsSystemDatabase(database.Name))
        {
            throw new LabSqlException(33102, 16, 1, "Cannot encrypt a system database. Database encryption operations cannot be performed for 'master', 'model', 'tempdb', 'msdb', or 'resource' databases.");
        }

        if (database.Encryption is not null)
        {
            throw new LabSqlException(33103, 16, 1, "A database encryption key already exists for this database.");
        }

        CertificateRecord certificate = ServerCertificateOf(create.Encryptor);
        int bits = create.Algorithm switch
        {
            DatabaseEncryptionKeyAlgorithm.Aes192 => 192,
            DatabaseEncryptionKeyAlgorithm.Aes256 => 256,
            DatabaseEncryptionKeyAlgorithm.Aes128 or DatabaseEncryptionKeyAlgorithm.None => 128,
            _ => throw ServerErrors.NotSupported("TRIPLE_DES_3KEY"),
        };
        database.Encryption = new DatabaseEncryption("AES", bits, certificate.Thumbprint, Instance.UtcNow, IsOn: false);
        if (certificate.KeyBackedUp is null)
        {
            frame.Inform(new SqlMessage(33091, 10, 1, "Warning: The certificate used for encrypting the database encryption key has not been backed up. You should immediately back up the certificate and the private key associated with the certificate. If the certificate ever becomes unavailable or if you must restore or attach the database on another server, you must have backups of both the certificate and the private key or you will not be able to open the database."));
        }
    }

    private static void DropEncryptionKey(LabDatabase database)
    {
        if (database.Encryption is null)
        {
            throw new LabSqlException(33104, 16, 1, "A database encryption key does not exist for this database.");
        }

        if (database.Encryption.IsOn)
        {
            throw new LabSqlException(33105, 16, 1, "Cannot drop the database encryption key because it is currently in use. Database encryption needs to be turned off to be able to drop the database encryption key.");
        }

        database.Encryption = null;
    }

    private static void SetEncryption(LabDatabase database, bool on)
    {
        DatabaseEncryption key = database.Encryption
            ?? throw new LabSqlException(33106, 16, 1, "Cannot change database encryption state because no database encryption key is set.");
        if (key.IsOn == on)
        {
            throw new LabSqlException(
                on ? 33107 : 33108, 16, 1, on ? "Cannot enable database encryption because it is already enabled." : "Cannot disable database encryption because it is already disabled.");
        }

        database.Encryption = key with { IsOn = on };
    }

    /// <summary>The certificate of master a statement names.</summary>
    private CertificateRecord ServerCertificateOf(CryptoMechanism encryptor)
    {
        if (encryptor.CryptoMechanismType != CryptoMechanismType.Certificate)
        {
            throw ServerErrors.NotSupported("SERVER ASYMMETRIC KEY");
        }

        CertificateRecord certificate = new CertificateStore(Instance.Find("master")!).Find(encryptor.Identifier.Value) ?? throw NoCertificate(encryptor.Identifier.Value);
        return certificate.PrivateKey is not null
            ? certificate
            : throw new LabSqlException(33101, 16, 1, $"Cannot use certificate '{certificate.Name}', because its private key is not present or it is not protected by the database master key. SQL Server requires the ability to automatically access the private key of the certificate used for this operation.");
    }

    private static LabSqlException NoMasterKey() => new(15581, 16, 1, "Please create a master key in the database or open the master key in the session before performing this operation.");

    private static LabSqlException NoFile() => new(15208, 16, 1, "The certificate, asymmetric key, or private key file is not valid or does not exist; or you do not have permissions for it.");

    private static LabSqlException InvalidKey() => new(15297, 16, 56, "The certificate, asymmetric key, or private key data is invalid.");

    private static LabSqlException NoCertificate(string name) =>
        new(15151, 16, 1, $"Cannot find the certificate '{name}', because it does not exist or you do not have permission.");

    private string PathIn(string path) => Path.GetFullPath(path, Instance.DataFolder);
}
