using System;
using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BizTalkDR.Lab.Computer.Portal;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>What a lab's BizTalk computers hold beside their configuration: certificates that the group uses, assemblies of its applications, and on the first one the BAM portal.</summary>
internal static class ComputerContent
{
    private const string Personal = "My";
    private const string WebConfig = @"\Web.config";
    private const string PortalFolder = @"C:\Program Files (x86)\Microsoft BizTalk Server\BAMPortal";

    /// <summary>Fills the computers, and writes the certificates' thumbprints into the group.</summary>
    /// <param name="lab">The lab; its instances run.</param>
    /// <param name="group">Its group.</param>
    /// <param name="computers">Names of its computers.</param>
    public static void Fill(LabFolder lab, GroupDefinition group, IReadOnlyList<string> computers)
    {
        ManagementTables tables = ManagementTables.Of(lab, group.Management.Server, group.Management.Database) ?? throw new LabException("The instance of the Management database does not run.");
        List<string> assemblies = tables.Rows("SELECT nvcFullName FROM dbo.bts_assembly WHERE nSystemAssembly = 0;", r => r.GetString(0));
        using X509Certificate2 own = Make("CN=BizTalk Group, O=Lab"), partner = Make("CN=Partner, O=Partner"), client = Make("CN=Warehouse client, O=Lab");
        foreach (LabComputer computer in computers.Select(name => LabComputer.Open(LabComputer.FolderOf(lab, name))))
        {
            Put(computer, "CurrentUser", own);
            Put(computer, "LocalMachine", client);
            computer.Certificates.Import("LocalMachine", "AddressBook", partner.Export(X509ContentType.Cert));
            foreach (string assembly in assemblies)
                LabAssembly.AddToCache(computer.Files, assembly, LabAssembly.Content(assembly));
        }

        tables.Run(
        [
            ("UPDATE dbo.adm_Group SET SignCertThumbprint = @t;", [("@t", own.Thumbprint)]),
            ("UPDATE dbo.adm_Host SET DecryptCertThumbprint = @t;", [("@t", Spaced(own.Thumbprint))]),
            ("UPDATE dbo.bts_sendport SET nvcEncryptionCertHash = @t WHERE nvcName = N'OrdersToPartner';", [("@t", partner.Thumbprint)]),
            ("UPDATE dbo.bts_party SET nvcSignatureCertHash = @t;", [("@t", partner.Thumbprint)]),
            ("UPDATE dbo.bts_sendport_transport SET nvcTransportTypeData = @d WHERE nvcAddress LIKE N'ftp://%';", [("@d", $"<CustomProps><UserName vt=\"8\">warehouse</UserName><Password vt=\"8\">******</Password><ClientCertificate vt=\"8\">{client.Thumbprint}</ClientCertificate></CustomProps>")]),
        ]);
        if (group.Find(MemberRole.BamPrimaryImport) is { } bam)
            AddPortal(LabComputer.Open(LabComputer.FolderOf(lab, computers[0])), bam.Server, bam.Database, @"LAB\BamPortal", RandomNumberGenerator.GetHexString(24));
    }

    /// <summary>Writes the settings of bm.exe.</summary>
    public static void AddBamTools(LabComputer computer, string server, string database) =>
        Write(computer, @"C:\Program Files (x86)\Microsoft BizTalk Server\Tracking\bm.exe.config", Setting("DefaultServer", server) + Setting("DefaultDatabase", database));

    /// <summary>Makes the portal's pool and applications.</summary>
    public static void AddPortal(LabComputer computer, string server, string database, string account, string password)
    {
        const string Site = "Default Web Site", Pool = "BAMAppPool";
        Dictionary<string, string> attributes = new(StringComparer.OrdinalIgnoreCase)
        {
            ["managedRuntimeVersion"] = "v4.0", ["managedPipelineMode"] = "Integrated", ["enable32BitAppOnWin64"] = "true",
            ["processModel.identityType"] = "SpecificUser", ["processModel.userName"] = account, ["processModel.password"] = password,
        };
        IisApplication[] applications =
        [
            new(Site, "/BAM", Pool, PortalFolder), new(Site, "/BAM/BAMQueryService", Pool, PortalFolder + @"\BAMQueryService"), new(Site, "/BAM/BAMManagementService", Pool, PortalFolder + @"\BAMManagementService"),
        ];
        new WebServer([new IisPool(Pool, "Started", attributes)], applications).Write(computer.Folder);
        string settings = Setting("BamServer", server) + Setting("BamDatabase", database) + Setting("MaxResultRows", "2000");
        Write(computer, PortalFolder + WebConfig, Setting("BamQueryWSUrl", $"http://{computer.Name}/BAM/BamQueryService/BamQueryService.asmx") + Setting("BamManagementWSUrl", $"http://{computer.Name}/BAM/BamManagementService/BamManagementService.asmx"));
        Write(computer, PortalFolder + @"\BAMQueryService" + WebConfig, settings);
        Write(computer, PortalFolder + @"\BAMManagementService" + WebConfig, settings);
    }

    private static string Setting(string key, string value) => $"    <add key=\"{key}\" value=\"{value}\" />\n";

    private static void Write(LabComputer computer, string path, string settings) => computer.Files.Write(
        path, FileProtection.Inherited, s => s.Write(Encoding.UTF8.GetBytes($"<configuration>\n  <appSettings>\n{settings}  </appSettings>\n</configuration>\n")));

    private static void Put(LabComputer computer, string location, X509Certificate2 certificate)
    {
        using SecureString password = new();
        password.AppendChar('x');
        computer.Certificates.ImportPfx(location, Personal, certificate.Export(X509ContentType.Pfx, password), password, exportable: true);
    }

    private static X509Certificate2 Make(string subject)
    {
        using RSA key = RSA.Create(2048);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddYears(5));
    }

    /// <summary>As the certificate dialogue shows it: the Administration console takes it so, too.</summary>
    private static string Spaced(string thumbprint) => string.Join(' ', Enumerable.Range(0, thumbprint.Length / 4).Select(i => thumbprint.Substring(i * 4, 4)));
}
