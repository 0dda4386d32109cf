using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Lab.TSql;

namespace BizTalkDR.Lab.Computer.SingleSignOn;

/// <summary>Row of SSOX_GlobalInfo.</summary>
internal sealed record SsoGlobalInfo(string SecretServer, string AdminAccount, string AffiliateAdminAccount, int TicketTimeout, int CacheTimeout, bool IsEnabled);

/// <summary>The SSO database of a lab. What its applications keep is encrypted with the master secret.</summary>
internal sealed class SsoDatabase(string server, string name, string connectionString) : LabTables(connectionString)
{
    private const string Key = @"SOFTWARE\Microsoft\ENTSSO\SQL";
    private const int Disabled = 1;

    public string Server => server;

    public string Name => name;

    /// <summary>The database a computer is set to; null when it is set to none, or the instance does not run.</summary>
    public static SsoDatabase? Of(LabComputer computer) => Setting(computer) is { } set ? Of(computer.Lab, set.Server, set.Database) : null;

    /// <summary>Server and database that the registry of a computer names; null when it does not.</summary>
    public static (string Server, string Database)? Setting(LabComputer computer)
    {
        string? Value(string value) => computer.Registry.Values(Key).FirstOrDefault(v => string.Equals(v.Name, value, StringComparison.OrdinalIgnoreCase))?.Data as string;
        return Value("Server") is { Length: > 0 } server && Value("Database") is { Length: > 0 } database ? (server, database) : null;
    }

    /// <summary>Sets the database of a computer.</summary>
    public static void Set(LabComputer computer, string server, string database)
    {
        computer.Registry.Set(Key, new BizTalkDR.Ports.Computers.RegistryValue("Server", BizTalkDR.Ports.Computers.RegistryValueType.String, server));
        computer.Registry.Set(Key, new BizTalkDR.Ports.Computers.RegistryValue("Database", BizTalkDR.Ports.Computers.RegistryValueType.String, database));
    }

    public static SsoDatabase? Of(LabFolder lab, string server, string database) =>
        ConnectionTo(lab, server, database) is { } connection ? new SsoDatabase(server, database, connection) : null;

    public SsoGlobalInfo Read() => Rows(
        "SELECT gi_SecretServer, gi_SSOAdminGroup, gi_AffiliateAppMgrGroup, gi_ticket_timeout, gi_cred_cache_timeout, gi_flags FROM dbo.SSOX_GlobalInfo;",
        r => new SsoGlobalInfo(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt32(3), r.GetInt32(4), (r.GetInt32(5) & Disabled) == 0)).Single();

    public void Update(SsoGlobalInfo info) => Run(
        "UPDATE dbo.SSOX_GlobalInfo SET gi_SecretServer = @s, gi_SSOAdminGroup = @a, gi_AffiliateAppMgrGroup = @f, gi_ticket_timeout = @t, gi_cred_cache_timeout = @c, gi_flags = @d, gi_update_timestamp = GETUTCDATE();",
        ("@s", info.SecretServer), ("@a", info.AdminAccount), ("@f", info.AffiliateAdminAccount), ("@t", info.TicketTimeout), ("@c", info.CacheTimeout), ("@d", info.IsEnabled ? 0 : Disabled));

    /// <summary>Makes a computer known as an SSO server.</summary>
    public void AddServer(string computer) => Run(
        "IF NOT EXISTS (SELECT 1 FROM dbo.SSOX_Servers WHERE srv_server_name = LOWER(@n)) INSERT INTO dbo.SSOX_Servers (srv_server_name, srv_expire_timestamp, srv_audit_id) VALUES (LOWER(@n), DATEADD(day, 10, GETUTCDATE()), 1);",
        ("@n", computer));

    public IReadOnlyList<(string Name, string Description)> Applications() =>
        Rows("SELECT ai_app_name, ai_description FROM dbo.SSOX_ApplicationInfo ORDER BY ai_app_name;", r => (r.GetString(0), r.IsDBNull(1) ? string.Empty : r.GetString(1)));

    /// <summary>Encrypts a setting for each application that has none yet.</summary>
    public void Fill(MasterSecret secret)
    {
        foreach ((string application, _) in Applications())
        {
            byte[] content = Cipher.Encrypt(secret.Key, Encoding.UTF8.GetBytes("settings of " + application), secret.Id.ToByteArray());
            Run(
                "IF NOT EXISTS (SELECT 1 FROM dbo.SSOX_ExternalCredentials WHERE ec_app_name = @n) INSERT INTO dbo.SSOX_ExternalCredentials (ec_app_name, ec_secret_id, ec_credentials) VALUES (@n, @i, @c);",
                ("@n", application), ("@i", secret.Id), ("@c", content));
        }
    }

    /// <summary>Decrypts everything with the secrets and encrypts it with the current one.</summary>
    /// <exception cref="CryptographicException">A row is encrypted with none of them.</exception>
    public void Reencrypt(MasterSecrets secrets)
    {
        foreach ((string application, Guid id, byte[] content) in Credentials())
        {
            byte[] plain = Decrypt(secrets, id, content);
            Run(
                "UPDATE dbo.SSOX_ExternalCredentials SET ec_secret_id = @i, ec_credentials = @c WHERE ec_app_name = @n;",
                ("@n", application), ("@i", secrets.Current.Id), ("@c", Cipher.Encrypt(secrets.Current.Key, plain, secrets.Current.Id.ToByteArray())));
        }
    }

    /// <summary>Says why something in the database cannot be decrypted with the secrets; null when all of it can.</summary>
    public string? WhyNotReadable(MasterSecrets secrets)
    {
        foreach ((string application, Guid id, byte[] content) in Credentials())
        {
            try
            {
                Decrypt(secrets, id, content);
            }
            catch (CryptographicException)
            {
                return $"the settings of {application} cannot be decrypted with the master secrets at hand (0x80090005, Bad Data)";
            }
        }

        return null;
    }

    private static byte[] Decrypt(MasterSecrets secrets, Guid id, byte[] content) =>
        Cipher.Decrypt((secrets.All.FirstOrDefault(s => s.Id == id) ?? throw new CryptographicException("Bad Data.")).Key, content, id.ToByteArray());

    private List<(string Application, Guid Secret, byte[] Content)> Credentials() =>
        Rows("SELECT ec_app_name, ec_secret_id, ec_credentials FROM dbo.SSOX_ExternalCredentials;", r => (r.GetString(0), r.GetGuid(1), (byte[])r[2]));

    private void Run(string statement, params (string Name, object Value)[] parameters) => Run((statement, parameters));
}
