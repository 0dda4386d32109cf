using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Turns the names of instances that operators type into addresses.</summary>
internal static class SqlAddresses
{
    /// <summary>Gives the addresses of instances.</summary>
    /// <remarks>
    /// PowerShell takes <c>host,1433</c> without quotes for two values. Used as it comes, it would reach whatever listens on the
    /// host's usual port, so a value of digits alone, which no server is called, goes back to the name before it.
    /// </remarks>
    public static IReadOnlyList<SqlInstanceAddress> Of(IReadOnlyList<string> names, PSCredential? credential, bool trustServerCertificate)
    {
        var whole = new List<string>();
        foreach (string name in names)
        {
            if (whole.Count > 0 && ushort.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                whole[whole.Count - 1] += "," + name;
            }
            else
            {
                whole.Add(name);
            }
        }

        return whole.ConvertAll(name => One(name, credential, trustServerCertificate));
    }

    /// <summary>Gives the address of one instance.</summary>
    public static SqlInstanceAddress One(string name, PSCredential? credential, bool trustServerCertificate) => new(name)
    {
        Login = credential is null || credential == PSCredential.Empty ? null : new SqlLogin(credential.UserName, credential.Password),
        TrustServerCertificate = trustServerCertificate,
    };
}
