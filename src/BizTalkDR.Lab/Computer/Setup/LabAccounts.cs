using System;
using System.Linq;
using System.Xml.Linq;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab.Computer.Setup;

/// <summary>The service accounts of the lab's domain. The password of each is that of sa.</summary>
internal static class LabAccounts
{
    public const string Domain = "LAB";

    private static readonly string[] s_users = ["SsoService", "BizTalkHost", "RuleEngine", "BamPortal"];

    /// <summary>Says why nobody can log on with the account of an element of a configuration file; null when somebody can.</summary>
    /// <remarks>ERROR_LOGON_FAILURE is 1326.</remarks>
    public static string? WhyNot(LabFolder lab, XElement service)
    {
        string account = Of(service), password = service.Element("Password")?.Value ?? string.Empty;
        if (account.Length == 0)
            return $"No account is given for {service.Attribute("ID")?.Value}";
        if (password.Trim().Length == 0)
            return $"No password is given for {account}";
        bool isKnown = s_users.Any(u => string.Equals(account, Domain + "\\" + u, StringComparison.OrdinalIgnoreCase));
        return isKnown && password == lab.ReadPassword() ? null : $"{account}: The user name or password is incorrect. (0x8007052E)";
    }

    /// <summary>Domain and user of an element.</summary>
    public static string Of(XElement service)
    {
        string user = service.Element("UserName")?.Value.Trim() ?? string.Empty, domain = service.Element("Domain")?.Value.Trim() ?? string.Empty;
        return domain.Length == 0 || user.Contains('\\', StringComparison.Ordinal) ? user : domain + "\\" + user;
    }
}
