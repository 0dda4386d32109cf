using System.Collections.Generic;
using BizTalkDR.Lab.Computer.SingleSignOn;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer.Tools;

/// <summary>A host instance: it starts when the settings of its adapters can be decrypted.</summary>
/// <remarks>Microsoft's documentation, "Master Secret Server": without the master secret, services that need it do not start.</remarks>
internal sealed class HostService : IComputerTool
{
    public string Name => "BTSSvc";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        if (arguments is not ["start"])
            return 0;
        string? reason = Reason(context.Computer);
        if (reason is null)
            return 0;
        context.Computer.Log("BizTalk Server", 6913, $"An attempt to start the host instance failed: {reason}.");
        return context.Fail(reason);
    }

    private static string? Reason(LabComputer computer)
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
