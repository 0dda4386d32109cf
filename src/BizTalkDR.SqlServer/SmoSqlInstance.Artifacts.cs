using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    private static readonly CertificateSource[] CertificateSources =
    [
        CertificateSource.Group, CertificateSource.Host, CertificateSource.SendPort, CertificateSource.Party, CertificateSource.SendPortAdapter, CertificateSource.ReceiveLocationAdapter,
    ];

    /// <inheritdoc/>
    public IReadOnlyList<CertificateRecord> ReadCertificateRecords(string managementDatabase, CancellationToken cancellationToken = default) =>
        InDatabase(
            managementDatabase,
            () => CertificateSources.SelectMany(source => Query(
                "Reading where certificates are used",
                ArtifactText.Certificates(source),
                r => new CertificateRecord(source, Text(r, 0), r.IsDBNull(1) ? string.Empty : r.GetString(1)),
                cancellationToken)).Where(r => r.Text.Trim().Length > 0).ToList(),
            cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<ApplicationRecord> ReadApplications(string managementDatabase, CancellationToken cancellationToken = default) =>
        InDatabase(
            managementDatabase,
            () =>
            {
                ILookup<string, string> references = Query("Reading references of applications", ArtifactText.ApplicationReferences, r => (From: Text(r, 0), To: Text(r, 1)), cancellationToken)
                    .ToLookup(r => r.From, r => r.To, StringComparer.Ordinal);
                ILookup<string, AssemblyRecord> assemblies = Query(
                    "Reading assemblies",
                    ArtifactText.Assemblies,
                    r => (Application: Text(r, 0), Assembly: new AssemblyRecord(Text(r, 1), Text(r, 2), r.IsDBNull(3) ? "neutral" : r.GetString(3), r.IsDBNull(4) ? string.Empty : r.GetString(4), r.GetInt32(5) != 0)),
                    cancellationToken).ToLookup(r => r.Application, r => r.Assembly, StringComparer.Ordinal);
                return Query(
                    "Reading applications",
                    ArtifactText.Applications,
                    r => new ApplicationRecord(Text(r, 0), r.GetBoolean(1), r.GetBoolean(2), r.GetDateTime(3)) { References = references[Text(r, 0)].ToList(), Assemblies = assemblies[Text(r, 0)].ToList() },
                    cancellationToken);
            },
            cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<PolicyRecord> ReadPolicies(string ruleEngineDatabase, CancellationToken cancellationToken = default) =>
        InDatabase(ruleEngineDatabase, () => Query("Reading policies", ArtifactText.Policies, r => new PolicyRecord(Text(r, 0), r.GetInt32(1), r.GetInt32(2)), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<HostInstanceRecord> ReadHostInstances(string managementDatabase, string computer, CancellationToken cancellationToken = default) =>
        InDatabase(
            managementDatabase,
            () => Query("Reading host instances", ArtifactText.HostInstances, r => new HostInstanceRecord(Text(r, 0), Text(r, 1), r.GetInt32(2) != 0), cancellationToken, ("@computer", computer)),
            cancellationToken);
}
