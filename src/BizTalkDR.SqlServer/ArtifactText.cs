using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>The statements that read artifacts, run in the Management database.</summary>
public static class ArtifactText
{
    /// <summary>Applications.</summary>
    public const string Applications = "SELECT a.nvcName, a.isDefault, a.isSystem, a.DateModified FROM dbo.bts_application AS a ORDER BY a.nvcName;";

    /// <summary>Which application references which.</summary>
    public const string ApplicationReferences =
        "SELECT a.nvcName, b.nvcName FROM dbo.bts_application_reference AS r INNER JOIN dbo.bts_application AS a ON a.nID = r.nApplicationID "
        + "INNER JOIN dbo.bts_application AS b ON b.nID = r.nReferencedApplicationID ORDER BY a.nvcName, b.nvcName;";

    /// <summary>Assemblies of the applications.</summary>
    public const string Assemblies =
        "SELECT a.nvcName, m.nvcName, m.nvcVersion, m.nvcCulture, m.nvcPublicKeyToken, m.nSystemAssembly FROM dbo.bts_assembly AS m "
        + "INNER JOIN dbo.bts_application AS a ON a.nID = m.nApplicationID ORDER BY a.nvcName, m.nvcFullName;";

    /// <summary>Policies, read in the Rule Engine database.</summary>
    public const string Policies = "SELECT r.strName, r.nMajor, r.nMinor FROM dbo.re_ruleset AS r ORDER BY r.strName, r.nMajor, r.nMinor;";

    /// <summary>Names and texts that name certificates, or may.</summary>
    public static string Certificates(CertificateSource source) => source switch
    {
        CertificateSource.Group => "SELECT g.Name, g.SignCertThumbprint FROM dbo.adm_Group AS g ORDER BY g.Name;",
        CertificateSource.Host => "SELECT h.Name, h.DecryptCertThumbprint FROM dbo.adm_Host AS h ORDER BY h.Name;",
        CertificateSource.SendPort => "SELECT s.nvcName, s.nvcEncryptionCertHash FROM dbo.bts_sendport AS s ORDER BY s.nvcName;",
        CertificateSource.Party => "SELECT p.nvcName, p.nvcSignatureCertHash FROM dbo.bts_party AS p ORDER BY p.nvcName;",
        CertificateSource.SendPortAdapter => "SELECT s.nvcName, t.nvcTransportTypeData FROM dbo.bts_sendport_transport AS t INNER JOIN dbo.bts_sendport AS s ON s.nID = t.nSendPortID ORDER BY s.nvcName, t.nID;",
        _ => "SELECT r.Name, r.CustomCfg FROM dbo.adm_ReceiveLocation AS r ORDER BY r.Name;",
    };

    /// <summary>Host instances of a computer.</summary>
    public const string HostInstances =
        "SELECT h.Name, i.LoginName, i.DisableHostInstance FROM dbo.adm_HostInstance AS i INNER JOIN dbo.adm_Server2HostMapping AS m ON m.Id = i.Svr2HostMappingId "
        + "INNER JOIN dbo.adm_Server AS s ON s.Id = m.ServerId INNER JOIN dbo.adm_Host AS h ON h.Id = m.HostId WHERE s.Name = @computer AND m.IsMapped <> 0 ORDER BY i.Id;";
}
