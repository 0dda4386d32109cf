using System;
using System.Security;

namespace BizTalkDR.Ports;

/// <summary>How the connection is encrypted.</summary>
public enum ConnectionEncryption
{
    /// <summary>Always (the default).</summary>
    Mandatory,

    /// <summary>Only the login packet, unless the server demands more.</summary>
    Optional,

    /// <summary>TDS 8: TLS first.</summary>
    Strict,
}

/// <summary>A SQL login. The password stays in a <see cref="SecureString"/> and never enters a connection string.</summary>
public sealed class SqlLogin
{
    /// <summary>Keeps a copy of the password that cannot be changed.</summary>
    public SqlLogin(string userName, SecureString password)
    {
        UserName = userName ?? throw new ArgumentNullException(nameof(userName));
        Password = (password ?? throw new ArgumentNullException(nameof(password))).Copy();
        Password.MakeReadOnly();
    }

    public string UserName { get; }

    public SecureString Password { get; }

    /// <summary>Gives the login's name, never its password.</summary>
    public override string ToString() => UserName;
}

/// <summary>Where a SQL Server instance is and how to log in.</summary>
/// <param name="Name">What a client types: <c>server</c>, <c>server\instance</c>, <c>host,port</c>.</param>
public sealed record SqlInstanceAddress(string Name)
{
    /// <summary>SQL login; null = the Windows account of the process.</summary>
    public SqlLogin? Login { get; init; }

    public ConnectionEncryption Encryption { get; init; }

    /// <summary>Whether to accept a server certificate that nobody vouches for.</summary>
    public bool TrustServerCertificate { get; init; }

    /// <summary>Seconds to wait for a connection. Default 15.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 15;

    /// <summary>Gives the name only.</summary>
    public override string ToString() => Name;
}
