using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Certificates, symmetric keys, database encryption keys.</summary>
internal static class EncryptionViews
{
    public static IReadOnlyList<SystemView> All { get; } =
    [
        new SystemView("sys", "certificates", "name sysname, certificate_id int, principal_id int=1, pvt_key_encryption_type char(2), pvt_key_encryption_type_desc nvarchar(60), is_active_for_begin_dialog bit=1, issuer_name nvarchar(442), cert_serial_number nvarchar(64), sid varbinary(85), string_sid nvarchar(128), subject nvarchar(4000), expiry_date datetime, start_date datetime, thumbprint varbinary(32), attested_by nvarchar(260), pvt_key_last_backup_date datetime, key_length int", Certificates),
        new SystemView("sys", "symmetric_keys", "name sysname, principal_id int=1, symmetric_key_id int, key_length int, key_algorithm char(2), algorithm_desc nvarchar(60), create_date datetime, modify_date datetime, key_guid uniqueidentifier, key_thumbprint sql_variant, provider_type nvarchar(120), cryptographic_provider_guid uniqueidentifier, cryptographic_provider_algid sql_variant", Keys),
        new SystemView("sys", "dm_database_encryption_keys", "database_id int, encryption_state int, create_date datetime, regenerate_date datetime, modify_date datetime, set_date datetime, opened_date datetime, key_algorithm nvarchar(32), key_length int, encryptor_thumbprint varbinary(20), encryptor_type nvarchar(32), percent_complete real=0, encryption_state_desc nvarchar(32), encryption_scan_state int=0", EncryptionKeys),
        new SystemView("sys", "credentials", "credential_id int, name sysname, credential_identity nvarchar(4000), create_date datetime, modify_date datetime, target_type nvarchar(100), target_id int", (frame, _, shape) => frame.Instance.Credentials.Select(c => shape.Row(("credential_id", c.Id), ("name", c.Name), ("credential_identity", c.Identity), ("create_date", c.Created), ("modify_date", c.Modified)))),
    ];

    private static IEnumerable<object?[]> Certificates(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        foreach (CertificateRecord record in new CertificateStore(database).All)
        {
            using X509Certificate2 certificate = new(record.Public);
            yield return shape.Row(
                ("name", record.Name), ("certificate_id", record.Id), ("pvt_key_encryption_type", record.PrivateKey is null ? "NA" : "MK"),
                ("pvt_key_encryption_type_desc", record.PrivateKey is null ? "NO_PRIVATE_KEY" : "ENCRYPTED_BY_MASTER_KEY"), ("issuer_name", Plain(certificate.Issuer)),
                ("cert_serial_number", certificate.SerialNumber), ("subject", Plain(certificate.Subject)), ("expiry_date", Round(certificate.NotAfter)), ("start_date", Round(certificate.NotBefore)),
                ("thumbprint", record.Thumbprint), ("pvt_key_last_backup_date", record.KeyBackedUp), ("key_length", certificate.PublicKey.GetRSAPublicKey()?.KeySize));
        }
    }

    private static IEnumerable<object?[]> Keys(ExecutionFrame frame, LabDatabase database, RowShape shape) =>
        new CertificateStore(database).MasterKey is { } key
            ? [shape.Row(("name", "##MS_DatabaseMasterKey##"), ("symmetric_key_id", 101), ("key_length", 256), ("key_algorithm", "A3"), ("algorithm_desc", "AES_256"), ("create_date", key.Created), ("modify_date", key.Created), ("key_guid", key.Id))]
            : [];

    private static IEnumerable<object?[]> EncryptionKeys(ExecutionFrame frame, LabDatabase database, RowShape shape) => frame.Instance.Databases.Where(d => d.Encryption is not null).Select(d => shape.Row(
        ("database_id", d.Id), ("encryption_state", d.Encryption!.IsOn ? 3 : 1), ("create_date", d.Encryption.Created), ("regenerate_date", d.Encryption.Created), ("modify_date", d.Encryption.Created),
        ("key_algorithm", d.Encryption.Algorithm), ("key_length", d.Encryption.KeyLength), ("encryptor_thumbprint", d.Encryption.Thumbprint), ("encryptor_type", "CERTIFICATE"),
        ("encryption_state_desc", d.Encryption.IsOn ? "ENCRYPTED" : "UNENCRYPTED")));

    /// <summary>SQL Server shows the name without its CN=.</summary>
    private static string Plain(string name) => name.StartsWith("CN=", StringComparison.OrdinalIgnoreCase) ? name[3..].Trim('"') : name;

    private static DateTime Round(DateTime local) => DateTime.Parse(local.ToUniversalTime().ToString("s", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
