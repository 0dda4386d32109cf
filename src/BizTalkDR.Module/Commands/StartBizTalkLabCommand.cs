using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using BizTalkDR.Module.Lab;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.Commands;

/// <summary>Starts a simulated BizTalk environment to practise on.</summary>
[Cmdlet(VerbsLifecycle.Start, "BizTalkLab", SupportsShouldProcess = true)]
[OutputType(typeof(BizTalkLab))]
public sealed class StartBizTalkLabCommand : RecoveryCmdlet
{
    /// <summary>Folder of the lab; it is created, or the lab that is in it is started again. Default: a new folder in the temporary directory.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Starts two empty instances without a BizTalk group, to restore to.</summary>
    [Parameter]
    public SwitchParameter Empty { get; set; }

    /// <summary>Network names of the two instances.</summary>
    [Parameter]
    [ValidateCount(2, 2)]
    public string[]? ServerName { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        string folder = Path is null
            ? System.IO.Path.Combine(System.IO.Path.GetTempPath(), "BizTalkLab-" + System.IO.Path.GetRandomFileName())
            : GetUnresolvedProviderPathFromPSPath(Path);
        if (!ShouldProcess(folder, "Start a simulated BizTalk environment"))
        {
            return;
        }

        var arguments = new List<string>();
        if (Empty)
        {
            arguments.Add("--empty");
        }

        if (ServerName is not null)
        {
            arguments.Add("--instances");
            arguments.Add(string.Join(",", ServerName));
        }

        string program = System.IO.Path.Combine(MyInvocation.MyCommand.Module.ModuleBase, "lab", "BizTalkDR.Lab.dll");
        WriteObject(Run((log, stop) =>
        {
            log.Progress("Starting the lab", null, folder, 0);
            BizTalkLab lab = LabProcess.Start(program, arguments, folder, log.Verbose, stop);
            log.Verbose(string.Format(CultureInfo.InvariantCulture, "The lab runs as process {0}.", lab.ProcessId));
            return lab;
        }));
    }
}
