using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Where the Management database names a certificate.</summary>
public enum CertificateSource
{
    /// <summary>adm_Group.SignCertThumbprint.</summary>
    Group,

    /// <summary>adm_Host.DecryptCertThumbprint.</summary>
    Host,

    /// <summary>bts_sendport.nvcEncryptionCertHash.</summary>
    SendPort,

    /// <summary>bts_party.nvcSignatureCertHash.</summary>
    Party,

    /// <summary>bts_sendport_transport.nvcTransportTypeData: what an adapter is told.</summary>
    SendPortAdapter,

    /// <summary>adm_ReceiveLocation.CustomCfg: what an adapter is told.</summary>
    ReceiveLocationAdapter,
}

/// <summary>A text of the Management database that names a certificate, or may.</summary>
/// <param name="Source">Where it stands.</param>
/// <param name="Name">Name of the group, host, port, party or location.</param>
/// <param name="Text">A thumbprint, or the whole configuration of an adapter.</param>
public sealed record CertificateRecord(CertificateSource Source, string Name, string Text);

/// <summary>An assembly that an application consists of: a row of bts_assembly.</summary>
/// <param name="Name">Simple name.</param>
/// <param name="Version">Four numbers.</param>
/// <param name="Culture"><c>neutral</c> or a culture.</param>
/// <param name="PublicKeyToken">16 hexadecimal digits; empty when it has no strong name.</param>
/// <param name="IsSystem">Whether it came with BizTalk Server.</param>
public sealed record AssemblyRecord(string Name, string Version, string Culture, string PublicKeyToken, bool IsSystem)
{
    /// <summary>Gives the full name.</summary>
    public override string ToString() => $"{Name}, Version={Version}, Culture={Culture}, PublicKeyToken={PublicKeyToken}";
}

/// <summary>An application: a row of bts_application.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsDefault">Whether artifacts without an application belong to it.</param>
/// <param name="IsSystem">Whether it is BizTalk.System, which comes with BizTalk Server.</param>
/// <param name="Modified">DateModified.</param>
public sealed record ApplicationRecord(string Name, bool IsDefault, bool IsSystem, DateTime Modified)
{
    /// <summary>Names of the applications it references.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    public IReadOnlyList<AssemblyRecord> Assemblies { get; init; } = [];
}

/// <summary>A policy of the Rule Engine: a row of re_ruleset.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Major">Major version.</param>
/// <param name="Minor">Minor version.</param>
public sealed record PolicyRecord(string Name, int Major, int Minor);

/// <summary>A host instance: rows of adm_HostInstance and adm_Host.</summary>
/// <param name="Host">Name of the host.</param>
/// <param name="Account">LoginName.</param>
/// <param name="IsDisabled">DisableHostInstance.</param>
public sealed record HostInstanceRecord(string Host, string Account, bool IsDisabled);

/// <summary>Reads what the Management database holds of the group's artifacts.</summary>
public interface IGroupArtifacts
{
    /// <summary>Reads every text that names a certificate; empty ones are left out.</summary>
    IReadOnlyList<CertificateRecord> ReadCertificateRecords(string managementDatabase, CancellationToken cancellationToken = default);

    /// <summary>Reads the applications with their references and assemblies, by name.</summary>
    IReadOnlyList<ApplicationRecord> ReadApplications(string managementDatabase, CancellationToken cancellationToken = default);

    /// <summary>Reads the policies of a Rule Engine database, by name and version.</summary>
    IReadOnlyList<PolicyRecord> ReadPolicies(string ruleEngineDatabase, CancellationToken cancellationToken = default);

    /// <summary>Reads the host instances that the group has on a computer, in the order they were made.</summary>
    IReadOnlyList<HostInstanceRecord> ReadHostInstances(string managementDatabase, string computer, CancellationToken cancellationToken = default);
}
