using System;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Tests.Interp;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>
/// Certificates, encrypted backups, transparent encryption and availability groups as metadata (facts: restore.md §2 and §4;
/// pages "BACKUP CERTIFICATE", "Backup encryption", "Move a TDE protected database", "Database engine events and errors 3000 to 3999", "31000 to 41399").
/// </summary>
public sealed class EncryptionTests : IDisposable
{
    private readonly InterpLab _lab = new();
    private readonly InterpLab _other = new("LABSQL2");

    public EncryptionTests()
    {
        _lab.Do("CREATE DATABASE work");
        _lab.Do("CREATE TABLE work.dbo.t (a int); INSERT work.dbo.t VALUES (1)");
    }

    public void Dispose()
    {
        _lab.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void A_certificate_needs_a_master_key_and_moves_with_its_private_key()
    {
        Assert.Equal([15581], _lab.Run("CREATE CERTIFICATE c WITH SUBJECT = 'lab'").ErrorNumbers);
        MakeCertificate();
        Assert.Equal([15578], _lab.Run("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Passw0rd!'").ErrorNumbers);
        Assert.Equal([15232], _lab.Run("CREATE CERTIFICATE c WITH SUBJECT = 'lab'").ErrorNumbers);
        Assert.Equal("c,MK,lab", _lab.Do("SELECT name, pvt_key_encryption_type, subject FROM sys.certificates").Text());
        Export();
        Assert.Equal([15240], _lab.Run($"BACKUP CERTIFICATE c TO FILE = N'{File("c.cer")}'").ErrorNumbers);
        Assert.NotNull(_lab.Scalar("SELECT pvt_key_last_backup_date FROM sys.certificates"));
        Assert.Equal([15151], _lab.Run("BACKUP CERTIFICATE none TO FILE = 'x.cer'").ErrorNumbers);
        Assert.Equal([15580], _lab.Run("DROP MASTER KEY").ErrorNumbers);

        _other.Do("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Passw0rd!'");
        Assert.Equal([15208], _other.Run($"CREATE CERTIFICATE c FROM FILE = N'{File("none.cer")}'").ErrorNumbers);
        Assert.Equal([15465], _other.Run(Import("wrong")).ErrorNumbers);
        _other.Do(Import("Secret1!"));
        Assert.Equal(_lab.Scalar("SELECT thumbprint FROM sys.certificates"), _other.Scalar("SELECT thumbprint FROM sys.certificates"));
        _other.Restart();
        Assert.Equal("c", _other.Scalar("SELECT name FROM sys.certificates"));
    }

    [Fact]
    public void A_certificate_without_its_private_key_gets_it_back_from_its_file_alone()
    {
        MakeCertificate();
        Export();
        Assert.Equal([15151], _lab.Run("ALTER CERTIFICATE none REMOVE PRIVATE KEY").ErrorNumbers);
        Assert.Equal([40514], _lab.Run(Return("c", "c.pvk", "Secret1!")).ErrorNumbers);
        _lab.Do("ALTER CERTIFICATE c REMOVE PRIVATE KEY");
        Assert.Equal("NA", _lab.Scalar("SELECT pvt_key_encryption_type FROM sys.certificates")!.ToString()!.Trim());
        Assert.Equal([15232], _lab.Run(Import("Secret1!")).ErrorNumbers);
        Assert.Equal([15465], _lab.Run(Return("c", "c.pvk", "wrong")).ErrorNumbers);
        Assert.Equal([15208], _lab.Run(Return("c", "none.pvk", "Secret1!")).ErrorNumbers);
        _lab.Do("CREATE CERTIFICATE d WITH SUBJECT = 'other'");
        _lab.Do("ALTER CERTIFICATE d REMOVE PRIVATE KEY");
        Assert.Equal([15297], _lab.Run(Return("d", "c.pvk", "Secret1!")).ErrorNumbers);
        _lab.Do(Return("c", "c.pvk", "Secret1!"));
        Assert.Equal("MK", _lab.Scalar("SELECT pvt_key_encryption_type FROM sys.certificates WHERE name = 'c'")!.ToString()!.Trim());
    }

    [Fact]
    public void An_encrypted_backup_is_unreadable_without_the_certificate()
    {
        string file = File("x.bak");
        string backup = $"BACKUP DATABASE work TO DISK = N'{file}' WITH FORMAT, COMPRESSION, ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = c)";
        Assert.Equal([15151, 3013], _lab.Run(backup).ErrorNumbers);
        MakeCertificate();
        _lab.Do(backup);
        Assert.False(System.IO.File.ReadAllBytes(file).AsSpan().StartsWith("MSSQLBAK"u8));
        Reply header = _lab.Do($"RESTORE HEADERONLY FROM DISK = N'{file}'");
        Assert.Equal("aes_256", header.Results[0].Rows[0][header.Results[0].Columns.ToList().FindIndex(c => c.Name == "KeyAlgorithm")]);
        Assert.Equal("aes_256,CERTIFICATE,1", _lab.Do("SELECT s.key_algorithm, s.encryptor_type, m.is_encrypted FROM msdb.dbo.backupset s JOIN msdb.dbo.backupmediaset m ON m.media_set_id = s.media_set_id").Text());
        Assert.Equal([3095, 3013], _lab.Run($"BACKUP DATABASE work TO DISK = N'{file}'").ErrorNumbers);
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{File("plain.bak")}'");
        Assert.Equal([3095, 3013], _lab.Run($"BACKUP DATABASE work TO DISK = N'{File("plain.bak")}' WITH ENCRYPTION (ALGORITHM = AES_128, SERVER CERTIFICATE = c)").ErrorNumbers);

        string restore = $"RESTORE DATABASE work FROM DISK = N'{file}' WITH MOVE N'work' TO N'{File("w.mdf")}', MOVE N'work_log' TO N'{File("w.ldf")}'";
        byte[] thumbprint = (byte[])_lab.Scalar("SELECT thumbprint FROM sys.certificates")!;
        foreach (string statement in new[] { restore, $"RESTORE VERIFYONLY FROM DISK = N'{file}'", $"RESTORE HEADERONLY FROM DISK = N'{file}'" })
        {
            Reply refused = _other.Run(statement);
            Assert.Equal([33111, 3013], refused.ErrorNumbers);
            Assert.Equal($"Cannot find server certificate with thumbprint '0x{Convert.ToHexString(thumbprint)}'.", refused.Errors.First().Text);
        }

        Export();
        _other.Do("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Passw0rd!'");
        _other.Do(Import("Secret1!"));
        _other.Do(restore);
        Assert.Equal(1, _other.Scalar("SELECT a FROM work.dbo.t"));
    }

    [Fact]
    public void A_database_with_transparent_encryption_needs_its_certificate_to_be_restored()
    {
        MakeCertificate();
        Assert.Equal([33106, 5069], _lab.Run("ALTER DATABASE work SET ENCRYPTION ON").ErrorNumbers);
        Assert.Equal([33102], _lab.Run("CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE c").ErrorNumbers);
        _lab.Do("USE work");
        Assert.Equal([15151], _lab.Run("CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE none").ErrorNumbers);
        Reply made = _lab.Do("CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE c");
        Assert.Contains(made.Messages, m => m.Number == 33091);
        Assert.Equal([33103], _lab.Run("CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE c").ErrorNumbers);
        _lab.Do("ALTER DATABASE work SET ENCRYPTION ON");
        Assert.Equal([33107, 5069], _lab.Run("ALTER DATABASE work SET ENCRYPTION ON").ErrorNumbers);
        Assert.Equal([33105], _lab.Run("DROP DATABASE ENCRYPTION KEY").ErrorNumbers);
        _lab.Do("USE master");
        Assert.Equal([3716], _lab.Run("DROP CERTIFICATE c").ErrorNumbers);
        Assert.Equal("work,1,3,AES,256", _lab.Do("SELECT d.name, d.is_encrypted, k.encryption_state, k.key_algorithm, k.key_length FROM sys.dm_database_encryption_keys k JOIN sys.databases d ON d.database_id = k.database_id").Text());

        string file = File("x.bak");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}'");
        Reply list = _other.Do($"RESTORE FILELISTONLY FROM DISK = N'{file}'");
        Assert.Equal(_lab.Scalar("SELECT thumbprint FROM sys.certificates"), list.Results[0].Rows[0][list.Results[0].Columns.ToList().FindIndex(c => c.Name == "TDEThumbprint")]);
        string restore = $"RESTORE DATABASE work FROM DISK = N'{file}' WITH MOVE N'work' TO N'{File("w.mdf")}', MOVE N'work_log' TO N'{File("w.ldf")}'";
        Assert.Equal([33111, 3013], _other.Run(restore).ErrorNumbers);
        Assert.Equal(0, _other.Scalar("SELECT COUNT(*) FROM sys.databases WHERE name = N'work'"));
        Export();
        _other.Do("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Passw0rd!'");
        _other.Do(Import("Secret1!"));
        _other.Do(restore);
        Assert.Equal(true, _other.Scalar("SELECT is_encrypted FROM sys.databases WHERE name = N'work'"));
    }

    [Fact]
    public void A_member_of_an_availability_group_cannot_be_restored_or_taken_away()
    {
        string file = File("x.bak");
        string create = "CREATE AVAILABILITY GROUP ag FOR DATABASE work REPLICA ON N'LABSQL1' WITH (ENDPOINT_URL = N'TCP://a:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = AUTOMATIC), N'LABSQL9' WITH (ENDPOINT_URL = N'TCP://b:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL)";
        Assert.Equal([1465], _lab.Run(create).ErrorNumbers);
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}'");
        Assert.Equal([35237], _lab.Run("CREATE AVAILABILITY GROUP ag FOR DATABASE work REPLICA ON N'LABSQL9' WITH (ENDPOINT_URL = N'TCP://b:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL)").ErrorNumbers);
        _lab.Do(create);
        _lab.Restart();
        Assert.Equal("ag,work,2", _lab.Do("SELECT g.name, c.database_name, (SELECT COUNT(*) FROM sys.availability_replicas r WHERE r.group_id = g.group_id) FROM sys.availability_groups g JOIN sys.availability_databases_cluster c ON c.group_id = g.group_id").Text());
        Assert.Equal("work,1,SYNCHRONIZED", _lab.Do("SELECT d.name, s.is_primary_replica, s.synchronization_state_desc FROM sys.dm_hadr_database_replica_states s JOIN sys.databases d ON d.database_id = s.database_id AND d.replica_id = s.replica_id AND d.group_database_id = s.group_database_id").Text());
        Reply restore = _lab.Run($"RESTORE DATABASE work FROM DISK = N'{file}' WITH REPLACE");
        Assert.Equal([3104, 3013], restore.ErrorNumbers);
        Assert.StartsWith("RESTORE cannot operate on database 'work' because it is configured for database mirroring or has joined an availability group.", restore.Errors.First().Text, StringComparison.Ordinal);
        foreach (string option in new[] { "SINGLE_USER", "OFFLINE", "RECOVERY SIMPLE", "READ_ONLY" })
        {
            Assert.Equal([1468, 5069], _lab.Run($"ALTER DATABASE work SET {option}").ErrorNumbers);
        }

        Assert.Equal([3752], _lab.Run("DROP DATABASE work").ErrorNumbers);
        Assert.Equal([1468, 3013], _lab.Run($"BACKUP LOG work TO DISK = N'{File("x.trn")}' WITH NORECOVERY").ErrorNumbers);
        _lab.Do("ALTER AVAILABILITY GROUP ag REMOVE DATABASE work");
        _lab.Do($"RESTORE DATABASE work FROM DISK = N'{file}' WITH REPLACE");
        _lab.Do("DROP AVAILABILITY GROUP ag");
        Assert.Equal(0, _lab.Scalar("SELECT COUNT(*) FROM sys.availability_groups"));
    }

    private void MakeCertificate() => _lab.Do("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Passw0rd!'; CREATE CERTIFICATE c WITH SUBJECT = 'lab', EXPIRY_DATE = '20990101'");

    private void Export() => _lab.Do($"BACKUP CERTIFICATE c TO FILE = N'{File("c.cer")}' WITH PRIVATE KEY (FILE = N'{File("c.pvk")}', ENCRYPTION BY PASSWORD = 'Secret1!')");

    private string Import(string password) => $"CREATE CERTIFICATE c FROM FILE = N'{File("c.cer")}' WITH PRIVATE KEY (FILE = N'{File("c.pvk")}', DECRYPTION BY PASSWORD = '{password}')";

    private string Return(string name, string file, string password) => $"ALTER CERTIFICATE {name} WITH PRIVATE KEY (FILE = N'{File(file)}', DECRYPTION BY PASSWORD = '{password}')";

    private string File(string name) => Path.Combine(_lab.Folder, name);
}
