using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Computer.Folder;
using BizTalkDR.Lab.Computer.Applications;
using BizTalkDR.Lab.Computer.Setup;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Lab.Computer.Tools;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports.Computers;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer;

/// <summary>Makes the BizTalk computers of a lab: the first is the master secret server, the second has joined its group.</summary>
internal static class LabComputers
{
    /// <summary>Name of the computer that joined later.</summary>
    public const string SecondComputer = "LABBTS2";

    private const string Product = @"SOFTWARE\Microsoft\BizTalk Server\3.0";

    private const string Install = @"C:\Program Files (x86)\Microsoft BizTalk Server\";

    private static readonly string[] s_machineConfigs = [@"%windir%\Microsoft.NET\Framework\v4.0.30319\Config\machine.config", @"%windir%\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config"];

    private static readonly Dictionary<string, string> s_environment = new(StringComparer.Ordinal)
    {
        ["SystemRoot"] = @"C:\Windows",
        ["windir"] = @"C:\Windows",
        ["TEMP"] = @"C:\Windows\Temp",
        ["ProgramFiles"] = @"C:\Program Files",
        ["ProgramFiles(x86)"] = @"C:\Program Files (x86)",
        ["CommonProgramFiles"] = @"C:\Program Files\Common Files",
        ["BTSINSTALLPATH"] = Install,
    };

    /// <summary>Folders of the computers of a lab, by name.</summary>
    public static IReadOnlyList<string> Folders(LabFolder lab)
    {
        string folder = Path.Combine(lab.FullPath, "computers");
        return !Directory.Exists(folder) ? [] : Directory.GetDirectories(folder).Where(f => File.Exists(Path.Combine(f, FolderComputer.DescriptionFile))).Order(StringComparer.Ordinal).ToList();
    }

    /// <summary>Writes the files that start the programs: the lab may have moved since.</summary>
    public static void InstallTools(LabFolder lab)
    {
        foreach (string folder in Folders(lab))
            ComputerTools.Install(folder);
    }

    /// <summary>Makes both computers of a group whose databases are there.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="group">Its group.</param>
    /// <param name="connectionStrings">Connection strings of its instances.</param>
    /// <param name="password">Password of the first backup of the master secret; the lab's own.</param>
    public static void Create(LabFolder lab, GroupDefinition group, IReadOnlyDictionary<string, string> connectionStrings, string password)
    {
        MemberDefinition sso = group.Find(MemberRole.Sso) ?? throw new LabException("A group without an SSO database has no computers.");
        RegisterSecond(connectionStrings[group.Management.Server], group.Management.Database, connectionStrings[sso.Server], sso.Database);
        foreach (string name in (string[])[group.BizTalkComputer, SecondComputer])
            Configure(SetUp(lab, name), group, sso);
        CreateSecret(LabComputer.Open(LabComputer.FolderOf(lab, group.BizTalkComputer)), password);
        foreach (string name in (string[])[group.BizTalkComputer, SecondComputer])
        {
            LabComputer computer = LabComputer.Open(LabComputer.FolderOf(lab, name));
            EntSso.Fetch(computer, SsoDatabase.Of(computer)!.Read());
        }

        ComputerContent.Fill(lab, group, [group.BizTalkComputer, SecondComputer]);
    }

    /// <summary>Sets a further computer up, with Windows and BizTalk Server alone.</summary>
    public static void Add(LabFolder lab, string name) => SetUp(lab, name);

    /// <summary>Loses everything on a computer and sets it up with Windows and BizTalk Server alone.</summary>
    public static void Wipe(LabFolder lab, string name)
    {
        Directory.Delete(LabComputer.FolderOf(lab, name), recursive: true);
        SetUp(lab, name);
    }

    private static LabComputer SetUp(LabFolder lab, string name)
    {
        string folder = LabComputer.FolderOf(lab, name);
        PrivateFile.CreateFolder(Path.Combine(lab.FullPath, "computers"));
        PrivateFile.CreateFolder(folder);
        Dictionary<string, string> environment = new(s_environment, StringComparer.Ordinal) { ["COMPUTERNAME"] = name };
        FolderJson.Write(Path.Combine(folder, FolderComputer.DescriptionFile), new FolderDescription(1, name) { Environment = environment, Shares = "../../shares" });
        ComputerTools.Install(folder);
        LabComputer computer = LabComputer.Open(folder);
        foreach (RegistryView view in (RegistryView[])[RegistryView.Registry64, RegistryView.Registry32])
        {
            foreach ((string value, string data) in ((string, string)[])
                [("ProductName", "Microsoft BizTalk Server 2020"), ("ProductVersion", "3.13.717.0"), ("ProductEdition", "Enterprise"), ("InstallPath", Install)])
            {
                computer.Registry.Set(Product, new RegistryValue(value, RegistryValueType.String, data), view);
            }
        }

        computer.Services.Install(new StoredService(EntSso.Service, "Enterprise Single Sign-On Service", ServiceState.Stopped, ServiceStart.Automatic, @"LAB\SsoService") { Program = EntSso.Service });
        computer.Services.Install(new StoredService("MSDTC", "Distributed Transaction Coordinator", ServiceState.Running, ServiceStart.DelayedAutomatic, @"NT AUTHORITY\NetworkService"));
        computer.Services.Install(new StoredService("W3SVC", "World Wide Web Publishing Service", ServiceState.Running, ServiceStart.Automatic, "LocalSystem"));
        computer.Registry.Set(@"SOFTWARE\Microsoft\MSDTC\Security", new RegistryValue("NetworkDtcAccess", RegistryValueType.DWord, 1));
        foreach (string file in (string[])[Install + "BTSNTSvc.exe.config", Install + "BTSNTSvc64.exe.config", .. s_machineConfigs])
            computer.Files.Write(file, FileProtection.Inherited, s => s.Write("<configuration />\r\n"u8));
        computer.Files.Write(@"%windir%\System32\drivers\etc\hosts", FileProtection.Inherited, s => s.Write("# Names of this computer\r\n127.0.0.1 localhost\r\n"u8));
        foreach (string store in (string[])["My", "Root"])
            computer.Certificates.CreateStore("LocalMachine", store);
        return computer;
    }

    private static void Configure(LabComputer computer, GroupDefinition group, MemberDefinition sso)
    {
        SsoDatabase.Set(computer, sso.Server, sso.Database);
        foreach (RegistryView view in (RegistryView[])[RegistryView.Registry64, RegistryView.Registry32])
        {
            computer.Registry.Set(Product + @"\Administration", new RegistryValue("MgmtDBServer", RegistryValueType.String, group.Management.Server), view);
            computer.Registry.Set(Product + @"\Administration", new RegistryValue("MgmtDBName", RegistryValueType.String, group.Management.Database), view);
        }

        computer.Services.Install(new StoredService(EntSso.Service, "Enterprise Single Sign-On Service", ServiceState.Running, ServiceStart.Automatic, @"LAB\SsoService") { Program = EntSso.Service });
        computer.Services.Install(new StoredService(
            "BTSSvc$BizTalkServerApplication", "BizTalk Service BizTalk Group : BizTalkServerApplication", ServiceState.Running, ServiceStart.Automatic, @"LAB\BizTalkHost") { Program = "BTSSvc", DependsOn = [EntSso.Service] });
        computer.Services.Install(new StoredService("RuleEngineUpdateService", "Rule Engine Update Service", ServiceState.Running, ServiceStart.Automatic, @"LAB\RuleEngine") { DependsOn = [EntSso.Service] });
        computer.Certificates.CreateStore("LocalMachine", "AddressBook");
        computer.Files.Write(Install + SetupFile.MainFile, FileProtection.Inherited, SetupFile.FirstDay(group, computer.Name == group.BizTalkComputer).Save);
        if (group.Find(MemberRole.BamPrimaryImport) is { } bam)
            ComputerContent.AddBamTools(computer, bam.Server, bam.Database);
    }

    /// <summary>What Configuration.exe does when it creates an SSO system: a secret, and its first backup on the same disk, under a name of its own.</summary>
    private static void CreateSecret(LabComputer computer, string password)
    {
        MasterSecrets secrets = new(MasterSecret.New(), null);
        secrets.Save(computer);
        SsoDatabase.Of(computer)!.Fill(secrets.Current);
        string path = computer.Files.Expand(@"%CommonProgramFiles%\Enterprise Single Sign-On\SSO" + secrets.Current.Id.ToString("N")[..4].ToUpperInvariant() + ".bak");
        computer.Files.Write(path, FileProtection.OwnerOnly, SecretFile.Of(secrets, password, "The password of sa in the lab's connection.json").Write);
        computer.Log(EntSso.Service, 10525, $"The master secret was generated. {secrets.Ids}");
        computer.Log(EntSso.Service, 10559, $"The master secrets were backed up. Backup file: {path}, {secrets.Ids}");
    }

    /// <summary>Makes the second computer known to the group's databases, with a host instance.</summary>
    private static void RegisterSecond(string management, string managementDatabase, string sso, string ssoDatabase)
    {
        Run(management, managementDatabase, $"""
            INSERT INTO dbo.adm_Server (Name) VALUES (N'{SecondComputer}');
            INSERT INTO dbo.adm_Server2HostMapping (ServerId, HostId, IsMapped) SELECT Id, 1, 1 FROM dbo.adm_Server WHERE Name = N'{SecondComputer}';
            INSERT INTO dbo.adm_HostInstance (Svr2HostMappingId, Name, LoginName, DisableHostInstance, ConfigurationState, UniqueId, InstallationContext)
            SELECT m.Id, N'Microsoft BizTalk Server BizTalkServerApplication {SecondComputer}', N'LAB\BizTalkHost', 0, 1, NEWID(), N''
            FROM dbo.adm_Server2HostMapping m JOIN dbo.adm_Server s ON s.Id = m.ServerId WHERE s.Name = N'{SecondComputer}';
            """);
        Run(sso, ssoDatabase, $"INSERT INTO dbo.SSOX_Servers (srv_server_name, srv_expire_timestamp, srv_audit_id) VALUES (LOWER(N'{SecondComputer}'), DATEADD(day, 10, GETUTCDATE()), 1);");
    }

    private static void Run(string connectionString, string database, string statement)
    {
        using SqlConnection connection = new(new SqlConnectionStringBuilder(connectionString) { InitialCatalog = database, Pooling = false }.ConnectionString);
        connection.Open();
        using SqlCommand command = new(statement, connection);
        command.ExecuteNonQuery();
    }
}
