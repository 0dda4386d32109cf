using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Judges the instance and the login: rights, version, edition, collation, and the recovery model of what is restored.</summary>
internal static class InstanceCheck
{
    // "Editions and supported features": size of a database in the Express edition.
    private const long GigaByte = 1024L * 1024 * 1024;

    // sys.dm_db_persisted_sku_features: from 2016 SP1 on only transparent data encryption is bound to an edition.
    private static readonly Version FeaturesForAll = new(13, 0, 4001);

    /// <summary>RESTORE: "CREATE DATABASE permissions", or sysadmin and dbcreator for a database that exists; the rest is this product's own need.</summary>
    public static PlanTestResult Permission(InstanceEvidence instance) => instance.Readiness switch
    {
        { IsSysAdmin: true } => PreflightJudge.Passed(PlanCheck.Permission, instance.Server, "the login is sysadmin"),
        { MayCreateDatabases: true } => PreflightJudge.NotChecked(
            PlanCheck.Permission,
            instance.Server,
            "the login may restore; whether it may read MarkLog of the restored databases and switch Agent jobs off depends on users and rights in what is restored",
            "Use a login of the role sysadmin."),
        _ => PreflightJudge.Failed(PlanCheck.Permission, instance.Server, RecoveryError.PermissionDenied, "the login may not create databases", "Use a login of the role sysadmin."),
    };

    /// <summary>"A backup of a newer version of SQL Server cannot be restored by an older one" (3169).</summary>
    public static IEnumerable<PlanTestResult> Version(InstanceEvidence instance)
    {
        Version own = instance.Identity.Version;
        List<PlanTestResult> faults = instance.Members
            .Where(m => m.Headers.Any(h => h.SoftwareVersion.Major > own.Major))
            .Select(m => PreflightJudge.Failed(PlanCheck.Version, m.Plan.ToString(), RecoveryError.DestinationTooOld, $"its backups were written by version {m.Headers.Max(h => h.SoftwareVersion)}, the instance has {own}"))
            .ToList();
        bool upgrades = instance.Members.Any(m => m.Headers.Any(h => h.SoftwareVersion.Major < own.Major));
        return PreflightJudge.FaultsOr(
            faults,
            PlanCheck.Version,
            instance.Server,
            upgrades ? $"version {own}, newer than some backups: their databases are upgraded at recovery and cannot go back" : $"version {own}, as the backups");
    }

    /// <summary>What an edition cannot open: encrypted databases below Enterprise before 2019, and large ones in Express.</summary>
    public static IEnumerable<PlanTestResult> Edition(InstanceEvidence instance)
    {
        string edition = instance.Identity.Edition;
        Version version = instance.Identity.Version;
        bool hasAll = Is(edition, "Enterprise") || Is(edition, "Developer") || Is(edition, "Evaluation") || Is(edition, "Data Center");
        if (hasAll)
        {
            return [PreflightJudge.Passed(PlanCheck.Edition, instance.Server, $"{edition} has every feature")];
        }

        bool encrypts = Is(edition, "Standard") && version.Major >= 15;
        long limit = (version.Major >= 17 ? 50 : 10) * GigaByte;
        var faults = new List<PlanTestResult>();
        foreach (MemberEvidence member in instance.Members)
        {
            if (!encrypts && member.Files?.Any(f => f.TdeThumbprint is not null) == true)
            {
                faults.Add(PreflightJudge.Failed(PlanCheck.Edition, member.Plan.ToString(), RecoveryError.EditionUnsuitable, $"the database is encrypted (TDE), which {edition} of version {version.Major} cannot open"));
            }

            long data = member.Files?.Where(f => f.Type == 'D').Sum(f => f.SizeBytes) ?? 0;
            if (Is(edition, "Express") && data > limit)
            {
                faults.Add(PreflightJudge.Failed(PlanCheck.Edition, member.Plan.ToString(), RecoveryError.EditionUnsuitable, $"its data files have {SizeText.Of(data)}, and {edition} allows {SizeText.Of(limit)}"));
            }
        }

        if (faults.Count == 0 && version < FeaturesForAll)
        {
            faults.Add(PreflightJudge.NotChecked(
                PlanCheck.Edition,
                instance.Server,
                $"{edition} of version {version} lacks features that a database may use, and a backup does not tell which it uses",
                "Ask sys.dm_db_persisted_sku_features in each source database; it must be empty."));
        }

        return PreflightJudge.FaultsOr(faults, PlanCheck.Edition, instance.Server, $"{edition} opens these databases");
    }

    /// <summary>Temporary tables have the instance's collation: where it differs from the database's, comparing them fails with 468. BizTalk Server does not support binary collations.</summary>
    public static IEnumerable<PlanTestResult> Collation(InstanceEvidence instance)
    {
        string own = instance.Readiness.Collation;
        var faults = new List<PlanTestResult>();
        if (own.IndexOf("_BIN", StringComparison.OrdinalIgnoreCase) >= 0)
        {
            faults.Add(PreflightJudge.Harms(PlanCheck.Collation, instance.Server, $"{own} is binary, which BizTalk Server does not support", "Restore to an instance with the collation of the source."));
        }

        foreach (MemberEvidence member in instance.Members)
        {
            string? collation = member.Headers.Select(h => h.Collation).LastOrDefault(c => c is not null);
            if (collation is null)
            {
                faults.Add(PreflightJudge.NotChecked(PlanCheck.Collation, member.Plan.ToString(), "its backups do not say its collation", $"Compare with the source: the instance has {own}."));
            }
            else if (!string.Equals(collation, own, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(PreflightJudge.Harms(
                    PlanCheck.Collation, member.Plan.ToString(), $"the database has {collation}, the instance {own}: procedures that compare it with temporary tables fail (468)", "Restore to an instance with the collation of the source."));
            }
        }

        return PreflightJudge.FaultsOr(faults, PlanCheck.Collation, instance.Server, $"{own}, as the databases");
    }

    /// <summary>BizTalk Server supports the full recovery model alone.</summary>
    public static IEnumerable<PlanTestResult> RecoveryModel(InstanceEvidence instance)
    {
        var faults = new List<PlanTestResult>();
        foreach (MemberEvidence member in instance.Members)
        {
            string model = member.Headers.Select(h => h.RecoveryModel).LastOrDefault(m => m.Length > 0) ?? string.Empty;
            if (model.Length == 0)
            {
                faults.Add(PreflightJudge.NotChecked(PlanCheck.RecoveryModel, member.Plan.ToString(), "its backups do not say its recovery model", "Look at the restored database: it must be FULL."));
            }
            else if (!string.Equals(model, "FULL", StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(PreflightJudge.Harms(PlanCheck.RecoveryModel, member.Plan.ToString(), $"it will be {model}; a BizTalk group must use FULL", "After the restore run ALTER DATABASE … SET RECOVERY FULL, then take a full backup."));
            }
        }

        return PreflightJudge.FaultsOr(faults, PlanCheck.RecoveryModel, instance.Server, "FULL for every database");
    }

    private static bool Is(string edition, string name) => edition.StartsWith(name, StringComparison.OrdinalIgnoreCase);
}
