using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>Where the objects of an instance are made.</summary>
/// <param name="Server">Real name of the instance.</param>
/// <param name="Objects">What it holds.</param>
internal sealed record ObjectDestination(string Server, IReadOnlyList<SqlObject> Objects);

/// <summary>Decides how what was kept of an instance is made on another; pure.</summary>
/// <remarks>What is there is never changed, but for settings: another value of one is a step of the plan, which is asked about.</remarks>
internal static class SqlObjectPlanner
{
    /// <summary>Gives the objects as they have to be on the destination: linked servers lead to where the group's instances are now.</summary>
    /// <param name="kept">What was kept.</param>
    /// <param name="destination">Real name of the destination.</param>
    /// <param name="moved">Instances that moved: old name to new name.</param>
    /// <param name="leftOut">Names of objects that the operator leaves out.</param>
    public static IReadOnlyList<SqlObject> Wanted(KeptInstance kept, string destination, IReadOnlyDictionary<string, string> moved, IReadOnlyCollection<string> leftOut) => kept.Objects
        .Select(o => Moved(o, moved))
        .Where(o => !leftOut.Contains(o.Name, StringComparer.OrdinalIgnoreCase) && !(o.Kind is SqlObjectKind.LinkedServer or SqlObjectKind.RemoteLogin && Same(ServerOf(o), destination)))
        .ToList();

    /// <summary>Says what cannot be made because something else stands in its place.</summary>
    public static IReadOnlyList<string> Conflicts(IReadOnlyList<SqlObject> wanted, ObjectDestination destination) => wanted.Where(o => o.Kind == SqlObjectKind.Login).SelectMany(login => ConflictsOf(login, destination)).ToList();

    /// <summary>Decides the steps: one for each object that is missing, and a look at the end.</summary>
    public static IReadOnlyList<PartStep> Plan(string source, IReadOnlyList<SqlObject> wanted, ObjectDestination destination)
    {
        List<PartStep> steps = [];
        foreach (SqlObject what in wanted.OrderBy(o => o.Kind))
        {
            SqlObject? there = SqlObjectDifferences.Find(destination.Objects, what);
            if (there is null || (what.Kind == SqlObjectKind.Setting && there["value"] != what["value"]))
                steps.Add(Make(source, destination.Server, what, there));
        }

        steps.Add(new ObjectCheckStep(source, destination.Server));
        return steps;
    }

    private static MakeObjectStep Make(string source, string server, SqlObject what, SqlObject? there)
    {
        string text = what.Kind switch
        {
            SqlObjectKind.Setting => $"Set '{what.Name}' of {server} from {there?["value"] ?? "nothing"} to {what["value"]}",
            SqlObjectKind.Login when what["type"] == "S" => $"Make the login {what.Name} on {server} with the SID and the password it had",
            SqlObjectKind.LinkedServer => $"Make the linked server {what.Name} on {server}",
            _ when SqlObjectDifferences.ComesDisabled(what) => $"Make the {Word(what.Kind)} {what.Name} on {server}, disabled{(SqlObjectDifferences.WasEnabled(what) ? " (it was enabled)" : string.Empty)}",
            _ => $"Make the {Word(what.Kind)} {what.Name} on {server}",
        };
        return new MakeObjectStep(source, server, $"{source}/{what.Kind}/{what.Name}", text) { ByHand = ByHand(what, server), What = what };
    }

    /// <summary>Says what people have to do, because only they hold the secret; null when it can be made here.</summary>
    private static string? ByHand(SqlObject what, string server) => what.Kind switch
    {
        SqlObjectKind.Credential => $"The secret of the credential {what.Name} is in no backup. On {server}: CREATE CREDENTIAL {Quote(what.Name)} WITH IDENTITY = {Literal(what["identity"])}, SECRET = '...';",
        SqlObjectKind.RemoteLogin =>
            $"The password of {what["rmtuser"]} on the linked server {what["rmtsrvname"]} is in no backup. On {server}: EXEC sp_addlinkedsrvlogin @rmtsrvname = {Literal(what["rmtsrvname"])}, @useself = 'false', "
            + $"@locallogin = {(what["locallogin"] is { } local ? Literal(local) : "NULL")}, @rmtuser = {Literal(what["rmtuser"])}, @rmtpassword = '...';",
        SqlObjectKind.MailAccount when what["username"] is { Length: > 0 } user =>
            $"The password of {user} at the mail server {what["mailserver_name"]} is in no backup. On {server}: EXEC msdb.dbo.sysmail_add_account_sp @account_name = {Literal(what.Name)}, @email_address = {Literal(what["email_address"])}, "
            + $"@mailserver_name = {Literal(what["mailserver_name"])}, @port = {what["port"]}, @enable_ssl = {what["enable_ssl"]}, @username = {Literal(user)}, @password = '...';",
        SqlObjectKind.Login when what["type"] == "S" && what[SqlObject.PasswordHash] is null or SqlObjectSecrets.Elsewhere =>
            $"The hash of the password of {what.Name} is not in the backup. On {server}: CREATE LOGIN {Quote(what.Name)} WITH PASSWORD = '...', SID = {what["sid"]};",
        _ when SqlObjectSecrets.Lacks(what) => $"The {Word(what.Kind)} {what.Name} holds a secret that is not in the backup ({string.Join(", ", Missing(what))}). Make it on {server} yourself.",
        _ => null,
    };

    private static IEnumerable<string> Missing(SqlObject what) =>
        [.. what.Values.Where(v => v.Value == SqlObjectSecrets.Elsewhere).Select(v => v.Key), .. what.Parts.SelectMany(p => Missing(p).Select(m => $"{p.Kind} {p.Name}: {m}"))];

    private static IEnumerable<string> ConflictsOf(SqlObject login, ObjectDestination destination)
    {
        foreach (SqlObject there in destination.Objects.Where(o => o.Kind == SqlObjectKind.Login))
        {
            bool sameName = Same(there.Name, login.Name), sameSid = Same(there["sid"], login["sid"]);
            if (sameName && !sameSid)
                yield return $"the login {login.Name} is on {destination.Server} with another SID, so the users of restored databases would not be its own";
            else if (sameSid && !sameName)
                yield return $"the SID of the login {login.Name} belongs to {there.Name} on {destination.Server}";
        }
    }

    private static SqlObject Moved(SqlObject what, IReadOnlyDictionary<string, string> moved)
    {
        string name = ServerOf(what);
        if (what.Kind is not (SqlObjectKind.LinkedServer or SqlObjectKind.RemoteLogin) || !moved.TryGetValue(name, out string? now))
            return what;
        Dictionary<string, string?> values = what.Values.ToDictionary(v => v.Key, v => Same(v.Value, name) ? now : v.Value, StringComparer.Ordinal);
        return what with { Name = what.Kind == SqlObjectKind.LinkedServer ? now : now + what.Name.Substring(name.Length), Values = values };
    }

    private static string ServerOf(SqlObject what) => what.Kind == SqlObjectKind.RemoteLogin ? what["rmtsrvname"] ?? string.Empty : what.Name;

    private static string Word(SqlObjectKind kind) => kind switch
    {
        SqlObjectKind.Login => "login",
        SqlObjectKind.RemoteLogin => "remote login",
        SqlObjectKind.MailAccount => "mail account",
        SqlObjectKind.MailProfile => "mail profile",
        SqlObjectKind.Job => "job",
        SqlObjectKind.Alert => "alert",
        SqlObjectKind.Operator => "operator",
        SqlObjectKind.Proxy => "proxy",
        _ => kind.ToString(),
    };

    private static string Quote(string name) => Groups.SqlNames.Quote(name);

    private static string Literal(string? text) => "N'" + (text ?? string.Empty).Replace("'", "''") + "'";

    private static bool Same(string? name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
