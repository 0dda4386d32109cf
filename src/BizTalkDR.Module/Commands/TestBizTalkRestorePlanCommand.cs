using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using BizTalkDR.Backup;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.Commands;

/// <summary>Gathers the facts of a plan again and says what has changed since it was made.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BizTalkRestorePlan")]
[OutputType(typeof(PlanTestResult), typeof(bool))]
public sealed class TestBizTalkRestorePlanCommand : RestoreCmdlet
{
    /// <summary>The plan, or the file it was written to.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public RestorePlanSource Plan { get; set; } = null!;

    /// <summary>Addresses of the destination instances, when they have changed since the plan was made.</summary>
    [Parameter(Position = 1)]
    [Alias("SqlInstance")]
    [ValidateNotNullOrEmpty]
    public string[]? Destination { get; set; }

    /// <summary>Gives one Boolean: whether every check was made and none failed that keeps a restore from starting.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        RestorePlan plan = Read(Plan, Destination);
        IReadOnlyList<PlanTestResult> results = Run((log, stop) => new RestorePlanTester(PortsFor(log)).Test(plan, stop));
        if (Quiet)
        {
            WriteObject(results.All(r => r.Outcome != BackupTestOutcome.NotChecked && r.Code is null));
        }
        else
        {
            WriteObject(results, enumerateCollection: true);
        }
    }
}
