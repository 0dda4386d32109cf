using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Integration.Tests.Computers;
using BizTalkDR.Keys;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>The certificates that encrypt members and backups leave the instance that has them, and a test tells whether they are kept and whether a destination has them.</summary>
[Collection("computers' parts")]
public sealed class EncryptionKeyTests(ComputersLab lab) : IDisposable
{
    private const string Password = "cAnary-Key's-Pass-1";
    private readonly ScratchFolder _scratch = new();

    public void Dispose()
    {
        lab.Sql("LABSQL2", "IF EXISTS (SELECT 1 FROM sys.dm_database_encryption_keys WHERE database_id = DB_ID('OrdersDb')) EXEC('USE OrdersDb; DROP DATABASE ENCRYPTION KEY')");
        foreach (string server in (string[])["LABSQL1", "LABSQL2"])
            lab.Sql(server, "USE master; IF EXISTS (SELECT 1 FROM sys.certificates WHERE name = 'Vault') DROP CERTIFICATE Vault; IF EXISTS (SELECT 1 FROM sys.symmetric_keys WHERE name = '##MS_DatabaseMasterKey##') DROP MASTER KEY");
        lab.Sql("LABSQL2", "DELETE FROM msdb.dbo.backupset WHERE encryptor_thumbprint IS NOT NULL");
        _scratch.Dispose();
    }

    [Fact]
    public void What_members_and_their_backups_are_encrypted_with_is_kept_and_opens_another_instance()
    {
        string folder = _scratch["keys"];
        Directory.CreateDirectory(folder);
        lab.Sql("LABSQL2", "USE master; CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Master-1!'; CREATE CERTIFICATE Vault WITH SUBJECT = 'vault'");
        lab.Sql("LABSQL2", "USE OrdersDb; CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE Vault");
        lab.Sql("LABSQL2", $"BACKUP DATABASE BAMPrimaryImport TO DISK = N'{folder}/bam.bak' WITH COPY_ONLY, FORMAT, ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = Vault)");

        PartContext context = lab.Context("LABBTS1", "unused");
        InstanceDirectory directory = new(context.Options.Instances["LABSQL1"], context.Options.Instances);
        IReadOnlyList<EncryptionKey> keys = Read(context.Ports, directory);
        EncryptionKey key = Assert.Single(keys);
        Assert.Equal(("LABSQL2", "Vault", true), (key.Server, key.Certificate, key.HasPrivateKey));
        Assert.Equal(["OrdersDb", "backups of BAMPrimaryImport"], key.UsedBy.Order(StringComparer.Ordinal));
        Assert.Equal(RecoveryError.EncryptionKeyNotKept, EncryptionKeyTest.Kept(key, folder, PathMap.None, context.Ports.Files).Error);

        EncryptionKeyBackupResult kept = Assert.Single(EncryptionKeyBackup.Run(keys, folder, PathMap.None, ComputersLab.Secret(Password), directory, context.Ports));
        Assert.True(kept.IsConfirmed == true && kept.Error is null, kept.Text);
        Assert.Equal(CheckOutcome.Passed, EncryptionKeyTest.Kept(key, folder, PathMap.None, context.Ports.Files).Outcome);
        Assert.StartsWith("It was kept before", Assert.Single(EncryptionKeyBackup.Run(keys, folder, PathMap.None, ComputersLab.Secret(Password), directory, context.Ports)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(folder), f => File.ReadAllText(f).Contains("cAnary", StringComparison.Ordinal));

        // The other instance lacks it; the statement of the remedy brings it there, with the password alone added.
        EncryptionKeyCheck missing = At(context.Ports, directory, key, folder);
        Assert.Equal((CheckOutcome.Failed, RecoveryError.EncryptionKeyMissing), (missing.Outcome, missing.Error));
        lab.Sql("LABSQL1", "USE master; CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Master-1!'; " + StatementOf(missing));
        Assert.Equal(CheckOutcome.Passed, At(context.Ports, directory, key, folder).Outcome);
        lab.Sql("LABSQL1", "USE master; ALTER CERTIFICATE Vault REMOVE PRIVATE KEY");
        lab.Sql("LABSQL1", "USE master; " + StatementOf(At(context.Ports, directory, key, folder)));
        Assert.Equal(CheckOutcome.Passed, At(context.Ports, directory, key, folder).Outcome);

        // A file of another certificate is not the kept one, and a folder nobody can write to is a named error.
        File.WriteAllText(kept.File, "no certificate");
        Assert.Contains("holds no certificate", EncryptionKeyTest.Kept(key, folder, PathMap.None, context.Ports.Files).Text, StringComparison.Ordinal);
        EncryptionKeyBackupResult refused = Assert.Single(EncryptionKeyBackup.Run(keys, folder, PathMap.None, ComputersLab.Secret(Password), directory, context.Ports));
        Assert.Equal(RecoveryError.EncryptionKeyNotKept, refused.Error!.Code);
        Assert.Contains("15240", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("cAnary", refused.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.NotChecked, EncryptionKeyTest.Kept(key, _scratch["nowhere"], PathMap.None, context.Ports.Files).Outcome);
    }

    private static string StatementOf(EncryptionKeyCheck check) =>
        check.Remedy![check.Remedy.IndexOf(": ", StringComparison.Ordinal)..][2..].Replace("'...'", "'" + Password.Replace("'", "''", StringComparison.Ordinal) + "'", StringComparison.Ordinal);

    private static EncryptionKeyCheck At(RecoveryPorts ports, InstanceDirectory directory, EncryptionKey key, string folder)
    {
        using ISqlInstance instance = ports.Sql.Open(directory.AddressOf("LABSQL1"));
        return EncryptionKeyTest.Destination(key, folder, instance.Identity.ServerName, instance.ReadReadiness([]).Keys);
    }

    private static IReadOnlyList<EncryptionKey> Read(RecoveryPorts ports, InstanceDirectory directory)
    {
        using ISqlInstance instance = ports.Sql.Open(directory.AddressOf("LABSQL1"));
        return EncryptionKeys.Read(GroupDiscovery.Read(instance, "BizTalkMgmtDb"), directory, ports.Sql);
    }
}
