using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>What a group uses on one instance.</summary>
/// <param name="Databases">Its members there.</param>
/// <param name="UserSids">SIDs of their users and owners, hexadecimal.</param>
/// <param name="Servers">Names of all the group's servers, real and configured.</param>
internal sealed record GroupNeeds(IReadOnlyCollection<string> Databases, IReadOnlyCollection<string> UserSids, IReadOnlyCollection<string> Servers);

/// <summary>Chooses what of an instance belongs to a group; pure.</summary>
/// <remarks>
/// Logins: those with a user in a member, those that own one or a job, and those of the groups that BizTalk Server is set up with ("Windows Groups and User Accounts in BizTalk Server"). Jobs: those with a step in a
/// member, or that names one. Linked servers: those that lead to another server of the group. Settings: those that BizTalk Server's configuration, its log shipping and its alerts by mail change.
/// </remarks>
internal static class SqlObjectScope
{
    private static readonly Regex s_documented = new(@"\\(?:BizTalk|SSO|BAM) ?\w", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static readonly string[] s_settings = ["max degree of parallelism", "Database Mail XPs", "Ad Hoc Distributed Queries", "backup compression default", "remote proc trans"];

    /// <param name="objects">Everything the instance holds.</param>
    /// <param name="needs">What the group uses there.</param>
    /// <param name="all">Whether to choose everything but settings that belong to the computer.</param>
    public static IReadOnlyList<SqlObject> Choose(IReadOnlyList<SqlObject> objects, GroupNeeds needs, bool all)
    {
        if (all)
            return objects.Where(o => o.Kind != SqlObjectKind.Setting || Has(s_settings, o.Name)).ToList();
        List<SqlObject> jobs = Of(objects, SqlObjectKind.Job).Where(j => j.Parts.Any(s => Uses(s, needs.Databases))).ToList();
        List<SqlObject> alerts = Of(objects, SqlObjectKind.Alert).Where(a => jobs.Exists(j => Same(j.Name, a["job_name"])) || Has(needs.Databases, a["database_name"])).ToList();
        List<SqlObject> links = Of(objects, SqlObjectKind.LinkedServer).Where(s => Has(needs.Servers, s.Name) || Has(needs.Servers, s["datasrc"])).ToList();
        List<SqlObject> remote = Of(objects, SqlObjectKind.RemoteLogin).Where(r => links.Exists(s => Same(s.Name, r["rmtsrvname"]))).ToList();
        HashSet<string> proxyNames = Names(jobs.SelectMany(j => j.Parts).Select(p => p["proxy_name"]));
        List<SqlObject> proxies = Of(objects, SqlObjectKind.Proxy).Where(p => proxyNames.Contains(p.Name)).ToList();
        HashSet<string> credentials = Names(proxies.Select(p => p["credential_name"]));
        HashSet<string> operators = Names([.. jobs.Select(j => j["notify_email_operator_name"]), .. alerts.SelectMany(a => a.Parts).Select(n => n.Name)]);
        HashSet<string> owners = Names([.. jobs.Select(j => j["owner_login_name"]), .. remote.Select(r => r["locallogin"])]);
        HashSet<SqlObject> chosen = [.. jobs, .. alerts, .. links, .. remote, .. proxies];
        return objects.Where(o => o.Kind switch
        {
            SqlObjectKind.Setting => Has(s_settings, o.Name),
            SqlObjectKind.Credential => credentials.Contains(o.Name) || o.Name.StartsWith("https://", StringComparison.OrdinalIgnoreCase),
            SqlObjectKind.Login => Has(needs.UserSids, o["sid"]) || owners.Contains(o.Name) || s_documented.IsMatch(o.Name),
            SqlObjectKind.MailAccount or SqlObjectKind.MailProfile => true,
            SqlObjectKind.Operator => operators.Contains(o.Name),
            _ => chosen.Contains(o),
        }).ToList();
    }

    private static bool Uses(SqlObject step, IReadOnlyCollection<string> databases) => step.Kind == SqlObjectKind.JobStep
        && (Has(databases, step["database_name"]) || databases.Any(d => step["command"]?.IndexOf(d, StringComparison.OrdinalIgnoreCase) >= 0));

    private static IEnumerable<SqlObject> Of(IReadOnlyList<SqlObject> objects, SqlObjectKind kind) => objects.Where(o => o.Kind == kind);

    private static HashSet<string> Names(IEnumerable<string?> names) => new(names.OfType<string>(), StringComparer.OrdinalIgnoreCase);

    private static bool Has(IEnumerable<string> names, string? name) => name is not null && names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool Same(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
