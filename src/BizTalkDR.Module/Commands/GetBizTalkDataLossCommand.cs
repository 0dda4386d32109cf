using System;
using System.Management.Automation;
using BizTalkDR.Loss;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Lists the service instances that started or completed after a mark, from a Tracking database that survived. Only reads.</summary>
[Cmdlet(VerbsCommon.Get, "BizTalkDataLoss", DefaultParameterSetName = MarkSet)]
[OutputType(typeof(LostInstance))]
public sealed class GetBizTalkDataLossCommand : SqlCmdlet
{
    private const string MarkSet = "Mark";
    private const string AfterSet = "After";

    /// <summary>Instance with the surviving Tracking database, or with the copy that its tail was restored to.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = null!;

    /// <summary>The mark that the group was restored to.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = MarkSet)]
    [ValidateNotNullOrEmpty]
    public string? Mark { get; set; }

    /// <summary>A time instead of the mark; without a zone it is local.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = AfterSet)]
    public DateTime After { get; set; }

    /// <summary>Name of the Tracking database there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Database { get; set; } = "BizTalkDTADb";

    /// <inheritdoc/>
    protected override void Execute()
    {
        var request = new DataLossRequest(AddressOf(SqlInstance), Database) { Mark = Mark, AfterUtc = ParameterSetName == AfterSet ? After.ToUniversalTime() : null };
        WriteObject(Run((log, stop) => new DataLossReader(PortsFor(log)).Read(request, stop)), enumerateCollection: true);
    }
}
