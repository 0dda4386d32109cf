using System;
using System.IO;
using System.Management.Automation;
using BizTalkDR.Module.Lab;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.Commands;

/// <summary>Stops a lab that Start-BizTalkLab started.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BizTalkLab", SupportsShouldProcess = true)]
public sealed class StopBizTalkLabCommand : RecoveryCmdlet
{
    /// <summary>The lab.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public BizTalkLab Lab { get; set; } = null!;

    /// <summary>Deletes the lab's folder with everything in it.</summary>
    [Parameter]
    public SwitchParameter RemoveFolder { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        if (!ShouldProcess(Lab.Path, RemoveFolder ? "Stop the lab and delete its folder" : "Stop the lab"))
        {
            return;
        }

        Run((log, _) =>
        {
            LabProcess.Stop(Lab);
            log.Verbose("The lab has stopped.");
            if (RemoveFolder)
            {
                Remove(Lab.Path, log);
            }

            return true;
        });
    }

    private static void Remove(string folder, IRecoveryLog log)
    {
        try
        {
            Directory.Delete(folder, true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Warning($"The lab has stopped, but its folder '{folder}' could not be deleted: {e.Message}");
        }
    }
}
