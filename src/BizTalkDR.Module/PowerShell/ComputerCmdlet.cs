using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;
using BizTalkDR.Computer;
using BizTalkDR.Configuration;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using BizTalkDR.SqlServer;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries what every cmdlet for a BizTalk computer needs: the computer, the folder of its backup, its parts.</summary>
public abstract class ComputerCmdlet : RecoveryCmdlet
{
    /// <summary>Folder of the backups, with a folder for each computer.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = null!;

    /// <summary>The computer; a lab's computer by its folder. Default: this one.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string ComputerName { get; set; } = ".";

    /// <summary>Sessions with other computers: the cmdlet runs there, with the paths and rights it has there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public PSSession[]? Session { get; set; }

    /// <summary>What the operator chose, for the parts.</summary>
    protected virtual PartOptions Options => new();

    /// <summary>Full path of the folder of the backups.</summary>
    protected string Root => GetUnresolvedProviderPathFromPSPath(Path);

    private protected override bool RunElsewhere()
    {
        if (Session is null)
        {
            return false;
        }

        SessionRun.Run(this, Session);
        return true;
    }

    /// <summary>Works on the computer, on a worker thread.</summary>
    /// <param name="source">Computer whose backup is meant; null for the same one.</param>
    /// <param name="work">Gets the context, and the token that Ctrl+C cancels.</param>
    protected T OnComputer<T>(string? source, Func<PartContext, CancellationToken, T> work)
    {
        var address = new ComputerAddress(ComputerName.IndexOfAny(['/', '\\']) >= 0 ? GetUnresolvedProviderPathFromPSPath(ComputerName) : ComputerName == "." ? string.Empty : ComputerName);
        var root = new BackupFolder(Root);
        PartOptions options = Options;
        return Run((log, stop) =>
        {
            using IComputer computer = new ComputerFactory().Open(address);
            if (computer.IsSimulated)
            {
                log.Verbose($"{computer.Name} is a simulated computer.");
            }

            return work(new PartContext(computer, SqlServerPorts.Create(log), ComputerManifestStore.FolderOf(root, source ?? computer.Name), options), stop);
        });
    }

    /// <summary>Asks about a backup by the computer's own name: one that cannot be opened is refused before the question, also with -WhatIf.</summary>
    protected bool MayBackUp(string action) => ShouldProcess(OnComputer(null, (context, _) => context.Computer.Name), $"{action} to {Root}");

    /// <summary>Backs up one part that was asked for by its cmdlet.</summary>
    protected void BackupOne(IConfigurationPart part, string action)
    {
        if (MayBackUp(action))
        {
            WriteObject(OnComputer(null, (context, stop) => new ConfigurationBackup([part], context).RunOne(stop)));
        }
    }

    /// <summary>Tests parts.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="quiet">Whether to write one Boolean: true when every check passed.</param>
    protected void TestParts(IReadOnlyList<IConfigurationPart> parts, bool quiet)
    {
        List<PartCheck> checks = OnComputer(null, (context, stop) => new ConfigurationBackup(parts, context).Test(stop).ToList());
        if (quiet)
        {
            WriteObject(checks.Count > 0 && checks.TrueForAll(c => c.Outcome == CheckOutcome.Passed));
        }
        else
        {
            WriteObject(checks, enumerateCollection: true);
        }
    }
}
