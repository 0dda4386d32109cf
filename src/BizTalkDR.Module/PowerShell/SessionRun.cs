using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Runs a cmdlet of the module on other computers, by PowerShell remoting: what it writes there is written here.</summary>
internal static class SessionRun
{
    private const string Here = "param($session, $there, $list, $options) Invoke-Command -Session $session -ScriptBlock $there -ArgumentList $list @options";

    // The session has the module from its module path, or somebody imported it there.
    private const string There = """
        param($name, $version, $parameters)
        $command = Get-Command $name -ErrorAction Ignore
        $state = if (-not $command) { 'does not have the module BizTalkDR' } elseif ("$($command.Version)" -ne $version) { "has BizTalkDR $($command.Version), and $version was asked for" }
        if ($state) {
            $here = [Environment]::MachineName
            Write-Error "$here $state. Nothing was changed there." -ErrorId ComputerUnreachable -Category ConnectionError -TargetObject $here -RecommendedAction "Install the module there in the same version, or import it in the session: Invoke-Command -Session `$session { Import-Module BizTalkDR }"
            return
        }

        & $name @parameters
        """;

    // What only this PowerShell can do, or Invoke-Command does.
    private static readonly HashSet<string> s_local = new(["Session", "ErrorAction", "WarningAction", "InformationAction", "ProgressAction", "ErrorVariable", "WarningVariable", "InformationVariable", "OutVariable", "OutBuffer", "PipelineVariable"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs it in all sessions.</summary>
    /// <param name="cmdlet">The cmdlet, with its parameters bound.</param>
    /// <param name="sessions">The sessions.</param>
    public static void Run(PSCmdlet cmdlet, PSSession[] sessions)
    {
        Dictionary<string, object> bound = cmdlet.MyInvocation.BoundParameters;
        var parameters = new Hashtable(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, object> one in bound.Where(b => !s_local.Contains(b.Key)))
        {
            parameters[one.Key] = Plain(one.Value);
        }

        var options = new Hashtable();
        foreach (string name in new[] { "ErrorAction", "WarningAction" }.Where(bound.ContainsKey))
        {
            options[name] = bound[name];
        }

        CommandInfo command = cmdlet.MyInvocation.MyCommand;
        object[] list = [command.Name, ((CmdletInfo)command).Version?.ToString() ?? string.Empty, parameters];
        using SteppablePipeline pipeline = ScriptBlock.Create(Here).GetSteppablePipeline(CommandOrigin.Internal, [sessions, ScriptBlock.Create(There), list, options]);
        // Input of the cmdlet is bound already: Invoke-Command has none to wait for.
        pipeline.Begin(expectInput: false, (EngineIntrinsics)cmdlet.SessionState.PSVariable.GetValue("ExecutionContext"));
        pipeline.Process();
        pipeline.End();
    }

    /// <summary>Gives a value in a form that arrives at the other side as something the cmdlet takes.</summary>
    private static object? Plain(object? value) => value switch
    {
        PSObject wrapped => Plain(wrapped.BaseObject),
        SwitchParameter given => given.IsPresent,
        Enum one => one.ToString(),
        Array several when several.GetType().GetElementType()!.IsEnum => several.Cast<object>().Select(e => e.ToString()).ToArray(),
        _ => value,
    };
}
