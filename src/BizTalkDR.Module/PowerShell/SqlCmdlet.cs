using System;
using System.Collections.Generic;
using System.Management.Automation;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries the parameters of a connection.</summary>
public abstract class SqlCmdlet : RecoveryCmdlet
{
    /// <summary>SQL login; without it the Windows account of the session is used.</summary>
    [Parameter]
    [Credential]
    public PSCredential? SqlCredential { get; set; }

    /// <summary>Accepts a server certificate that nobody vouches for.</summary>
    [Parameter]
    public SwitchParameter TrustServerCertificate { get; set; }

    /// <summary>Gives the address of an instance with this cmdlet's login and encryption.</summary>
    protected SqlInstanceAddress AddressOf(string name) => new(name)
    {
        Login = SqlCredential is null || SqlCredential == PSCredential.Empty ? null : new SqlLogin(SqlCredential.UserName, SqlCredential.Password),
        TrustServerCertificate = TrustServerCertificate.IsPresent,
    };

    /// <summary>Gives the addresses of several instances.</summary>
    protected IReadOnlyList<SqlInstanceAddress> AddressesOf(IEnumerable<string> names)
    {
        var result = new List<SqlInstanceAddress>();
        foreach (string name in names)
        {
            result.Add(AddressOf(name));
        }

        return result;
    }
}
