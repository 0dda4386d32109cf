using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Setup;

/// <summary>Gathers what is configured on a computer and where its group's databases are.</summary>
internal sealed class SetupReader(PartContext context, CancellationToken cancellationToken)
{
    private const string RuleEngineService = "RuleEngineUpdateService";
    private readonly IComputer _computer = context.Computer;

    /// <summary>Path of the snapshot that Configuration left; null when there is none.</summary>
    public string? Snapshot() => ProductValue("InstallPath") is { Length: > 0 } folder && _computer.Files.FileExists(folder.TrimEnd('\\') + @"\ConfigMain.xml") ? folder.TrimEnd('\\') + @"\ConfigMain.xml" : null;

    /// <summary>Reads a value of the product's key, in whichever view.</summary>
    public string ProductValue(string name) => ProductKey.Value(_computer.Registry, name);

    /// <summary>Reads where the databases are from the group.</summary>
    /// <param name="names">The Management database.</param>
    /// <exception cref="RecoveryException">DatabasesAbsent: the Management database is not there; what the connection says.</exception>
    public SetupDatabases Databases(DatabaseAddress names)
    {
        using ISqlInstance instance = Open(names);
        RequireOnline(instance, names);
        GroupRecords group = instance.ReadGroup(names.Database, cancellationToken);
        OtherDatabaseRecord? sso = group.Others.FirstOrDefault(o => SetupIds.Same(o.Key, "SSO"));
        return new SetupDatabases(names, sso is null ? null : new DatabaseAddress(sso.Server, sso.Database), group.RuleEngine, group.BamPrimaryImport);
    }

    /// <summary>Databases that cannot be used, with the reason.</summary>
    public IReadOnlyList<(DatabaseAddress Database, string Reason)> Absent(SetupDatabases databases)
    {
        List<(DatabaseAddress, string)> absent = [];
        foreach (DatabaseAddress one in databases.All)
        {
            try
            {
                using ISqlInstance instance = Open(one);
                RequireOnline(instance, one);
            }
            catch (RecoveryException error) when (error.Code != RecoveryError.OperationCancelled)
            {
                absent.Add((one, error.Message));
            }
        }

        return absent;
    }

    /// <summary>Hosts with an instance on the computer, by the group.</summary>
    public IReadOnlyList<HostInstanceRecord> Hosts(DatabaseAddress management)
    {
        using ISqlInstance instance = Open(management);
        return instance.ReadHostInstances(management.Database, _computer.Name, cancellationToken);
    }

    /// <summary>Reads what is configured now.</summary>
    public LiveSetup Live()
    {
        SetupDatabases databases = Databases(ManagementSource.Names(_computer, context.Options));
        SingleSignOnInfo sso = _computer.SingleSignOn.ReadInfo();
        ServiceInfo service = _computer.Services.Find("ENTSSO") ?? throw new RecoveryException(RecoveryError.SsoNotInstalled, _computer.Name, $"There is no service ENTSSO on {_computer.Name}.");
        ServiceInfo? host = Hosts(databases.Management).Select(h => _computer.Services.Find(ServiceOf(h.Host))).FirstOrDefault(s => s is not null);
        return new LiveSetup(
            databases with { Sso = new DatabaseAddress(sso.SqlServer, sso.Database) }, service.Account, host?.Name.Substring(ServiceOf(string.Empty).Length), host?.Account,
            _computer.Services.Find(RuleEngineService)?.Account, PortalAccount());
    }

    /// <summary>Says why a feature is not configured as a file wants it; null when it is, or nobody can look.</summary>
    public string? WhyNotConfigured(string feature, ConfigurationFile wanted)
    {
        switch (feature)
        {
            case SetupIds.SingleSignOn:
                return WhyNotJoined(wanted);
            case SetupIds.Group:
                DatabaseAddress? management = wanted.Database(SetupIds.ManagementDatabase);
                string server = AdministrationValue("MgmtDBServer"), name = AdministrationValue("MgmtDBName");
                return management is null || (SetupIds.Same(server, management.Server) && SetupIds.Same(name, management.Database)) ? null : $"the registry names the Management database '{name}' on '{server}', not {management.Database} on {management.Server}";
            case SetupIds.Runtime:
                return wanted.Value(SetupIds.HostName) is { Length: > 0 } host && _computer.Services.Find(ServiceOf(host)) is null ? $"there is no service {ServiceOf(host)}" : null;
            case SetupIds.RulesEngine:
                return _computer.Services.Find(RuleEngineService) is null ? $"there is no service {RuleEngineService}" : null;
            default:
                return null;
        }
    }

    public static string ServiceOf(string host) => "BTSSvc$" + host;

    private string? WhyNotJoined(ConfigurationFile wanted)
    {
        DatabaseAddress? database = wanted.Database(SetupIds.SsoDatabase);
        try
        {
            SingleSignOnInfo info = _computer.SingleSignOn.ReadInfo();
            return database is null || (SetupIds.Same(info.SqlServer, database.Server) && SetupIds.Same(info.Database, database.Database)) ? null
                : $"SSO uses the database {info.Database} on {info.SqlServer}, not {database.Database} on {database.Server}";
        }
        catch (RecoveryException silent) when (silent.Code != RecoveryError.OperationCancelled)
        {
            return silent.Message;
        }
    }

    private string AdministrationValue(string name) => _computer.Registry.Values(ProductKey.Path + @"\Administration").FirstOrDefault(v => SetupIds.Same(v.Name, name))?.Data as string ?? string.Empty;

    private string? PortalAccount()
    {
        if (_computer.Tools.Find(ExternalTool.AppCmd) is null)
            return null;
        return new PortalReader(_computer, cancellationToken).Attribute(PortalInventory.PoolName, "processModel.userName") is { Length: > 0 } user ? user : null;
    }

    private ISqlInstance Open(DatabaseAddress database) => context.Ports.Sql.Open(ManagementSource.AddressOf(database.Server, context.Options), cancellationToken);

    private void RequireOnline(ISqlInstance instance, DatabaseAddress database)
    {
        DatabaseFacts? facts = instance.ReadDatabases([database.Database], cancellationToken) is { Count: > 0 } found ? found[0] : null;
        if (facts is not { IsOnline: true })
        {
            throw new RecoveryException(
                RecoveryError.DatabasesAbsent, database.Database, facts is null ? $"there is no database {database.Database} on {database.Server}" : $"the database {database.Database} on {database.Server} is {facts.State}");
        }
    }
}
