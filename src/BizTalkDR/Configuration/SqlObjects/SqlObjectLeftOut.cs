using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>Says what of an object is not kept, and what the operator must hold instead; pure.</summary>
internal static class SqlObjectLeftOut
{
    /// <param name="server">Its instance.</param>
    /// <param name="kept">As it stands in the inventory: secrets are elsewhere.</param>
    /// <param name="areSecretsKept">Whether they are in a protected file.</param>
    public static IEnumerable<string> Of(string server, SqlObject kept, bool areSecretsKept)
    {
        switch (kept.Kind)
        {
            case SqlObjectKind.Credential:
                yield return $"{server}: the secret of the credential {kept.Name}. Keep it yourself.";
                break;
            case SqlObjectKind.RemoteLogin:
                yield return $"{server}: the password of {kept["rmtuser"]} on the linked server {kept["rmtsrvname"]}. Keep it yourself.";
                break;
            case SqlObjectKind.MailAccount when kept["username"] is { Length: > 0 } user:
                yield return $"{server}: the password of {user} at the mail server {kept["mailserver_name"]}. Keep it yourself.";
                break;
            case SqlObjectKind.Login when kept["type"] == "S" && kept[SqlObject.PasswordHash] is null:
                yield return $"{server}: the hash of the password of {kept.Name} may not be seen by this login (CONTROL SERVER). Keep the password yourself.";
                break;
            default:
                break;
        }

        if (!areSecretsKept && SqlObjectSecrets.Lacks(kept))
        {
            string what = kept.Kind == SqlObjectKind.Login ? $"the hash of the password of {kept.Name}" : $"what seems to hold a password in the {kept.Kind} {kept.Name} ({string.Join(", ", Names(kept))})";
            yield return $"{server}: {what}: nothing was given to protect it with. {SecretKeeper.Remedy}, or keep it yourself.";
        }
    }

    private static IEnumerable<string> Names(SqlObject kept) =>
        kept.Values.Where(v => v.Value == SqlObjectSecrets.Elsewhere).Select(v => v.Key).Concat(kept.Parts.SelectMany(p => Names(p).Select(n => $"{p.Kind} {p.Name}: {n}")));
}
