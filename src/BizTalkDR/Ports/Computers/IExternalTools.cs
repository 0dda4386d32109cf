using System;
using System.Collections.Generic;
using System.Security;
using System.Threading;

namespace BizTalkDR.Ports.Computers;

/// <summary>A program of Microsoft's that is used as it is.</summary>
public enum ExternalTool
{
    SsoConfig,

    SsoManage,

    BtsTask,

    /// <summary>bm.exe, the BAM management utility.</summary>
    Bm,

    /// <summary>Configuration.exe of BizTalk Server.</summary>
    Configuration,

    /// <summary>appcmd.exe of IIS.</summary>
    AppCmd,

    /// <summary>cscript.exe; on 64-bit systems the 32-bit one where a command asks for it.</summary>
    CScript,

    GacUtil,

    MsiExec,

    /// <summary>nscontrol.exe of Notification Services (SQL Server 2008 R2 and older).</summary>
    NsControl,

    /// <summary>sc.exe, the service controller's program.</summary>
    Sc,

    /// <summary>wevtutil.exe, which reads event logs.</summary>
    WevtUtil,
}

/// <summary>An answer to a prompt of a tool.</summary>
/// <param name="Prompt">Part of the prompt's text; empty when the tool's order of prompts decides.</param>
/// <param name="Secret">The answer; null when <paramref name="Text"/> is it.</param>
/// <param name="Text">An answer that is no secret.</param>
public sealed record PromptAnswer(string Prompt, SecureString? Secret, string? Text = null)
{
    /// <summary>Gives the prompt, never the answer.</summary>
    public override string ToString() => Prompt;
}

/// <summary>A command line. Never holds a secret: those go through <see cref="Answers"/> to standard input.</summary>
public sealed record ToolCommand(ExternalTool Tool, IReadOnlyList<string> Arguments)
{
    public IReadOnlyList<PromptAnswer> Answers { get; init; } = [];

    /// <summary>How long it may take. Default 10 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether the 32-bit program is wanted where there are two.</summary>
    public bool Wow64 { get; init; }

    /// <summary>Gives the command line as an operator would type it.</summary>
    public override string ToString() => ToolCommandText.Of(this);
}

/// <summary>What a tool said.</summary>
public sealed record ToolResult(int ExitCode, string Output, string ErrorOutput)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>What it wrote, to its output and to its errors.</summary>
    public string Said => (Output.Trim() + " " + ErrorOutput.Trim()).Trim();
}

/// <summary>Runs tools on a computer.</summary>
public interface IExternalTools
{
    /// <summary>Where a tool is; null when it is not installed.</summary>
    string? Find(ExternalTool tool, bool wow64 = false);

    /// <summary>Runs one to its end. A failure of the tool is a result, not an exception.</summary>
    /// <exception cref="Errors.RecoveryException">
    /// <see cref="Errors.RecoveryError.ToolNotFound"/>, <see cref="Errors.RecoveryError.ToolTimedOut"/>, <see cref="Errors.RecoveryError.OperationCancelled"/>.
    /// </exception>
    ToolResult Run(ToolCommand command, CancellationToken cancellationToken = default);
}
