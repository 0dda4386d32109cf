using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Judges whether the files of the databases to come fit on their volumes (3257): RESTORE makes them at the sizes that FILELISTONLY gives.</summary>
internal static class SpaceCheck
{
    /// <summary>One result a volume. Instances of one computer share its volumes; only a file that is written over makes room.</summary>
    public static IEnumerable<PlanTestResult> Of(IReadOnlyList<InstanceEvidence> instances)
    {
        var needs = new List<Need>();
        foreach (InstanceEvidence instance in instances)
        {
            foreach (MemberEvidence member in instance.Members.Where(m => m.Files is null))
            {
                yield return PreflightJudge.NotChecked(PlanCheck.Space, member.Plan.ToString(), $"the sizes of its files are not known: {member.NoFilesReason}", "Put the backup file right, then test again.");
            }

            if (instance.Readiness.Volumes is null)
            {
                yield return PreflightJudge.NotChecked(PlanCheck.Space, instance.Server, $"the login may not ask for free space; the files need {SizeText.Of(PlannedFiles(instance).Sum(f => f.Bytes))}", "Use a login with VIEW SERVER STATE, or look at the volumes yourself.");
                continue;
            }

            needs.AddRange(PlannedFiles(instance).Select(f => new Need(instance, VolumePlace.Find(instance.Readiness.Volumes, f.Path), f.Path, f.Bytes, instance.FreedBy(f.Path))));
        }

        foreach (IGrouping<string, Need> volume in needs.Where(n => n.Volume is not null).GroupBy(n => $"{n.Instance.Readiness.Computer}|{n.Volume!.Id}", StringComparer.OrdinalIgnoreCase))
        {
            yield return Judge([.. volume]);
        }

        foreach (IGrouping<string, Need> instance in needs.Where(n => n.Volume is null && n.Bytes > 0).GroupBy(n => n.Instance.Server, StringComparer.OrdinalIgnoreCase))
        {
            yield return PreflightJudge.NotChecked(
                PlanCheck.Space,
                instance.Key,
                $"no database lies on the volume of '{instance.First().Path}'{(instance.Count() > 1 ? $" and {instance.Count() - 1} more files" : string.Empty)}, so the instance does not tell its free space; they need {SizeText.Of(instance.Sum(n => n.Bytes))}",
                "Look at the volume yourself.");
        }
    }

    private static PlanTestResult Judge(IReadOnlyList<Need> needs)
    {
        Volume volume = needs[0].Volume!;
        long bytes = needs.Sum(n => n.Bytes);
        long freed = needs.Sum(n => n.Frees);
        long available = needs.Min(n => n.Volume!.AvailableBytes);
        string subject = $"{volume.MountPoint} of {needs[0].Instance.Readiness.Computer}";
        string sizes = $"{SizeText.Of(bytes)} are needed, {SizeText.Of(available)} are free{(freed > 0 ? $", {SizeText.Of(freed)} are in files that are written over" : string.Empty)}";
        return bytes <= available + freed ? PreflightJudge.Passed(PlanCheck.Space, subject, sizes) : PreflightJudge.Failed(PlanCheck.Space, subject, RecoveryError.NotEnoughSpace, sizes);
    }

    private static IEnumerable<(string Path, long Bytes)> PlannedFiles(InstanceEvidence instance) =>
        instance.Members.Where(m => m.Files is not null).SelectMany(m => m.Moves.Select(f => (f.PhysicalName, m.SizeOf(f))));

    private sealed record Need(InstanceEvidence Instance, Volume? Volume, string Path, long Bytes, long Frees);
}
