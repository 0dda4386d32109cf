using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Judges whether each file of the databases to come has a place of its own: a folder that is there, and nothing in the way.</summary>
internal static class FilePlaceCheck
{
    /// <summary>1834 for a file of another database, 3142 for any other file without REPLACE, 5133 for a missing folder. WITH REPLACE would write over a strange file: that is refused here.</summary>
    public static IEnumerable<PlanTestResult> Of(InstanceEvidence instance)
    {
        var faults = new List<PlanTestResult>();
        int places = 0;
        foreach (MemberEvidence member in instance.Members)
        {
            foreach (FileMove move in member.Moves)
            {
                places++;
                if (Fault(instance, member, move) is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }

        if (instance.Readiness.Files is null)
        {
            faults.Add(PreflightJudge.NotChecked(PlanCheck.FilePlace, instance.Server, "the login may not see the files of other databases", "Use a login with VIEW ANY DEFINITION."));
        }

        return PreflightJudge.FaultsOr(faults, PlanCheck.FilePlace, instance.Server, $"{places} files have a folder and nothing in their way");
    }

    private static PlanTestResult? Fault(InstanceEvidence instance, MemberEvidence member, FileMove move)
    {
        string path = move.PhysicalName;
        OwnedFile? owner = instance.Readiness.Files?.FirstOrDefault(f => string.Equals(f.PhysicalName, path, StringComparison.OrdinalIgnoreCase));
        if (owner is not null)
        {
            bool isOwn = member.Plan.Replaces is { } replaced && string.Equals(replaced.Name, owner.Database, StringComparison.OrdinalIgnoreCase);
            return isOwn ? null : PreflightJudge.Failed(PlanCheck.FilePlace, path, RecoveryError.FileInUse, $"{member.Plan} would be written over a file of the database '{owner.Database}' (1834)");
        }

        if (!instance.Readiness.Paths.TryGetValue(path, out PathState? state))
        {
            return PreflightJudge.NotChecked(PlanCheck.FilePlace, path, "the instance does not say what is there", "See that the folder is there and holds no file of this name.");
        }

        if (!state.ParentExists)
        {
            return PreflightJudge.Failed(PlanCheck.FilePlace, path, RecoveryError.DestinationInvalid, $"{member.Plan}: the instance does not see the folder of this file (5133)", "Make the folder and give the service account the right to write there, or plan with -DataFolder, -LogFolder or -FolderMap.");
        }

        return state.Exists && instance.Readiness.Files is not null
            ? PreflightJudge.Failed(PlanCheck.FilePlace, path, RecoveryError.FileInUse, $"{member.Plan}: a file of no database is in the way (3142)")
            : null;
    }
}
