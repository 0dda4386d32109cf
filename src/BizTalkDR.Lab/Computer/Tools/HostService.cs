using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Computer.Messaging;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer.Tools;

/// <summary>A host instance: it starts when the settings of its adapters can be decrypted and its group answers. A running one processes what waits for it each time it is told to with <c>run</c>.</summary>
/// <remarks>
/// Microsoft's documentation, "Master Secret Server": without the master secret, services that need it do not start. Event 5410: the service ends when it cannot connect to
/// one of its databases (KB 917848).
/// </remarks>
internal sealed class HostService : IComputerTool
{
    private const string Source = "BizTalk Server";

    private const string Prefix = "BTSSvc$";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public string Name => "BTSSvc";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        LabComputer computer = context.Computer;
        switch (arguments)
        {
            case ["start"]:
                if (WhyNoSecret(computer) is not { } reason)
                    return Try(context, () => HostInstance.Open(computer));
                computer.Log(Source, 6913, $"An attempt to start the host instance failed: {reason}.");
                return context.Fail(reason);
            case ["run"]:
                return RunWith(context);
            case ["stop"]:
                return 0;
            default:
                return context.Usage(["Usage: BTSSvc run", "Lets the running host instance process what waits for it."], arguments);
        }
    }

    private static int Try(ToolContext context, Action action)
    {
        string reason;
        try
        {
            action();
            return 0;
        }
        catch (MessageException refused)
        {
            reason = refused.Message;
        }
        catch (SqlException refused)
        {
            reason = $"a database cannot be used: {refused.Message}";
        }

        context.Computer.Log(Source, 5410, $"An error occurred that requires the BizTalk service to terminate: {reason}.");
        return context.Fail(reason);
    }

    /// <summary>A host instance that loses one of its databases ends.</summary>
    private static int RunWith(ToolContext context)
    {
        string? host = context.Computer.Services.List().FirstOrDefault(s => s.State == ServiceState.Running && s.Name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))?.Name;
        if (host is null)
            return context.Fail($"no host instance runs on {context.Computer.Name}");
        int code = Try(context, () =>
        {
            (int sent, int suspended) = HostInstance.Open(context.Computer).Work();
            context.Say($"{sent} sent, {suspended} suspended.");
        });
        if (code != 0)
            context.Computer.Services.Stop(host, s_patience);
        return code;
    }

    private static string? WhyNoSecret(LabComputer computer)
    {
        try
        {
            if (!EntSso.IsRunning(computer))
                return "the service ENTSSO does not run";
            if (EntSso.Held(computer) is not { } secrets)
                return "cannot perform encryption or decryption because the secret is not available from the master secret server (0xC0002A1F)";
            return SsoDatabase.Of(computer) is { } database ? database.WhyNotReadable(secrets) : "the SSO database does not answer";
        }
        catch (SqlException refused)
        {
            return $"the SSO database cannot be used: {refused.Message}";
        }
    }
}
