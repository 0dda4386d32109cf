using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer.Tools;

/// <summary>ssomanage: the global information of the SSO database, and which SSO server this computer uses.</summary>
/// <remarks>
/// https://learn.microsoft.com/biztalk/core/how-to-display-the-sso-database, how-to-update-the-sso-database, how-to-move-the-master-secret-server: options, elements
/// of the update file, and that one with the administrators' accounts fails on a computer that is not the secret server. The wording of the output is the lab's.
/// </remarks>
internal sealed class SsoManageTool : IComputerTool
{
    private const string ServerKey = @"SOFTWARE\Microsoft\ENTSSO";
    private const string ServerValue = "SSOServer";

    private static readonly string[] s_elements =
        ["ssoAdminAccount", "ssoAffiliateAdminAccount", "secretServer", "auditDeletedApps", "auditDeletedMappings", "auditCredentialLookups", "ticketTimeout", "credCacheTimeout"];

    private static readonly string[] s_usage =
    [
        "Usage: ssomanage -displayDB | -showDB | -updateDB <file> | -enableSSO | -disableSSO",
        "       ssomanage -showServer | -server <SSO Server> | -serverAll <SSO Server>",
        "       ssomanage -listApps [all] | -displayApp <application>",
    ];

    public string Name => "ssomanage";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        string option = arguments.Count == 0 ? string.Empty : arguments[0].ToLowerInvariant();
        try
        {
            return (option, arguments.Count) switch
            {
                ("-showserver", 1) => ShowServer(context),
                ("-server" or "-serverall", 2) => SetServer(context, arguments[1]),
                ("-displaydb" or "-showdb" or "-enablesso" or "-disablesso", 1) or ("-updatedb" or "-displayapp", 2) or ("-listapps", 1 or 2) => WithDatabase(context, option, arguments),
                _ => context.Usage(s_usage, arguments),
            };
        }
        catch (SqlException refused)
        {
            return context.Fail($"the SSO database cannot be used: {refused.Message}");
        }
    }

    private static int ShowServer(ToolContext context)
    {
        context.Say($"SSO server : {ServerOf(context.Computer)}");
        return 0;
    }

    private static int SetServer(ToolContext context, string server)
    {
        context.Computer.Registry.Set(ServerKey, new RegistryValue(ServerValue, RegistryValueType.String, server));
        context.Say("The operation completed successfully.");
        return 0;
    }

    private static int WithDatabase(ToolContext context, string option, IReadOnlyList<string> arguments)
    {
        LabComputer? server = context.Computer.Neighbour(ServerOf(context.Computer));
        if (server is null || !EntSso.IsRunning(server))
            return context.Fail($"the SSO server {ServerOf(context.Computer)} does not answer (0x800706BA)");
        if (SsoDatabase.Of(server) is not { } database)
            return context.Fail("the SSO database does not answer");
        return option switch
        {
            "-showdb" => ShowDatabase(context, database),
            "-displaydb" => Display(context, database, database.Read()),
            "-enablesso" => Change(context, database, database.Read() with { IsEnabled = true }),
            "-disablesso" => Change(context, database, database.Read() with { IsEnabled = false }),
            "-listapps" => arguments is [_] or [_, "all"] ? List(context, database) : context.Usage(s_usage, arguments),
            "-displayapp" => Show(context, database, arguments[1]),
            _ => Update(context, server, database, arguments[1]),
        };
    }

    private static int ShowDatabase(ToolContext context, SsoDatabase database)
    {
        context.Say($"SQL Server   : {database.Server}");
        context.Say($"SSO database : {database.Name}");
        return 0;
    }

    private static int Display(ToolContext context, SsoDatabase database, SsoGlobalInfo info)
    {
        ShowDatabase(context, database);
        context.Say($"SSO secret server name             : {info.SecretServer}");
        context.Say($"SSO Admin account name             : {info.AdminAccount}");
        context.Say($"SSO Affiliate Admin account name   : {info.AffiliateAdminAccount}");
        context.Say(string.Create(CultureInfo.InvariantCulture, $"Ticket timeout (in minutes)        : {info.TicketTimeout}"));
        context.Say(string.Create(CultureInfo.InvariantCulture, $"Credential cache timeout (minutes) : {info.CacheTimeout}"));
        context.Say($"SSO status                         : {(info.IsEnabled ? "Enabled" : "Disabled")}");
        return 0;
    }

    private static int Update(ToolContext context, LabComputer server, SsoDatabase database, string path)
    {
        if (!context.Computer.Files.FileExists(path))
            return context.Fail($"the file {path} was not found (0x80070002)");
        XElement? info;
        try
        {
            using Stream stream = context.Computer.Files.Read(path);
            XElement root = XDocument.Load(stream).Root!;
            info = root.Name == "sso" ? root.Element("globalInfo") : null;
        }
        catch (XmlException wrong)
        {
            return context.Fail($"{path} is not well formed: {wrong.Message}");
        }

        if (info is null || info.Elements().FirstOrDefault(e => !s_elements.Contains(e.Name.LocalName, StringComparer.Ordinal)) is not null)
            return context.Fail($"{path} is not an update of the SSO database: sso/globalInfo with {string.Join(", ", s_elements)} is expected");
        SsoGlobalInfo now = database.Read();
        bool namesAccounts = info.Element("ssoAdminAccount") is not null || info.Element("ssoAffiliateAdminAccount") is not null;
        if (namesAccounts && !EntSso.IsSecretServer(server, now))
            return context.Fail("the administrators' accounts can only be changed on the master secret server (0x80070005)");
        if (Minutes(info, "ticketTimeout", now.TicketTimeout) is not { } ticket || Minutes(info, "credCacheTimeout", now.CacheTimeout) is not { } cache)
            return context.Fail("a timeout is not a number of minutes");
        return Change(context, database, now with
        {
            SecretServer = info.Element("secretServer")?.Value.Trim() ?? now.SecretServer,
            AdminAccount = info.Element("ssoAdminAccount")?.Value.Trim() ?? now.AdminAccount,
            AffiliateAdminAccount = info.Element("ssoAffiliateAdminAccount")?.Value.Trim() ?? now.AffiliateAdminAccount,
            TicketTimeout = ticket,
            CacheTimeout = cache,
        });
    }

    private static int? Minutes(XElement info, string name, int now) =>
        info.Element(name) is not { } element ? now : int.TryParse(element.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int minutes) ? minutes : null;

    private static int Change(ToolContext context, SsoDatabase database, SsoGlobalInfo info)
    {
        if (info.SecretServer.Length == 0)
            return context.Fail("a master secret server must be named");
        database.Update(info);
        context.Say("The operation completed successfully.");
        return 0;
    }

    private static int List(ToolContext context, SsoDatabase database)
    {
        foreach ((string name, string description) in database.Applications())
            context.Say($"{name} : {description}");
        return 0;
    }

    private static int Show(ToolContext context, SsoDatabase database, string name)
    {
        if (database.Applications().FirstOrDefault(a => string.Equals(a.Name, name, StringComparison.OrdinalIgnoreCase)) is not { Name: not null } found)
            return context.Fail($"the application {name} does not exist");
        context.Say($"Application name : {found.Name}");
        context.Say($"Description      : {found.Description}");
        return 0;
    }

    private static string ServerOf(LabComputer computer) => computer.Registry.Values(ServerKey)
        .FirstOrDefault(v => string.Equals(v.Name, ServerValue, StringComparison.OrdinalIgnoreCase))?.Data as string ?? computer.Name;
}
